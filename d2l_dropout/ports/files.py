"""Exported cases as files: `NAME.npz` has the tensors, `NAME.json` describes them."""

import io
import json
from pathlib import Path
from typing import Dict, NamedTuple

import numpy as np

from d2l_dropout.files import read, write_all_whole
from d2l_dropout.ports.reading.reading import MAX_JSON_BYTES, load_tensors
from d2l_dropout.ports.reading.untrusted import parse_json
from d2l_dropout.ports.reading.valid import fault_of
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, ORDER, Settings, is_weight

#: The folder of the cases that ship with the package, such as `tiny-scratch`.
SHIPPED = Path(__file__).with_name('shipped')


class Case(NamedTuple):
    """The reference tensors of one net, and how they were computed.

    Attributes
    ----------
    settings : Settings
    tensors : dict of str to ndarray
        By the names of `tensors.ORDER`.
    about : dict
        Seed, data, versions and threads.
    """

    settings: Settings
    tensors: Dict[str, np.ndarray]
    about: Dict[str, object]


def save(case, folder, name):
    """Write a case as two files, each whole or not at all.

    Parameters
    ----------
    case : Case
    folder : path
        Created if it does not exist.
    name : str

    Notes
    -----
    The same case gives the same bytes with the same version of NumPy: neither the date
    nor the machine is stored.
    """
    ordered = {n: case.tensors[n] for n in ORDER if n in case.tensors}
    tensors = io.BytesIO()
    np.savez(tensors, **ordered)
    manifest = json.dumps(_manifest(case, ordered), indent=1) + '\n'
    path = Path(folder) / name
    write_all_whole(
        {f'{path}.npz': tensors.getvalue(), f'{path}.json': manifest.encode()}
    )


def as_json(tensors):
    """Return tensors as JSON, for languages that do not read `.npz`.

    Parameters
    ----------
    tensors : dict of str to ndarray

    Returns
    -------
    bytes
        An object of names and nested lists, which `load_tensors` reads back exactly.
    """
    lists = {name: _as_lists(value) for name, value in tensors.items()}
    lines = [f'{json.dumps(name)}: {json.dumps(v)}' for name, v in lists.items()]
    return ('{\n' + ',\n'.join(lines) + '\n}\n').encode()


def _as_lists(value):
    if value.dtype.kind != 'f':
        return value.tolist()
    # The fewest digits that are this float32 and no other, not those of its float64.
    numbers = [float(str(number)) for number in value.ravel()]
    return np.reshape(numbers, value.shape).tolist()


def _manifest(case, ordered):
    formulas = {**GIVEN, **COMPUTED}
    layout = '(in, out)' if case.settings.in_scratch_layout else '(out, in)'
    return {
        'settings': case.settings._asdict(),
        'about': case.about,
        'tensors': {
            name: {
                'shape': list(value.shape),
                'dtype': str(value.dtype),
                **({'layout': layout} if is_weight(name) else {}),
                'given': name in GIVEN,
                'formula': formulas[name],
            }
            for name, value in ordered.items()
        },
    }


def load(path):
    """Return an exported case.

    Parameters
    ----------
    path : path
        The `.npz`; the `.json` of the same name must be in the same folder.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If the files are not those of an exported case.
    FileNotFoundError
        If one of them is missing.
    """
    path = Path(path)
    try:
        manifest = parse_json(read(path.with_suffix('.json'), MAX_JSON_BYTES))
        settings = Settings(**manifest['settings'])
        about = manifest['about']
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f'{path.with_suffix(".json")} is not the manifest of an exported case '
            f'({error}); export it again.'
        ) from error
    case = Case(settings, load_tensors(path), about)
    fault = fault_of(case)
    if fault:
        raise ValueError(f'{path} is not an exported case: {fault}. Export it again.')
    return case

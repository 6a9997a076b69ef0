"""Exported cases as files: `NAME.npz` has the tensors, `NAME.json` describes them."""

import io
import json
import zipfile
from pathlib import Path
from typing import Dict, NamedTuple

import numpy as np

from d2l_dropout.files import write_all_whole
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, ORDER, Settings, is_weight

#: The folder of the cases that ship with the package: `tiny-scratch` and `tiny-gluon`.
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
        manifest = json.loads(path.with_suffix('.json').read_text())
        settings = Settings(**manifest['settings'])
        about = manifest['about']
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f'{path.with_suffix(".json")} is not the manifest of an exported case '
            f'({error}); export it again.'
        ) from error
    return Case(settings, load_tensors(path), about)


def load_tensors(path):
    """Return the arrays of a `.npz` file.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ValueError
        If it is not a `.npz` file, or has arrays of Python objects.
    FileNotFoundError
    """
    # Files come from strangers: unpickling objects could run any code.
    try:
        file = np.load(str(path), allow_pickle=False)
        with file if hasattr(file, 'files') else _refused():
            return {name: file[name] for name in file.files}
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise ValueError(
            f'{path} is not a .npz of arrays of numbers; write one with numpy.savez.'
        ) from None


def _refused():
    raise ValueError('a single array')

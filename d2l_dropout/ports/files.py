"""Cases in files: `NAME.npz` with the tensors, `NAME.json` that says what they are."""

import json
import os
import zipfile
from pathlib import Path
from typing import Dict, NamedTuple

import numpy as np

from d2l_dropout.ports.tensors import COMPUTED, GIVEN, ORDER, Settings, is_weight

#: Where the cases are that ship with the package: `tiny-scratch` and `tiny-gluon`.
SHIPPED = Path(__file__).with_name('shipped')


class Case(NamedTuple):
    """Tensors, and what made them.

    Attributes
    ----------
    settings : Settings
    tensors : dict of str to ndarray
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
        Made if need be.
    name : str

    Notes
    -----
    The same case gives the same bytes with the same NumPy: neither date nor machine is
    in them.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    ordered = {n: case.tensors[n] for n in ORDER if n in case.tensors}
    beside = folder / f'{name}.npz.part'
    with open(beside, 'wb') as file:
        np.savez(file, **ordered)
    os.replace(beside, folder / f'{name}.npz')
    beside = folder / f'{name}.json.part'
    beside.write_text(json.dumps(_manifest(case, ordered), indent=1) + '\n')
    os.replace(beside, folder / f'{name}.json')


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
    """Return a case that was exported.

    Parameters
    ----------
    path : path
        Of its `.npz`, with the `.json` beside it.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If these are not the files of a case.
    FileNotFoundError
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
    """Return the arrays of a `.npz`, without the leave to run code from it.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ValueError
        If it is no such file, or holds objects that are not numbers.
    FileNotFoundError
    """
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

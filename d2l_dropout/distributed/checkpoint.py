"""A training run on disk: its settings, the epochs that are done, the parameters.

The folder holds `run.json` and `epoch-N.params`. Each is written whole under another
name and renamed; `run.json` comes last and names the other: a run that is killed at any
moment leaves the last finished epoch.
"""

import json
import os
import re
import tempfile
from pathlib import Path

from d2l_dropout import compat
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.result import Checkpoint
from d2l_dropout.runs.spec import RunSpec

mx = compat.import_mxnet()
_RUN = 'run.json'


def holds_a_run(folder):
    """Return whether a folder holds a saved run.

    Parameters
    ----------
    folder : path

    Returns
    -------
    bool
    """
    return (Path(folder) / _RUN).exists()


def make_folder(folder):
    """Make the folder of a run, unless it is there.

    Parameters
    ----------
    folder : path

    Raises
    ------
    OSError
        If nothing can be written into it.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=str(folder)):
            pass
    except OSError as error:
        raise OSError(
            f'nothing can be saved in {folder} ({error.strerror}); name another folder.'
        ) from error


def save(folder, checkpoint):
    """Write a checkpoint in place of the one before.

    Parameters
    ----------
    folder : path
        Made if need be.
    checkpoint : Checkpoint

    Raises
    ------
    OSError
        If it cannot be written; the one before is then still there.
    """
    folder = Path(folder)
    make_folder(folder)
    name = f'epoch-{len(checkpoint.epochs)}.params'
    beside = folder / (name + '.part')
    try:
        mx.nd.save(str(beside), checkpoint.params)
    except mx.MXNetError as error:
        message = str(error).strip().splitlines()[-1]
        raise OSError(f'{beside} cannot be written: {message}') from error
    os.replace(str(beside), str(folder / name))
    values = {
        'spec': json.loads(checkpoint.spec.to_json()),
        'epochs': [list(epoch) for epoch in checkpoint.epochs],
        'params': name,
        'about': checkpoint.about,
    }
    beside = folder / (_RUN + '.part')
    beside.write_text(json.dumps(values, indent=1) + '\n', encoding='utf-8')
    os.replace(str(beside), str(folder / _RUN))
    for old in folder.iterdir():
        if re.fullmatch(r'epoch-\d+\.params(\.part)?', old.name) and old.name != name:
            old.unlink()


def load(folder):
    """Return what `save` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Checkpoint

    Raises
    ------
    ValueError
        If there is no run in the folder, or it cannot be read.
    """
    folder = Path(folder)
    if not holds_a_run(folder):
        raise ValueError(
            f'{folder} holds no saved run; `d2l-dropout train --save {folder}` makes '
            'one.'
        )
    try:
        values = json.loads((folder / _RUN).read_text(encoding='utf-8'))
        return Checkpoint(
            RunSpec(**values['spec']),
            [EpochStats(*epoch) for epoch in values['epochs']],
            mx.nd.load(str(folder / values['params'])),
            values['about'],
        )
    except (ValueError, KeyError, TypeError, mx.MXNetError) as error:
        why = (str(error).strip() or repr(error)).splitlines()[-1]
        raise ValueError(
            f'{folder} holds a run that cannot be read ({why}); remove the folder, or '
            'name another.'
        ) from error

"""A training run on disk: its settings, the epochs that are done, the parameters.

The folder holds `run.json` and the `epoch-N.params` that it names with its SHA-256. New
parameters are written and read back first, then `run.json`; only then those of the
epoch before are removed: a run that is killed at any moment leaves an epoch to go on
from. How a resumed run reaches the same bits is in `runs.training`.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from d2l_dropout import compat, files
from d2l_dropout.distributed import run_folder
from d2l_dropout.runs.result import Checkpoint, parse_epochs
from d2l_dropout.runs.spec import RunSpec

mx = compat.import_mxnet()


def save(folder, checkpoint):
    """Write a checkpoint in place of the one before.

    Parameters
    ----------
    folder : path
        Made if need be.
    checkpoint : Checkpoint
        Without epochs it keeps the folder for this run, and its settings.

    Raises
    ------
    OSError
        If it cannot be written; the one before is then still there.
    ValueError
        If there is a run in the folder that cannot be read.
    """
    folder = Path(folder)
    run_folder.make(folder)
    before = (
        run_folder.read(folder) if run_folder.holds_a_run(folder) else {'epochs': []}
    )
    if before['epochs'] and len(checkpoint.epochs) <= len(before['epochs']):
        raise ValueError(f'{folder} holds {len(before["epochs"])} epochs already.')
    values = {
        'spec': json.loads(checkpoint.spec.to_json()),
        'data_digest': checkpoint.data_digest,
        'epochs': [list(epoch) for epoch in checkpoint.epochs],
        'params': _save_params(folder, checkpoint) if checkpoint.epochs else None,
        # Named until the next save, so that a kill before it is removed leaves nothing.
        'replaced': before.get('params'),
        'about': checkpoint.about,
    }
    try:
        content = json.dumps(values, indent=1) + '\n'
        files.write_whole(folder / run_folder.RUN, content.encode())
    except BaseException:  # also Ctrl-C
        run_folder.remove(folder, values['params'], unless=before.get('params'))
        raise
    for old in (before.get('params'), before.get('replaced')):
        run_folder.remove(folder, old, unless=values['params'])


def _save_params(folder, checkpoint):
    """Write the parameters, make sure of them, and return how run.json names them."""
    path = folder / f'epoch-{len(checkpoint.epochs)}.params'
    with files.whole(path) as temporary:
        try:
            mx.nd.save(str(temporary), checkpoint.params)
        except mx.MXNetError as error:
            message = str(error).strip().splitlines()[-1]
            raise OSError(f'{path} cannot be written: {message}') from error
        content = files.read(temporary)
        # MXNet does not notice when its last write fails.
        if not _holds(content, checkpoint.params):
            raise OSError(
                f'{path} cannot be written: what is read back is not what was saved. '
                'Is the disk full?'
            )
        if os.path.lexists(path) and (path.is_symlink() or files.read(path) != content):
            raise FileExistsError(
                f'{path} is there, but not of this run; move it away.'
            )
    return {'file': path.name, 'sha256': hashlib.sha256(content).hexdigest()}


def _holds(content, params):
    """Return whether the bytes of a file hold parameters, to the bit."""
    try:
        found = mx.nd.load_frombuffer(content)
    except mx.MXNetError:
        return False
    return _as_bytes(found) == _as_bytes(params)


def _as_bytes(params):
    arrays = {name: param.asnumpy() for name, param in params.items()}
    return {name: (a.shape, a.dtype, a.tobytes()) for name, a in arrays.items()}


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
        If there is no run in the folder, or it cannot be read or is not what was saved.
    """
    folder = Path(folder)
    if not run_folder.holds_a_run(folder):
        raise ValueError(
            f'{folder} holds no saved run; `d2l-dropout train --save {folder}` makes '
            'one.'
        )
    values = run_folder.read(folder)
    with run_folder.reading(folder):
        checkpoint = Checkpoint(
            RunSpec(**values['spec']),
            parse_epochs(values['epochs']),
            _load_params(folder, values['params']) if values['params'] else {},
            values['about'],
            values['data_digest'],
        )
        _check_params(checkpoint)
    return checkpoint


def _load_params(folder, named):
    content = files.read(folder / named['file'])
    found = hashlib.sha256(content).hexdigest()
    if found != named['sha256']:
        raise ValueError(
            f'{named["file"]} is not what was saved: its SHA-256 is {found[:12]}..., '
            f'not {named["sha256"][:12]}...'
        )
    return mx.nd.load_frombuffer(content)


def _check_params(checkpoint):
    """Refuse what no run saves: run.json may have been written by somebody else."""
    arrays = {name: param.asnumpy() for name, param in checkpoint.params.items()}
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise ValueError(f'{name} is of type {array.dtype}, not float32')
    # A run that diverged may be saved; then its loss says so too.
    finite = all(np.isfinite(array).all() for array in arrays.values())
    if not finite and np.isfinite(checkpoint.epochs[-1].loss):
        raise ValueError(
            'the last loss is finite, but not the parameters: they are damaged, or the '
            'last update diverged'
        )

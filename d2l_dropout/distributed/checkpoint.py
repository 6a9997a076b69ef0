"""A training run on disk: its settings, the epochs that are done, the parameters.

The folder holds `run.json` and the `epoch-N.params` that it names with its SHA-256. New
parameters are written and read back first, then `run.json`; only then those of the
epoch before are removed: a run that is killed at any moment leaves an epoch to go on
from. What `run.json` does not name is somebody else's, and is left alone.
"""

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from d2l_dropout import compat, files
from d2l_dropout.runs.result import Checkpoint, parse_epochs
from d2l_dropout.runs.spec import RunSpec

mx = compat.import_mxnet()
_RUN = 'run.json'
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    mx.MXNetError,
)


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


@contextlib.contextmanager
def hold(folder):
    """Keep a folder for the saves of one run.

    Parameters
    ----------
    folder : path
        Made if need be.

    Raises
    ------
    OSError
        If nothing can be written into it.
    ValueError
        If it holds anything but a saved run.
    """
    make_folder(folder)
    _refuse_others(Path(folder))
    yield


def _refuse_others(folder):
    """Raise if there are files in a folder that no save of its run has left there."""
    ours = [_RUN]
    if holds_a_run(folder):
        values = _read_run(folder)
        _remove(folder, values['replaced'])
        last = len(values['epochs'])
        # The next epoch's: of a save that was killed before it wrote run.json.
        ours += [f'epoch-{epoch}.params' for epoch in (last, last + 1)]
    with os.scandir(folder) as entries:
        others = sorted(entry.name for entry in entries if not _is_one_of(ours, entry))
    if others:
        named = ', '.join(map(repr, others[:3]))
        named += f' and {len(others) - 3} more' if len(others) > 3 else ''
        raise ValueError(
            f'{folder} holds {named}, which no run has saved there; name a folder for '
            'the run alone.'
        )


def _is_one_of(names, entry):
    known = entry.name in names or any(
        files.is_temporary(entry.name, name) for name in names
    )
    return known and entry.is_file(follow_symlinks=False)


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
    make_folder(folder)
    before = _read_run(folder) if holds_a_run(folder) else {'epochs': []}
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
        files.write_whole(folder / _RUN, content.encode())
    except BaseException:  # also Ctrl-C
        _remove(folder, values['params'], unless=before.get('params'))
        raise
    for old in (before.get('params'), before.get('replaced')):
        _remove(folder, old, unless=values['params'])


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


def _remove(folder, named, unless=None):
    """Remove a file that run.json names, if it still is what run.json says."""
    if named is None or named == unless:
        return
    path = folder / named['file']
    if path.is_file() and not path.is_symlink() and _sha256(path) == named['sha256']:
        path.unlink()


def _sha256(path):
    return hashlib.sha256(files.read(path)).hexdigest()


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
    if not holds_a_run(folder):
        raise ValueError(
            f'{folder} holds no saved run; `d2l-dropout train --save {folder}` makes '
            'one.'
        )
    values = _read_run(folder)
    try:
        return Checkpoint(
            RunSpec(**values['spec']),
            parse_epochs(values['epochs']),
            _load_params(folder, values['params']) if values['params'] else {},
            values['about'],
            values['data_digest'],
        )
    except _UNREADABLE as error:
        raise _unreadable(folder, error) from error


def _read_run(folder):
    """Return what run.json says; refuse what `save` would not have written."""
    try:
        values = json.loads(files.read(folder / _RUN))
        if isinstance(values['params'], str):
            # Runs are cheap; to take them unverified would be a way around the digests.
            raise ValueError('an earlier version saved it, without digests')
        last = len(values['epochs'])
        named = values['params'] and values['params']['file']
        if named != (f'epoch-{last}.params' if last else None):
            raise ValueError(f'{_RUN} names {named!r} after {last} epochs')
        old = values['replaced']
        if old is not None and not re.fullmatch(r'epoch-\d+\.params', old['file']):
            raise ValueError(f'{_RUN} names {old["file"]!r}')  # it would be removed
        return values
    except _UNREADABLE as error:
        raise _unreadable(folder, error) from error


def _unreadable(folder, error):
    why = (str(error).strip() or repr(error)).splitlines()[-1]
    if isinstance(error, KeyError):
        why = f'{_RUN} lacks {error}'
    return ValueError(
        f'{folder} holds a run that cannot be read ({why}); remove the folder, or name '
        'another.'
    )


def _load_params(folder, named):
    content = files.read(folder / named['file'])
    found = hashlib.sha256(content).hexdigest()
    if found != named['sha256']:
        raise ValueError(
            f'{named["file"]} is not what was saved: its SHA-256 is {found[:12]}..., '
            f'not {named["sha256"][:12]}...'
        )
    return mx.nd.load_frombuffer(content)

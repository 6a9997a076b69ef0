"""The folder of a saved run: who may use it, and what `run.json` in it says.

A run has a folder for itself: it is refused one that holds anything else, and locks it
while it trains. What `run.json` does not name is somebody else's, and is left alone.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from d2l_dropout import files
from d2l_dropout.messages import printable
from d2l_dropout.runs.result import MAX_JSON, parse_json

RUN = 'run.json'
_LOCK = '.d2l-dropout.lock'  # an empty file, there while a run saves in its folder


def holds_a_run(folder):
    """Return whether a folder holds a saved run.

    Parameters
    ----------
    folder : path

    Returns
    -------
    bool
    """
    return (Path(folder) / RUN).exists()


def make(folder):
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
    """Keep a folder for the saves of one run, as long as its process lives.

    Parameters
    ----------
    folder : path
        Made if need be.

    Raises
    ------
    OSError
        If nothing can be written into it.
    ValueError
        If it holds anything but a saved run, or another process saves in it.
    """
    make(folder)
    lock = Path(folder) / _LOCK
    if lock.is_symlink() or (lock.exists() and lock.stat().st_size):
        raise _holds_others(folder, [_LOCK])
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(files.locked(lock, wait=False))
        except BlockingIOError as error:
            raise ValueError(
                f'another process saves its run in {folder}; wait for its end, or name '
                'another folder.'
            ) from error
        stack.callback(lock.unlink)  # before it is let go: nobody else can hold it
        _refuse_others(Path(folder))
        yield


def _refuse_others(folder):
    """Raise if there are files in a folder that no save of its run has left there."""
    ours = [RUN, _LOCK]
    if holds_a_run(folder):
        values = read(folder)
        remove(folder, values['replaced'])
        last = len(values['epochs'])
        # The next epoch's: of a save that was killed before it wrote run.json.
        ours += [f'epoch-{epoch}.params' for epoch in (last, last + 1)]
    with os.scandir(folder) as entries:
        others = sorted(entry.name for entry in entries if not _is_one_of(ours, entry))
    if others:
        raise _holds_others(folder, others)


def _holds_others(folder, names):
    named = ', '.join(map(repr, names[:3]))
    named += f' and {len(names) - 3} more' if len(names) > 3 else ''
    return ValueError(
        f'{folder} holds {named}, which no run has saved there; name a folder for the '
        'run alone.'
    )


def _is_one_of(names, entry):
    known = entry.name in names or any(
        files.is_temporary(entry.name, name) for name in names
    )
    return known and entry.is_file(follow_symlinks=False)


def read(folder):
    """Return what `run.json` says of a saved run.

    Parameters
    ----------
    folder : path

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If it cannot be read, or no save would have written it.
    """
    with reading(folder):
        content = files.read(Path(folder) / RUN, at_most=MAX_JSON)
        values = parse_json(content.decode())
        _check(values)
        return values


def _check(values):
    if isinstance(values['params'], str):
        # Runs are cheap; to take one unverified would be a way around the digests.
        raise ValueError('an earlier version saved it, without digests')
    last = len(values['epochs'])
    # What is named elsewhere would be read, or even removed, there.
    allowed = {
        'params': rf'epoch-{last}\.params [0-9a-f]{{64}}' if last else '',
        'replaced': r'(epoch-\d+\.params [0-9a-f]{64})?',
    }
    for key, pattern in allowed.items():
        named = values[key]
        text = '' if named is None else f'{named["file"]:s} {named["sha256"]:s}'
        if not re.fullmatch(pattern, text):
            raise ValueError(f'{RUN} names {text!r} after {last} epochs')
    for key, kind in (('about', dict), ('data_digest', str)):
        if not isinstance(values[key], kind):
            raise ValueError(f'{RUN} has {values[key]!r:.40} as {key}')


@contextlib.contextmanager
def reading(folder):
    """Say of whatever is wrong with a saved run that it cannot be read.

    Parameters
    ----------
    folder : path

    Raises
    ------
    ValueError
        In place of what is raised within.
    """
    try:
        yield
    except KeyError as error:
        raise _unreadable(folder, f'{RUN} lacks {error}') from error
    # Of RuntimeError are MXNet's errors, and that of too deep a nesting.
    except (AttributeError, OSError, RuntimeError, TypeError, ValueError) as error:
        why = printable((str(error).strip() or repr(error)).splitlines()[-1])
        raise _unreadable(folder, f'{why:.300}') from error


def _unreadable(folder, why):
    return ValueError(
        f'{folder} holds a run that cannot be read ({why}); remove the folder, or name '
        'another.'
    )


def remove(folder, named, unless=None):
    """Remove a file that `run.json` names, if it still is what `run.json` says.

    Parameters
    ----------
    folder : pathlib.Path
    named : dict or None
        Its name and its SHA-256.
    unless : dict or None
        What is kept if it is the same.
    """
    if named is None or named == unless:
        return
    path = folder / named['file']
    if path.is_file() and not path.is_symlink() and _digest(path) == named['sha256']:
        path.unlink()


def _digest(path):
    return hashlib.sha256(files.read(path)).hexdigest()

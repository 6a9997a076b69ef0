"""Where the data are looked for, and in which order.

What is downloaded, tried again or passed over is described in `download`.
"""

import os
import warnings

from d2l_dropout import files
from d2l_dropout.fashion_mnist import folder as folders
from d2l_dropout.fashion_mnist.errors import (
    DataNotFoundError,
    DownloadError,
    ways_out,
)
from d2l_dropout.fashion_mnist.revisions import BOOK_REVISION, FILES, REVISIONS

# Where the package `dataset-fashion-mnist` of Debian and Ubuntu puts the files.
SYSTEM_FOLDER = '/usr/share/datasets/fashion-mnist'
# The default of `root` in the book's functions.
BOOK_ROOT = os.path.join('~', '.mxnet', 'datasets', 'fashion-mnist')


def cache_folder():
    """Return Gluon's folder for this data set, `$MXNET_HOME/datasets/fashion-mnist`."""
    home = os.environ.get('MXNET_HOME') or os.path.join('~', '.mxnet')
    folder = os.path.join(os.path.expanduser(home), 'datasets', 'fashion-mnist')
    # A ~ is left where HOME is not set: a folder of that name is not meant.
    return folder if folder.startswith('~') else os.path.abspath(folder)


def requested(root):
    """Return which data the caller, or else the environment, asks for.

    None, the empty string and the cache folder itself, which is the default of `root`
    in the book's functions, ask for nothing in particular.

    Parameters
    ----------
    root : str, bytes, path or None

    Returns
    -------
    wanted : str or None
    asker : 'root' or 'D2L_DATA'
    """
    for asker, value in (('root', root), ('D2L_DATA', os.environ.get('D2L_DATA'))):
        value = os.fsdecode(value) if value else None
        if value and not _is_cache(value):
            return value, asker
    return None, 'D2L_DATA'


def make_settings_absolute():
    """Make the folders named in the environment absolute.

    Called before the working directory changes, so that D2L_DATA and MXNET_HOME still
    mean the folders that the user named.
    """
    for name in ('D2L_DATA', 'MXNET_HOME'):
        value = os.path.expanduser(os.environ.get(name, ''))
        # D2L_DATA may also name a revision or 'synthetic', which are no folders.
        if value and (name == 'MXNET_HOME' or os.path.isdir(value)):
            os.environ[name] = os.path.abspath(value)


def _is_cache(value):
    try:
        value = os.path.realpath(os.path.expanduser(value))
    except FileNotFoundError:  # relative to a working directory that was removed
        return False
    return value in (
        os.path.realpath(os.path.expanduser(BOOK_ROOT)),
        os.path.realpath(cache_folder()),
    )


def find(root, downloader=None):
    """Find the data that `root`, or else `D2L_DATA`, asks for, or any.

    Parameters
    ----------
    root : str, path or None
    downloader : download.Downloader, optional
        Without one nothing is downloaded, and no file is replaced.

    Returns
    -------
    folder.Found

    Raises
    ------
    DataNotFoundError, BadFileError, DownloadError
    """
    wanted, asker = requested(root)
    if wanted in REVISIONS:
        return find_revision(wanted, downloader)
    found = _search(downloader) if wanted is None else _own_folder(wanted, asker)
    folders.warn_if_swapped(found)
    return found


def find_revision(revision, downloader=None):
    """Find one revision in the cache or in the system's folder, or download it.

    Parameters
    ----------
    revision : str, a key of `REVISIONS`
    downloader : download.Downloader, optional
        As in `find`.

    Returns
    -------
    folder.Found

    Raises
    ------
    DataNotFoundError, BadFileError, DownloadError
    """
    cache = cache_folder()
    if downloader is not None:
        _remove_abandoned(cache)
    own = os.path.join(cache, revision)
    for folder in (own, cache, SYSTEM_FOLDER):
        if folders.holds_any(folder):
            entries = folders.examine(folder)
            if not folders.faults(entries, revision):
                return folders.accept(folder, entries)
    if downloader is None:
        raise DataNotFoundError(
            f'Revision {revision} of Fashion-MNIST is neither in {own} nor in {cache} '
            f'nor in {SYSTEM_FOLDER}.\n{ways_out(revision)}'
        )
    downloader.wanted = revision
    return _complete(own, revision, downloader)


def _own_folder(wanted, asker):
    """Read the user's own folder; nothing is ever written to it."""
    try:
        folder = os.path.abspath(os.path.expanduser(wanted))
    except FileNotFoundError as error:
        raise DataNotFoundError(
            f'{asker} is {wanted!r}, relative to the working directory, which has been '
            'removed. Change to another one.'
        ) from error
    allowed = (
        f'{asker} may be a folder that holds the four files, one of '
        f"{', '.join(map(repr, REVISIONS))}, or 'synthetic'."
    )
    if not os.path.isdir(folder):
        problem = (
            'is a file, not a folder' if os.path.exists(folder) else 'does not exist'
        )
        raise DataNotFoundError(
            f'{asker} is {wanted!r}, but {folder} {problem}. {allowed}'
        )
    entries = folders.examine(folder)
    try:
        found = folders.accept(folder, entries)
    except DataNotFoundError as error:
        raise DataNotFoundError(
            f'{asker} is {wanted!r}, but {error}. {allowed}'
        ) from None
    revision = folders.meant_revision(folder, entries)
    for entry in folders.faults(entries, revision):
        warnings.warn(
            f'{entry.path} {folders.fault(entry, revision)}, to which the files beside '
            'it belong. Either it is damaged or these are other data on purpose; they '
            'are reported as of unknown revision.',
            stacklevel=2,
        )
    return found


def _search(downloader):
    """Return what the first usable folder holds; download if there is none."""
    cache = cache_folder()
    if downloader is not None:
        _remove_abandoned(cache)
    others = [name for name in REVISIONS if name != BOOK_REVISION]
    for folder, revision, writable in [
        (os.path.join(cache, BOOK_REVISION), BOOK_REVISION, True),
        (cache, None, True),
        *((os.path.join(cache, name), name, True) for name in others),
        (SYSTEM_FOLDER, None, False),
    ]:
        found = _try_folder(folder, revision, downloader, writable)
        if found:
            return found
    if downloader is None:
        raise DataNotFoundError(
            f'Fashion-MNIST is neither in {cache} nor in {SYSTEM_FOLDER}.\n{ways_out()}'
        )
    return _download_any(cache, [BOOK_REVISION, *others], downloader)


def _try_folder(folder, revision, downloader, writable):
    """Return what a folder holds, or None with a warning if it is not usable.

    Its files must be of `revision`; if that is None, of the revision that the folder
    seems meant to hold. In a writable folder the others are downloaded afresh.
    """
    if not folders.holds_any(folder):
        return None
    entries = folders.examine(folder)
    revision = revision or folders.meant_revision(folder, entries)
    faulty = folders.faults(entries, revision)
    if not faulty:
        return folders.accept(folder, entries)
    outlook = ''
    if writable and downloader is None:
        outlook = ', and load() would try to download it afresh'
    elif writable:
        try:
            return _complete(folder, revision, downloader, faulty)
        except DownloadError:
            outlook = ', and a fresh copy could not be downloaded'
    problem = f'{os.path.basename(faulty[0].path)} {folders.fault(faulty[0], revision)}'
    warnings.warn(
        f'Fashion-MNIST in {folder} is passed over: {problem}{outlook}.', stacklevel=2
    )
    return None


def _remove_abandoned(cache):
    """Remove what killed downloads left, also of a revision that is not wanted now."""
    for folder in (cache, *(os.path.join(cache, name) for name in REVISIONS)):
        for name in FILES:
            files.remove_abandoned(os.path.join(folder, name + '.gz'))


def _download_any(cache, revisions, downloader):
    for revision in revisions:
        try:
            return _complete(os.path.join(cache, revision), revision, downloader)
        except DownloadError as error:
            last_error = error
    raise last_error  # it lists the mirrors of all revisions


def _complete(folder, revision, downloader, faulty=None):
    """Download what is missing or faulty in a folder of the cache; return the set."""
    if folder.startswith('~'):
        raise DownloadError(
            'Fashion-MNIST is not on this machine, and there is no place to download '
            'it to: HOME is not set. Set it, or MXNET_HOME to a folder.\n'
            + ways_out(downloader.wanted)
        )
    if faulty is None:
        faulty = folders.faults(folders.examine(folder), revision)
    wanted = {entry.name for entry in faulty}
    downloader.fetch([name for name in FILES if name in wanted], revision, folder)
    return folders.accept(folder, folders.examine(folder))

"""Where the data are looked for, and in which order."""

import os
import warnings

from d2l_dropout.fashion_mnist import folder as folders
from d2l_dropout.fashion_mnist.errors import (
    DataNotFoundError,
    DownloadError,
    ways_out,
)
from d2l_dropout.fashion_mnist.revisions import BOOK_REVISION, FILES, REVISIONS

# Where Debian's and Ubuntu's package `dataset-fashion-mnist` puts the files.
SYSTEM_FOLDER = '/usr/share/datasets/fashion-mnist'
# What the book's functions have as the default of `root`.
BOOK_ROOT = os.path.join('~', '.mxnet', 'datasets', 'fashion-mnist')


def cache_folder():
    """Return Gluon's folder for this data set: `$MXNET_HOME/datasets/...`."""
    home = os.environ.get('MXNET_HOME') or os.path.join('~', '.mxnet')
    return os.path.abspath(
        os.path.join(os.path.expanduser(home), 'datasets', 'fashion-mnist')
    )


def requested(root):
    """Return what was asked for, and by whom: (value or None, 'root' or 'D2L_DATA').

    None, the empty string and the cache's own folder, which is the book's default
    for `root`, ask for nothing in particular.
    """
    for asker, value in (('root', root), ('D2L_DATA', os.environ.get('D2L_DATA'))):
        value = os.fspath(value) if value else None
        if value and not _is_cache(value):
            return value, asker
    return None, 'D2L_DATA'


def make_settings_absolute():
    """Bind the folders named in the environment to the present working directory.

    For code that goes to another one, or starts a process there, and must still mean
    the folders that the user did.
    """
    for name in ('D2L_DATA', 'MXNET_HOME'):
        value = os.path.expanduser(os.environ.get(name, ''))
        # D2L_DATA may also be a revision, or 'synthetic'.
        if value and (name == 'MXNET_HOME' or os.path.isdir(value)):
            os.environ[name] = os.path.abspath(value)


def _is_cache(value):
    value = os.path.realpath(os.path.expanduser(value))
    return value in (
        os.path.realpath(os.path.expanduser(BOOK_ROOT)),
        os.path.realpath(cache_folder()),
    )


def find(root, downloader=None):
    """Find the data that `root`, or else `D2L_DATA`, or else nobody asks for.

    Parameters
    ----------
    root : str, path or None
    downloader : download.Downloader, optional
        Without one nothing is downloaded, and a bad file is not replaced.

    Returns
    -------
    folder.Found

    Raises
    ------
    DataNotFoundError, BadFileError, DownloadError
    """
    wanted, asker = requested(root)
    if wanted is None:
        return _search(downloader)
    if wanted in REVISIONS:
        return find_revision(wanted, downloader)
    return _own_folder(wanted, asker)


def find_revision(revision, downloader=None):
    """Find one revision, in the cache or the system's folder, or download it."""
    cache = cache_folder()
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
    """Take the user's own folder as it is; nothing in it is ever written."""
    folder = os.path.abspath(os.path.expanduser(wanted))
    allowed = (
        f'{asker} may be a folder that holds the four files, one of '
        f"{', '.join(map(repr, REVISIONS))}, or 'synthetic'."
    )
    if not os.path.isdir(folder):
        problem = (
            'is a file, not a folder' if os.path.exists(folder) else 'is not there'
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
            f'{entry.path} {folders.fault(entry, revision)}, to which files beside it '
            'belong: it is damaged, or these are other data on purpose. They are '
            'reported as of unknown revision.',
            stacklevel=2,
        )
    return found


def _search(downloader):
    """Take the first good place there is; download if there is none."""
    cache = cache_folder()
    others = [name for name in REVISIONS if name != BOOK_REVISION]
    for folder, revision in [
        (os.path.join(cache, BOOK_REVISION), BOOK_REVISION),
        (cache, None),
        *((os.path.join(cache, name), name) for name in others),
    ]:
        found = _try_cached(folder, revision, downloader)
        if found:
            return found
    found = _try_system()
    if found:
        return found
    if downloader is None:
        raise DataNotFoundError(
            f'Fashion-MNIST is neither in {cache} nor in {SYSTEM_FOLDER}.\n{ways_out()}'
        )
    return _download_any(cache, [BOOK_REVISION, *others], downloader)


def _try_cached(folder, revision, downloader):
    """Return what a folder of the cache holds, mended if need be, or None.

    Its files must be of `revision`; if that is None, of whichever revision the
    known ones among them are, or well-formed and all unknown.
    """
    if not folders.holds_any(folder):
        return None
    entries = folders.examine(folder)
    revision = revision or folders.meant_revision(folder, entries)
    faulty = folders.faults(entries, revision)
    if not faulty:
        return folders.accept(folder, entries)
    outlook = 'load() would try to download it afresh'
    if downloader is not None:
        try:
            return _complete(folder, revision, downloader, faulty)
        except DownloadError:
            outlook = 'a fresh copy could not be downloaded'
    name = os.path.basename(faulty[0].path)
    _pass_over(folder, f'{name} {folders.fault(faulty[0], revision)}, and {outlook}')
    return None


def _try_system():
    if not folders.holds_any(SYSTEM_FOLDER):
        return None
    entries = folders.examine(SYSTEM_FOLDER)
    revision = folders.meant_revision(SYSTEM_FOLDER, entries)
    faulty = folders.faults(entries, revision)
    if not faulty:
        return folders.accept(SYSTEM_FOLDER, entries)
    name = os.path.basename(faulty[0].path)
    _pass_over(SYSTEM_FOLDER, f'{name} {folders.fault(faulty[0], revision)}')
    return None


def _download_any(cache, revisions, downloader):
    for revision in revisions:
        try:
            return _complete(os.path.join(cache, revision), revision, downloader)
        except DownloadError as error:
            last_error = error
    raise last_error  # it lists the mirrors of all revisions


def _complete(folder, revision, downloader, faulty=None):
    """Fetch what is missing or bad in a folder of the cache; return it whole."""
    if faulty is None:
        faulty = folders.faults(folders.examine(folder), revision)
    wanted = {entry.name for entry in faulty}
    downloader.fetch([name for name in FILES if name in wanted], revision, folder)
    return folders.accept(folder, folders.examine(folder))


def _pass_over(folder, reason):
    warnings.warn(f'Fashion-MNIST in {folder} is passed over: {reason}.', stacklevel=2)

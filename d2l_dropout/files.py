"""Files of this package: written whole or a line at a time, read only if regular.

A whole file is written under a temporary name beside its place, checked, and renamed:
whoever looks sees the old file or the new one. A line is added whole or taken back.
Nothing else in the package opens a file to write (a test holds that). POSIX only: locks
are those of `flock`, which end with the process that holds them, however it ends.
"""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from pathlib import Path

_TEMPORARY = re.compile(r'\.(.*)\.[0-9a-f]{16}\.part', re.DOTALL)
# A name within the temporary one is cut to this, so that 255 bytes are enough for it.
_LENGTH = 40
# So often a folder is made anew that another process, which failed, has just removed.
_TRIES = 20
_TO_ADD_LINES = os.O_RDWR | os.O_CREAT | os.O_APPEND


def write_whole(path, content):
    """Write a file whole or not at all, and the folders above it.

    Parameters
    ----------
    path : str or path
        An existing file keeps its mode. A symbolic link is replaced, not followed.
    content : bytes

    Raises
    ------
    OSError
        If it cannot be written, or there is something other than a file. What was there
        is then as before, and nothing is left beside it.
    """
    write_all_whole({path: content})


def write_all_whole(contents):
    """Write several files, all or none: each is whole beside its place first.

    Parameters
    ----------
    contents : dict of str or path to bytes
        Put in place in this order.

    Raises
    ------
    OSError
        As `write_whole`; only if a rename fails are some of them written.
    """
    with contextlib.ExitStack() as stack:
        beside = {path: stack.enter_context(_beside(path)) for path in contents}
        for path, content in contents.items():
            with _about(path):
                _write(beside[path].handle, content)
        for path in contents:
            beside[path].put_in_place()


@contextlib.contextmanager
def whole(path):
    """Lend a temporary path to a writer that needs one; then put its file in place.

    Yields
    ------
    pathlib.Path
        An empty file beside `path`, to be written over. It takes its place when the
        `with` ends, and is removed if that raises: check there what was written.

    Raises
    ------
    OSError
        As `write_whole`.
    """
    with _beside(path) as beside:
        yield beside.temporary
        with _about(path):
            os.fsync(beside.handle)
        beside.put_in_place()


@contextlib.contextmanager
def _beside(path):
    path = Path(path)
    with contextlib.ExitStack() as clean_up:
        with _about(path):
            mode = _mode(path)
            beside = _Beside(path, clean_up)
            remove_abandoned(path)
            if mode is not None:
                os.fchmod(beside.handle, mode)
        yield beside


class _Beside:
    """A temporary file beside the place of another, open and locked.

    The lock tells a file that is being written from one that a killed process left.
    """

    def __init__(self, path, clean_up):
        self.path = path
        _in_folder(path.parent, self._create, clean_up)
        clean_up.callback(os.close, self.handle)
        clean_up.callback(_try, self.temporary.unlink)

    def _create(self):
        name = f'.{self.path.name[:_LENGTH]}.{secrets.token_hex(8)}.part'
        self.temporary = self.path.with_name(name)
        # O_EXCL: a file or a link of this name is not opened.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        self.handle = os.open(self.temporary, flags, 0o666)
        with contextlib.suppress(OSError):  # without locks nothing counts as abandoned
            fcntl.flock(self.handle, fcntl.LOCK_EX)
        if not _is_at(self.handle, self.temporary):  # removed before it was locked
            os.close(self.handle)
            raise FileNotFoundError

    def put_in_place(self):
        with _about(self.path):
            os.replace(self.temporary, self.path)
            _sync_folder(self.path.parent)


def _mode(path):
    """Return the mode of an existing file, None of what is not there; refuse others."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    _check_regular(mode)
    return stat.S_IMODE(mode)


def _check_regular(mode):
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, 'it is a folder')
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, 'it is not a regular file')


def _make_folder(folder, clean_up):
    """Make a folder and those above it, to be removed again if they stay empty."""
    for missing in [f for f in (folder, *folder.parents) if not f.exists()][::-1]:
        # Not exist_ok: of a folder that is removed at once it says that it exists.
        with contextlib.suppress(FileExistsError):
            missing.mkdir()
        clean_up.callback(_try, missing.rmdir)


def _in_folder(folder, make, clean_up):
    """Return what `make` makes in a folder, which others may remove while empty."""
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            _make_folder(folder, clean_up)
            return make()
    return make()


def _try(function, *arguments):
    with contextlib.suppress(OSError):
        function(*arguments)


def is_temporary(name, of=None):
    """Return whether a name is a temporary one: of the file `of`, or of any."""
    match = _TEMPORARY.fullmatch(name)
    return match is not None and (of is None or match[1] == of[:_LENGTH])


def remove_abandoned(path):
    """Remove the temporary files of `path` that killed processes left beside it."""
    path = Path(path)
    for other in path.parent.iterdir() if path.parent.is_dir() else ():
        if is_temporary(other.name, path.name):
            _try(_remove_unless_locked, other)


def _remove_unless_locked(temporary):
    with _opened(temporary, os.O_RDWR | os.O_NOFOLLOW) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temporary.unlink()


def _write(handle, content):
    """Write at the end of a file, and make sure of it."""
    end = os.fstat(handle).st_size + len(content)
    left = memoryview(content)
    while left:  # a write that meets a limit is short; the next one says which
        left = left[os.write(handle, left) :]
    os.fsync(handle)
    if os.fstat(handle).st_size != end:
        raise OSError(errno.EIO, 'it was not written whole')


def _sync_folder(folder):
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # of file systems that cannot
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def _about(path):
    """Let an OSError name the file that was asked for, not one on the way to it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, reason, os.fspath(path)) from error


@contextlib.contextmanager
def _opened(path, flags):
    handle = os.open(path, flags | os.O_NONBLOCK, 0o666)  # nobody waits for a FIFO
    try:
        _check_regular(os.fstat(handle).st_mode)
        yield handle
    finally:
        os.close(handle)


def _is_at(handle, path):
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), os.stat(path))
    return False


@contextlib.contextmanager
def opened(path):
    """Open a regular file to read; another kind, such as a FIFO, is refused.

    Yields
    ------
    binary file
        Without a buffer: a read may return fewer bytes than were asked for.

    Raises
    ------
    OSError
        If it cannot be opened or is not a regular file. One raised within names it too.
    """
    with _about(path), _opened(path, os.O_RDONLY) as handle:
        with open(handle, 'rb', buffering=0, closefd=False) as file:
            yield file


def read(path, at_most=None):
    """Return the bytes of a regular file; another kind, such as a FIFO, is refused.

    Parameters
    ----------
    path : str or path
    at_most : int, optional
        A file of more bytes is refused before it is read.

    Raises
    ------
    OSError
        If it cannot be read, is not a regular file, or is too large.
    """
    with opened(path) as file:
        if at_most is not None and os.fstat(file.fileno()).st_size > at_most:
            raise OSError(errno.EFBIG, f'it has more than {at_most:,} bytes')
        return file.readall()


@contextlib.contextmanager
def locked(path, wait=True):
    """Open a file under its lock; make it, if need be, with the folders above it.

    Parameters
    ----------
    path : str or path
    wait : bool
        Whether to wait for another process that holds the lock.

    Yields
    ------
    int
        The handle: what is written goes to the end.

    Raises
    ------
    BlockingIOError
        If another process holds the lock and `wait` is False.
    OSError
        If it cannot be opened or locked, or is not a regular file.
    """
    how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
    with contextlib.ExitStack() as stack:

        def open_it():
            return stack.enter_context(_opened(path, _TO_ADD_LINES))

        with _about(path):
            handle = None
            while handle is None or not _is_at(handle, path):  # replaced or removed
                stack.close()
                handle = _in_folder(Path(path).parent, open_it, stack)
                fcntl.flock(handle, how)
        yield handle


def append_line(path, handle, line):
    """Add a line to a file whole, or raise OSError and leave the file as it was.

    Parameters
    ----------
    path : str or path
    handle : int
        As `locked` yields it.
    line : bytes
        With its end.
    """
    end = os.fstat(handle).st_size
    try:
        with _about(path):
            _write(handle, line)
    except BaseException:  # also Ctrl-C
        os.ftruncate(handle, end)
        raise

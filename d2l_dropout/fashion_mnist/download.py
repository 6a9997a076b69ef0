"""Fetch files of a revision from its mirrors into a folder of the cache."""

import contextlib
import os
import tempfile

from d2l_dropout.fashion_mnist import idx
from d2l_dropout.fashion_mnist.errors import BadFileError, DownloadError, ways_out
from d2l_dropout.fashion_mnist.network import Network, NoConnection, Unavailable
from d2l_dropout.fashion_mnist.revisions import mirrors


class Downloader:
    """The downloads of one call of `load` or `fetch`; use it in a `with`.

    A mirror that failed once, in whatever way, is left alone for the rest of the
    call, so that a machine that is off line hears of it within seconds.

    Attributes
    ----------
    wanted : str or None
        The one revision that will do, for the advice that a failure gives.
    """

    def __init__(self):
        self.wanted = None
        self._network = Network()
        self._failures = {}  # (revision, base URL) -> short reason

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._network.close()

    def fetch(self, names, revision, folder):
        """Put files `names` of a revision into `folder`, replacing what is there.

        Each is verified under a temporary name before it takes its own, so that
        nobody ever sees half a file under the right name.

        Raises
        ------
        DownloadError
            If no mirror gives a file, or `folder` cannot be written.
        """
        try:
            os.makedirs(folder, exist_ok=True)
            for name in names:
                self._fetch_one(name, revision, folder)
        except DownloadError:
            raise
        except OSError as error:
            raise DownloadError(
                f'Fashion-MNIST cannot be stored in {folder} ({error.strerror}). Set '
                f'MXNET_HOME to a folder that can be written.\n{ways_out(self.wanted)}'
            ) from error
        except ImportError as error:
            raise DownloadError(
                'Fashion-MNIST is not on this machine, and to download it the package '
                f'requests is needed (pip install requests).\n{ways_out(self.wanted)}'
            ) from error
        finally:
            with contextlib.suppress(OSError):  # it goes only if nothing is in it
                os.rmdir(folder)

    def _fetch_one(self, name, revision, folder):
        part = _part_file(name, folder)
        try:
            self._download(name, revision, part)
            # A temporary file is its owner's alone; a cache may be a class's.
            os.chmod(part, os.stat(folder).st_mode & 0o666)
            os.replace(part, os.path.join(folder, name + '.gz'))
        except BaseException:  # also Ctrl-C
            os.unlink(part)
            raise

    def _download(self, name, revision, part):
        """Fill the file `part` from the first mirror that serves the right bytes."""
        for base in mirrors(revision):
            if (revision, base) in self._failures:
                continue
            try:
                with open(part, 'wb') as file:
                    self._network.download(base + name + '.gz', file)
                return _verify(part, name, revision)
            except NoConnection as error:
                self._failures[revision, base] = str(error)
            except Unavailable as error:
                self._failures[revision, base] = f'{name}.gz: {error}'
        raise DownloadError(self._report())

    def _report(self):
        lines = [
            f'  {revision}  {base}\n      {reason}'
            for (revision, base), reason in self._failures.items()
        ]
        return '\n'.join(
            [
                'Fashion-MNIST could not be downloaded. Tried:',
                *lines,
                ways_out(self.wanted),
            ]
        )


def _part_file(name, folder):
    """Make an empty file of a name that no other process uses."""
    handle, part = tempfile.mkstemp('.part', f'.{name}.', folder)
    os.close(handle)
    return part


def _verify(part, name, revision):
    try:
        _, found = idx.read(part, name)
    except BadFileError as error:
        raise Unavailable(error.problem) from error
    if found != revision:
        raise Unavailable(f'is not the file of revision {revision} (hashes differ)')

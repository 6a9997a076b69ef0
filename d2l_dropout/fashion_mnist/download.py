"""Download files of a revision from its mirrors into a folder of the cache.

What is tried again within one call of `load` or `fetch`, and how often:

- No connection to a server within 3 s: no mirror on this server is asked again.
- A transient failure (HTTP 5xx, a connection that breaks, fewer bytes than announced):
  3 tries in all, with pauses of 0.5 and 1 s.
- Any other failure of a mirror (HTTP 404, no data for 15 s, less than 64 KB in 20 s, an
  answer that makes no sense, a file of wrong content), or the last of these tries: the
  next mirror. The one that failed is not asked again.
- All mirrors of the book's revision failed: those of the other one, if it will do too.
- A damaged file in the cache: it is downloaded afresh, once. If that fails, its folder
  is passed over with a warning.
"""

import os

from d2l_dropout import files
from d2l_dropout.fashion_mnist import idx
from d2l_dropout.fashion_mnist.errors import BadFileError, DownloadError, ways_out
from d2l_dropout.fashion_mnist.network import Network, NoConnection, Unavailable
from d2l_dropout.fashion_mnist.revisions import mirrors
from d2l_dropout.messages import without_password


class Downloader:
    """The downloads of one call of `load` or `fetch`, as a context manager.

    It remembers which mirrors have failed, so that a machine that is offline hears of
    it within seconds.

    Attributes
    ----------
    wanted : str or None
        The only revision that will do, if it must be one: an error advises accordingly.
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
        """Put files of a revision into a folder, in place of what is there.

        Each is verified before it gets its name, so that no process ever sees half a
        file under the right name.

        Parameters
        ----------
        names : list of str, from `revisions.FILES`
        revision : str
        folder : str
            Created if it is missing, and removed again if nothing gets into it.

        Raises
        ------
        DownloadError
            If no mirror gives a file, or `folder` cannot be written.
        """
        try:
            for name in names:
                with files.whole(os.path.join(folder, f'{name}.gz')) as part:
                    self._download(name, revision, part)
                    # As readable as its folder, for a class may share a cache.
                    os.chmod(part, os.stat(folder).st_mode & 0o666)
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
        lines = ['Fashion-MNIST could not be downloaded. Tried:']
        for (tried, base), reason in self._failures.items():
            lines.append(f'  {tried}  {without_password(base)}\n      {reason}')
        raise DownloadError('\n'.join([*lines, ways_out(self.wanted)]))


def _verify(part, name, revision):
    try:
        _, found = idx.read(part, name)
    except BadFileError as error:
        raise Unavailable(error.problem) from error
    if found != revision:
        raise Unavailable(f'is not the file of revision {revision} (hashes differ)')

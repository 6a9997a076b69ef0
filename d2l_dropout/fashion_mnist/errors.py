"""What can go wrong with the data, and what a user can do about it."""

DEBIAN_REVISION = '2017-08-31'


def ways_out(revision=None):
    """Return what can be done by someone who wants `revision`, or any, in lines."""
    ways = [
        'put the four files in a folder and set D2L_DATA (or root) to that folder',
        'set D2L_MIRROR to the http address of a folder that holds the four files',
    ]
    if revision in (None, DEBIAN_REVISION):
        ways.insert(
            0,
            'on Debian or Ubuntu: apt-get install dataset-fashion-mnist '
            f'(it has {DEBIAN_REVISION})',
        )
    if revision is None:
        ways.append('set D2L_DATA=synthetic for data made by code (not Fashion-MNIST)')
    return '\n'.join(['What can be done:', *('  - ' + way for way in ways)])


class DataError(Exception):
    """The data could not be had; the message says why and what to do."""


class DataNotFoundError(DataError, FileNotFoundError):
    """The data, or some of the four files, are not where they were looked for."""


class DownloadError(DataError, OSError):
    """No mirror gave the files, or they could not be written to the cache."""


class BadFileError(DataError, ValueError):
    """A file is there, but it is not what its name says.

    Parameters
    ----------
    path : str
        The file.
    problem : str
        What is wrong with it, as the predicate of a sentence ('is empty').
    """

    def __init__(self, path, problem):
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self):
        return (
            f'{self.path} {self.problem}. Put a good copy in its place, or give '
            f'something else as D2L_DATA (or root): another folder, a revision '
            f"('2017-08-26' or '2017-08-31', downloaded if need be), or 'synthetic'."
        )

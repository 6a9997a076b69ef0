"""What can go wrong with the data, and what the user can do about it."""

DEBIAN_REVISION = '2017-08-31'


def ways_out(revision=None):
    """Return advice for a user who has no data, as lines of text.

    Parameters
    ----------
    revision : str, optional
        The only revision that will do; any of them unless given.

    Returns
    -------
    str
    """
    ways = []
    if revision in (None, DEBIAN_REVISION):
        ways.append(
            'on Debian or Ubuntu, apt-get install dataset-fashion-mnist '
            f'(revision {DEBIAN_REVISION})'
        )
    ways += [
        'put the four files in a folder and set D2L_DATA (or root) to that folder',
        'set D2L_MIRROR to the http(s) URL of a folder that holds the four files',
    ]
    if revision is None:
        ways.append('set D2L_DATA=synthetic for data made by code (not Fashion-MNIST)')
    return '\n'.join(['What you can do:', *('  - ' + way for way in ways)])


class DataError(Exception):
    """The data could not be loaded; the message says why and what to do."""


class DataNotFoundError(DataError, FileNotFoundError):
    """The data, or some of the four files, are not where they should be."""


class DownloadError(DataError, OSError):
    """No mirror served the files, or the cache could not be written."""


class BadFileError(DataError, ValueError):
    """A file is there, but it is damaged or not what its name says.

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
            f'{self.path} {self.problem}. Replace it by a good copy, or set D2L_DATA '
            "(or root) to another folder, to a revision ('2017-08-26' or "
            "'2017-08-31', downloaded if it is not here), or to 'synthetic'."
        )

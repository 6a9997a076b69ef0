"""Results of runs, kept one a line in a file that survives whatever stops a writer."""

import contextlib
import fcntl
import os

from d2l_dropout.runs import RunResult


class Store:
    """The results in a file of JSON lines.

    A line is written whole under a lock, or taken back; one that was cut off (the
    machine stopped, the disk was full) is not believed, and removed by the next
    writer. Several processes may use the same file at once.

    Parameters
    ----------
    path : str or path
        Made when the first result is added, with the folders above it.
    """

    def __init__(self, path):
        self.path = os.fspath(path)

    def read(self):
        """Return the results by their specification.

        Returns
        -------
        dict of RunSpec to RunResult
            In the order of the file; empty if there is none.

        Raises
        ------
        ValueError
            If a line other than a cut-off last one is not a result.
        """
        try:
            with open(self.path, 'rb') as file:
                text = file.read()
        except FileNotFoundError:
            return {}
        return self._parse(text)

    def _parse(self, text):
        results = {}
        # What follows the last line end was cut off; usually nothing does.
        for number, line in enumerate(text.split(b'\n')[:-1], 1):
            try:
                result = RunResult.from_json(line.decode())
            except ValueError as error:
                raise ValueError(
                    f'{self.path}, line {number}: {error}. Remove the line, or name '
                    'another file.'
                ) from error
            results.setdefault(result.spec, result)
        return results

    def add(self, result):
        """Add a result, unless one of the same specification is there.

        Parameters
        ----------
        result : RunResult

        Returns
        -------
        bool
            Whether it was added.

        Raises
        ------
        OSError
            If it cannot be written; the file is then as before.
        """
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        with open(self.path, 'a+b') as file, _locked(file):
            file.seek(0)
            text = file.read()
            if result.spec in self._parse(text):
                return False
            end = text.rfind(b'\n') + 1
            file.truncate(end)
            try:
                file.write(result.to_json().encode() + b'\n')
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), end)
                raise
        return True


@contextlib.contextmanager
def _locked(file):
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)

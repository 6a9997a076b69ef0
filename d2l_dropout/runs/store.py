"""Results of runs, kept one a line in a file that survives whatever stops a writer."""

import contextlib
import fcntl
import os

from d2l_dropout.runs.result import RunResult, parse

_START = b'{"spec"'  # how each line begins


class Store:
    """The results of runs, and why others failed, in a file of JSON lines.

    A line is written whole under a lock, or taken back; one that was cut off (the
    machine stopped, the disk was full) is not believed, and removed by the next
    writer. Several processes may use the same file at once.

    Parameters
    ----------
    path : str or path
        Made when the first is added, with the folders above it.
    """

    def __init__(self, path):
        self.path = os.fspath(path)

    def read(self):
        """Return what each run came to, by its specification.

        Returns
        -------
        dict of RunSpec to RunResult or RunFailure
            A failure only where no later run of the specification gave a result. In
            the order of the file; empty if there is none.

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
        """Return what each specification came to: a result wins over failures."""
        kept = {}
        # What follows the last line end was cut off; usually nothing does.
        tail = text.rpartition(b'\n')[2]
        if not tail.startswith(_START[: len(tail)]):
            raise ValueError(
                f'{self.path} is not a store of results: it ends in {tail[:20]!r}. '
                'Name another file.'
            )
        for number, line in enumerate(text.split(b'\n')[:-1], 1):
            try:
                entry = parse(line.decode())
            except ValueError as error:
                raise ValueError(
                    f'{self.path}, line {number}: {error}. Remove the line, or name '
                    'another file.'
                ) from error
            if not isinstance(kept.get(entry.spec), RunResult):
                kept[entry.spec] = entry
        return kept

    def results(self):
        """Return the results alone.

        Returns
        -------
        dict of RunSpec to RunResult

        Raises
        ------
        ValueError
            As `read`.
        """
        return {
            spec: entry
            for spec, entry in self.read().items()
            if isinstance(entry, RunResult)
        }

    def add(self, entry):
        """Add a result or a failure, unless that or a result is there already.

        Parameters
        ----------
        entry : RunResult or RunFailure

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
            there = self._parse(text).get(entry.spec)
            if there == entry or isinstance(there, RunResult):
                return False
            end = text.rfind(b'\n') + 1
            file.truncate(end)
            try:
                file.write(entry.to_json().encode() + b'\n')
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

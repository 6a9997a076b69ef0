"""Results of runs, kept one a line in a file that survives whatever stops a writer."""

import os
import warnings

from d2l_dropout import files
from d2l_dropout.runs.result import RunResult, parse

_START = b'{"spec"'  # how each line begins


class Store:
    """The results of runs, and why others failed, in a file of JSON lines.

    A line is written whole under a lock, or taken back; a last one that was cut off
    (the machine stopped) is not believed, and removed by the next writer. Several
    processes may use the same file at once.

    A line of something else between results is left where it is and passed over with a
    warning: each result stands for itself, and the worst that can follow is that a run
    is made again. A file without any result is refused, so that nothing is added to a
    file that is no store.

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
            If there is something in the file, but no result.
        OSError
            If it cannot be read.
        """
        try:
            text = files.read(self.path)
        except FileNotFoundError:
            return {}
        return self._parse(text)[0]

    def _parse(self, text):
        """Return what each specification came to, and where the last whole line ends.

        A result wins over failures.
        """
        kept, first_wrong, num_wrong = {}, None, 0
        lines = text.split(b'\n')
        for number, line in enumerate(lines, 1):
            try:
                entry = parse(line.decode()) if line.strip() else None
            except ValueError as error:
                if number == len(lines) and line.startswith(_START[: len(line)]):
                    text = text[: -len(line)]  # cut off, or not yet written to its end
                else:
                    # Its text alone: with a million of them memory counts.
                    first_wrong = first_wrong or (number, f'{error!s:.200}')
                    num_wrong += 1
                continue
            if entry and not isinstance(kept.get(entry.spec), RunResult):
                kept[entry.spec] = entry
        if first_wrong:
            self._say_what_is_wrong(*first_wrong, num_wrong - 1, kept)
        return kept, len(text)

    def _say_what_is_wrong(self, number, why, num_others, kept):
        said = f'{self.path}, line {number} is no result of a run ({why})'
        if not kept:
            raise ValueError(
                f'{said}, and the file holds none: it is not a store of results. Name '
                'another file.'
            )
        others = f' and so are {num_others} other lines' if num_others else ''
        warnings.warn(f'{said}: it is passed over{others}.', stacklevel=4)

    def results(self):
        """Return the results alone.

        Returns
        -------
        dict of RunSpec to RunResult

        Raises
        ------
        ValueError, OSError
            As `read`.
        """
        return {
            spec: entry
            for spec, entry in self.read().items()
            if isinstance(entry, RunResult)
        }

    def check_writable(self):
        """Raise unless a result can be added: before hours of training, not after.

        Raises
        ------
        OSError
            If it cannot be written; what was in the file stays.
        """
        with files.locked(self.path) as handle:
            end = os.fstat(handle).st_size
            # As long as a result; blank lines, should it be killed here, do no harm.
            files.append_line(self.path, handle, b'\n' * 4096)
            os.ftruncate(handle, end)

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
            If it cannot be written; what was in the file stays.
        ValueError
            As `read`.
        """
        with files.locked(self.path) as handle:
            text = files.read(self.path)
            kept, end = self._parse(text)
            there = kept.get(entry.spec)
            if there == entry or isinstance(there, RunResult):
                return False
            os.ftruncate(handle, end)
            line = entry.to_json().encode() + b'\n'
            if end and text[end - 1 : end] != b'\n':  # never on somebody else's line
                line = b'\n' + line
            files.append_line(self.path, handle, line)
        return True

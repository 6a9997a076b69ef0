"""The memory of a process and of those that it starts, while it runs (Linux)."""

import os
import threading

_SECONDS = 0.1


class PeakMemory:
    """Watches a process and its children in a `with` block.

    Parameters
    ----------
    pid : int

    Attributes
    ----------
    mib : float
        MiB at the highest seen, ten times a second; what several processes share is
        counted once (PSS). 0 where the system does not tell.
    """

    def __init__(self, pid):
        self.pid, self.mib = pid, 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        while not self._ended.wait(_SECONDS):
            pids = [self.pid, *(p for p in _processes() if _parent(p) == self.pid)]
            self.mib = max(self.mib, sum(map(_shared_out_kib, pids)) / 1024)


def _processes():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def _parent(pid):
    return _number(pid, 'status', 'PPid')


def _shared_out_kib(pid):
    return _number(pid, 'smaps_rollup', 'Pss')


def _number(pid, file, name):
    """Return a number of /proc/PID/FILE; 0 if the process has ended."""
    try:
        with open(f'/proc/{pid}/{file}') as lines:
            found = [line.split()[1] for line in lines if line.startswith(f'{name}:')]
    except OSError:
        return 0
    return int(found[0]) if found else 0

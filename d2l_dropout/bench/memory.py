"""The peak memory of a process and its children, watched while it runs (Linux)."""

import os
import threading

_SECONDS = 0.1  # between two samples


class PeakMemory:
    """A context manager that watches the memory of a process and its children.

    Parameters
    ----------
    pid : int

    Attributes
    ----------
    mib : float
        The largest sum of their proportional set sizes (PSS) in MiB, sampled ten times
        a second: memory that several of them share counts once. 0 if the system does
        not report it.
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
            pids = [self.pid, *_children(self.pid)]
            kib = sum(_number(pid, 'smaps_rollup', 'Pss') for pid in pids)
            self.mib = max(self.mib, kib / 1024)


def _children(pid):
    pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
    return [child for child in pids if _number(child, 'status', 'PPid') == pid]


def _number(pid, file, name):
    """Return a number in /proc/PID/FILE, or 0 if the process has ended."""
    try:
        with open(f'/proc/{pid}/{file}') as lines:
            found = [line.split()[1] for line in lines if line.startswith(f'{name}:')]
    except OSError:
        return 0
    return int(found[0]) if found else 0

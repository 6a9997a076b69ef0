"""A stopwatch for a block of code, and making folders."""

import os
import time


class Benchmark:
    """Print how many seconds a `with` block took.

    Parameters
    ----------
    prefix : str, optional
        Printed first: `PREFIX time: 0.1234 sec`.

    Notes
    -----
    MXNet is asynchronous: call `nd.waitall()` at the end of the block, or only the time
    until everything is queued is measured.
    Defined in d2l v0.5.0, chapter_computational-performance/async-computation.md.
    """

    def __init__(self, prefix=None):
        self.prefix = prefix + ' ' if prefix else ''

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *exception):
        print('%stime: %.4f sec' % (self.prefix, time.perf_counter() - self.start))


def mkdir_if_not_exist(path):
    """Make a folder, and those above it, unless it is there.

    Parameters
    ----------
    path : str or list of str
        A path, or its parts to be joined.

    Raises
    ------
    OSError
        If it cannot be made.

    Defined in d2l v0.5.0, chapter_computer-vision/kaggle-gluon-cifar10.md.
    """
    parts = [path] if isinstance(path, (str, os.PathLike)) else path
    os.makedirs(os.path.join(*parts), exist_ok=True)

"""What results depend on: versions, threads and processors, for every report."""

import ctypes
import os
import platform
import re

import numpy

from d2l_dropout import __version__, compat


def versions():
    """Return the versions that results depend on.

    Returns
    -------
    dict of str to str
    """
    mx = compat.import_mxnet()
    return {
        'd2l-dropout': __version__,
        'Python': platform.python_version(),
        'NumPy': numpy.__version__,
        'MXNet': mx.__version__,
    }


def num_threads():
    """Return the number of OpenMP threads that MXNet's operators use.

    Returns
    -------
    int or None
        None if the binary does not export the function that tells.
    """
    mx = compat.import_mxnet()
    try:
        get_max_threads = mx.base._LIB.omp_get_max_threads
    except AttributeError:
        return None
    get_max_threads.restype = ctypes.c_int
    return get_max_threads()


def num_processors():
    """Return the number of processors that this process may use.

    Returns
    -------
    int
    """
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine():
    """Return the processor's name and how many of them this process may use.

    Returns
    -------
    str
    """
    name = platform.processor()
    try:
        with open('/proc/cpuinfo') as file:
            name = re.search(r'^model name\s*: (.*)$', file.read(), re.M).group(1)
    except (OSError, AttributeError):  # not Linux, or no name is given
        pass
    return ', '.join(filter(None, [platform.machine(), name])) + (
        ' (%d processors)' % num_processors()
    )


def describe():
    """Return versions, default context, threads and processors as one line.

    Returns
    -------
    str
    """
    mx = compat.import_mxnet()
    names = ', '.join('%s %s' % item for item in versions().items())
    return '%s; default context %s; OpenMP threads: %s; %s' % (
        names,
        mx.current_context(),
        num_threads() or 'unknown',
        machine(),
    )

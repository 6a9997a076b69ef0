"""What a test may cost: seconds, memory, the size of a file, a disk that is full."""

import contextlib
import os
import resource
import subprocess
import time
import tracemalloc

import pytest


@contextlib.contextmanager
def largest_file(num_bytes):
    """A full disk: what is written beyond fails with EFBIG, and no signal ends us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def small_disk(folder, num_bytes):
    """Mount a file system of so many bytes on a folder, or skip the test."""
    size = f'size={num_bytes},mode=755'
    mount = ['mount', '-t', 'tmpfs', '-o', size, 'tmpfs', str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except FileNotFoundError as error:
        pytest.skip(f'no file system can be mounted here: {error}')
    if done.returncode:
        pytest.skip(f'no file system can be mounted here: {done.stderr.strip()}')
    try:
        yield
    finally:
        subprocess.run(['umount', str(folder)], check=True)


def fill(disk, num_free):
    """Leave so many bytes of a disk free, by one file on it, which is returned."""
    filler = disk / 'filler'
    with open(str(filler), 'wb', buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        size = os.fstat(file.fileno()).st_size
        file.truncate(max(0, size - num_free))
    return filler


@contextlib.contextmanager
def at_most(seconds, megabytes):
    """What is done within must end in time, and allocate no more at any moment.

    The time is that of the processor, which other processes do not change, and tenfold
    on the clock. Memory is what Python and NumPy ask for, so that one process can
    measure it often.
    """
    tracemalloc.start()
    start, clock = time.process_time(), time.perf_counter()
    try:
        yield
        took, waited = time.process_time() - start, time.perf_counter() - clock
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < seconds and waited < 10 * seconds, f'{took:.1f}, {waited:.1f} s'
    assert peak < megabytes * 1e6, f'{peak / 1e6:.0f} MB'

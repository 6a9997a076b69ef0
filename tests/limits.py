"""A disk that is full: no file of this process may become larger than so much."""

import contextlib
import resource


@contextlib.contextmanager
def largest_file(num_bytes):
    """What is written beyond fails with EFBIG; Python ignores the signal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

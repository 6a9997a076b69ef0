"""Fashion-MNIST: find it, fetch it, verify it, read it; or synthetic data instead.

NumPy and the standard library are enough; `requests` is imported for a download,
and `tqdm` for its progress bar where it is installed.
"""

from d2l_dropout.fashion_mnist.dataset import (
    LABELS,
    FashionMNIST,
    Origin,
    fetch,
    last_loaded,
    load,
    locate,
)
from d2l_dropout.fashion_mnist.errors import (
    BadFileError,
    DataError,
    DataNotFoundError,
    DownloadError,
)
from d2l_dropout.fashion_mnist.revisions import BOOK_REVISION, REVISIONS
from d2l_dropout.fashion_mnist.sources import make_settings_absolute
from d2l_dropout.fashion_mnist.synthetic import SYNTHETIC

__all__ = [
    'BOOK_REVISION',
    'LABELS',
    'REVISIONS',
    'SYNTHETIC',
    'BadFileError',
    'DataError',
    'DataNotFoundError',
    'DownloadError',
    'FashionMNIST',
    'Origin',
    'fetch',
    'last_loaded',
    'load',
    'locate',
    'make_settings_absolute',
]

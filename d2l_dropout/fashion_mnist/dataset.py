"""The data set: images, labels, and where they come from."""

import hashlib
import sys
from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from d2l_dropout.fashion_mnist import sources, synthetic
from d2l_dropout.fashion_mnist.download import Downloader
from d2l_dropout.fashion_mnist.revisions import (
    BOOK_REVISION,
    REVISIONS,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
)
from d2l_dropout.messages import printable

LABELS = (
    't-shirt',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle boot',
)

_last_loaded = None
_said_synthetic = False


@dataclass(frozen=True)
class Origin:
    """Which data these are.

    Parameters
    ----------
    revision : str
        '2017-08-26', '2017-08-31', 'unknown' (valid files of another set, or files of
        the older revision that were compressed anew) or 'synthetic'.
    source : str
        The folder, or 'made by code, seed 0'.
    digest : str or None
        SHA-256 of the four arrays, 64 hexadecimal digits: it tells data of an unknown
        revision apart, and synthetic data of one size from those of another. None if
        the arrays are not at hand.
    """

    revision: str
    source: str
    digest: Optional[str] = None

    @property
    def is_fashion_mnist(self):
        """Whether every file is known to be of a revision of Fashion-MNIST."""
        return self.revision in REVISIONS

    @property
    def is_book_revision(self):
        """Whether these are the data that the book trained on."""
        return self.revision == BOOK_REVISION

    @property
    def description(self):
        """Which data these are, in one line."""
        source = printable(self.source)
        if self.revision == synthetic.SYNTHETIC:
            return (
                'synthetic data, NOT Fashion-MNIST; not comparable with the book '
                f'({source})'
            )
        if not self.is_fashion_mnist:
            return (
                f'data of unknown revision, comparable with the book only if they are '
                f'Fashion-MNIST; from {source}'
            )
        book = " (the book's)" if self.is_book_revision else ''
        return f'Fashion-MNIST, revision {self.revision}{book}, from {source}'

    @property
    def description_with_digest(self):
        """The same with the beginning of the digest, where it is known."""
        digest = f'; SHA-256 {self.digest[:12]}...' if self.digest else ''
        return self.description + digest


@dataclass(frozen=True, eq=False)
class FashionMNIST(Origin):
    """Images and labels, and which data these are.

    Parameters
    ----------
    revision, source, digest : str
        See `Origin`; the digest is computed.
    train_images, test_images : ndarray of uint8, shape (n, 28, 28), 0 to 255
    train_labels, test_labels : ndarray of uint8, shape (n,), 0 to 9
        Indices into `LABELS`. All four arrays are read-only.
    """

    digest: str = field(init=False)
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    def __post_init__(self):
        digest = _digest(
            self.train_images, self.train_labels, self.test_images, self.test_labels
        )
        object.__setattr__(self, 'digest', digest)  # as a frozen dataclass does it

    @property
    def origin(self):
        """Which data these are, without them."""
        return Origin(self.revision, self.source, self.digest)

    def __repr__(self):
        return (
            f'<{len(self.train_images)} + {len(self.test_images)} examples: '
            f'{self.description}>'
        )


def _digest(*arrays):
    """Return the SHA-256 of arrays: their shapes and their bytes."""
    sha = hashlib.sha256()  # 30 ms for 55 MB where the processor knows SHA, else 150
    for array in arrays:
        sha.update(f'{array.dtype} {array.shape}\n'.encode())
        sha.update(np.ascontiguousarray(array))
    return sha.hexdigest()


def load(root=None):
    """Load the data set: find it, download it, or make synthetic data.

    Parameters
    ----------
    root : str or path, optional
        - a folder that holds the four IDX files, with or without .gz; nothing is
          written to it. The cache folder itself counts as None;
        - '2017-08-26' or '2017-08-31': that revision, downloaded if it is neither in
          the cache nor in the system's folder;
        - 'synthetic' or 'synthetic:N': pictures made by code, N (or 60,000)
          training and N // 6 test examples;
        - None: what the environment variable D2L_DATA says, in the same words; if
          it is unset or empty, the first of: the cache
          `$MXNET_HOME/datasets/fashion-mnist` (default `~/.mxnet/...`), the folder
          of Debian's package, a download into the cache, the book's revision first.

    Returns
    -------
    FashionMNIST

    Raises
    ------
    DataNotFoundError
        If `root` or D2L_DATA is not a folder with the four files.
    BadFileError
        If one of these files is damaged, not an IDX file or does not agree with the
        others. (In the cache it is downloaded afresh instead, or passed over with a
        warning.)
    DownloadError
        If a download is needed and no mirror serves it, or the cache cannot be
        written.
    ValueError
        If N is not an integer from 60 to 250,000.
    """
    global _last_loaded
    num_examples = _num_synthetic(root)
    if num_examples is None:
        with Downloader() as downloader:
            data = _read(sources.find(root, downloader))
    else:
        data = _make_synthetic(num_examples)
        _say_synthetic()
    _last_loaded = data.origin
    return data


def locate(root=None):
    """Return which data `load(root)` would use, without downloading anything.

    Every file is read and verified, and synthetic data are made, as in `load`.

    Parameters
    ----------
    root : str or path, optional
        As in `load`.

    Returns
    -------
    Origin

    Raises
    ------
    DataNotFoundError
        If there are no data without a download.
    BadFileError, ValueError
        As in `load`.
    """
    num_examples = _num_synthetic(root)
    if num_examples is not None:
        return _make_synthetic(num_examples).origin
    return _read(sources.find(root)).origin


def fetch(revision):
    """Make sure that a verified copy of a revision is on this machine.

    Parameters
    ----------
    revision : str, a key of `REVISIONS`

    Returns
    -------
    Origin
        Its `source` is the folder that holds the revision: in the cache, or the
        system's. A download goes to `<cache>/<revision>`.

    Raises
    ------
    ValueError
        If there is no such revision.
    DownloadError
        As in `load`.
    """
    if revision not in REVISIONS:
        raise ValueError(
            f'revision is {revision!r}; it must be one of '
            f'{", ".join(map(repr, REVISIONS))}'
        )
    with Downloader() as downloader:
        return _read(sources.find_revision(revision, downloader)).origin


def last_loaded():
    """Return the `Origin` of the data that `load` last returned, or None.

    Reports ask here, because the chapter's cells do not say which data they loaded.
    """
    return _last_loaded


def _num_synthetic(root):
    """Return the number of synthetic training examples asked for, or None."""
    wanted, asker = sources.requested(root)
    if wanted is None:
        return None
    return synthetic.parse(wanted, asker)


def _read(found):
    return FashionMNIST(
        found.revision,
        found.folder,
        found.arrays[TRAIN_IMAGES],
        found.arrays[TRAIN_LABELS],
        found.arrays[TEST_IMAGES],
        found.arrays[TEST_LABELS],
    )


def _make_synthetic(num_examples):
    return FashionMNIST(
        synthetic.SYNTHETIC, synthetic.SOURCE, *synthetic.make(num_examples)
    )


def _say_synthetic():
    global _said_synthetic
    if not _said_synthetic:
        print(
            'Note: these are synthetic data made by code, not Fashion-MNIST; no metric '
            'measured on them is comparable with the book.',
            file=sys.stderr,
        )
        _said_synthetic = True

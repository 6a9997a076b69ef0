"""The two revisions of Fashion-MNIST: how to recognise them, and who serves them.

The revision of 2017-08-26 is the one that Gluon downloads and the book trained on. On
2017-08-31 duplicated images were replaced and the whole set was shuffled into another
train/test split (zalandoresearch/fashion-mnist, issue 44); this is the revision that
Debian, Keras and torchvision distribute.
"""

import hashlib
import os
from dataclasses import dataclass
from typing import Mapping, Tuple

TRAIN_IMAGES = 'train-images-idx3-ubyte'
TRAIN_LABELS = 'train-labels-idx1-ubyte'
TEST_IMAGES = 't10k-images-idx3-ubyte'
TEST_LABELS = 't10k-labels-idx1-ubyte'
# The small files come first, so that a mirror of another revision, or a login page in
# place of the files, is noticed before 26 MB have been downloaded.
FILES = (TEST_LABELS, TRAIN_LABELS, TEST_IMAGES, TRAIN_IMAGES)

GLUON_STORE = 'https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/'
GITHUB = 'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/'

BOOK_REVISION = '2017-08-26'
UNKNOWN = 'unknown'


@dataclass(frozen=True)
class Revision:
    """One revision: the digests of its files and the places that serve them.

    Parameters
    ----------
    digests : mapping from file name (without .gz) to hexadecimal digest
    algorithm : str, a name that `hashlib.new` knows
    compressed : bool
        Whether the digests are of the .gz files as upstream compressed them,
        or of the decompressed bytes.
    mirrors : tuple of str
        Base URLs, each ending in '/', that hold the four .gz files.
    """

    digests: Mapping[str, str]
    algorithm: str
    compressed: bool
    mirrors: Tuple[str, ...]


# Gluon's own pins; the digests of the decompressed bytes are not known.
SHA1_COMPRESSED = {
    TRAIN_IMAGES: '0cf37b0d40ed5169c6b3aba31069a9770ac9043d',
    TRAIN_LABELS: '236021d52f1e40852b06a4c3008d8de8aef1e40b',
    TEST_IMAGES: '626ed6a7c06dd17c0eec72fa3be1740f146a2863',
    TEST_LABELS: '17f9ab60e7257a1620f4ad76bbbaf857c3920701',
}
# Of the decompressed bytes, because Debian compressed the files anew.
SHA256_CONTENT = {
    TRAIN_IMAGES: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    TRAIN_LABELS: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    TEST_IMAGES: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    TEST_LABELS: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
}

REVISIONS = {
    BOOK_REVISION: Revision(
        digests=SHA1_COMPRESSED,
        algorithm='sha1',
        compressed=True,
        mirrors=(
            GLUON_STORE + 'gluon/dataset/fashion-mnist/',
            GITHUB + '949006594cc2f804a93b9155849734564c3545ec/data/fashion/',
        ),
    ),
    '2017-08-31': Revision(
        digests=SHA256_CONTENT,
        algorithm='sha256',
        compressed=False,
        mirrors=(
            GITHUB + '658ec8c1128c1d31796c5260af8b78eca85d6f8b/data/fashion/',
            'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
        ),
    ),
}


class Identification:
    """Which revision a file belongs to, by the digests of its bytes as they are read.

    Parameters
    ----------
    name : str, one of `FILES`
    """

    def __init__(self, name):
        self._name = name
        self._hashes = {
            revision: hashlib.new(known.algorithm)
            for revision, known in REVISIONS.items()
        }

    def add(self, data, compressed):
        """Take the next bytes.

        Parameters
        ----------
        data : bytes-like
        compressed : bool
            Whether they are the file's as it lies on disk, compressed or not, or its
            content.
        """
        for revision, known in REVISIONS.items():
            if known.compressed == compressed:
                self._hashes[revision].update(data)

    def revision(self):
        """Return the revision, a key of `REVISIONS`, or 'unknown'.

        Returns
        -------
        str
        """
        for revision, known in REVISIONS.items():
            if self._hashes[revision].hexdigest() == known.digests[self._name]:
                return revision
        return UNKNOWN


def mirrors(revision):
    """List the base URLs to try for a revision, in order.

    The environment variable `D2L_MIRROR` comes first if it is set; `MXNET_GLUON_REPO`
    replaces Gluon's store, as it does in Gluon.
    """
    bases = [os.environ.get('D2L_MIRROR', '')]
    gluon_repo = os.environ.get('MXNET_GLUON_REPO') or GLUON_STORE
    for base in REVISIONS[revision].mirrors:
        if base.startswith(GLUON_STORE):
            base = _with_slash(gluon_repo) + base[len(GLUON_STORE) :]
        bases.append(base)
    return [_with_slash(base) for base in bases if base]


def _with_slash(base):
    return base if base.endswith('/') else base + '/'

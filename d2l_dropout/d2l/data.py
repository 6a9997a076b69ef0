"""Fashion-MNIST in mini-batches, from memory, on the current context."""

import os

import numpy as np

from d2l_dropout import compat, fashion_mnist

mx = compat.import_mxnet()
from mxnet import nd  # noqa: E402
from mxnet.gluon.data.vision import datasets as gluon_datasets  # noqa: E402


def load_data_fashion_mnist(batch_size, resize=None, root=None):
    """Return Fashion-MNIST as two re-iterables of mini-batches.

    Parameters
    ----------
    batch_size : int >= 1
    resize : int >= 1, optional
        Height and width of the images in pixels; 28 unless given. Bilinear, by the
        operator that `gluon.data.vision.transforms.Resize` calls.
    root : str, optional
        Which data, as in `d2l_dropout.fashion_mnist.load`. Unless given, what the
        environment variable `D2L_DATA` says; if it is unset, the first of the cache
        (the book's folder), the system's folder and a download.

    Returns
    -------
    train_iter, test_iter : MiniBatches
        Each yields `(X, y)`: X float32, shape (n, 1, h, w), in [0, 1]; y int32,
        shape (n,); both on the current context. The attributes `revision` and
        `source` say which data these are.

    Raises
    ------
    ValueError
        If `batch_size` or `resize` is not an integer >= 1.
    d2l_dropout.fashion_mnist.DataError
        If the data cannot be found, downloaded or verified; the message says why.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/softmax-regression-scratch.md.
    """
    _check_count('batch_size', batch_size)
    if resize is not None:
        _check_count('resize', resize)
    data = fashion_mnist.load(root)
    train_iter = MiniBatches(
        data.train_images, data.train_labels, batch_size, shuffle=True, resize=resize
    )
    test_iter = MiniBatches(
        data.test_images, data.test_labels, batch_size, shuffle=False, resize=resize
    )
    for data_iter in (train_iter, test_iter):
        data_iter.revision, data_iter.source = data.revision, data.source
    return train_iter, test_iter


def _check_count(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(
            '%s is %r; it must be an integer of at least 1.' % (name, value)
        )


class MiniBatches:
    """Images and labels as mini-batches; it can be iterated over any number of times.

    The mini-batches of a pass are on the context that is current when the pass starts.
    Images stay bytes until their mini-batch is due, a quarter of the size of float32.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
    labels : ndarray of integers, shape (n,)
    batch_size : int >= 1
    shuffle : bool
        Whether each pass is in a new order, drawn from NumPy's global generator as
        `gluon.data.RandomSampler` draws it: equal seeds give equal mini-batches.
    resize : int, optional
        Height and width in pixels.

    Attributes
    ----------
    revision : str
        '2017-08-26' (the book's), '2017-08-31', 'unknown' or 'synthetic'.
    source : str
        The folder, or how synthetic data were made.
    """

    revision = source = 'unknown'

    def __init__(self, images, labels, batch_size, shuffle, resize=None):
        _check_count('batch_size', batch_size)
        self.images, self.labels = images, labels.astype('int32')
        self.batch_size, self.shuffle, self.resize = batch_size, shuffle, resize

    def __len__(self):
        return -(-len(self.labels) // self.batch_size)

    def __iter__(self):
        ctx = mx.current_context()
        indices = np.arange(len(self.labels))
        if self.shuffle:
            np.random.shuffle(indices)
        for start in range(0, len(indices), self.batch_size):
            batch = indices[start : start + self.batch_size]
            yield (
                self._to_float(self.images[batch]).as_in_context(ctx),
                nd.from_numpy(self.labels[batch]).as_in_context(ctx),
            )

    def _to_float(self, images):
        """Scale to [0, 1] in NumPy, while MXNet's engine still computes the net."""
        if self.resize is not None:
            X = nd.array(images[..., np.newaxis], ctx=mx.cpu(), dtype='uint8')
            images = nd.image.resize(X, size=self.resize).asnumpy()[..., 0]
        return nd.from_numpy(images[:, np.newaxis] / np.float32(255))


def get_fashion_mnist_labels(labels):
    """Return the names of Fashion-MNIST's classes.

    Parameters
    ----------
    labels : NDArray, shape (n,), or iterable of numbers from 0 to 9

    Returns
    -------
    list of str

    Defined in d2l v0.5.0, chapter_deep-learning-basics/fashion-mnist.md.
    """
    if isinstance(labels, nd.NDArray):
        labels = labels.asnumpy()
    return [fashion_mnist.LABELS[int(i)] for i in labels]


def _get_data(self):
    """Give Gluon's FashionMNIST the data that `fashion_mnist.load` finds.

    Gluon itself reads a folder that the user chose.
    """
    default_root = type(self).__init__.__defaults__[0]
    if self._root != os.path.expanduser(default_root):
        return gluon_datasets.MNIST._get_data(self)
    data = fashion_mnist.load()
    images, labels = (
        (data.train_images, data.train_labels)
        if self._train
        else (data.test_images, data.test_labels)
    )
    is_np = mx.util.is_np_array()  # as Gluon asks: after npx.set_np()
    self._data = (mx.np if is_np else nd).array(images[..., np.newaxis], dtype='uint8')
    self._label = labels.astype('int32')
    if is_np:
        self._label = mx.np.array(self._label, dtype='int32')


# Chapter 3.5 uses Gluon's own FashionMNIST, which accepts only the older revision, from
# a store that may not answer any more. Only this class is changed, and nothing is read
# before it is used.
gluon_datasets.FashionMNIST._get_data = _get_data

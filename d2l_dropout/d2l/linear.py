"""Linear regression and its mini-batches, for the neighbouring chapters."""

import numpy as np

from d2l_dropout import compat

compat.import_mxnet()
from mxnet import nd  # noqa: E402


def linreg(X, w, b):
    """Return X w + b.

    Parameters
    ----------
    X : NDArray, shape (n, d)
    w : NDArray, shape (d, 1)
    b : NDArray, shape (1,)

    Returns
    -------
    NDArray, shape (n, 1)

    Defined in d2l v0.5.0, chapter_deep-learning-basics/linear-regression-scratch.md.
    """
    return nd.dot(X, w) + b


def squared_loss(y_hat, y):
    """Return (y_hat - y)^2 / 2 for each example.

    Parameters
    ----------
    y_hat : NDArray, any shape
    y : NDArray of the same size; reshaped to that of `y_hat`

    Returns
    -------
    NDArray, shape of `y_hat`

    Defined in d2l v0.5.0, chapter_deep-learning-basics/linear-regression-scratch.md.
    """
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def data_iter(batch_size, features, labels):
    """Yield the examples in shuffled mini-batches, each example once.

    The order comes from NumPy's global generator. The last mini-batch may be smaller.

    Parameters
    ----------
    batch_size : int >= 1
    features : NDArray, shape (n, ...)
    labels : NDArray, shape (n, ...)

    Yields
    ------
    (NDArray, NDArray)
        `batch_size` rows of `features` and of `labels`, on the context of each.

    Raises
    ------
    ValueError
        If `batch_size` is below 1, or the numbers of rows differ.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/linear-regression-scratch.md.
    """
    if batch_size < 1:
        raise ValueError('batch_size is %r; it must be at least 1.' % (batch_size,))
    if len(features) != len(labels):
        raise ValueError(
            'features has %d rows and labels has %d; they must have the same '
            'number.' % (len(features), len(labels))
        )
    indices = np.arange(len(features))
    np.random.shuffle(indices)
    for start in range(0, len(indices), batch_size):
        j = indices[start : start + batch_size]
        yield (
            features.take(nd.array(j, ctx=features.context)),
            labels.take(nd.array(j, ctx=labels.context)),
        )

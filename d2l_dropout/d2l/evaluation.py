"""The accuracy of a net, counted while MXNet computes."""

from d2l_dropout import compat

mx = compat.import_mxnet()
from mxnet import gluon  # noqa: E402

#: What every pass over mini-batches has to yield, for messages.
EVERY_PASS = (
    ' It must yield (X, y) on every pass: use a list, a DataLoader or what '
    'load_data_fashion_mnist returns, not a generator, which is exhausted after one.'
)


class Pending:
    """Numbers that MXNet is still computing, of the last few mini-batches.

    MXNet is asynchronous. Waiting for each mini-batch would leave it idle while Python
    prepares the next one; never waiting would queue the whole epoch and hold the memory
    of every mini-batch in it.
    """

    MOST = 4

    def __init__(self):
        self._numbers = []

    def add(self, *numbers):
        """Keep the NDArrays of one mini-batch; wait for those `MOST` before it."""
        self._numbers.append(numbers)
        if len(self._numbers) > self.MOST:
            self._numbers[-self.MOST - 1][-1].wait_to_read()

    def sums(self, num):
        """Return the `num` sums over all mini-batches, added up in double precision."""
        totals = [0.0] * num
        for numbers in self._numbers:
            for i, number in enumerate(numbers):
                totals[i] += float(number.asscalar())
        return totals


def evaluate_accuracy(data_iter, net, ctx=None):
    """Return the fraction of examples that `net` classifies correctly.

    Parameters
    ----------
    data_iter : iterable of (X, y)
        X NDArray, shape (n, ...); y NDArray of class numbers, shape (n,).
    net : callable
        Returns one score per class, shape (n, number of classes).
    ctx : mxnet.Context or list of them, optional
        Where `net` is to run; a mini-batch is split over several. The default
        context unless given (the book: `cpu()`).

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If `data_iter` yields no mini-batch, or labels that are no class numbers.

    Notes
    -----
    The net runs in predict mode, unless this is called inside `autograd.record()` or
    `autograd.train_mode()`.
    Defined in d2l v0.5.0, chapter_convolutional-neural-networks/lenet.md.
    """
    correct, n = count_correct(data_iter, net, ctx)
    if n == 0:
        raise ValueError('data_iter yielded no mini-batch.' + EVERY_PASS)
    return correct / n


def count_correct(data_iter, net, ctx):
    """Return how many examples `net` classifies correctly, and how many there are.

    The parameters are those of `evaluate_accuracy`.

    Returns
    -------
    correct, n : float, int
    """
    ctxs = ctx if isinstance(ctx, (list, tuple)) else [ctx or mx.current_context()]
    if not ctxs:
        raise ValueError('ctx is an empty list; it must name at least one context.')
    pending, n = Pending(), 0
    for X, y in data_iter:
        parts = list(split(X, y, ctxs))
        y_hats = [net(X_part) for X_part, _ in parts]
        check_labels(y_hats, y)
        for y_hat, (_, y_part) in zip(y_hats, parts):
            pending.add(num_correct(y_hat, y_part))
        n += y.size
    (correct,) = pending.sums(1)
    return correct, n


def split(X, y, ctxs):
    """Return the parts of a mini-batch for each of some devices, copied to them."""
    if len(ctxs) == 1:
        return [(X.as_in_context(ctxs[0]), y.as_in_context(ctxs[0]))]
    ctxs = ctxs[: len(X)]  # a last mini-batch may have fewer examples than devices
    return zip(
        gluon.utils.split_and_load(X, ctxs, even_split=False),
        gluon.utils.split_and_load(y, ctxs, even_split=False),
    )


def check_labels(y_hats, y):
    """Refuse labels with which MXNet computes a metric that means nothing.

    It compares labels of shape (n, 1) with all predictions, and takes a label beyond
    the last class for the last class. Only `y` is waited for, not the net.

    Parameters
    ----------
    y_hats : list of NDArray, shape (m, number of classes, ...)
        The scores of the parts of a mini-batch.
    y : NDArray
        The labels of all of it.

    Raises
    ------
    ValueError
        If there are not as many of them as predictions, in the same shape, or one is
        not the number of a class.
    """
    _, num_classes, *rest = y_hats[0].shape
    wanted = (sum(len(y_hat) for y_hat in y_hats), *rest)
    if y.shape != wanted:
        raise ValueError(
            'the labels have the shape %r; for scores of these it must be %r.'
            % (y.shape, wanted)
        )
    labels = y.asnumpy()
    low, high = labels.min(), labels.max()
    if not (low >= 0 and high < num_classes):  # also with nan
        raise ValueError(
            'the labels run from %s to %s; for %d classes they must be from 0 to %d.'
            % (low, high, num_classes, num_classes - 1)
        )


def num_correct(y_hat, y):
    """Return how many of the largest scores are those of the labels, as an NDArray."""
    return (y_hat.argmax(axis=1) == y.astype('float32')).sum()

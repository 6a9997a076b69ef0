"""Training a classifier by mini-batch gradient descent, in the book's words."""

import math
import sys
import time
from typing import List

from d2l_dropout import compat
from d2l_dropout.d2l.evaluation import (
    EVERY_PASS,
    Pending,
    check_labels,
    count_correct,
    num_correct,
    split,
)
from d2l_dropout.metrics import EpochStats

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402


def sgd(params, lr, batch_size):
    """Take one step of mini-batch stochastic gradient descent, in place.

    param <- param - lr * grad / batch_size

    Parameters
    ----------
    params : list of NDArray
        With their gradients computed (`attach_grad`, `backward`).
    lr : float
        Learning rate.
    batch_size : int
        Divides the gradients, which are sums over the mini-batch.

    Raises
    ------
    ValueError
        If `batch_size` is not above 0.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/linear-regression-scratch.md.
    """
    check_batch_size(batch_size)
    for param in params:
        # One operator instead of four; it does not take `mxnet.np` arrays.
        if type(param) is nd.NDArray:
            nd.sgd_update(
                param, param.grad, lr=lr, wd=0, rescale_grad=1 / batch_size, out=param
            )
        else:
            param[:] = param - lr * param.grad / batch_size


_last_epochs: List[EpochStats] = []


def check_batch_size(batch_size):
    """Raise ValueError unless a gradient can be divided by `batch_size`."""
    if not batch_size > 0:
        raise ValueError('batch_size is %r; it must be above 0.' % (batch_size,))


def _check_seen(n, name, epoch):
    if n == 0:
        raise ValueError(
            '%s yielded no mini-batch in epoch %d.' % (name, epoch) + EVERY_PASS
        )


def train_epochs(
    net,
    train_iter,
    test_iter,
    loss,
    num_epochs,
    batch_size,
    params=None,
    lr=None,
    trainer=None,
):
    """Train `net` and yield the metrics of each epoch as it ends.

    Parameters
    ----------
    net : callable
        Returns one score per class. It runs on the context of its parameters.
    train_iter, test_iter : iterable of (X, y)
        Iterated over once per epoch.
    loss : callable
        `loss(y_hat, y)`, one value per example.
    num_epochs, batch_size : int
        `batch_size` divides the gradients, also those of a smaller last mini-batch.
    params : list of NDArray, optional
        Updated by `sgd` with learning rate `lr`, when there is no `trainer`.
    lr : float, optional
    trainer : gluon.Trainer, optional

    Yields
    ------
    EpochStats

    Raises
    ------
    ValueError
        If there is neither a `trainer` nor `params` with `lr`, or an iterable yields
        no mini-batch or labels that are no class numbers, or `batch_size` is not
        above 0.
    """
    check_batch_size(batch_size)
    params = list(params or [])
    if trainer is None and not (params and lr is not None):
        raise ValueError('train_ch3 needs either trainer, or both params and lr.')
    ctx = _context(params, trainer)

    def step():
        if trainer is None:
            sgd(params, lr, batch_size)
        else:
            trainer.step(batch_size)

    finite = True
    for epoch in range(1, num_epochs + 1):
        l_sum, correct, n = train_epoch([net], train_iter, loss, step, [ctx])
        _check_seen(n, 'train_iter', epoch)
        finite = warn_if_not_finite(l_sum, epoch, finite)
        test_correct, test_n = count_correct(test_iter, net, ctx)
        _check_seen(test_n, 'test_iter', epoch)
        yield EpochStats(epoch, l_sum / n, correct / n, test_correct / test_n)


def warn_if_not_finite(loss, epoch, finite):
    """Warn on stderr when the loss stops being finite, and only then.

    Parameters
    ----------
    loss : float
    epoch : int
    finite : bool
        Whether it was finite in all epochs before.

    Returns
    -------
    bool
        Whether it is still finite.
    """
    if finite and not math.isfinite(loss):
        print(
            'The loss is no longer finite (epoch %d): the learning rate is probably '
            'too large.' % epoch,
            file=sys.stderr,
            flush=True,
        )
    return finite and math.isfinite(loss)


def _context(params, trainer):
    """Return the context of the parameters, to which the mini-batches are copied."""
    if trainer is not None:
        contexts = {ctx for param in trainer._params for ctx in param.list_ctx()}
        return contexts.pop() if len(contexts) == 1 else mx.current_context()
    return params[0].context


def train_epoch(nets, train_iter, loss, step, ctxs):
    """Train on each mini-batch once, split over devices.

    Parameters
    ----------
    nets : list of callable
        One per device. A Gluon net is on all of them and is listed once for each.
    train_iter : iterable of (X, y)
    loss : callable
        `loss(y_hat, y)`, one value per example.
    step : callable
        Called without arguments when all gradients of a mini-batch are computed.
    ctxs : list of mxnet.Context
        The devices.

    Returns
    -------
    l_sum, correct, n : float, float, int
        The sum of the losses, how many examples were classified correctly in training
        mode, and how many there were.
    """
    pending, n = Pending(), 0
    for X, y in train_iter:
        parts = list(split(X, y, ctxs))
        with autograd.record():
            y_hats = [net(X_part) for net, (X_part, _) in zip(nets, parts)]
            check_labels(y_hats, y)
            losses = [loss(y_hat, part[1]).sum() for y_hat, part in zip(y_hats, parts)]
        autograd.backward(losses)
        step()
        for l, y_hat, (_, y_part) in zip(losses, y_hats, parts):
            pending.add(l, num_correct(y_hat, y_part))
        n += y.size
    return (*pending.sums(2), n)


def train_ch3(
    net,
    train_iter,
    test_iter,
    loss,
    num_epochs,
    batch_size,
    params=None,
    lr=None,
    trainer=None,
):
    """Train `net` and print one line per epoch.

    `epoch 1, loss 1.1833, train acc 0.543, test acc 0.771`: the mean loss and the
    accuracy in training mode during the epoch, and the accuracy on `test_iter` in
    predict mode after it. A warning appears on stderr if the loss is no longer finite.

    Parameters and exceptions are those of `train_epochs`, which yields the same metrics
    as values; `last_epochs` returns them afterwards.

    Defined in d2l v0.5.0, chapter_deep-learning-basics/softmax-regression-scratch.md.
    """
    _last_epochs.clear()
    for stats in train_epochs(
        net, train_iter, test_iter, loss, num_epochs, batch_size, params, lr, trainer
    ):
        _last_epochs.append(stats)
        print(stats, flush=True)


def last_epochs():
    """Return the metrics of the epochs that `train_ch3` was last called for.

    Returns
    -------
    list of EpochStats
        Of the epochs that are done, not rounded.
    """
    return list(_last_epochs)


def train_ch5(net, train_iter, test_iter, batch_size, trainer, ctx, num_epochs):
    """Train a Gluon net on `ctx` with the softmax cross-entropy loss.

    Prints `training on CTX`, then one line per epoch, that of `train_ch3` and the time.

    Parameters
    ----------
    net : gluon.Block
        Initialised on `ctx`.
    train_iter, test_iter : iterable of (X, y)
    batch_size : int
    trainer : gluon.Trainer
    ctx : mxnet.Context
    num_epochs : int

    Defined in d2l v0.5.0, chapter_convolutional-neural-networks/lenet.md.
    """
    print('training on', ctx, flush=True)
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    start = time.perf_counter()
    for stats in train_epochs(
        net, train_iter, test_iter, loss, num_epochs, batch_size, trainer=trainer
    ):
        now = time.perf_counter()
        print('%s, time %.1f sec' % (stats, now - start), flush=True)
        start = now

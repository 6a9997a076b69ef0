"""The book's own loading and training, as in d2l v0.5.0, as a baseline.

Gluon's DataLoader with four worker processes calls `ToTensor` for each image, and the
training loop waits twice for each mini-batch.
"""

import numpy as np

from d2l_dropout import compat, fashion_mnist

compat.import_mxnet()
from mxnet import autograd, gluon  # noqa: E402
from mxnet.gluon.data.vision import transforms  # noqa: E402

NUM_WORKERS = 4


def load(batch_size):
    """Return `train_iter, test_iter` as the book's `load_data_fashion_mnist` does.

    Parameters
    ----------
    batch_size : int

    Returns
    -------
    train_iter, test_iter : gluon.data.DataLoader

    Source: d2l v0.5.0, chapter_deep-learning-basics/softmax-regression-scratch.md.
    """
    data = fashion_mnist.load()
    to_tensor = transforms.ToTensor()
    sets = [
        gluon.data.ArrayDataset(images[..., np.newaxis], labels.astype('int32'))
        for images, labels in (
            (data.train_images, data.train_labels),
            (data.test_images, data.test_labels),
        )
    ]
    return tuple(
        gluon.data.DataLoader(
            dataset.transform_first(_Transform(to_tensor)),
            batch_size,
            shuffle=shuffle,
            num_workers=NUM_WORKERS,
        )
        for dataset, shuffle in zip(sets, (True, False))
    )


class _Transform:
    """`ToTensor` applied to an NDArray per image, as Gluon's own data set gives it.

    It must be picklable, for the worker processes of the DataLoader.
    """

    def __init__(self, to_tensor):
        self._to_tensor = to_tensor

    def __call__(self, image):
        from mxnet import nd

        return self._to_tensor(nd.array(image, dtype='uint8'))


def train_epoch(net, train_iter, test_iter, batch_size, params=None, trainer=None):
    """Train for one epoch with learning rate 0.5 and test, as the book's `train_ch3`.

    Parameters
    ----------
    net : callable
    train_iter, test_iter : iterable of (X, y)
    batch_size : int
    params : list of NDArray, optional
        The parameters of the scratch net.
    trainer : gluon.Trainer, optional
        That of the Gluon net.

    Returns
    -------
    loss, train_acc, test_acc : float

    Source: d2l v0.5.0, d2l/utils.py:667.
    """
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    l_sum, correct, n = 0.0, 0.0, 0
    for X, y in train_iter:
        with autograd.record():
            y_hat = net(X)
            l = loss(y_hat, y).sum()
        l.backward()
        if trainer is None:
            for param in params:
                param[:] = param - 0.5 * param.grad / batch_size
        else:
            trainer.step(batch_size)
        y = y.astype('float32')
        l_sum += l.asscalar()
        correct += (y_hat.argmax(axis=1) == y).sum().asscalar()
        n += y.size
    test_correct, test_n = 0.0, 0
    for X, y in test_iter:
        y = y.astype('float32')
        test_correct += (net(X).argmax(axis=1) == y).sum().asscalar()
        test_n += y.size
    return l_sum / n, correct / n, test_correct / test_n

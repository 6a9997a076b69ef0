"""The data of a run and its mini-batches, with noise on the images, as RunSpec says."""

import os
from typing import NamedTuple

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.d2l.data import MiniBatches
from d2l_dropout.models import noises
from d2l_dropout.runs.splits import split

compat.import_mxnet()
from mxnet import nd  # noqa: E402

# In predict mode the batch size affects speed only, not the result.
_TEST_BATCH_SIZE = 256


class Shard(NamedTuple):
    """The share of the training examples that one worker trains on.

    Worker `rank` gets every `num_workers`-th example, starting with example `rank`. All
    shards have the same size, so that all workers take the same number of steps; up to
    num_workers - 1 examples are left out. Without shuffling, the k-th mini-batches of
    all workers together are the k-th mini-batch of a single process.

    Attributes
    ----------
    rank : int
        From 0 to num_workers - 1.
    num_workers : int
    """

    rank: int
    num_workers: int


WHOLE = Shard(0, 1)


def load(spec, data=None):
    """Return the data that a specification names.

    Parameters
    ----------
    spec : RunSpec
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given.

    Returns
    -------
    fashion_mnist.FashionMNIST

    Raises
    ------
    ValueError
        If the data are not those that `spec` names.
    fashion_mnist.DataError
        If the data cannot be loaded.
    """
    # D2L_DATA takes precedence over `spec`, and the revision is checked afterwards: a
    # user who has set it should not be given other data without a word.
    asked = os.environ.get('D2L_DATA') or spec.revision not in fashion_mnist.REVISIONS
    data = data or fashion_mnist.load(None if asked else spec.revision)
    if data.revision != spec.revision:
        raise ValueError(
            f'the data are of revision {data.revision}; the run asks for '
            f'{spec.revision}. Point D2L_DATA to data of that revision.'
        )
    if spec.data_digest not in (None, data.digest):
        raise ValueError(
            f'the {data.revision} data here have the SHA-256 {data.digest[:12]}..., '
            f'those of the run {spec.data_digest[:12]}.... '
            'Point D2L_DATA to the latter.'
        )
    return data


def mini_batches(spec, data, shard=WHOLE, noise=None):
    """Return the mini-batches for training and those for evaluation.

    Parameters
    ----------
    spec : RunSpec
    data : fashion_mnist.FashionMNIST
    shard : Shard
        By default all of the training examples.
    noise : callable, optional
        In place of the noise that `spec` names.

    Returns
    -------
    train_iter, test_iter : iterable of (X, y)

    Raises
    ------
    ValueError
        If there are fewer training examples than `spec.num_examples`.
    """
    train, test = split(spec, data)
    num_all = len(train[1]) // shard.num_workers * shard.num_workers
    train = [array[:num_all][shard.rank :: shard.num_workers] for array in train]
    train_iter = MiniBatches(*train, spec.batch_size, shuffle=spec.shuffle)
    return (
        _with_input_noise(spec, train_iter, noise or spec.noise),
        MiniBatches(*test, max(spec.batch_size, _TEST_BATCH_SIZE), shuffle=False),
    )


def _with_input_noise(spec, train_iter, noise):
    if spec.input_noise:

        def add(X):
            return X + nd.random.normal(0, spec.input_noise, X.shape, ctx=X.context)

        train_iter = _Noisy(train_iter, add)
    if spec.input_drop_prob:
        function = noises.function(noise)
        train_iter = _Noisy(train_iter, lambda X: function(X, spec.input_drop_prob))
    return train_iter


class _Noisy:
    """Mini-batches with noise on the images, drawn anew in each epoch."""

    def __init__(self, data_iter, noise):
        self.data_iter, self.noise = data_iter, noise
        self.labels = data_iter.labels

    def __len__(self):
        return len(self.data_iter)

    def __iter__(self):
        for X, y in self.data_iter:
            yield self.noise(X), y


def without_noise(data_iter):
    """Return the mini-batches of `mini_batches` without the noise on the images.

    Parameters
    ----------
    data_iter : iterable of (X, y)
        The `train_iter` that `mini_batches` returns.

    Returns
    -------
    MiniBatches
    """
    while isinstance(data_iter, _Noisy):
        data_iter = data_iter.data_iter
    return data_iter

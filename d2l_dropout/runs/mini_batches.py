"""The training and test mini-batches of a run, as its RunSpec defines them."""

import os
from typing import NamedTuple

import numpy as np

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.d2l.data import MiniBatches
from d2l_dropout.models import noises

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
    train, test = (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    )
    if spec.resplit:
        train, test = stratified_split(train, test, np.random.RandomState(spec.seed))
    if spec.test_on == 'validation':
        num_held_out = len(train[1]) // 6
        test = [array[-num_held_out:] for array in train]
        train = [array[:-num_held_out] for array in train]
    if spec.num_examples is not None:
        if spec.num_examples > len(train[1]):
            raise ValueError(
                f'num_examples is {spec.num_examples}; the training set has '
                f'{len(train[1])} examples.'
            )
        chosen = _subset(spec, train[1])
        train = [array[chosen] for array in train]
    if spec.labels == 'permuted':
        train = train[0], np.random.RandomState(spec.seed).permutation(train[1])
    num_all = len(train[1]) // shard.num_workers * shard.num_workers
    train = [array[:num_all][shard.rank :: shard.num_workers] for array in train]
    train_iter = MiniBatches(*train, spec.batch_size, shuffle=spec.shuffle)
    return (
        _with_input_noise(spec, train_iter, noise or spec.noise),
        MiniBatches(*test, max(spec.batch_size, _TEST_BATCH_SIZE), shuffle=False),
    )


def _subset(spec, labels):
    """Return the slice or the indices of the training examples that are used."""
    if spec.subset == 'first':
        return slice(spec.num_examples)
    # A stream of its own: RandomState(spec.seed) would be the one that shuffles.
    rng = np.random.RandomState([spec.seed, 1])
    order = rng.permutation(len(labels))
    labels = labels[order]
    # Sorted by rank within the class, the first k are stratified, whatever k is.
    share = _rank_in_class(labels) / np.bincount(labels)[labels]
    return order[np.argsort(share, kind='stable')[: spec.num_examples]]


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


def stratified_split(train, test, rng):
    """Pool two sets and split them again at random, stratified by class.

    Parameters
    ----------
    train, test : (ndarray, ndarray)
        Images and labels.
    rng : numpy.random.RandomState

    Returns
    -------
    train, test : (ndarray, ndarray)
        Each has as many examples of each class as before, in random order.
    """
    images, labels = (np.concatenate(pair) for pair in zip(train, test))
    num_train = np.bincount(train[1], minlength=labels.max() + 1)
    order = rng.permutation(len(labels))
    # The first num_train[class] of each class, in the random order, are for training.
    in_train = _rank_in_class(labels[order]) < num_train[labels[order]]
    parts = order[in_train], order[~in_train]
    return tuple((images[part], labels[part]) for part in parts)


def _rank_in_class(labels):
    """Return how many examples of the same class come before each example."""
    rank = np.empty(len(labels), dtype=int)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        rank[places] = np.arange(len(places))
    return rank

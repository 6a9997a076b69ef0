"""The examples that a run trains on and is tested on, as its RunSpec says."""

import os
from typing import NamedTuple

import numpy as np

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.d2l.data import MiniBatches

compat.import_mxnet()
from mxnet import nd  # noqa: E402

# In predict mode the size of a mini-batch decides nothing but how long it takes.
_TEST_BATCH_SIZE = 256


class Shard(NamedTuple):
    """Which of the training examples a worker has.

    Those of `num_workers` workers are equally many, so that all take the same number
    of steps: up to num_workers - 1 examples are left out. Unshuffled, the k-th
    mini-batches of all workers together are the k-th mini-batch of a single process.

    Attributes
    ----------
    rank : int
        From 0.
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
        If the data here are not of the revision that `spec` names.
    fashion_mnist.DataError
        If they cannot be loaded.
    """
    # What the user asks for comes first, and is then set against what `spec` says.
    asked = os.environ.get('D2L_DATA') or spec.revision not in fashion_mnist.REVISIONS
    data = data or fashion_mnist.load(None if asked else spec.revision)
    if data.revision != spec.revision:
        raise ValueError(
            f'the data are of revision {data.revision}; the run asks for '
            f'{spec.revision}.'
        )
    return data


def mini_batches(spec, data, shard=WHOLE):
    """Return what `spec` trains on and what it tests on.

    Parameters
    ----------
    spec : RunSpec
    data : fashion_mnist.FashionMNIST
    shard : Shard
        All of the training examples unless given.

    Returns
    -------
    train_iter, test_iter : iterable of (X, y)

    Raises
    ------
    ValueError
        If there are fewer than `num_examples` to train on.
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
                f'{len(train[1])}.'
            )
        train = [array[: spec.num_examples] for array in train]
    if spec.labels == 'permuted':
        train = train[0], np.random.RandomState(spec.seed).permutation(train[1])
    num_all = len(train[1]) // shard.num_workers * shard.num_workers
    train = [array[:num_all][shard.rank :: shard.num_workers] for array in train]
    train_iter = MiniBatches(*train, spec.batch_size, shuffle=spec.shuffle)
    return (
        _Noisy(train_iter, spec.input_noise) if spec.input_noise else train_iter,
        MiniBatches(*test, max(spec.batch_size, _TEST_BATCH_SIZE), shuffle=False),
    )


class _Noisy:
    """Mini-batches with new Gaussian noise on each pixel at each pass."""

    def __init__(self, data_iter, sigma):
        self.data_iter, self.sigma = data_iter, sigma
        self.labels = data_iter.labels

    def __len__(self):
        return len(self.data_iter)

    def __iter__(self):
        for X, y in self.data_iter:
            yield X + nd.random.normal(0, self.sigma, X.shape, ctx=X.context), y


def stratified_split(train, test, rng):
    """Pool two sets and split them anew, each class in its former proportions.

    Parameters
    ----------
    train, test : (ndarray, ndarray)
        Images and labels.
    rng : numpy.random.RandomState

    Returns
    -------
    train, test : (ndarray, ndarray)
        As many of each class as before, in random order.
    """
    images, labels = (np.concatenate(pair) for pair in zip(train, test))
    num_train = np.bincount(train[1], minlength=labels.max() + 1)
    order = rng.permutation(len(labels))
    # How many of the same class come before each example in this order.
    rank = np.empty(len(labels), dtype=int)
    for label in np.unique(labels):
        places = np.flatnonzero(labels[order] == label)
        rank[places] = np.arange(len(places))
    in_train = rank < num_train[labels[order]]
    parts = order[in_train], order[~in_train]
    return tuple((images[part], labels[part]) for part in parts)

"""The training and test examples of a run: splits, subsets and permuted labels."""

import numpy as np


def split(spec, data):
    """Return the training examples and those that evaluate, as a RunSpec says.

    Parameters
    ----------
    spec : RunSpec
        Its `resplit`, `test_on`, `num_examples`, `subset` and `labels` count, in this
        order, and its `seed` for all that is drawn.
    data : fashion_mnist.FashionMNIST

    Returns
    -------
    train, test : (ndarray, ndarray)
        Images and labels. The validation data, if `test_on` asks for them, are the last
        sixth of the training set and are not trained on.

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
    return train, test


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

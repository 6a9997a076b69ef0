"""One seeded training run: its specification, its result, and how to run it.

`python -m d2l_dropout.runs.run` runs the specification given as JSON on standard input
and prints the result as JSON: `sweep` starts one such process for each run.
"""

import hashlib
import os
import random
import sys
import threading
import time

import numpy as np

from d2l_dropout import compat, environment, fashion_mnist
from d2l_dropout.d2l import train_epochs
from d2l_dropout.d2l.data import MiniBatches
from d2l_dropout.dropout import dropout, unscaled_dropout
from d2l_dropout.nets import ScratchMLP, gluon_mlp
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec

mx = compat.import_mxnet()
from mxnet import autograd, gluon  # noqa: E402

_NOISES = {'dropout': dropout, 'unscaled': unscaled_dropout}


def run(spec, data=None):
    """Train as `spec` says.

    Parameters
    ----------
    spec : RunSpec
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given.

    Returns
    -------
    RunResult
        The same bits for the same `spec`, in any process, at the same thread count.

    Raises
    ------
    ValueError
        If the data here are not of the revision that `spec` names, or fewer than
        `num_examples`.
    fashion_mnist.DataError
        If they cannot be loaded.
    """
    data = data or _load(spec)
    if data.revision != spec.revision:
        raise ValueError(
            f'the data are of revision {data.revision}; the run asks for '
            f'{spec.revision}.'
        )
    random.seed(spec.seed)
    np.random.seed(spec.seed)
    mx.random.seed(spec.seed)
    train_iter, test_iter = _mini_batches(spec, data)
    net, params, how = _net(spec)
    start = time.perf_counter()
    epochs = list(
        train_epochs(
            _always_training(net) if spec.dropout_at_test else net,
            train_iter,
            test_iter,
            gluon.loss.SoftmaxCrossEntropyLoss(),
            spec.num_epochs,
            spec.batch_size,
            **how,
        )
    )
    seconds = time.perf_counter() - start
    return RunResult(
        spec,
        epochs,
        round(seconds, 2),
        _digest(params()),
        environment.num_threads(),
        environment.versions(),
        environment.machine(),
    )


def _load(spec):
    # What the user asks for comes first, and `run` checks that it is what `spec` says.
    asked = os.environ.get('D2L_DATA') or spec.revision not in fashion_mnist.REVISIONS
    return fashion_mnist.load(None if asked else spec.revision)


def _mini_batches(spec, data):
    train, test = (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    )
    if spec.resplit:
        train, test = stratified_split(train, test, np.random.RandomState(spec.seed))
    if spec.num_examples is not None:
        if spec.num_examples > len(train[1]):
            raise ValueError(
                f'num_examples is {spec.num_examples}; the training set has '
                f'{len(train[1])}.'
            )
        train = [array[: spec.num_examples] for array in train]
    return (
        MiniBatches(*train, spec.batch_size, shuffle=True),
        MiniBatches(*test, spec.batch_size, shuffle=False),
    )


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


def _net(spec):
    """Return the net, a function that gives its parameters, and how to train it."""
    sizes = {
        'num_hiddens1': spec.num_hiddens1,
        'num_hiddens2': spec.num_hiddens2,
        'drop_prob1': spec.drop_prob1,
        'drop_prob2': spec.drop_prob2,
    }
    if spec.model == 'scratch':
        net = ScratchMLP(**sizes, noise=_NOISES[spec.noise])
        return net, lambda: net.params, {'params': net.params, 'lr': spec.lr}
    net = gluon_mlp(**sizes)
    settings = {'learning_rate': spec.lr, 'wd': spec.wd}
    trainer = gluon.Trainer(net.collect_params(), 'sgd', settings)
    return (
        net,
        lambda: [p.data() for p in net.collect_params().values()],
        {'trainer': trainer},
    )


def _always_training(net):
    def in_training_mode(X):
        with autograd.train_mode():
            return net(X)

    return in_training_mode


def _digest(params):
    sha = hashlib.sha256()
    for param in params:
        sha.update(param.asnumpy().tobytes())
    return sha.hexdigest()


def _end_with_parent():
    """End this process when standard input closes: whoever started it is gone."""
    sys.stdin.read()
    os._exit(1)


def _main():
    try:
        spec = RunSpec.from_json(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        print(run(spec).to_json(), flush=True)
    except (ValueError, OSError) as error:
        sys.exit(f'{type(error).__name__}: {error}'.splitlines()[0])
    os._exit(0)  # at once, with the thread still waiting


if __name__ == '__main__':
    _main()

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
from d2l_dropout.dropconnect import DropConnectMLP, gluon_dropconnect_mlp
from d2l_dropout.dropout import (
    dropout,
    gaussian_dropout,
    three_valued_dropout,
    unscaled_dropout,
)
from d2l_dropout.nets import ScratchMLP, gluon_mlp
from d2l_dropout.runs.examples import mini_batches
from d2l_dropout.runs.measures import measure
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec

mx = compat.import_mxnet()
from mxnet import autograd, gluon  # noqa: E402

_NOISES = {
    'dropout': dropout,
    'unscaled': unscaled_dropout,
    'three_valued': three_valued_dropout,
    'gaussian': gaussian_dropout,
}


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
    train_iter, test_iter = mini_batches(spec, data)
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
        measure(spec, _in_scratch_layout(spec, params()), train_iter, test_iter),
    )


def _in_scratch_layout(spec, params):
    """Return W1, b1, ..., b3 with each weight as (in, out), whichever the net."""
    if spec.model == 'scratch':
        return params
    return [param.T if param.ndim == 2 else param for param in params]


def _load(spec):
    # What the user asks for comes first, and `run` checks that it is what `spec` says.
    asked = os.environ.get('D2L_DATA') or spec.revision not in fashion_mnist.REVISIONS
    return fashion_mnist.load(None if asked else spec.revision)


def _net(spec):
    """Return the net, a function that gives its parameters, and how to train it."""
    sizes = {
        'num_hiddens1': spec.num_hiddens1,
        'num_hiddens2': spec.num_hiddens2,
        'drop_prob1': spec.drop_prob1,
        'drop_prob2': spec.drop_prob2,
    }
    dropconnect = spec.noise == 'dropconnect'
    if spec.model == 'scratch':
        if dropconnect:
            net = DropConnectMLP(**sizes)
        else:
            net = ScratchMLP(**sizes, noise=_NOISES[spec.noise])
        return net, lambda: net.params, {'params': net.params, 'lr': spec.lr}
    net = (gluon_dropconnect_mlp if dropconnect else gluon_mlp)(**sizes)
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

"""One seeded training run: its specification, its result, and how to run it.

`python -m d2l_dropout.runs.run` runs the specification given as JSON on standard input
and prints the result as JSON: `sweep` starts one such process for each run.
"""

import os
import sys
import threading
import time

from d2l_dropout import compat
from d2l_dropout.compat import environment
from d2l_dropout.d2l import train_epochs
from d2l_dropout.runs.build import (
    as_tested,
    digest,
    in_scratch_layout,
    make_net,
    parameters,
    seed_all,
)
from d2l_dropout.runs.measures import measure
from d2l_dropout.runs.mini_batches import load, mini_batches
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec

compat.import_mxnet()
from mxnet import gluon  # noqa: E402


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
    data = load(spec, data)
    seed_all(spec.seed)
    train_iter, test_iter = mini_batches(spec, data)
    net = make_net(spec)
    start = time.perf_counter()
    epochs = list(
        train_epochs(
            as_tested(spec, net),
            train_iter,
            test_iter,
            gluon.loss.SoftmaxCrossEntropyLoss(),
            spec.num_epochs,
            spec.batch_size,
            **_how_to_train(spec, net),
        )
    )
    seconds = time.perf_counter() - start
    return RunResult(
        spec,
        epochs,
        round(seconds, 2),
        digest(parameters(net)),
        environment.num_threads(),
        environment.versions(),
        environment.machine(),
        measure(spec, in_scratch_layout(spec, parameters(net)), train_iter, test_iter),
    )


def _how_to_train(spec, net):
    if spec.model == 'scratch':
        return {'params': net.params, 'lr': spec.lr}
    settings = {'learning_rate': spec.lr, 'wd': spec.wd}
    return {'trainer': gluon.Trainer(net.collect_params(), 'sgd', settings)}


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

"""One seeded training run: its specification, its result, and how to run it.

`python -m d2l_dropout.runs.run` runs the specification given as JSON on standard input
and prints the result as JSON: `sweep` starts one such process for each run.
"""

import os
import sys
import threading
import time

from d2l_dropout.compat import environment
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.training import Training


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
    training = Training(spec, data=data)
    start = time.perf_counter()
    epochs = list(training.epochs())
    seconds = time.perf_counter() - start
    return RunResult(
        spec,
        epochs,
        round(seconds, 2),
        training.model.digest(),
        environment.num_threads(),
        environment.versions(),
        environment.machine(),
        training.measure(),
    )


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

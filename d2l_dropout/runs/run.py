"""One seeded training run, from its specification to its result.

`python -m d2l_dropout.runs.run` reads a specification as JSON from the first line of
standard input, runs it and prints the result as JSON. `sweep` starts one such process
for each run. The second line is empty, or a noise function as `OwnNoise.to_line` writes
it.
"""

import contextlib
import os
import sys
import threading
import time

from d2l_dropout.compat import environment
from d2l_dropout.runs import own_noise
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.training import Training


def run(spec, data=None, noise=None):
    """Train with the settings of `spec`.

    Parameters
    ----------
    spec : RunSpec
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given.
    noise : callable, optional
        `noise(H, drop_prob)` in place of the noise that `spec` names.

    Returns
    -------
    RunResult
        Bit for bit the same for the same `spec`, number of threads, machine and
        versions, in whatever process; `seconds` alone varies.

    Raises
    ------
    ValueError
        If the data are not of the revision that `spec` names, or have fewer training
        examples than `num_examples`.
    fashion_mnist.DataError
        If the data cannot be loaded.
    """
    training = Training(spec, data=data, noise=noise)
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
    """End this process when standard input closes, which means the parent has died."""
    sys.stdin.read()
    os._exit(1)


def _main():
    try:
        spec = RunSpec.from_json(sys.stdin.readline())
        noise = own_noise.from_line(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        with contextlib.redirect_stdout(sys.stderr):  # what a reader's noise prints
            result = run(spec, noise=noise)
        print(result.to_json(), flush=True)
    except (ValueError, OSError) as error:
        message = f'{type(error).__name__}: {error}'.splitlines()[0]
        print(message, file=sys.stderr, flush=True)
        os._exit(1)
    # Skip the interpreter's shutdown, here and above: the thread still blocks on
    # standard input, and MXNet's engine may abort with a message of its own.
    os._exit(0)


if __name__ == '__main__':
    _main()

"""One seeded training run, from its specification to its result.

`python -m d2l_dropout.runs.run` is a worker of a sweep. The first line of its standard
input is empty, or a noise function as `OwnNoise.to_line` writes it. Each further line
is a specification as JSON, which it runs; it prints the result, or why there is none,
as a line of JSON. It ends when standard input does.
"""

import contextlib
import os
import queue
import sys
import threading
import time

from d2l_dropout.compat import environment
from d2l_dropout.runs import own_noise
from d2l_dropout.runs.mini_batches import load
from d2l_dropout.runs.result import RunFailure, RunResult
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


def _read(lines):
    """Put the lines of standard input in a queue; end this process after the last.

    Standard input closes when the sweep is done with this worker, and when it dies: no
    worker outlives a `kill -9`, not even in the middle of a run.
    """
    for line in sys.stdin:
        lines.put(line)
    # Not through the interpreter's shutdown, where MXNet's engine may abort with a
    # message of its own.
    os._exit(0)


def _run_or_say_why_not(spec, data, noise):
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what a reader's noise prints
            if spec.revision not in data:
                data[spec.revision] = load(spec)
            return run(spec, data[spec.revision], noise)
    except (ValueError, OSError) as error:
        message = f'{type(error).__name__}: {error}'.splitlines()[0]
        return RunFailure(spec, message)


def _main():
    lines = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    noise = own_noise.from_line(lines.get())
    data = {}  # by revision: what was loaded for one run serves the next
    while True:
        spec = RunSpec.from_json(lines.get())
        result = _run_or_say_why_not(spec, data, noise)
        print(result.to_json(), flush=True)


if __name__ == '__main__':
    _main()

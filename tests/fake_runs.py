"""Results of runs that nobody ran: the book's figures with noise of a known size."""

import numpy as np

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.result import RunResult

SD = (0.01, 0.002, 0.005)


def result(spec, shift=(0.0, 0.0, 0.0), sd=SD):
    """What `spec` might have given: the book's figures, shifted, with noise."""
    rng = np.random.RandomState(spec.seed + 1000 * spec.resplit)
    epochs = [
        EpochStats(printed.epoch, *(printed[1:] + np.array(shift) + rng.randn(3) * sd))
        for printed in EPOCHS[spec.model][: spec.num_epochs]
    ]
    measured = {name: 0.5 for name in spec.measures()} or None
    about = 1.0, 'ab', 1, {'MXNet': '1.9.1'}, 'a <machine>'
    return RunResult(spec, epochs, *about, measured)

"""How far the learning curves of a right port may lie from those of our runs.

What is looked at are the metrics of each epoch, and averages over the later half of the
epochs, whose tails are lighter. Student's t presumes normal draws, and runs are not: in
two of eighty the loss stalls for an epoch or two, at many standard deviations. So the
largest deviation of all is compared with what it is where nothing is wrong: in our own
runs, each left out in turn and set against the others. No distribution is presumed,
only that one more run of a right port is like one of ours.

Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005),
chapter 2 (conformal prediction); Lei et al., JASA 113 (2018), for the deviations.
"""

import functools
from typing import NamedTuple, Tuple

import numpy as np

from d2l_dropout.intervals import LEVEL
from d2l_dropout.metrics import DECIMALS, LABELS, as_array
from d2l_dropout.runs import shipped
from d2l_dropout.runs.spec import MODELS

#: The averages over the later half of the epochs, and what they are called: weights of
#: loss, train acc and test acc. In the last one the ups and downs of a run cancel, for
#: train acc falls by a third of what the loss rises.
AVERAGES = {
    **{name: tuple(float(other == name) for other in DECIMALS) for name in DECIMALS},
    'test_acc - train_acc': (0.0, -1.0, 1.0),
    'train_acc + loss / 3': (1 / 3, 1.0, 0.0),
}
AVERAGE_LABELS = {**LABELS, **{name: name.replace('_', ' ') for name in AVERAGES}}
#: The limits of single epochs, in standard deviations, are so many times as wide as
#: those of averages: they then cost the averages hardly any power.
_WIDER = 2.0
#: More runs than these are judged as if they were so many: ours are few.
MOST_RUNS = 10
_NUM_DRAWS = 300


class Values(NamedTuple):
    """What is compared of one or several runs.

    Attributes
    ----------
    epochs : ndarray, shape (..., epochs, 3)
    averages : ndarray, shape (..., len(AVERAGES))
        Over the later half of the epochs.
    """

    epochs: np.ndarray
    averages: np.ndarray


def late_epochs(num_epochs: int) -> Tuple[int, int]:
    """Return the first and the last epoch of the averages.

    Parameters
    ----------
    num_epochs : int >= 2
    """
    return num_epochs // 2 + 1, num_epochs


def averages(runs):
    """Return the averages of each run.

    Parameters
    ----------
    runs : ndarray, shape (runs, epochs, 3)

    Returns
    -------
    ndarray, shape (runs, len(AVERAGES))
    """
    first, _ = late_epochs(runs.shape[1])
    return runs[:, first - 1 :].mean(axis=1) @ np.array(list(AVERAGES.values())).T


def center(runs) -> Values:
    """Return what is compared of several runs of a port, together.

    Parameters
    ----------
    runs : ndarray, shape (runs, epochs, 3)

    Returns
    -------
    Values
        Medians of the epochs, in which one run that stalled does not show; means of the
        averages.
    """
    return Values(np.median(runs, axis=0), averages(runs).mean(axis=0))


@functools.lru_cache(maxsize=None)
def reference(on_fresh_splits, num_epochs):
    """Return the shipped runs that a port is compared with.

    Both nets' are: they compute the same function, from initial values and masks of the
    same distributions.

    Parameters
    ----------
    on_fresh_splits : bool
    num_epochs : int from 1 to 10

    Returns
    -------
    ndarray, shape (runs, epochs, 3)
        Read-only.
    """
    kept = [run for model in MODELS for run in shipped.results(model, on_fresh_splits)]
    runs = as_array([run.epochs[:num_epochs] for run in kept])
    runs.setflags(write=False)
    return runs


def half_widths(ours, num_runs, factor) -> Values:
    """Return the half widths of the limits around the mean of our runs.

    Parameters
    ----------
    ours : ndarray, shape (runs, epochs, 3)
    num_runs : int >= 1
        Of the port.
    factor : float
        How many standard deviations, as `calibrated` returns it.

    Returns
    -------
    Values
        factor s sqrt(1 / num_runs + 1 / len(ours)), and twice that for single epochs.
    """
    each = factor * np.sqrt(1 / min(num_runs, MOST_RUNS) + 1 / len(ours))
    spread = averages(ours).std(axis=0, ddof=1)
    return Values(_WIDER * each * ours.std(axis=0, ddof=1), each * spread)


def deviation(theirs, ours):
    """Return the largest deviation of runs from others.

    Parameters
    ----------
    theirs, ours : ndarray, shapes (n, epochs, 3) and (m, epochs, 3)

    Returns
    -------
    float
        The factor of `half_widths` at which the first limit would touch.
    """
    widths, found = half_widths(ours, len(theirs), 1), center(theirs)
    gaps = (
        found.epochs - ours.mean(axis=0),
        found.averages - averages(ours).mean(axis=0),
    )
    return max(float(abs(gap / width).max()) for gap, width in zip(gaps, widths))


@functools.lru_cache(maxsize=None)
def calibrated(num_runs, num_epochs, level=LEVEL):
    """Return the factor of `half_widths` that right ports stay within.

    Parameters
    ----------
    num_runs : int >= 1
    num_epochs : int from 2 to 10
    level : float in (0, 1)
        The share of right ports that do. It is reached exactly, whatever the
        distribution, for one run of a port.

    Returns
    -------
    float
    """
    num_runs = min(num_runs, MOST_RUNS)
    found = []
    for on_fresh_splits in (False, True):
        ours = reference(on_fresh_splits, num_epochs)
        for chosen in _left_out(len(ours), num_runs):
            found.append(deviation(ours[chosen], np.delete(ours, chosen, axis=0)))
    rank = int(np.floor((1 - level) * (len(found) + 1)))
    return sorted(found)[-rank]


def _left_out(num_ours, num_runs):
    """Return which of our runs take the place of a port: each, or draws of several."""
    if num_runs == 1:
        return [[i] for i in range(num_ours)]
    rng = np.random.RandomState(num_runs)
    return [rng.permutation(num_ours)[:num_runs] for _ in range(_NUM_DRAWS)]

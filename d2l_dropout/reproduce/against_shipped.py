"""Runs against the runs that ship with this package: is it the same code?

The book is one draw, and a fault that moves a figure by less than draws scatter cannot
be seen against it with any number of seeds. Against twenty seeded runs it can.
"""

from dataclasses import dataclass
from typing import Dict, List, Sequence

import numpy as np

from d2l_dropout.metrics import DECIMALS, EpochStats, as_array
from d2l_dropout.reproduce.comparison import LEVEL, late_average, t_quantile

_PARTS = 2  # plain and control share a level


@dataclass(frozen=True)
class Difference:
    """A late average of these runs minus that of the shipped ones.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
    figure : 'loss', 'train_acc' or 'test_acc'
    here, shipped : float
        Means over the runs.
    low, high : float
        Limits of the true difference.
    """

    model: str
    figure: str
    here: float
    shipped: float
    low: float
    high: float

    @property
    def none(self):
        """Whether there may be no difference: zero lies within the limits."""
        return self.low <= 0 <= self.high


def differences(
    runs: Dict[str, Sequence[Sequence[EpochStats]]],
    shipped: Dict[str, Sequence[Sequence[EpochStats]]],
    level: float = LEVEL,
) -> List[Difference]:
    """Compare the late averages of two sets of runs.

    Parameters
    ----------
    runs, shipped : dict of str to sequence of runs
        By model; at least two runs each. Of the shipped ones the first epochs count.
    level : float in (0, 1)
        Probability that all limits of two such comparisons, plain and control,
        together hold the true differences, if the runs are other draws than the
        shipped ones.

    Returns
    -------
    list of Difference
        By model and figure; empty for one epoch, which has no late average.
    """
    found = []
    for model, epochs in runs.items():
        ours = as_array(epochs)
        if ours.shape[1] < 2:
            return []
        theirs = as_array(shipped[model])[:, : ours.shape[1]]
        ours, theirs = (late_average(array)[:, 0] for array in (ours, theirs))
        half = half_widths(ours, theirs, _PARTS * 3 * len(runs), level)
        means = ours.mean(axis=0), theirs.mean(axis=0)
        gap = means[0] - means[1]
        for j, figure in enumerate(DECIMALS):
            cells = (float(a[j]) for a in (*means, gap - half, gap + half))
            found.append(Difference(model, figure, *cells))
    return found


def half_widths(ours, theirs, num_looks, level=LEVEL):
    """Return half the widths of the intervals for differences of means.

    t s sqrt(1/n1 + 1/n2), s pooled: runs of the same code have the same spread, so
    that the level is exact for them.

    Parameters
    ----------
    ours, theirs : ndarray, shape (n, ...)
        At least two runs each.
    num_looks : int >= 1
        How many intervals share 1 - level (Bonferroni).
    level : float in (0, 1)

    Returns
    -------
    ndarray, shape (...)

    Source: Student's t test for two samples.
    """
    sizes = np.array([len(ours), len(theirs)])
    freedom = sizes.sum() - 2
    squares = sum(a.var(axis=0) * len(a) for a in (ours, theirs))
    error = np.sqrt(squares / freedom * (1 / sizes).sum())
    return t_quantile(freedom, num_looks, level) * error

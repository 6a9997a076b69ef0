"""Runs against the runs that ship with this package: do they come from the same code?

The book is one run. A fault that moves a metric by less than runs scatter cannot be
seen against it, however many seeds are run here; against twenty shipped runs it can.
"""

from dataclasses import dataclass
from typing import Dict, List, Sequence

from d2l_dropout.intervals import LEVEL, pooled_difference
from d2l_dropout.metrics import DECIMALS, EpochStats, as_array
from d2l_dropout.reproduce.comparison import late_average

# The official split and the control are both compared, and share a level.
_NUM_GROUPS = 2


@dataclass(frozen=True)
class Difference:
    """A late average of these runs minus that of the shipped ones.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
    metric : 'loss', 'train_acc' or 'test_acc'
    here, shipped : float
        Means over the runs.
    low, high : float
        Limits of the true difference.
    """

    model: str
    metric: str
    here: float
    shipped: float
    low: float
    high: float

    @property
    def excludes_zero(self):
        """Whether the runs differ by more than chance explains."""
        return not self.low <= 0 <= self.high


def differences(
    runs: Dict[str, Sequence[Sequence[EpochStats]]],
    shipped: Dict[str, Sequence[Sequence[EpochStats]]],
    level: float = LEVEL,
) -> List[Difference]:
    """Compare the late averages of two sets of runs.

    Parameters
    ----------
    runs, shipped : dict of str to sequence of runs
        By model; at least two runs each. Of the shipped ones, as many epochs are used
        as `runs` has.
    level : float in (0, 1)
        Probability that all limits of two such comparisons, that of the official split
        and that of the control, together hold the true differences. It presumes that
        none of `runs` is among the shipped ones.

    Returns
    -------
    list of Difference
        By model and metric; empty for one epoch, which has no late average.
    """
    found = []
    for model, epochs in runs.items():
        ours = as_array(epochs)
        if ours.shape[1] < 2:
            return []
        theirs = as_array(shipped[model])[:, : ours.shape[1]]
        ours, theirs = (late_average(array)[:, 0] for array in (ours, theirs))
        num_intervals = _NUM_GROUPS * 3 * len(runs)
        gap = pooled_difference(ours, theirs, num_intervals, level)
        arrays = ours.mean(axis=0), theirs.mean(axis=0), gap.low, gap.high
        for j, metric in enumerate(DECIMALS):
            found.append(Difference(model, metric, *(float(a[j]) for a in arrays)))
    return found

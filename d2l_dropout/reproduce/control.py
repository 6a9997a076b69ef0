"""What the control can show, and what it presumes.

It stands in for the book's data by splitting the images at random. So it notices only
what is larger than the scatter of runs and of random splits; and it presumes that the
book's own split is like a random one. Both are put in numbers here, by the test
accuracy, which is what another split moves most.
"""

import math
from typing import Dict, List, NamedTuple, Optional

from d2l_dropout.intervals import require_scipy
from d2l_dropout.metrics import DECIMALS, as_array
from d2l_dropout.reproduce.comparison import late_average

_TEST_ACC = list(DECIMALS).index('test_acc')
# The control must scatter more than the official split by more than this F test lets
# pass, or what it scatters beyond the seeds would be noise: a few seeds can give
# anything.
_F_LEVEL = 0.95


def noticeable(group, chance=0.5) -> Dict[str, float]:
    """Return how far the book's test acc must lie off for a group to notice.

    Parameters
    ----------
    group : groups.Group
    chance : float in (0, 1)
        With which the difference is noticed, for normal draws. With 0.5 it is half the
        width of the interval for the late average (of a single epoch's, if there is
        but one): the book's run scatters like ours, so that a code that differs by as
        much ends up outside of the interval half of the time.

    Returns
    -------
    dict of str to float
        By model; 0.01 is one point. Empty without rows.
    """
    found = {}
    for row in group.averages or group.rows:
        if row.metric == 'test_acc':
            n = len(group.epochs(row.model))
            scatter = row.sd * math.sqrt(1 + 1 / n)
            quantile = float(require_scipy().special.ndtri(chance))
            found[row.model] = (row.high - row.low) / 2 + quantile * scatter
    return found


class OfficialSplit(NamedTuple):
    """Where the official split lies among random ones, by a model's late test acc.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
    gap : float
        Mean over random splits minus that on the official one; 0.01 is one point.
    split_sd : float or None
        Standard deviation of random splits; None where the runs are too few to tell it
        from the scatter of the seeds.
    """

    model: str
    gap: float
    split_sd: Optional[float]


def official_among_random(reproduction) -> List[OfficialSplit]:
    """Compare the official split with the random splits of the control.

    Runs on the official split scatter with their seeds alone, those of the control
    with seeds and splits: the difference of the variances is that of the splits.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    list of OfficialSplit
        By model; empty unless both groups have rows.
    """
    groups = reproduction.groups()
    if 'official' not in groups or not all(group.rows for group in groups.values()):
        return []
    found = []
    for model in dict.fromkeys(row.model for row in groups['official'].rows):
        official, control = (
            late_average(as_array(groups[name].epochs(model)))[:, 0, _TEST_ACC]
            for name in ('official', 'control')
        )
        gap = float(control.mean() - official.mean())
        found.append(OfficialSplit(model, gap, _split_sd(official, control)))
    return found


def _split_sd(official, control):
    """Return what `control` scatters beyond `official`, or None if that is noise."""
    seeds, both = official.var(ddof=1), control.var(ddof=1)
    freedom = len(control) - 1, len(official) - 1
    if both <= require_scipy().special.fdtri(*freedom, _F_LEVEL) * seeds:
        return None
    return math.sqrt(both - seeds)

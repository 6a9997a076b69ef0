"""The learning curves of another implementation against those of the shipped runs."""

from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from d2l_dropout.metrics import DECIMALS, as_array
from d2l_dropout.ports.curves import curve_limits
from d2l_dropout.ports.curves.curve_files import read  # noqa: F401  (part of this interface)
from d2l_dropout.ports.curves.curve_hints import DIVERGED, hints_of
from d2l_dropout.ports.curves.curve_limits import AVERAGE_LABELS, AVERAGES

#: Fewer epochs than these do not tell a right port from a wrong one.
FEWEST_EPOCHS = 3
#: The shipped runs have no more.
MOST_EPOCHS = 10
#: A loss beyond this is that of a run that diverged, though it may still be finite.
_HUGE = 1e6
#: An accuracy of a net that has learned nothing is 0.1, give or take what chance does.
_GUESSING = 0.15


class Point(NamedTuple):
    """One metric of one epoch, or its average over several epochs.

    Attributes
    ----------
    first, epoch : int
        The epochs it is taken over, first to epoch; the same but for averages.
    metric : str, a key of `curve_limits.AVERAGES`
    theirs : float
        Over their runs: the median of one epoch, the mean of an average.
    ours : float
        The mean over our runs.
    low, high : float
        Where theirs would lie if their runs were more runs of this code.
    """

    first: int
    epoch: int
    metric: str
    theirs: float
    ours: float
    low: float
    high: float

    @property
    def inside(self):
        """Whether theirs lies within the limits (NaN never does)."""
        return self.low <= self.theirs <= self.high

    @property
    def is_average(self):
        """Whether it is an average over several epochs."""
        return self.first != self.epoch

    @property
    def when(self):
        """The epoch or epochs, such as '6-10'."""
        return f'{self.first}-{self.epoch}' if self.is_average else str(self.epoch)

    @property
    def label(self):
        """The name of the metric for people, such as 'test acc'."""
        return AVERAGE_LABELS[self.metric]


class Diverged(NamedTuple):
    """A run that did not learn.

    Attributes
    ----------
    run, epoch : int
        Which run, counted from 1, and the epoch from which on.
    why : str
    """

    run: int
    epoch: int
    why: str


class CurveComparison(NamedTuple):
    """The result of comparing learning curves with those of the shipped runs.

    Attributes
    ----------
    points : list of Point
        By epoch and metric, then the averages. Empty if runs diverged before the
        third epoch, the first that there are limits for.
    num_runs, num_ours : int
        How many runs of theirs and of ours.
    on_fresh_splits : bool
        Whether ours are those on fresh splits.
    diverged : list of Diverged
    hints : list of str
        Questions about what may be wrong, each of which fits the pattern.
    """

    points: List[Point]
    num_runs: int
    num_ours: int
    on_fresh_splits: bool
    diverged: List[Diverged]
    hints: List[str]

    @property
    def consistent(self):
        """Whether all runs learned, and every metric lies inside its limits."""
        return not self.diverged and all(point.inside for point in self.points)

    @property
    def outside(self):
        """The points outside their limits."""
        return [point for point in self.points if not point.inside]

    @property
    def first_epoch(self) -> Optional[int]:
        """The first epoch with something outside or diverged, None if there is none."""
        epochs = [p.first for p in self.outside] + [d.epoch for d in self.diverged]
        return min(epochs, default=None)


def compare(runs, on_fresh_splits=False) -> CurveComparison:
    """Compare runs with the shipped ones, metric by metric.

    Parameters
    ----------
    runs : list of list of EpochStats
        One or more; epochs after the tenth are left out.
    on_fresh_splits : bool
        Compare with the shipped runs on fresh random splits of the images: for data
        that are split otherwise than in revision 2017-08-31, as the book's are.

    Returns
    -------
    CurveComparison

    Raises
    ------
    ValueError
        If there are fewer epochs than `FEWEST_EPOCHS`, and no run diverged.
    """
    theirs = as_array([run[:MOST_EPOCHS] for run in runs])
    theirs = np.where(abs(theirs) <= _HUGE, theirs, np.nan)
    diverged = _diverged(theirs)
    num_epochs = theirs.shape[1]
    if num_epochs < FEWEST_EPOCHS and not diverged:
        raise ValueError(
            f'the runs have {num_epochs} epoch{"s" * (num_epochs > 1)}: too little to '
            f'tell a right port from a wrong one. Give {FEWEST_EPOCHS} at least, and '
            f'better all {MOST_EPOCHS}.'
        )
    ours = curve_limits.reference(on_fresh_splits, num_epochs)
    points = _points(theirs, ours) if num_epochs >= FEWEST_EPOCHS else []
    hints = [DIVERGED] if diverged else hints_of(points, theirs, ours, on_fresh_splits)
    return CurveComparison(
        points, len(theirs), len(ours), on_fresh_splits, diverged, hints
    )


def _diverged(runs) -> List[Diverged]:
    found = []
    for number, run in enumerate(runs, 1):
        wrong = ~np.isfinite(run).all(axis=1)
        if wrong.any():
            found.append(
                Diverged(number, int(wrong.argmax()) + 1, 'a metric is not finite')
            )
        elif (run[-1, 1:] <= _GUESSING).all():
            learned = np.flatnonzero((run[:, 1:] > _GUESSING).any(axis=1))
            epoch = learned[-1] + 2 if len(learned) else 1
            found.append(
                Diverged(number, int(epoch), 'its accuracy is that of guessing')
            )
    return found


def _points(theirs, ours) -> List[Point]:
    num_runs, num_epochs = theirs.shape[:2]
    factor = curve_limits.calibrated(num_runs, num_epochs)
    half = curve_limits.half_widths(ours, num_runs, factor)
    rounding = np.array([_half_unit(theirs[..., j]) for j in range(len(DECIMALS))])
    weights = np.abs(list(AVERAGES.values()))
    with np.errstate(invalid='ignore'):  # of runs that diverged
        center = curve_limits.center(theirs)
    late = curve_limits.late_epochs(num_epochs)
    spans = [(i, i) for i in range(1, num_epochs + 1)]
    mean, average = ours.mean(axis=0), curve_limits.averages(ours).mean(axis=0)
    points = []
    for i, span in enumerate(spans):
        rows = center.epochs[i], mean[i], half.epochs[i] + rounding
        points += _rows(span, DECIMALS, *rows)
    rows = center.averages, average, half.averages + weights @ rounding
    return points + _rows(late, AVERAGES, *rows)


def _rows(span: Tuple[int, int], metrics, theirs, ours, half) -> List[Point]:
    values = zip(metrics, theirs, ours, ours - half, ours + half)
    return [Point(*span, name, *map(float, numbers)) for name, *numbers in values]


def _half_unit(values):
    """Return half a unit of the last decimal that values were rounded to.

    0 if they have more than three decimals (a test acc, of 10,000 examples, has four
    and is exact), or are not finite. Fewer than two tell nothing, and count as two.
    """
    for decimals in (2, 3):
        if np.allclose(values, values.round(decimals), rtol=0, atol=1e-9):
            return 0.5 * 10**-decimals
    return 0.0

"""The book against seeded runs: is each of its metrics what one more run might print?

The book ran each net once, without a seed. If our code drew that run, each metric it
printed lies in the prediction interval of our own runs with the probability stated.
"""

from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

import numpy as np

from d2l_dropout.intervals import LEVEL, bonferroni, prediction
from d2l_dropout.metrics import DECIMALS, EpochStats, as_array

#: Half a unit of the last decimal that the book prints, by metric.
HALF_UNITS = 0.5 * 10.0 ** -np.array(list(DECIMALS.values()))


@dataclass(frozen=True)
class Row:
    """One of the book's metrics, or a late average of them, against our runs.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
    first_epoch, epoch : int
        From 1. The same epoch, or the first and the last that are averaged over.
    metric : 'loss', 'train_acc' or 'test_acc'
    book : float
        As printed, or the average of what is printed.
    mean, sd : float
        Of our runs; sample standard deviation.
    low, high : float
        Limits for one more run as the book would print it.
    """

    model: str
    first_epoch: int
    epoch: int
    metric: str
    book: float
    mean: float
    sd: float
    low: float
    high: float

    @property
    def inside(self):
        """Whether the book's metric lies within the limits (NaN never does)."""
        return self.low <= self.book <= self.high


def level_of_each_family(level):
    """Return the level of either family of intervals: single epochs, late averages.

    Parameters
    ----------
    level : float in (0, 1)
        Of both together. It holds for normal draws; docs/power.md says how many false
        alarms there really are.

    Returns
    -------
    float in (0, 1)
    """
    return bonferroni(level, 2)


def late_average(values):
    """Return the averages over the second half of the epochs.

    Single epochs scatter widely and with heavy tails (docs/power.md). Their averages
    scatter less and are closer to normal, so that they show what single epochs hide.

    Parameters
    ----------
    values : ndarray, shape (..., epochs, 3)

    Returns
    -------
    ndarray, shape (..., 1, 3)
    """
    num_epochs = values.shape[-2]
    return values[..., num_epochs // 2 :, :].mean(axis=-2, keepdims=True)


def compare(
    runs: Dict[str, Sequence[Sequence[EpochStats]]],
    book: Dict[str, Sequence[EpochStats]],
    level: float = LEVEL,
) -> Tuple[List[Row], List[Row]]:
    """Set every metric of `book`, and the late averages, against `runs`.

    Parameters
    ----------
    runs : dict of str to sequence of runs
        By model; at least two runs each, all of the same number of epochs.
    book : dict of str to sequence of EpochStats
        At least as many epochs; the first ones are compared.
    level : float in (0, 1)
        Probability that all intervals together hold one more run.

    Returns
    -------
    rows : list of Row
        By model, epoch and metric.
    averages : list of Row
        By model and metric, over the second half of the epochs; empty for one epoch.

    Raises
    ------
    ValueError
        If a model has fewer than two runs.
    """
    rows: List[Row] = []
    averages: List[Row] = []
    for model, epochs in runs.items():
        values = as_array(epochs)
        if len(values) < 2:
            raise ValueError(
                f'there is {len(values)} run of the model {model}, but a spread needs '
                'at least 2.'
            )
        num_epochs = values.shape[1]
        printed = as_array([book[model][:num_epochs]])[0]
        spans = [(epoch, epoch) for epoch in range(1, num_epochs + 1)]
        num_late, each = 3 * len(runs), level_of_each_family(level)
        rows += _rows(model, spans, values, printed, num_epochs * num_late, each)
        if num_epochs > 1:
            late = [(num_epochs // 2 + 1, num_epochs)]
            ours, books = late_average(values), late_average(printed)
            averages += _rows(model, late, ours, books, num_late, each)
    return rows, averages


def _rows(model, spans, values, printed, num_intervals, level):
    low, high = _limits(values, num_intervals, level)
    mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1)
    return [
        Row(
            model,
            *span,
            metric,
            *(float(array[i, j]) for array in (printed, mean, sd, low, high)),
        )
        for i, span in enumerate(spans)
        for j, metric in enumerate(DECIMALS)
    ]


def _limits(values, num_intervals, level):
    """Return the limits, shape (..., 3), for one more run as the book rounds it."""
    interval = prediction(values, num_intervals, level)
    return interval.low - HALF_UNITS, interval.high + HALF_UNITS


def any_outside(values, draws, level=LEVEL):
    """Tell of each draw whether a metric or a late average of it lies outside.

    What `compare` does for the book, for many draws at once.

    Parameters
    ----------
    values : ndarray, shape (runs, models, epochs, 3)
    draws : ndarray, shape (draws, models, epochs, 3)
        Rounded as the book prints them.
    level : float in (0, 1)

    Returns
    -------
    ndarray of bool, shape (draws,)
    """
    found = np.zeros(len(draws), dtype=bool)
    for v, d in ((values, draws), (late_average(values), late_average(draws))):
        low, high = _limits(v, v[0].size, level_of_each_family(level))
        found |= ~((low <= d) & (d <= high)).all(axis=(1, 2, 3))
    return found

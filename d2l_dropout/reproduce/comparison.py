"""Seeded runs against one more draw: an interval for each figure, in or out.

The book's figures are one unseeded run. If this code drew it, each of them lies in
the prediction interval of our own runs for one more draw with the stated probability.
"""

import math
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

import numpy as np

from d2l_dropout.metrics import DECIMALS, EpochStats, as_array

try:
    from scipy.special import stdtrit
except ImportError as error:
    raise ImportError(
        "this command needs SciPy: pip install '.[reproduce]' (or scipy), or "
        'use the Makefile, which does'
    ) from error

#: Probability that all intervals of a comparison together hold one more draw: half of
#: what is left goes to the figures of each epoch, half to the late averages. It holds
#: for normal draws; docs/power.md says what false alarms there really are.
LEVEL = 0.95
HALF_UNITS = 0.5 * 10.0 ** -np.array(list(DECIMALS.values()))


@dataclass(frozen=True)
class Row:
    """One of the book's figures, or a late average of them, against our runs.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
    first_epoch, epoch : int
        From 1. The same epoch, or the first and the last that are averaged over.
    figure : 'loss', 'train_acc' or 'test_acc'
    book : float
        As printed, or the average of what is printed.
    mean, sd : float
        Of our runs; sample standard deviation.
    low, high : float
        Limits for one more draw as the book would print it.
    """

    model: str
    first_epoch: int
    epoch: int
    figure: str
    book: float
    mean: float
    sd: float
    low: float
    high: float

    @property
    def inside(self):
        """Whether the book's figure lies within the limits (NaN never does)."""
        return self.low <= self.book <= self.high


def t_quantile(freedom, num_looks, level=LEVEL):
    """Return the two-sided quantile of Student's t for each of several looks.

    Parameters
    ----------
    freedom : float or ndarray, above 0
        Degrees of freedom.
    num_looks : int >= 1
        How many intervals share 1 - level (Bonferroni): each has its part of it.
    level : float in (0, 1)

    Returns
    -------
    float or ndarray
    """
    return stdtrit(freedom, 1 - (1 - level) / (2 * num_looks))


def limits(values, num_looks, half_unit, level=LEVEL):
    """Return prediction limits for one more draw, rounded to its last decimal.

    mean +- (t s sqrt(1 + 1/n) + half_unit), s the sample standard deviation.

    Parameters
    ----------
    values : ndarray, shape (n, ...)
        n >= 2 runs.
    num_looks : int >= 1
        See `t_quantile`.
    half_unit : float or ndarray of shape (...)
        Half a unit of the last printed decimal.
    level : float in (0, 1)

    Returns
    -------
    low, high : ndarray, shape (...)

    Source: the interval for one future observation from a normal distribution, e.g.
    Hahn and Meeker, Statistical Intervals (1991), section 4.5.
    """
    n = len(values)
    half = t_quantile(n - 1, num_looks, level) * values.std(axis=0, ddof=1)
    half = half * math.sqrt(1 + 1 / n) + half_unit
    mean = values.mean(axis=0)
    return mean - half, mean + half


def each_share(level):
    """Return the level of either family: the epochs' figures, the late averages.

    Parameters
    ----------
    level : float in (0, 1)

    Returns
    -------
    float
    """
    return 1 - (1 - level) / 2


def late_average(values):
    """Return the averages over the second half of the epochs.

    Single epochs scatter widely and with heavy tails (docs/power.md); these averages
    scatter less and are closer to normal, so that they see what single ones cannot.

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
    """Set every figure of `book`, and the late averages, against `runs`.

    Parameters
    ----------
    runs : dict of str to sequence of runs
        By model; at least two runs each, all of the same number of epochs.
    book : dict of str to sequence of EpochStats
        At least as many epochs; the first ones are compared.
    level : float in (0, 1)
        Probability that all intervals together hold one more draw.

    Returns
    -------
    rows : list of Row
        By model, epoch and figure.
    averages : list of Row
        By model and figure, over the second half of the epochs; empty for one epoch.

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
                f'{len(values)} run of the model {model}: a spread needs at least 2.'
            )
        num_epochs = values.shape[1]
        printed = as_array([book[model][:num_epochs]])[0]
        spans = [(epoch, epoch) for epoch in range(1, num_epochs + 1)]
        looks, share = 3 * len(runs), each_share(level)
        rows += _rows(model, spans, values, printed, num_epochs * looks, share)
        if num_epochs > 1:
            late = [(num_epochs // 2 + 1, num_epochs)]
            ours, books = late_average(values), late_average(printed)
            averages += _rows(model, late, ours, books, looks, share)
    return rows, averages


def _rows(model, spans, values, printed, num_looks, level):
    low, high = limits(values, num_looks, HALF_UNITS, level)
    mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1)
    return [
        Row(
            model,
            *span,
            figure,
            *(float(array[i, j]) for array in (printed, mean, sd, low, high)),
        )
        for i, span in enumerate(spans)
        for j, figure in enumerate(DECIMALS)
    ]


def outside(values, draws, level=LEVEL):
    """Tell which draws have some figure or late average outside.

    What `compare` does for the book, for many draws at once.

    Parameters
    ----------
    values : ndarray, shape (runs, models, epochs, 3)
    draws : ndarray, shape (draws, models, epochs, 3)
        As printed.
    level : float in (0, 1)

    Returns
    -------
    ndarray of bool, shape (draws,)
    """
    found = np.zeros(len(draws), dtype=bool)
    for v, d in ((values, draws), (late_average(values), late_average(draws))):
        low, high = limits(v, v[0].size, HALF_UNITS, each_share(level))
        found |= ~((low <= d) & (d <= high)).all(axis=(1, 2, 3))
    return found

"""Seeded runs against one more draw: an interval for each figure, in or out.

The book's figures are one unseeded run. If this code drew it, each of them lies in
the prediction interval of our own runs for one more draw with the stated probability.
"""

import math
from dataclasses import dataclass
from typing import Dict, List, Sequence

import numpy as np

from d2l_dropout.epoch_stats import EpochStats

try:
    from scipy.special import stdtrit
except ImportError as error:
    raise ImportError(
        "this command needs SciPy: pip install 'd2l-dropout[reproduce]' (or scipy), or "
        'use the Makefile, which does'
    ) from error

#: Probability that all intervals of a comparison together hold one more draw.
LEVEL = 0.95
#: The figures of an epoch, and the decimals that the book prints of each.
DECIMALS = {'loss': 4, 'train_acc': 3, 'test_acc': 3}


@dataclass(frozen=True)
class Row:
    """One of the book's figures against our runs.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
    epoch : int
        From 1.
    figure : 'loss', 'train_acc' or 'test_acc'
    book : float
        As printed.
    mean, sd : float
        Of our runs; sample standard deviation.
    low, high : float
        Limits for one more draw as the book would print it.
    """

    model: str
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


def quantile(num_runs, num_looks, level=LEVEL):
    """Return the two-sided quantile of Student's t for each of several looks.

    Parameters
    ----------
    num_runs : int >= 2
    num_looks : int >= 1
        How many intervals share 1 - level (Bonferroni): each has its part of it.
    level : float in (0, 1)

    Returns
    -------
    float
    """
    return float(stdtrit(num_runs - 1, 1 - (1 - level) / (2 * num_looks)))


def limits(values, num_looks, half_unit, level=LEVEL):
    """Return prediction limits for one more draw, rounded to its last decimal.

    mean +- (t s sqrt(1 + 1/n) + half_unit), s the sample standard deviation.

    Parameters
    ----------
    values : ndarray, shape (n, ...)
        n >= 2 runs.
    num_looks : int >= 1
        See `quantile`.
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
    half = quantile(n, num_looks, level) * values.std(axis=0, ddof=1)
    half = half * math.sqrt(1 + 1 / n) + half_unit
    mean = values.mean(axis=0)
    return mean - half, mean + half


def as_array(runs):
    """Return runs as one array.

    Parameters
    ----------
    runs : sequence of sequence of EpochStats
        Equally many epochs each.

    Returns
    -------
    ndarray of float64, shape (runs, epochs, 3)
        In the order of `DECIMALS`.
    """
    return np.array([[epoch[1:] for epoch in epochs] for epochs in runs])


HALF_UNITS = 0.5 * 10.0 ** -np.array(list(DECIMALS.values()))


def compare(
    runs: Dict[str, Sequence[Sequence[EpochStats]]],
    book: Dict[str, Sequence[EpochStats]],
    level: float = LEVEL,
) -> List[Row]:
    """Set every figure of `book` against `runs`.

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
    list of Row
        By model, epoch and figure.

    Raises
    ------
    ValueError
        If a model has fewer than two runs.
    """
    arrays = {model: as_array(epochs) for model, epochs in runs.items()}
    num_looks = sum(array[0].size for array in arrays.values() if len(array))
    rows = []
    for model, values in arrays.items():
        if len(values) < 2:
            raise ValueError(
                f'{len(values)} run of the model {model}: a spread needs at least 2.'
            )
        low, high = limits(values, num_looks, HALF_UNITS, level)
        mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1)
        for i, printed in enumerate(book[model][: len(mean)]):
            for j, figure in enumerate(DECIMALS):
                cells = (float(array[i, j]) for array in (mean, sd, low, high))
                rows.append(
                    Row(model, printed.epoch, figure, getattr(printed, figure), *cells)
                )
    return rows

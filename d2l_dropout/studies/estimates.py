"""Means over seeds with the interval that they leave, and paired differences."""

from typing import NamedTuple

import numpy as np

from d2l_dropout.reproduce.comparison import t_quantile
from d2l_dropout.studies.text import Text


class Estimate(NamedTuple):
    """A mean and its confidence interval.

    Attributes
    ----------
    mean, half_width : float
        The interval is mean - half_width to mean + half_width.
    n : int
        How many values it is the mean of.
    """

    mean: float
    half_width: float
    n: int

    @property
    def clear(self):
        """Whether the interval excludes zero."""
        return abs(self.mean) > self.half_width

    def percent(self):
        """Return a share in percent, or a difference of shares in points.

        Returns
        -------
        str
            Such as '86.82 ± 0.17'.
        """
        return f'{100 * self.mean:.2f} ± {100 * self.half_width:.2f}'

    def signed_percent(self):
        """Return a difference of shares in points, with its sign.

        Returns
        -------
        str
            Such as '+0.45 ± 0.17'.
        """
        return f'{100 * self.mean:+.2f} ± {100 * self.half_width:.2f}'


def estimate(values, num_looks=1):
    """Return the mean of independent values with its 95 % interval.

    Parameters
    ----------
    values : sequence of float
        At least two, such as one a seed.
    num_looks : int >= 1
        How many intervals are looked at together: they share the 5 % (Bonferroni).

    Returns
    -------
    Estimate
        By Student's t.

    Raises
    ------
    ValueError
        If there are fewer than two values.
    """
    values = np.asarray(values, dtype='float64')
    if len(values) < 2:
        raise ValueError('an interval needs the values of at least two seeds.')
    error = values.std(ddof=1) / len(values) ** 0.5
    half_width = t_quantile(len(values) - 1, num_looks) * error
    return Estimate(float(values.mean()), float(half_width), len(values))


def difference(values, others, num_looks=1):
    """Return the mean of differences paired by seed, with its 95 % interval.

    Parameters
    ----------
    values, others : sequence of float
        In the same order of seeds.
    num_looks : int >= 1
        As `estimate`.

    Returns
    -------
    Estimate
        Of values - others.
    """
    return estimate(np.subtract(values, others), num_looks)


def within_noise(difference):
    """Return whether a difference stands out from the noise of the seeds, in words.

    Parameters
    ----------
    difference : Estimate

    Returns
    -------
    Text
        For the middle of a sentence in English, a sentence of its own in Korean.
    """
    if difference.clear:
        return Text('more than the noise', '시드에 따른 변동보다 크다')
    return Text('within the noise', '시드에 따른 변동 범위 안이다')

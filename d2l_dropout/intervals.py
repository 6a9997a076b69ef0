"""Student's intervals for a few independent values, such as one of each seed.

They presume draws from a normal distribution; docs/power.md says how far that holds for
the metrics of a training run. The tests in `exact_tests` presume none.

Samples have the shape (n, ...) throughout: n independent draws along the first axis.
Where several intervals are looked at, `num_intervals` (an int, 1 unless given) makes
all of them hold *together* with at least the probability `level` (Bonferroni).

SciPy is imported when something is computed, so that what only names this module works
without it. It may be imported before or after MXNet: `compat` hides from MXNet what
recent SciPy deprecates.
"""

import math
from typing import Any, NamedTuple

import numpy as np

#: Probability that the intervals looked at together hold, unless another is asked for.
LEVEL = 0.95


def require_scipy():
    """Import SciPy and return it: before hours of training rather than after them.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If it is not installed; the message says how to install it.
    """
    try:
        import scipy.special
    except ImportError as error:
        raise ImportError(
            "this needs SciPy: pip install '.[reproduce]' (or scipy), or use the "
            'Makefile, which installs it'
        ) from error
    return scipy


class Estimate(NamedTuple):
    """A mean, or a difference of means, and the half width of its interval.

    Attributes
    ----------
    mean, half_width : float or ndarray, shape (...)
        The interval is mean - half_width to mean + half_width.
    n : int
        How many values (or pairs of values) it rests on.
    """

    mean: Any
    half_width: Any
    n: int

    @property
    def low(self):
        """The lower limit."""
        return self.mean - self.half_width

    @property
    def high(self):
        """The upper limit."""
        return self.mean + self.half_width

    @property
    def excludes_zero(self):
        """Whether zero lies outside the interval."""
        return abs(self.mean) > self.half_width

    def percent(self):
        """Return a share in percent, such as '86.82 ± 0.17'.

        Returns
        -------
        str
        """
        return f'{100 * self.mean:.2f} ± {100 * self.half_width:.2f}'

    def signed_percent(self):
        """Return a difference of shares in percentage points, such as '+0.45 ± 0.17'.

        Returns
        -------
        str
        """
        return f'{100 * self.mean:+.2f} ± {100 * self.half_width:.2f}'


def bonferroni(level, num_intervals):
    """Return the level of each interval, for all together to hold with `level`.

    Parameters
    ----------
    level : float in (0, 1)
    num_intervals : int >= 1
        They share what is left, 1 - level, equally.

    Returns
    -------
    float in (0, 1)
        Enough whether or not the intervals depend on each other.
    """
    return 1 - (1 - level) / num_intervals


def t_quantile(freedom, num_intervals=1, level=LEVEL):
    """Return the two-sided quantile of Student's t distribution.

    Parameters
    ----------
    freedom : float or ndarray, above 0
        Degrees of freedom.
    num_intervals : int >= 1
    level : float in (0, 1)

    Returns
    -------
    float or ndarray
        A t variable lies between minus and plus this with the probability
        `bonferroni(level, num_intervals)`.
    """
    tail = (1 - bonferroni(level, num_intervals)) / 2
    return require_scipy().special.stdtrit(freedom, 1 - tail)


def prediction(values, num_intervals=1, level=LEVEL):
    """Return the interval in which one more draw would lie.

    mean +- t s sqrt(1 + 1/n), s being the sample standard deviation.

    Parameters
    ----------
    values : array_like, shape (n, ...)
        n >= 2.
    num_intervals, level : see the module's docstring

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If there are fewer than two values.

    Source: Hahn and Meeker, Statistical Intervals (1991), section 4.5.
    """
    values = _at_least_two(values)
    n = len(values)
    half = t_quantile(n - 1, num_intervals, level) * values.std(axis=0, ddof=1)
    return _estimate(values.mean(axis=0), half * math.sqrt(1 + 1 / n), n)


def confidence(values, num_intervals=1, level=LEVEL):
    """Return the mean with its confidence interval, mean +- t s / sqrt(n).

    Parameters
    ----------
    values : array_like, shape (n, ...)
        n >= 2.
    num_intervals, level : see the module's docstring

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If there are fewer than two values.
    """
    values = _at_least_two(values)
    n = len(values)
    error = values.std(axis=0, ddof=1) / math.sqrt(n)
    half = t_quantile(n - 1, num_intervals, level) * error
    return _estimate(values.mean(axis=0), half, n)


def paired_difference(values, others, num_intervals=1, level=LEVEL):
    """Return the mean of values - others, paired, with its confidence interval.

    For runs that share their seeds: what a seed does to both of a pair cancels.

    Parameters
    ----------
    values, others : array_like, shape (n, ...)
        n >= 2; each of `values` belongs to that of `others` in the same place.
    num_intervals, level : see the module's docstring

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If there are fewer than two pairs, or the shapes differ.
    """
    values, others = np.asarray(values, 'float64'), np.asarray(others, 'float64')
    if values.shape != others.shape:
        raise ValueError(
            f'values of the shapes {values.shape} and {others.shape} are no pairs: '
            'give one of each for every seed.'
        )
    return confidence(values - others, num_intervals, level)


def welch_difference(values, others, num_intervals=1, level=LEVEL):
    """Return the difference of the means of two samples, whatever their variances.

    Parameters
    ----------
    values, others : array_like, shapes (n, ...) and (m, ...)
        n, m >= 2; independent of each other.
    num_intervals, level : see the module's docstring

    Returns
    -------
    Estimate
        Of mean(values) - mean(others).

    Raises
    ------
    ValueError
        If a sample has fewer than two values.

    Source: Welch, Biometrika 34 (1947), 28-35; with Satterthwaite's degrees of freedom.
    """
    samples = [_at_least_two(values), _at_least_two(others)]
    means = [sample.mean(axis=0) for sample in samples]
    variances = [sample.var(axis=0, ddof=1) / len(sample) for sample in samples]
    variance = variances[0] + variances[1]
    weights = sum(v**2 / (len(s) - 1) for v, s in zip(variances, samples))
    freedom = variance**2 / np.maximum(weights, np.finfo('float64').tiny)
    # Never less than this, but for samples that do not vary at all.
    freedom = np.maximum(freedom, min(map(len, samples)) - 1)
    half = t_quantile(freedom, num_intervals, level) * np.sqrt(variance)
    return _estimate(means[0] - means[1], half, sum(map(len, samples)))


def pooled_difference(values, others, num_intervals=1, level=LEVEL):
    """Return the difference of the means of two samples that share one variance.

    For runs of what may be the same code: if it is, the variances are the same, and
    the level is exact. One of the samples may be a single value.

    Parameters
    ----------
    values, others : array_like, shapes (n, ...) and (m, ...)
        n, m >= 1 and n + m >= 3; independent of each other.
    num_intervals, level : see the module's docstring

    Returns
    -------
    Estimate
        Of mean(values) - mean(others).

    Raises
    ------
    ValueError
        If a sample is empty, or both have one value.

    Source: Student's t test for two samples.
    """
    samples = [np.asarray(sample, 'float64') for sample in (values, others)]
    sizes = np.array([len(sample) for sample in samples])
    freedom = sizes.sum() - 2
    if not sizes.all() or freedom < 1:
        raise ValueError(
            f'samples of {sizes[0]} and {sizes[1]} values have no spread: a difference '
            'of means needs at least 1 and 2.'
        )
    squares = sum(sample.var(axis=0) * len(sample) for sample in samples)
    error = np.sqrt(squares / freedom * (1 / sizes).sum())
    half = t_quantile(freedom, num_intervals, level) * error
    gap = samples[0].mean(axis=0) - samples[1].mean(axis=0)
    return _estimate(gap, half, int(sizes.sum()))


def _at_least_two(values):
    values = np.asarray(values, dtype='float64')
    if len(values) < 2:
        raise ValueError(
            f'an interval was asked of {len(values)} value(s); a spread needs at least '
            'two, such as those of two seeds.'
        )
    return values


def _estimate(mean, half_width, n):
    """Return an Estimate, of Python floats where there is one number each."""
    if np.ndim(mean) == 0:
        mean, half_width = float(mean), float(half_width)
    return Estimate(mean, half_width, n)

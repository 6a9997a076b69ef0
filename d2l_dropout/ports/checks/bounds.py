"""Bounds that a correct port violates less often than once in ten million times."""

import math

#: The rate of false alarms of one bound.
ALPHA = 1e-7


def of_binomial(num, prob, num_bounds=1):
    """Return how far a binomial variable may be from its mean.

    Parameters
    ----------
    num : int
        Number of trials.
    prob : float in [0, 1]
    num_bounds : int
        How many such variables are tested: one of them violates it at rate `ALPHA`.

    Returns
    -------
    float

    Notes
    -----
    Bernstein's inequality, which holds for any number of trials.
    """
    return of_sum(num, prob * (1 - prob), max(prob, 1 - prob), num_bounds)


def of_sum(num, variance, largest, num_bounds=1):
    """Return how far a sum of `num` independent variables may be from its mean.

    Parameters
    ----------
    num : int
    variance, largest : float
        The variance of one variable, and its largest distance from its mean.
    num_bounds : int
        As in `of_binomial`.

    Returns
    -------
    float
    """
    log = _log(num_bounds)
    linear = largest * log / 3
    return linear + math.sqrt(linear**2 + 2 * num * variance * log)


def of_normal_variance(num, num_bounds=1):
    """Return the least and the largest share of sigma^2 that a mean square may be.

    Parameters
    ----------
    num : int
        Number of independent normal variables with mean 0.
    num_bounds : int
        As in `of_binomial`.

    Returns
    -------
    (float, float)

    Notes
    -----
    Laurent and Massart (2000), "Adaptive estimation of a quadratic functional by model
    selection", lemma 1.
    """
    log = _log(num_bounds)
    root = 2 * math.sqrt(log / num)
    return 1 - root, 1 + root + 2 * log / num


def of_normal_mean(num, num_bounds=1):
    """Return how many sigma the mean of `num` normal variables may be from its own."""
    return math.sqrt(2 * _log(num_bounds) / num)


def _log(num_bounds):
    return math.log(2 * num_bounds / ALPHA)

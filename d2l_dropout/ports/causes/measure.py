"""The number of a mistake: that with which a tensor is reproduced most closely.

Whether all other tensors are reproduced too is for `causes` to see.
"""

import math

import numpy as np


def measured(family, simulate, target, num_starts=1):
    """Return the numbers with which a family reproduces a tensor most closely.

    Parameters
    ----------
    family : Family
    simulate : function (Recipe) -> ndarray
        What a port with this recipe gives in place of the target.
    target : ndarray
        The port's tensor.
    num_starts : int
        From how many of the usual values, the best first, to search.

    Returns
    -------
    list of float
        Where the search ended; only those that are finite.

    Notes
    -----
    The search improves the number by Gauss-Newton steps.
    """

    def residual(value):
        return np.ravel(target - simulate(family.recipe(value)))

    starts = sorted(family.starts, key=lambda value: _squares(residual(value)))
    values = [_improved(residual, value) for value in starts[:num_starts]]
    return [value for value in values if math.isfinite(_squares(residual(value)))]


def _squares(errors):
    total = float((errors**2).sum())
    return total if math.isfinite(total) else math.inf


def _improved(residual, value, num_steps=12, precision=1e-9):
    """Return the number to which Gauss-Newton steps lead from a value."""
    for _ in range(num_steps):
        errors = residual(value)
        step = 1e-6 * (abs(value) or 1)
        slope = (errors - residual(value + step)) / step
        if not np.isfinite(slope).all() or not slope.any():
            break
        change = float(slope @ errors / (slope @ slope))
        while abs(change) > precision * abs(value) and not (
            _squares(residual(value + change)) < _squares(errors)
        ):
            change /= 4
        if abs(change) <= precision * abs(value):
            break
        value += change
    return value

"""The comparison of one tensor of a port with the reference."""

from fnmatch import fnmatchcase
from typing import Dict, NamedTuple

import numpy as np

#: How much an element may differ, relative to the largest magnitude in the tensor: ten
#: times the largest difference between MXNet's float32 and NumPy's float64 in the
#: exported cases.
TOLERANCE = 5e-5


class Row(NamedTuple):
    """How far a tensor of a port is from the reference.

    Attributes
    ----------
    name : str
    shape : tuple of int
        The shape of the port's tensor.
    max_abs, max_rel, max_ulps : float
        The largest difference of an element: absolute, relative to the largest
        magnitude in the reference, and in float32 units in the last place at that
        magnitude. NaN if the tensors cannot be compared.
    same : bool
        Whether they agree within the tolerance.
    note : str
        A remark such as 'transposed', or ''.
    """

    name: str
    shape: tuple
    max_abs: float
    max_rel: float
    max_ulps: float
    same: bool
    note: str


def row_of(name, value, ours, note='', tolerance=TOLERANCE):
    """Compare two tensors of the same shape.

    Parameters
    ----------
    name : str
    value, ours : ndarray of numbers
        The port's tensor and the reference.
    note : str
        For the row, unless the tensor has elements that are not finite.
    tolerance : float
        How much an element may differ, relative to the largest magnitude.

    Returns
    -------
    Row
    """
    value, ours = value.astype('float64'), ours.astype('float64')
    scale = abs(ours).max() or 1.0
    largest = float(abs(value - ours).max())  # NaN if any is NaN
    # What a bug is replayed with may be beyond float32.
    unit = float(np.spacing(np.float32(min(scale, 2.0**127))))
    rel, ulps = largest / scale, largest / unit
    if not np.isfinite(value).all():
        note = 'not finite'
    same = bool(rel <= tolerance)
    return Row(name, value.shape, largest, float(rel), float(ulps), same, note)


def by_pattern(tolerance, names) -> Dict[str, float]:
    """Return tolerances by patterns of names.

    Parameters
    ----------
    tolerance : float or dict of str to float
        One for all tensors, or by name or pattern such as 'step?/W*'.
    names : list of str
        Those that there are.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError
        If no name fits a pattern, or a tolerance is not above 0.
    """
    patterns = tolerance if hasattr(tolerance, 'items') else {'*': tolerance}
    for pattern, value in patterns.items():
        if not any(fnmatchcase(name, pattern) for name in names):
            raise ValueError(
                f'no tensor has the name {pattern}, for which a tolerance was given; '
                'names are such as step1/H1, patterns such as step?/W*.'
            )
        if not value > 0:
            raise ValueError(f'the tolerance of {pattern} is {value}; it has to be > 0')
    return dict(patterns)


def tolerance_of(name, patterns) -> float:
    """Return the tolerance of a tensor: that of the first pattern that fits.

    Parameters
    ----------
    name : str
    patterns : dict of str to float

    Returns
    -------
    float
        `TOLERANCE` if none fits.
    """
    fitting = (value for p, value in patterns.items() if fnmatchcase(name, p))
    return next(fitting, TOLERANCE)

"""One tensor of theirs against ours: how far apart."""

from typing import NamedTuple

import numpy as np

#: Of the largest magnitude in a tensor: so much may an element differ. Ten times what
#: lies between MXNet's float32 and NumPy's float64 in the exported cases.
TOLERANCE = 5e-5


class Row(NamedTuple):
    """One tensor of theirs against ours.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Of theirs.
    max_abs, max_rel, max_ulps : float
        The largest difference of an element: by itself, over the largest magnitude in
        our tensor, and in units in the last place of float32 at that magnitude. NaN if
        not comparable.
    same : bool
    note : str
        Such as 'transposed'.
    """

    name: str
    shape: tuple
    max_abs: float
    max_rel: float
    max_ulps: float
    same: bool
    note: str


def row_of(name, value, ours, note=''):
    """Return how far two tensors of one shape are apart.

    Parameters
    ----------
    name : str
    value, ours : ndarray of numbers
    note : str

    Returns
    -------
    Row
    """
    value, ours = value.astype('float64'), ours.astype('float64')
    scale = abs(ours).max() or 1.0
    largest = float(abs(value - ours).max())  # NaN if there is one
    rel, ulps = largest / scale, largest / np.spacing(np.float32(scale))
    if not np.isfinite(value).all():
        note = 'not finite'
    same = bool(rel <= TOLERANCE)
    return Row(name, value.shape, largest, float(rel), float(ulps), same, note)

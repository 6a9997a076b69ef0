"""The comparison of one tensor of a port with the reference."""

from typing import NamedTuple

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
        Whether they agree within `TOLERANCE`.
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


def row_of(name, value, ours, note=''):
    """Compare two tensors of the same shape.

    Parameters
    ----------
    name : str
    value, ours : ndarray of numbers
        The port's tensor and the reference.
    note : str
        For the row, unless the tensor has elements that are not finite.

    Returns
    -------
    Row
    """
    value, ours = value.astype('float64'), ours.astype('float64')
    scale = abs(ours).max() or 1.0
    largest = float(abs(value - ours).max())  # NaN if any is NaN
    # What a bug is replayed with may be beyond float32.
    unit = np.spacing(np.float32(min(scale, 2.0**127)))
    rel, ulps = largest / scale, largest / unit
    if not np.isfinite(value).all():
        note = 'not finite'
    same = bool(rel <= TOLERANCE)
    return Row(name, value.shape, largest, float(rel), float(ulps), same, note)

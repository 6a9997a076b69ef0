"""Ports that compute in float16 or bfloat16: recognised by the numbers they record."""

import numpy as np

from d2l_dropout.ports.causes.recipe import RIGHT
from d2l_dropout.ports.causes.replay import replay

#: The bits of the mantissa, by format.
_BITS = {'float16': 10, 'bfloat16': 7}
#: Rounding at other places than the simulation does may give so many times its errors.
_TIMES = 8


def widened(value):
    """Return an array, with bfloat16 that NumPy saved as two bytes changed to float32.

    Parameters
    ----------
    value : ndarray

    Returns
    -------
    ndarray
    """
    if value.dtype.kind == 'V' and value.dtype.itemsize == 2:
        bits = np.frombuffer(value.tobytes(), 'uint16').astype('uint32') << 16
        return bits.view('float32').reshape(value.shape)
    return value


def said_of_precision(port):
    """Return the sentence on a port that computes in half precision, or None.

    Parameters
    ----------
    port : explain.Port

    Returns
    -------
    str or None
        None too if the differences are larger than such rounding gives.
    """
    values = {n: v for n, v in port.tensors.items() if v is not None and v.ndim}
    for kind, bits in _BITS.items():
        if not values or not all(_is_rounded(v, kind) for v in values.values()):
            continue
        rounded = replay(port.given, port.settings, RIGHT._replace(bits=bits))
        if all(_close(port, n, rounded[n], bits) for n in port.differs):
            return (
                f'arithmetic of lower precision: all arrays hold {kind} numbers, and '
                f'no difference is larger than rounding to {kind} gives'
            )
    return None


def _is_rounded(value, kind):
    value = np.asarray(value, dtype='float32')
    with np.errstate(over='ignore'):
        if kind == 'float16':
            return bool((value.astype('float16').astype('float32') == value).all())
    return not (value.copy().view('uint32') & 0xFFFF).any()


def _close(port, name, rounded, bits):
    right, value = port.right[name], port.tensors[name]
    if name.endswith('_acc'):
        return True
    scale = abs(right).max() or 1.0
    allowed = _TIMES * (abs(rounded - right).max() + scale * 2.0 ** -(bits + 1))
    return bool(abs(value - right).max() <= allowed)

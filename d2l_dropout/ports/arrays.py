"""What a port hands over, as NumPy arrays: from any framework, or from a file."""

import os
from typing import Dict

import numpy as np

from d2l_dropout.ports.reading.reading import load_tensors


def as_tensors(theirs) -> Dict[str, np.ndarray]:
    """Return a port's tensors by name.

    Parameters
    ----------
    theirs : dict of str to array, or path
        Arrays are of NumPy, or have `__array__` or `__dlpack__`, such as those of
        PyTorch, JAX, TensorFlow, Keras and CuPy; numbers and nested lists do too. A
        path is that of a file that `d2l-dropout compare` reads.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    TypeError
        If it is neither a dict nor a path.
    ValueError
        If a value is not an array of numbers; the message names it.
    """
    if isinstance(theirs, (str, os.PathLike)):
        return load_tensors(theirs)
    if not (hasattr(theirs, 'keys') and hasattr(theirs, '__getitem__')):
        raise TypeError(
            "a port's tensors are a dict of arrays by name, or the path of a file, "
            f'not {type(theirs).__name__}'
        )
    return {name: as_array(theirs[name], name) for name in theirs.keys()}


def as_array(value, name='the value') -> np.ndarray:
    """Return an array of any framework as one of NumPy.

    Parameters
    ----------
    value : array-like
        A PyTorch tensor may require a gradient and be on a GPU.
    name : str
        For the message.

    Returns
    -------
    ndarray
        bfloat16 and other types that NumPy lacks become float32, which has all their
        values.

    Raises
    ------
    ValueError
        If it is not an array of numbers.
    """
    try:
        array = _converted(value)
    except Exception as error:  # each framework has its own
        raise ValueError(
            f'{name} is {type(value).__name__}, which does not become a NumPy array '
            f'({error}). Convert it yourself, for example with numpy.asarray.'
        ) from error
    if array.dtype.kind not in 'biufcV':
        raise ValueError(
            f'{name} has dtype {array.dtype}, not numbers; give an array of numbers.'
        )
    return array


def _converted(value):
    if hasattr(value, 'detach'):  # PyTorch refuses __array__ where it keeps a graph
        value = value.detach().cpu()
        if 'bfloat16' in str(value.dtype):
            value = value.float()
    if hasattr(value, '__array__') or not hasattr(value, '__dlpack__'):
        array = np.asarray(value)
    else:
        array = np.from_dlpack(value)
    # JAX has bfloat16 from ml_dtypes, which NumPy takes for raw bytes.
    return array.astype('float32') if 'bfloat16' in str(array.dtype) else array

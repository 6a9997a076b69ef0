"""Reads the tensors of a port: `.npz`, safetensors or JSON, whatever wrote the file."""

from pathlib import Path

import numpy as np

from d2l_dropout.files import read
from d2l_dropout.ports.reading import npz, safetensors
from d2l_dropout.ports.reading.untrusted import MAX_BYTES, MAX_TENSORS, parse_json

#: What JSON says takes up to fifty times its bytes when it is read.
MAX_JSON_BYTES = 2**20


def load_tensors(path):
    """Return the arrays of a file.

    Parameters
    ----------
    path : path
        A `.npz`, a `.safetensors`, or a `.json` of names and nested lists of numbers;
        the suffix decides.

    Returns
    -------
    dict of str to ndarray
        What a safetensors file has in bfloat16 is float32; from JSON all is float64.

    Raises
    ------
    ValueError
        If it is not such a file, is damaged, would take more than `MAX_BYTES`, or has
        arrays of Python objects.
    OSError
        If it cannot be read, has more bytes than that, or is not a regular file.
    """
    suffix = Path(path).suffix.lower()
    readers = {'.safetensors': safetensors.parse, '.json': _numbers_in_json}
    content = read(path, MAX_JSON_BYTES if suffix == '.json' else MAX_BYTES)
    try:
        return readers.get(suffix, npz.parse)(content)
    except ValueError as error:
        raise ValueError(f'{path} cannot be read: {error}.') from None


def _numbers_in_json(content):
    tensors = parse_json(content, parse_int=float)
    if not isinstance(tensors, dict) or len(tensors) > MAX_TENSORS:
        raise ValueError(f'it is not an object of at most {MAX_TENSORS} tensors')
    return {name: _from_lists(name, value) for name, value in tensors.items()}


def _from_lists(name, value):
    try:
        return np.array(value, dtype='float64')  # null is NaN, for which JSON has none
    except (OverflowError, TypeError, ValueError):
        raise ValueError(f'{name!r} is not a list of lists of numbers') from None

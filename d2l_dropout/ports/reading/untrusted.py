"""JSON and arrays from files of strangers: what they say of their size is checked."""

import json

import numpy as np

#: How many bytes the tensors of a file may take: enough for those of the chapter's own
#: sizes in float64.
MAX_BYTES = 40 * 2**20
MAX_TENSORS = 2000
# As many as 2**64 has. Python before 3.11 takes minutes for an integer of a million.
_MAX_DIGITS = 20


def parse_json(content, **options):
    """Return what JSON says.

    Parameters
    ----------
    content : bytes
    **options
        For `json.loads`.

    Returns
    -------
    dict, list, str, float, int, bool or None

    Raises
    ------
    ValueError
        If it is not JSON, is nested too deeply, has the same name twice in an object or
        an integer of too many digits.
    """
    options = {
        'object_pairs_hook': _without_duplicates,
        'parse_int': _integer,
        **options,
    }
    try:
        return json.loads(content.decode(), **options)
    except RecursionError:
        raise ValueError('it is nested too deeply') from None


def _integer(text):
    if len(text) > _MAX_DIGITS:
        raise ValueError('an integer has too many digits')
    return int(text)


def _without_duplicates(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError('a name is there twice')
    return dict(pairs)


def array(name, content, dtype, shape, order='C'):
    """Return the array that some bytes are.

    Parameters
    ----------
    name : str
        For the message.
    content : bytes or memoryview
    dtype : numpy.dtype
    shape : sequence of int >= 0
    order : 'C' or 'F'

    Returns
    -------
    ndarray
        On these bytes, so that it cannot be written to.

    Raises
    ------
    ValueError
        If dtype and shape do not give the number of bytes.
    """
    size = dtype.itemsize
    for length in shape:
        size *= length
    if size != len(content) or not dtype.itemsize:
        raise ValueError(
            f'{name!r} says that it has {size:,} bytes of numbers, and has '
            f'{len(content):,}'
        )
    try:
        return np.frombuffer(content, dtype).reshape(shape, order=order)
    except (OverflowError, ValueError):  # of lengths beside a 0, or too many of them
        raise ValueError(f'{name!r} says that it has an impossible shape') from None

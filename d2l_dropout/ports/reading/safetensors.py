"""Reads the safetensors format, in which PyTorch, Flax and Rust programs save tensors.

It is the length of a header (eight bytes, little-endian), the header in JSON, which has
dtype, shape and place of each tensor, and the tensors one after the other.
"""

import numpy as np

from d2l_dropout.ports.reading.untrusted import array, parse_json

_DTYPES = {
    **{'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'BF16': '<u2', 'BOOL': '|b1'},
    **{f'I{8 * size}': f'<i{size}' for size in (1, 2, 4, 8)},
    **{f'U{8 * size}': f'<u{size}' for size in (1, 2, 4, 8)},
}
_MAX_HEADER = 2**20


def parse(content):
    """Return the tensors of a safetensors file.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict of str to ndarray
        bfloat16 becomes float32, which has all its values.

    Raises
    ------
    ValueError
        If it is not such a file, or its header does not fit the rest of it.
    """
    start = 8 + int.from_bytes(content[:8], 'little')
    if start > min(len(content), 8 + _MAX_HEADER):
        raise ValueError('it is not a safetensors file, or it is damaged')
    entries, data = _entries(content[8:start]), memoryview(content)[start:]
    tensors, place = {}, 0
    # Each tensor begins where the one before ends, so that none is read twice.
    for name, entry in sorted(entries.items(), key=lambda item: _place(*item)):
        begin, end = _place(name, entry)
        if begin != place or not begin <= end <= len(data):
            raise ValueError(f'the place of {name!r} does not fit those of the others')
        tensors[name] = _tensor(name, entry, data[begin:end])
        place = end
    if place != len(data):
        raise ValueError('it is longer or shorter than its header says')
    return tensors


def _entries(header):
    try:
        entries = parse_json(header)
    except ValueError as error:
        raise ValueError(f'its header is not JSON ({error})') from None
    if not isinstance(entries, dict):
        raise ValueError('its header is not a JSON object')
    entries.pop('__metadata__', None)
    return entries


def _place(name, entry):
    place = entry.get('data_offsets') if isinstance(entry, dict) else None
    if not _are_lengths(place) or len(place) != 2:
        raise ValueError(f'the header does not say where {name!r} is')
    return place


def _are_lengths(numbers):
    return isinstance(numbers, list) and all(
        type(number) is int and number >= 0 for number in numbers
    )


def _tensor(name, entry, content):
    dtype, shape = entry.get('dtype'), entry.get('shape')
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise ValueError(f'{name!r} has a dtype that is not supported: {dtype!r}')
    if not _are_lengths(shape):
        raise ValueError(f'the header does not say the shape of {name!r}')
    values = array(name, content, np.dtype(_DTYPES[dtype]), shape)
    if dtype == 'BF16':  # the upper half of a float32
        values = values.astype('<u4')
        values <<= 16
        values = values.view('<f4')
    return values

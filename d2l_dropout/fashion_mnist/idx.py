"""Read and verify one file in MNIST's IDX format, compressed or not."""

import zlib

import numpy as np

from d2l_dropout.fashion_mnist.errors import BadFileError
from d2l_dropout.fashion_mnist.revisions import identify

GZIP_MAGIC = b'\x1f\x8b'
HTML_BEGINNINGS = (b'<!doctype', b'<html', b'<head', b'<!--', b'<?xml')
UNSIGNED_BYTE = 0x08
SIDE = 28
NUM_LABELS = 10


def read(path, name):
    """Read and verify one of the four files.

    Parameters
    ----------
    path : str
        The file. Its first bytes, not its suffix, tell whether it is a gzip file.
    name : str, one of `revisions.FILES`
        Which of the four files it should be.

    Returns
    -------
    array : ndarray of uint8, read-only, shape (n, 28, 28) for images, pixels
        0 to 255, or (n,) for labels, 0 to 9; n >= 1
    revision : str, a key of `revisions.REVISIONS`, or 'unknown'

    Raises
    ------
    BadFileError
        If the file cannot be read or is not what `name` says.
    """
    try:
        with open(path, 'rb') as file:
            stored = file.read()
        content = decompress(stored)
        array = parse(content, images='images' in name)
    except OSError as error:
        raise BadFileError(path, f'cannot be read ({error.strerror})') from error
    except ValueError as error:
        raise BadFileError(path, str(error)) from error
    return array, identify(name, stored, content)


def decompress(stored):
    """Return the bytes inside a gzip file; other bytes are returned as they are.

    Raises
    ------
    ValueError
        If `stored` is empty, a web page, or a damaged gzip file.
    """
    if not stored:
        raise ValueError('is empty')
    beginning = stored[:1024].lstrip(b'\xef\xbb\xbf \t\r\n').lower()
    if beginning.startswith(HTML_BEGINNINGS):
        raise ValueError(
            'is a web page (HTML), not data: perhaps the login page of a network '
            'was saved in its place'
        )
    if not stored.startswith(GZIP_MAGIC):
        return stored
    members = []
    while stored:  # a gzip file may consist of several members
        decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            members.append(decoder.decompress(stored))
        except zlib.error as error:
            # 'Error -3 while decompressing data: incorrect data check'
            reason = str(error).rpartition(': ')[2]
            raise ValueError(f'is a damaged gzip file ({reason})') from error
        if not decoder.eof:
            raise ValueError('is a truncated gzip file: its end is missing')
        stored = decoder.unused_data.lstrip(b'\0')  # zero padding is allowed
    return members[0] if len(members) == 1 else b''.join(members)


def parse(content, images):
    """Return the array in the bytes of an IDX file, without copying it.

    Raises
    ------
    ValueError
        If the header, the shape, the number of bytes or a label is wrong.
    """
    shape, start = _header(content, num_dims=3 if images else 1)
    if shape[0] == 0:
        raise ValueError('holds no examples (its header says 0)')
    if images and shape[1:] != (SIDE, SIDE):
        raise ValueError(
            f'holds images of {shape[1]} x {shape[2]} pixels, not {SIDE} x {SIDE}'
        )
    promised = shape[0] * (SIDE * SIDE if images else 1)
    found = len(content) - start
    if found != promised:
        raise ValueError(
            f'is too {"short" if found < promised else "long"}: its header promises '
            f'{promised} bytes for {shape[0]} examples, {found} follow'
        )
    array = np.frombuffer(content, np.uint8, offset=start).reshape(shape)
    if not images and array.max() >= NUM_LABELS:
        raise ValueError(
            f'holds the label {array.max()}; labels run from 0 to {NUM_LABELS - 1}'
        )
    return array


def _header(content, num_dims):
    """Return the shape that an IDX header states, and where the data start."""
    # Two zero bytes, the element type, the number of dimensions, the shape.
    if content[:2] != b'\0\0' or len(content) < 4:
        raise ValueError(
            f'does not begin like an IDX file: its first bytes are '
            f'{content[:4].hex()}, not 0000{UNSIGNED_BYTE:02x}{num_dims:02x}'
        )
    if content[2] != UNSIGNED_BYTE:
        raise ValueError(
            f'holds elements of IDX type 0x{content[2]:02x}, not unsigned bytes '
            f'(0x{UNSIGNED_BYTE:02x})'
        )
    if content[3] != num_dims:
        kinds = {1: ': it seems to hold labels', 3: ': it seems to hold images'}
        raise ValueError(
            f'says in its header that its number of dimensions is {content[3]}, not '
            f'{num_dims}{kinds.get(content[3], "")}'
        )
    start = 4 + 4 * num_dims
    if len(content) < start:
        raise ValueError(f'ends within its header, after {len(content)} bytes')
    return tuple(np.frombuffer(content, '>u4', num_dims, offset=4).tolist()), start

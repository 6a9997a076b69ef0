"""Read and verify one file in MNIST's IDX format, compressed or not."""

import math

import numpy as np

from d2l_dropout import files
from d2l_dropout.fashion_mnist.content import Content
from d2l_dropout.fashion_mnist.errors import BadFileError
from d2l_dropout.fashion_mnist.revisions import Identification

UNSIGNED_BYTE = 0x08
SIDE = 28
NUM_LABELS = 10
# Memory for what a header promises is 196 MB then. The largest known set of this kind,
# EMNIST's digits, has 240,000 examples.
MAX_EXAMPLES = 250_000


def read(path, name):
    """Read and verify one of the four files.

    No more is read than the header promises and one byte, whatever follows.

    Parameters
    ----------
    path : str
        A regular file. Its first bytes, not its suffix, tell whether it is gzip.
    name : str, one of `revisions.FILES`
        Which of the four files it should be.

    Returns
    -------
    array : ndarray of uint8, read-only, shape (n, 28, 28) for images, pixels
        0 to 255, or (n,) for labels, 0 to 9; 1 <= n <= 250,000
    revision : str, a key of `revisions.REVISIONS`, or 'unknown'

    Raises
    ------
    BadFileError
        If the file cannot be read or is not what `name` says.
    """
    identification = Identification(name)
    try:
        with files.opened(path) as file:
            content = Content(file, lambda data: identification.add(data, True))
            header, array = _parse(content, images='images' in name)
    except OSError as error:
        raise BadFileError(path, f'cannot be read ({error.strerror})') from error
    except ValueError as error:
        raise BadFileError(path, str(error)) from error
    for part in (header, array):
        identification.add(part, False)
    return array, identification.revision()


def _parse(content, images):
    """Return the header and the array in the content of an IDX file."""
    header, shape = _header(content, num_dims=3 if images else 1)
    if shape[0] == 0:
        raise ValueError('holds no examples (its header says 0)')
    if images and shape[1:] != (SIDE, SIDE):
        raise ValueError(
            f'holds images of {shape[1]} x {shape[2]} pixels, not {SIDE} x {SIDE}'
        )
    if shape[0] > MAX_EXAMPLES:
        raise ValueError(
            f'promises {shape[0]} examples in its header; no more than {MAX_EXAMPLES} '
            'are read'
        )
    array = _data(content, shape)
    if not images and array.max() >= NUM_LABELS:
        raise ValueError(
            f'holds the label {array.max()}; labels run from 0 to {NUM_LABELS - 1}'
        )
    return header, array


def _data(content, shape):
    promised = math.prod(shape)
    content.most_stored += 2 * promised  # gzip adds a fraction of a percent at most
    array = np.empty(shape, np.uint8)  # takes no memory before it is filled
    found = content.read_into(memoryview(array.reshape(-1)))
    says = f'its header promises {promised} bytes for {shape[0]} examples'
    if found < promised:
        raise ValueError(f'is too short: {says}, {found} follow')
    if content.read_into(memoryview(bytearray(1))):
        raise ValueError(f'is too long: {says}, more follow')
    array.flags.writeable = False
    return array


def _header(content, num_dims):
    """Return an IDX header and the shape that it states."""
    buffer = bytearray(4 + 4 * num_dims)
    num_read = content.read_into(memoryview(buffer))
    header = bytes(buffer[:num_read])
    # Two zero bytes, the element type, the number of dimensions, the shape.
    if header[:2] != b'\0\0' or num_read < 4:
        raise ValueError(
            f'does not begin like an IDX file: its first bytes are '
            f'{header[:4].hex()}, not 0000{UNSIGNED_BYTE:02x}{num_dims:02x}'
        )
    if header[2] != UNSIGNED_BYTE:
        raise ValueError(
            f'holds elements of IDX type 0x{header[2]:02x}, not unsigned bytes '
            f'(0x{UNSIGNED_BYTE:02x})'
        )
    if header[3] != num_dims:
        kinds = {1: ': it seems to hold labels', 3: ': it seems to hold images'}
        raise ValueError(
            f'says in its header that its number of dimensions is {header[3]}, not '
            f'{num_dims}{kinds.get(header[3], "")}'
        )
    if num_read < len(buffer):
        raise ValueError(f'ends within its header, after {num_read} bytes')
    return header, tuple(np.frombuffer(header, '>u4', num_dims, offset=4).tolist())

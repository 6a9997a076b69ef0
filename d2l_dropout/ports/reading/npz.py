"""Reads `.npz` files without pickle, and inflates no more than they may hold."""

import io
import re
import struct
import zipfile
import zlib

import numpy as np

from d2l_dropout.ports.reading.untrusted import MAX_BYTES, MAX_TENSORS, array

_MAX_HEADER = 4096
_ENTRY, _ENCRYPTED = b'PK\x01\x02', 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: Kinds of dtype: numbers, texts (for remarks) and raw bytes, as which NumPy saves
#: bfloat16.
_KINDS = 'biufcSUV'
#: What `zipfile` raises of a file that is damaged, on purpose or by accident.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class _Refused(ValueError):
    """A sentence of ours, as opposed to what `zipfile` raises."""


def parse(content):
    """Return the arrays of a `.npz` file.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ValueError
        If it is not a `.npz` file, is damaged, has arrays of Python objects, or would
        take more than `MAX_BYTES`.
    """
    if not content.startswith(b'PK'):
        raise ValueError(
            'it is not a .npz of arrays of numbers; write one with numpy.savez'
        )
    # zipfile reads a directory of any length; each of its entries begins like this.
    if content.count(_ENTRY) > MAX_TENSORS:
        raise ValueError(f'it has more than {MAX_TENSORS} arrays')
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check(members)
            return {_name(member): _array(archive, member) for member in members}
    except _Refused:
        raise
    except _DAMAGED as error:
        raise ValueError(f'it is not a .npz, or damaged ({error})') from None


def _name(member):
    name = member.filename
    return name[:-4] if name.endswith('.npy') else name


def _check(members):
    if sum(member.file_size for member in members) > MAX_BYTES:
        raise _Refused(f'its arrays would take more than {MAX_BYTES:,} bytes')
    if len({_name(member) for member in members}) < len(members):
        raise _Refused('two of its arrays have the same name')
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise _Refused(f'{_name(member)!r} is encrypted')
        if member.compress_type not in _METHODS:
            raise _Refused(
                f'{_name(member)!r} is compressed in another way than that of '
                'numpy.savez_compressed'
            )


def _array(archive, member):
    with archive.open(member) as file:
        content = file.read(member.file_size)
        if len(content) != member.file_size or file.read(1):
            raise _Refused(f'{_name(member)!r} is not as long as the archive says')
    try:
        dtype, shape, order, start = _header(_name(member), content)
        return array(_name(member), memoryview(content)[start:], dtype, shape, order)
    except ValueError as error:
        raise _Refused(str(error)) from None


def _header(name, content):
    """Return what the header of the `.npy` format says, and its length.

    NumPy evaluates it as a Python expression; for arrays of numbers, patterns will do.
    """
    width = {b'\x01': 2, b'\x02': 4, b'\x03': 4}.get(content[6:7])
    if content[:6] != b'\x93NUMPY' or width is None:
        raise ValueError(f'{name!r} is not an array')
    start = 8 + width
    end = start + int.from_bytes(content[8:start], 'little')
    if end > min(len(content), start + _MAX_HEADER):
        raise ValueError(f'the header of {name!r} is too long')
    text = content[start:end].decode('latin1')
    descr = re.search(r"'descr'\s*:\s*'([<>|=]?[a-zA-Z]\d{1,4})'", text)
    order = re.search(r"'fortran_order'\s*:\s*(True|False)", text)
    shape = re.search(r"'shape'\s*:\s*\(([\d,\s]{0,400})\)", text)
    if not (descr and order and shape):
        raise ValueError(f'{name!r} is not an array of numbers')
    lengths = [int(length) for length in re.findall(r'\d+', shape[1])]
    return _dtype(name, descr[1]), lengths, 'F' if order[1] == 'True' else 'C', end


def _dtype(name, descr):
    if descr.lstrip('<>|=')[0] not in _KINDS:
        raise ValueError(f'{name!r} is not an array of numbers: its dtype is {descr}')
    try:
        return np.dtype(descr)
    except TypeError:
        raise ValueError(f'{name!r} has an unknown dtype: {descr}') from None

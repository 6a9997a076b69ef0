"""Files in the formats that `compare` reads, made from arrays."""

import io
import json
import struct

import numpy as np


def as_npz(tensors, save=np.savez):
    file = io.BytesIO()
    save(file, **tensors)
    return file.getvalue()


_NAMES = {'f4': 'F32', 'f8': 'F64', 'f2': 'F16', 'u1': 'U8', 'b1': 'BOOL'}
_NAMES.update({'i4': 'I32', 'i8': 'I64'})


def as_safetensors(tensors):
    header, data = {}, b''
    for name, value in tensors.items():
        place = [len(data), len(data) + value.nbytes]
        dtype = _NAMES[value.dtype.str[1:]]
        header[name] = {'dtype': dtype, 'shape': value.shape, 'data_offsets': place}
        data += value.tobytes()
    return raw_safetensors({**header, '__metadata__': {'format': 'np'}}, data)


def raw_safetensors(header, data=b''):
    header = json.dumps(header).encode()
    return struct.pack('<Q', len(header)) + header + data


def same(found, expected):
    assert set(found) == set(expected)
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])
        assert found[name].dtype == expected[name].dtype


GOOD_NPZ = as_npz({'a': np.arange(6.0).reshape(2, 3)}, np.savez_compressed)
GOOD_SAFETENSORS = as_safetensors({'a': np.arange(6.0).reshape(2, 3)})

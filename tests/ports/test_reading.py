"""Files of ports are foreign: each is read or refused in a sentence, quickly."""

import io
import json
import os
import struct
import time
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from foreign_files import GOOD_NPZ, as_npz, as_safetensors, raw_safetensors, same

from d2l_dropout import cli
from d2l_dropout.ports import files
from d2l_dropout.ports.reading import npz, reading, safetensors
from d2l_dropout.ports.reading.untrusted import MAX_BYTES


def test_the_safetensors_library_writes_what_is_read(tmp_path):
    library = pytest.importorskip('safetensors.numpy')
    tensors = files.load(files.SHIPPED / 'epochs-gluon.npz').tensors
    library.save_file(tensors, str(tmp_path / 'a.safetensors'))
    same(reading.load_tensors(tmp_path / 'a.safetensors'), tensors)


def test_bfloat16_in_safetensors_becomes_float32():
    values = np.float32([[1, -2.5], [np.inf, 0.15625]])
    data = (values.view('<u4') >> 16).astype('<u2').tobytes()
    entry = {'dtype': 'BF16', 'shape': [2, 2], 'data_offsets': [0, 8]}
    found = safetensors.parse(raw_safetensors({'a': entry}, data))
    same(found, {'a': values})


def test_bfloat16_that_numpy_saves_as_raw_bytes_is_read_as_such():
    assert npz.parse(as_npz({'a': np.zeros(2, 'V2')}))['a'].dtype == 'V2'


def npy(header, data=b''):
    header = header.encode()
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header + data


def zipped(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def shaped(shape, descr="'<f4'"):
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


def with_flag(content, offset, value):
    """Set two bytes of the only member, in its header and in the directory."""
    content = bytearray(content)
    for mark, place in ((b'PK\x03\x04', offset), (b'PK\x01\x02', offset + 2)):
        at = content.index(mark) + place
        content[at : at + 2] = struct.pack('<H', value)
    return bytes(content)


def bomb(num_bytes):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(2**20)
    header = npy(shaped((num_bytes // 4,)))
    packed = packer.compress(header)
    for _ in range(num_bytes // len(zeros)):
        packed += packer.compress(zeros)
    return packed + packer.flush(), len(header) + num_bytes


def lying_bomb(num_bytes, declared):
    """An archive of one member that inflates to more than its directory says."""
    packed, size = bomb(num_bytes)
    size = declared if declared is not None else size
    fields = struct.pack('<HHHHHIII', 20, 0, 8, 0, 33, 0, len(packed), size)
    local = b'PK\x03\x04' + fields + struct.pack('<HH', 5, 0) + b'a.npy'
    entry = b'PK\x01\x02' + struct.pack('<H', 20) + fields
    entry += struct.pack('<HHHHHII', 5, 0, 0, 0, 0, 0, 0) + b'a.npy'
    start = len(local) + len(packed)
    end = struct.pack('<HHHHIIH', 0, 0, 1, 1, len(entry), start, 0)
    return local + packed + entry + b'PK\x05\x06' + end


NINE = {'dtype': 'F32', 'shape': [9], 'data_offsets': [0, 36]}
HOSTILE = {
    'nothing.npz': (b'', 'is not a .npz'),
    'text.npz': (b'step1/H1 1 2 3', 'is not a .npz'),
    'cut.npz': (GOOD_NPZ[:-30], 'damaged'),
    'objects.npz': (
        as_npz({'a': np.array([{}], dtype=object)}),
        'is not an array of numbers',
    ),
    'records.npz': (as_npz({'a': np.zeros(2, 'i4,f4')}), 'is not an array of numbers'),
    'dates.npz': (as_npz({'a': np.zeros(2, 'M8[s]')}), 'is not an array of numbers'),
    'encrypted.npz': (with_flag(GOOD_NPZ, 6, 1), "'a' is encrypted"),
    'unknown-method.npz': (with_flag(GOOD_NPZ, 8, 99), 'compressed in another way'),
    'bz2.npz': (
        zipped([('a.npy', npy(shaped('()'), bytes(4)))], zipfile.ZIP_BZIP2),
        'compressed in another way',
    ),
    'lzma.npz': (
        zipped([('a.npy', npy(shaped('()'), bytes(4)))], zipfile.ZIP_LZMA),
        'compressed in another way',
    ),
    'four-terabytes.npz': (
        zipped([('a.npy', npy(shaped((10**12,)), bytes(8)))]),
        'says that it has 4,000,000,000,000 bytes of numbers, and has 8',
    ),
    'impossible-shape.npz': (
        zipped([('a.npy', npy(shaped((0, 10**30))))]),
        'impossible shape',
    ),
    'no-bytes.npz': (
        zipped([('a.npy', npy(shaped((10**9,), "'|V0'")))]),
        'says that it has 0 bytes',
    ),
    'code.npz': (
        zipped([('a.npy', npy(shaped('[print(1)]')))]),
        'is not an array of numbers',
    ),
    'no-array.npz': (zipped([('a.txt', b'hello')]), "'a.txt' is not an array"),
    'twice.npz': (
        zipped([(name, npy(shaped('()'), bytes(4))) for name in ('a', 'a.npy')]),
        'have the same name',
    ),
    'many.npz': (zipped([(f'{k}', b'') for k in range(2500)]), 'more than 2000 arrays'),
    'bomb.npz': (lying_bomb(2**30, None), 'would take more than'),
    'lying-bomb.npz': (lying_bomb(2**28, 4096), 'damaged'),
    'nothing.safetensors': (b'', 'is not a safetensors file'),
    'long-header.safetensors': (b'\xff' * 8 + b'{}', 'is not a safetensors file'),
    'digits.safetensors': (
        raw_safetensors({'a': 1})[:8] + b'9' * 8,
        'header is not a JSON object',
    ),
    'beyond.safetensors': (
        raw_safetensors({'a': NINE}, bytes(8)),
        "the place of 'a' does not fit",
    ),
    'overlapping.safetensors': (
        raw_safetensors({'a': NINE, 'b': NINE}, bytes(36)),
        'does not fit',
    ),
    'rest.safetensors': (raw_safetensors({'a': NINE}, bytes(40)), 'longer or shorter'),
    'impossible.safetensors': (
        raw_safetensors({'a': {**NINE, 'shape': [10**12, 10**12]}}, bytes(36)),
        'says that it has',
    ),
    'float8.safetensors': (
        raw_safetensors({'a': {**NINE, 'dtype': 'F8_E4M3'}}, bytes(36)),
        'a dtype that is not supported',
    ),
    'deep.safetensors': (
        struct.pack('<Q', 10**6) + b'[' * 10**6,
        'nested too deeply',
    ),
    'deep.json': (b'[' * 10**6, 'nested too deeply'),
    'ragged.json': (b'{"a": [[1, 2], [3]]}', "'a' is not a list of lists of numbers"),
    'words.json': (b'{"a": ["one"]}', "'a' is not a list of lists of numbers"),
    'list.json': (b'[1, 2]', 'not an object'),
    'twice.json': (b'{"a": 1, "a": 2}', 'a name is there twice'),
    'half.json': (b'{"a": [1', 'cannot be read'),
    'digits.json': (b'{"step1/H1": ' + b'9' * (2**20 - 30) + b'}', ''),
    'lists.json': (
        b'{"step1/H1": [' + b'[[[0]]],' * 131_000 + b'0]}',
        'is not a list of lists of numbers',
    ),
    'large.json': (b' ' * 2**20 + b'{}', 'more than 1,048,576 bytes'),
}


@pytest.mark.parametrize('name', HOSTILE)
def test_a_hostile_file_is_refused_in_a_sentence_quickly_and_small(
    name, tmp_path, capsys
):
    content, sentence = HOSTILE[name]
    (tmp_path / name).write_bytes(content)
    tracemalloc.start()
    start = time.process_time()
    code = cli.main(['compare', str(tmp_path / name)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    error = capsys.readouterr().err
    assert time.process_time() - start < 2
    assert peak < 200e6
    if sentence:
        assert code == 3 and sentence in error
        assert error.count('\n') == 1


def test_what_is_too_large_is_refused_before_it_is_read(tmp_path, capsys):
    path = tmp_path / 'large.npz'
    with path.open('wb') as file:
        file.truncate(2**42)
    assert cli.main(['compare', str(path)]) == 3
    assert f'more than {MAX_BYTES:,} bytes' in capsys.readouterr().err


def test_a_file_of_the_largest_size_stays_within_the_memory(tmp_path):
    largest = np.zeros(MAX_BYTES // 4 - 1000, 'float32')
    for save in (np.savez, np.savez_compressed):
        content = as_npz({'a': largest}, save)
        tracemalloc.start()
        start = time.process_time()
        assert npz.parse(content)['a'].shape == largest.shape
        assert time.process_time() - start < 2
        assert tracemalloc.get_traced_memory()[1] + len(content) < 200e6
        tracemalloc.stop()


@pytest.mark.parametrize('kind', ['FIFO', 'device', 'folder'])
def test_only_regular_files_are_opened(kind, tmp_path, capsys):
    path = tmp_path / 'theirs.npz'
    if kind == 'FIFO':
        os.mkfifo(path)
    elif kind == 'device':
        path.symlink_to('/dev/zero')
    else:
        path.mkdir()
    assert cli.main(['compare', str(path)]) == 3
    reason = 'a folder' if kind == 'folder' else 'not a regular file'
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize('suffix', ['npz', 'safetensors', 'json'])
def test_compare_takes_each_format(suffix, tmp_path, capsys):
    tensors = files.load(files.SHIPPED / 'tiny-gluon.npz').tensors
    path = tmp_path / f'theirs.{suffix}'
    if suffix == 'npz':
        path.write_bytes(as_npz(tensors, np.savez_compressed))
    elif suffix == 'json':
        lists = {name: value.tolist() for name, value in tensors.items()}
        path.write_text(json.dumps(lists))
    else:
        path.write_bytes(as_safetensors(tensors))
    assert cli.main(['compare', str(path)]) == 0
    assert 'tiny-gluon: 60 of 60' in capsys.readouterr().out


def test_the_tiny_cases_are_written_as_json_too_and_read_back_exactly(tmp_path):
    assert cli.main(['export', '--tiny', str(tmp_path)]) == 0
    for path in files.SHIPPED.glob('*.npz'):
        found = reading.load_tensors(tmp_path / f'{path.stem}.tensors.json')
        for name, value in files.load(path).tensors.items():
            assert (found[name].astype(value.dtype) == value).all()
        assert (tmp_path / f'{path.stem}.tensors.json').stat().st_size < 80e3

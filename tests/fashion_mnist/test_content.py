"""Files that want memory or time: bombs, empty members, devices, FIFOs."""

import gzip
import os
import struct
import subprocess
import sys
import zlib

import idx_files
import pytest
from idx_files import BOOK
from limits import at_most

from d2l_dropout import doctor, files
from d2l_dropout.fashion_mnist import BadFileError, DownloadError, fetch, idx, load
from d2l_dropout.fashion_mnist.content import MAX_MEMBERS
from d2l_dropout.fashion_mnist.revisions import FILES, TEST_LABELS, TRAIN_IMAGES


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    return idx_files.World(tmp_path, monkeypatch)


@pytest.fixture
def own(world, tmp_path):
    """A folder with a good set."""
    return idx_files.write(tmp_path / 'own', world.later)


@pytest.fixture(scope='module')
def zeros():
    """A quarter of a gigabyte of zeros, compressed to a quarter of a megabyte."""
    return gzip.compress(bytes(1 << 28))


def images_header(n):
    return struct.pack('>HBBIII', 0, 8, 3, n, 28, 28)


def put(folder, name, stored):
    path = os.path.join(folder, name + '.gz')
    os.unlink(path)
    with open(path, 'wb') as file:
        file.write(stored)
    return path


PEAK = """
import re, sys
from d2l_dropout import fashion_mnist
def peak():
    return int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])
before = peak()
try:
    fashion_mnist.load(sys.argv[1])
except fashion_mnist.BadFileError as error:
    print(error.problem)
print((peak() - before) // 1024, file=sys.stderr)
"""


def test_a_bomb_is_refused_without_inflating_it(own, zeros):
    put(own, TRAIN_IMAGES, gzip.compress(images_header(20)) + zeros)
    command = [sys.executable, '-c', PEAK, own]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.stdout == (
        'is too long: its header promises 15680 bytes for 20 examples, more follow\n'
    )
    assert int(done.stderr) < 20  # megabytes


@pytest.mark.parametrize('promised', [2**32 - 1, idx.MAX_EXAMPLES + 1])
def test_a_header_that_promises_too_much_is_refused(own, zeros, promised):
    put(own, TRAIN_IMAGES, gzip.compress(images_header(promised)) + zeros)
    with at_most(seconds=1, megabytes=10):
        with pytest.raises(BadFileError, match=f'promises {promised} examples .* no'):
            load(own)


def test_a_mirror_that_serves_a_bomb_is_one_that_failed(world, zeros):
    bomb = gzip.compress(struct.pack('>HBBI', 0, 8, 1, 20)) + zeros
    with idx_files.Server(dict.fromkeys(FILES, bomb)) as bad:
        world.set_mirrors(BOOK, bad.url)
        with at_most(seconds=2, megabytes=20):
            with pytest.raises(DownloadError, match='is too long'):
                fetch(BOOK)
        with idx_files.Server(world.book) as good:
            world.set_mirrors(BOOK, bad.url, good.url)
            assert fetch(BOOK).revision == BOOK


@pytest.mark.parametrize('member', [gzip.compress(b''), b'\0'], ids=['gzip', 'zero'])
def test_what_never_ends_and_holds_nothing_is_refused(own, world, member):
    put(own, TEST_LABELS, world.later[TEST_LABELS] + member * 4_000_000)
    with at_most(seconds=2, megabytes=10):
        with pytest.raises(BadFileError, match=f'more than {MAX_MEMBERS} mem|too larg'):
            load(own)


def test_many_empty_members_are_refused_in_no_time(own, world):
    put(own, TEST_LABELS, gzip.compress(b'') * 200_000 + world.later[TEST_LABELS])
    with at_most(seconds=2, megabytes=10):
        with pytest.raises(BadFileError, match=f'more than {MAX_MEMBERS} members'):
            load(own)


def test_pieces_that_end_anywhere_give_the_same_bytes(own, world):
    raw = gzip.decompress(world.later[TRAIN_IMAGES])
    members = [raw[k : k + 100] for k in range(0, len(raw), 100)]
    put(own, TRAIN_IMAGES, b''.join(gzip.compress(m) + bytes(3) for m in members))
    assert load(own).revision == idx_files.LATER
    whole = zlib.compressobj(9, zlib.DEFLATED, 31)
    blocks = [whole.compress(m) + whole.flush(zlib.Z_FULL_FLUSH) for m in members]
    put(own, TRAIN_IMAGES, b''.join(blocks) + whole.flush())
    assert load(own).revision == idx_files.LATER


def make_fifo(path):
    os.mkfifo(path)


def link_to_zeros(path):
    os.symlink('/dev/zero', path)


@pytest.mark.parametrize('make', [make_fifo, link_to_zeros])
def test_what_is_no_regular_file_is_refused_at_once(own, monkeypatch, make):
    path = os.path.join(own, TRAIN_IMAGES + '.gz')
    os.unlink(path)
    make(path)
    with pytest.raises(BadFileError, match='cannot be read .it is not a regular file'):
        load(own)
    with pytest.raises(OSError, match='not a regular file'):
        files.read(path)
    monkeypatch.setenv('D2L_DATA', own)
    (check,) = (check for check in doctor.examine() if check.name == 'data')
    assert not check.ok and 'is not a regular file' in check.advice

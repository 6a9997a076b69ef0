"""Whatever the bytes of a file are: it is read or refused, soon and in little memory.

`.npz`, CSV and the other files of ports are in `tests/ports`.
"""

import gzip
import json
import os
import struct
import warnings
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import at_most

from d2l_dropout import cli
from d2l_dropout.distributed import checkpoint, run_folder
from d2l_dropout.fashion_mnist import BadFileError, idx
from d2l_dropout.fashion_mnist.revisions import TEST_IMAGES, TEST_LABELS
from d2l_dropout.metrics import EpochStats
from d2l_dropout.models.model import make
from d2l_dropout.runs.result import Checkpoint, RunFailure, RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

SPEC = RunSpec(num_hiddens1=2, num_hiddens2=2, num_epochs=1)
EPOCHS = [EpochStats(1, 0.5, 0.25, 0.125)]
LINE = RunResult(SPEC, EPOCHS, 1.0, 'ab', 1, {'MXNet': '1.9.1'}, 'x').to_json()
# Many examples are for `make test-slow`.
examples = pytest.mark.parametrize(
    'num', [60, pytest.param(3000, marks=pytest.mark.slow)]
)


def holds_for(strategy, num, read):
    """Let `read` meet examples: each within two seconds and 200 MB."""

    @settings(
        max_examples=num,
        deadline=None,  # `at_most` has one
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def holds(content):
        with at_most(seconds=2, megabytes=200):
            read(content)

    holds()


def changed(whole):
    """Bytes with some of them replaced, removed, repeated or cut off."""
    change = st.tuples(
        st.integers(0, len(whole)),
        st.integers(0, 8),
        st.one_of(st.binary(max_size=8), st.sampled_from([b'[' * 9999, b'9' * 9999])),
        st.sampled_from([1, 1, 1, 100]),
    )

    def apply(changes, end):
        content = whole
        for start, length, new, times in changes:
            content = content[:start] + new * times + content[start + length :]
        return content[: len(content) - end]

    ends = st.one_of(st.just(0), st.integers(0, len(whole)))
    return st.builds(apply, st.lists(change, max_size=3), ends)


def packed(content, level):
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


NUMBERS = st.one_of(st.integers(0, 40), st.sampled_from([250_000, 2**31, 2**32 - 1]))
HEADERS = st.builds(
    lambda start, numbers: start + struct.pack(f'>{len(numbers)}I', *numbers),
    st.sampled_from([b'\0\0\x08\x03', b'\0\0\x08\x01', b'\0\0\x0d\x03', b'\x1f\x8b']),
    st.one_of(
        NUMBERS.map(lambda n: (n, 28, 28)), st.lists(NUMBERS, max_size=4).map(tuple)
    ),
)
CONTENTS = st.builds(
    lambda header, size, tail: header + bytes(size) + tail,
    HEADERS,
    st.sampled_from([0, 1, 2, 784, 7840, 40 * 784, 3_000_000]),
    st.binary(max_size=20),
)
GZIPS = st.builds(
    lambda members, padding: b'\0'.join(members) + padding,
    st.lists(st.builds(packed, CONTENTS, st.integers(0, 9)), max_size=3),
    st.sampled_from([b'', b'\0' * 5, b'tail', gzip.compress(b'') * 20_000]),
)
IDX = gzip.compress(struct.pack('>HBBI', 0, 8, 1, 5) + bytes(5), mtime=0)


@examples
@pytest.mark.parametrize('name', [TEST_IMAGES, TEST_LABELS])
def test_an_idx_file_is_read_or_refused(num, name, tmp_path):
    path = tmp_path / name

    def read(content):
        path.write_bytes(content)
        try:
            array, revision = idx.read(str(path), name)
        except BadFileError as error:
            assert len(str(error)) < 600
        else:
            assert len(array) >= 1 and revision == 'unknown'

    holds_for(st.one_of(st.binary(), CONTENTS, GZIPS, changed(IDX)), num, read)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from([10**350, -(10**350), 2**31, 1e308]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=5,
)


def places(values, above=()):
    """The paths to all values within a value of JSON."""
    keys = values if isinstance(values, dict) else range(len(values))
    for key in keys:
        yield (*above, key)
        if isinstance(values[key], (dict, list)):
            yield from places(values[key], (*above, key))


def with_another_value(text):
    """A text of JSON in which one value, at any depth, is another."""

    def put(place, new):
        values = json.loads(text)
        inner = values
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = new
        return json.dumps(values).encode()

    return st.builds(put, st.sampled_from(list(places(json.loads(text)))), JSON)


@examples
def test_a_store_is_read_or_refused_and_what_is_read_is_whole(num, tmp_path):
    store = Store(tmp_path / 'runs.jsonl')
    line = st.one_of(
        st.binary(),
        JSON.map(lambda value: json.dumps(value).encode()),
        with_another_value(LINE),
        changed(LINE.encode()),
        changed(RunFailure(SPEC, 'no data').to_json().encode()),
    )

    def read(lines):
        with open(store.path, 'wb') as file:
            file.write(b'\n'.join(lines))
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', UserWarning)
            try:
                entries = store.read()
            except ValueError as error:
                assert 'is not a store of results' in str(error)
                assert len(str(error)) < 600
                return
        for spec, entry in entries.items():
            assert isinstance(entry, RunFailure) or (
                len(entry.epochs) == len(spec.evaluated_epochs())
                and all(0 <= epoch.train_acc <= 1 for epoch in entry.epochs)
            )
            entry.to_json()

    holds_for(st.lists(line, max_size=4), num, read)


def saved_run():
    model = make('scratch', None, 'dropout', num_hiddens1=2, num_hiddens2=2)
    return Checkpoint(SPEC, EPOCHS, model.state(), {'threads': 1}, 'ab' * 32)


@examples
def test_a_saved_run_is_read_or_refused(num, tmp_path):
    checkpoint.save(tmp_path, saved_run())
    path = tmp_path / run_folder.RUN
    text = path.read_text()

    def read(content):
        path.write_bytes(content)
        try:
            found = checkpoint.load(tmp_path)
        except ValueError as error:
            assert 'cannot be read' in str(error) and len(str(error)) < 900
        else:
            assert len(found.epochs) in (0, 1) and isinstance(found.about, dict)

    content = st.one_of(st.binary(), with_another_value(text), changed(text.encode()))
    holds_for(content, num, read)


@examples
def test_the_parameters_of_a_saved_run_are_read_or_refused(num, tmp_path):
    checkpoint.save(tmp_path, saved_run())
    path = tmp_path / 'epoch-1.params'
    whole = path.read_bytes()

    def read(content):
        path.write_bytes(content)
        if content == whole:
            checkpoint.load(tmp_path)
            return
        with pytest.raises(ValueError, match='is not what was saved'):
            checkpoint.load(tmp_path)

    holds_for(st.one_of(st.binary(), changed(whole)), num, read)


def make_fifo(path):
    os.mkfifo(str(path))


def link_to_zeros(path):
    path.symlink_to('/dev/zero')


@pytest.mark.parametrize('make_it', [make_fifo, link_to_zeros])
def test_only_regular_files_are_read(make_it, tmp_path, capsys, small_data):
    why = 'it is not a regular file'
    path = tmp_path / 'runs.jsonl'
    make_it(path)
    result = RunResult(SPEC, EPOCHS, 1.0, 'ab', 1, {}, 'x')
    for use in (Store(path).read, lambda: Store(path).add(result)):
        with at_most(seconds=2, megabytes=10):
            with pytest.raises(OSError, match=why):
                use()
    assert cli.main(['reproduce', '--store', str(path)]) == 3
    assert why in capsys.readouterr().err
    for name in (run_folder.RUN, 'epoch-1.params'):
        folder = tmp_path / f'run-{name}'
        checkpoint.save(folder, saved_run())
        (folder / name).unlink()
        make_it(folder / name)
        with at_most(seconds=2, megabytes=10):
            with pytest.raises(ValueError, match=f'cannot be read .*{why}'):
                checkpoint.load(folder)
        assert cli.main(['train', '--eval', str(folder)]) == 1
        assert why in capsys.readouterr().err

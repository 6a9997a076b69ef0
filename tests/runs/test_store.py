"""The store: whole lines or none, whatever happens to its writers."""

import errno
import os
from dataclasses import replace

import pytest
from limits import at_most, largest_file

from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.result import RunFailure, RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store


def spec(seed):
    return RunSpec(seed=seed, num_epochs=1)


def result(seed):
    return RunResult(
        spec(seed), [EpochStats(1, 0.5, 0.25, 0.125)], 1.0, 'ab', 1, {}, 'x'
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / 'folder' / 'runs.jsonl')


def test_what_is_added_is_read_back_once_each(store):
    assert store.read() == {}
    assert store.add(result(1)) and store.add(result(2)) and not store.add(result(1))
    assert store.read() == {spec(s): result(s) for s in (1, 2)}
    with open(store.path) as file:
        assert len(file.readlines()) == 2


@pytest.mark.parametrize('cut', [1, 20, 200])
def test_a_line_that_was_cut_off_is_not_believed_and_is_removed(store, cut):
    store.add(result(1))
    with open(store.path, 'a') as file:
        file.write(result(2).to_json()[:-cut])
    assert list(store.read()) == [spec(1)]
    store.add(result(2))
    assert store.read() == {spec(s): result(s) for s in (1, 2)}


def test_a_failure_is_kept_until_a_run_gives_a_result(store):
    failure = RunFailure(spec(1), 'no data')
    assert store.add(failure) and not store.add(failure)
    assert store.read() == {spec(1): failure} and store.results() == {}
    assert store.add(result(1)) and not store.add(failure)
    assert store.read() == store.results() == {spec(1): result(1)}


BAD_LINES = [
    '{"spec": {}}',
    '9.1"}, "machine": "x86_64"}',  # the end of a line
    result(2).to_json()[:300] + result(3).to_json(),  # glued to one that was cut off
    '[]',
    '5',
    'null',
    '{"spec": []}',
    '{"spec": {"revision": []}}',
    '{"spec": {"": 1}, "epochs": []}',
    '[' * 100000,
    '{"spec": {}, "error": 5}',
    result(2).to_json().replace('[[1, 0.5, 0.25, 0.125]]', '[[]]'),
    '\0' * 4096,
    '\udcff',
    result(2).to_json().replace('0.25', '1.25'),
    result(2).to_json().replace('0.25', '"a"'),
    result(2).to_json().replace('0.5,', '1' + '0' * 400 + ','),
    result(2).to_json().replace('[[1,', '[[2,'),
    result(2).to_json().replace('[[1, 0.5, 0.25, 0.125]]', '{"a": 1}'),
    result(2).to_json().replace('"versions": {}', '"versions": []'),
    result(2).to_json().replace('1.0', '"1.0"'),
    result(2).to_json().replace('"measure": null', '"measure": "units"'),
    result(2).to_json().replace('[[1, 0.5, 0.25, 0.125]]', '[]'),
    result(2).to_json().replace('"num_epochs": 1', '"num_epochs": 2'),
    result(2)
    .to_json()
    .replace('"versions": {}', '"versions": ' + '[' * 900 + ']' * 900),
    '9' * 5_000_000,
    ' ' * 9_000_000 + '{}',
]


@pytest.mark.parametrize('bad', BAD_LINES, ids=lambda line: ascii(line[:20]))
def test_a_line_of_something_else_is_named_and_passed_over(bad, store):
    store.add(result(1))
    bad = bad.encode(errors='surrogateescape')
    with open(store.path, 'ab') as file:
        file.write(bad + b'\n')
    with pytest.warns(UserWarning, match='runs.jsonl, line 2 is no result of a run'):
        assert store.add(result(4))
    with pytest.warns(UserWarning, match='it is passed over.$'):
        assert store.read() == {spec(s): result(s) for s in (1, 4)}
    with open(store.path, 'rb') as file:  # nothing is lost
        assert file.read().split(b'\n')[1] == bad


def test_many_bad_lines_are_one_warning(store):
    store.add(result(1))
    with open(store.path, 'a') as file:
        file.write('torn\n' * 5)
    with pytest.warns(UserWarning, match='line 2 .* and so are 4 other lines') as said:
        store.read()
    assert len(said) == 1


@pytest.mark.slow
def test_very_many_bad_lines_take_little_memory(store):
    store.add(result(1))
    with open(store.path, 'a') as file:
        file.write('torn\n' * 200_000)
    with at_most(seconds=10, megabytes=50):
        with pytest.warns(UserWarning, match='line 2 .* and so are 199999 other lines'):
            store.read()


def test_a_last_line_without_its_end_is_believed_if_it_is_whole(store):
    store.add(result(1))
    with open(store.path, 'a') as file:
        file.write(result(2).to_json())
    assert store.add(result(3)) and not store.add(result(2))
    assert list(store.read()) == [spec(s) for s in (1, 2, 3)]


@pytest.mark.filterwarnings('ignore:.*is passed over')
def test_nothing_is_added_to_a_line_of_somebody_else(store):
    store.add(result(1))
    with open(store.path, 'a') as file:
        file.write('my notes')
    store.add(result(2))
    assert list(store.read()) == [spec(s) for s in (1, 2)]
    with open(store.path) as file:
        assert file.read().splitlines()[1] == 'my notes'


def test_a_file_of_something_else_is_refused_and_kept(store):
    os.makedirs(os.path.dirname(store.path))
    for text in ('my notes', 'my\nnotes', '{"a": 1}\n'):
        with open(store.path, 'w') as file:
            file.write(text)
        with pytest.raises(ValueError, match='runs.jsonl'):
            store.add(result(1))
        with open(store.path) as file:
            assert file.read() == text


def test_a_full_disk_leaves_the_file_as_it_was(store, monkeypatch):
    store.add(result(1))

    def full(handle):
        raise OSError(errno.ENOSPC, 'No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr(os, 'fsync', full)
        with pytest.raises(OSError, match='No space left'):
            store.add(result(2))
    assert list(store.read()) == [spec(1)]
    assert store.add(result(2))


def test_a_line_that_does_not_fit_leaves_the_file_as_it_was(store):
    store.add(result(1))
    size = os.path.getsize(store.path)
    for num_bytes in (size, size + 1, size + 100):
        with largest_file(num_bytes), pytest.raises(OSError, match='File too large'):
            store.add(result(2))
        assert os.path.getsize(store.path) == size
    assert store.add(result(2)) and len(store.read()) == 2


def test_a_fifo_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / 'fifo'))
    for use in (Store.read, lambda store: store.add(result(1))):
        with pytest.raises(OSError, match='it is not a regular file'):
            use(Store(tmp_path / 'fifo'))


def test_two_processes_writing_at_once_lose_and_double_nothing(store, python):
    code = (
        'import sys, threading\n'
        'from test_store import Store, result\n'
        'for seed in range(int(sys.argv[1]), int(sys.argv[1]) + 60):\n'
        '    Store(sys.argv[2]).add(result(seed))'
    )
    import threading

    here = (
        os.path.dirname(os.path.dirname(__file__))
        + os.pathsep
        + os.path.dirname(__file__)
    )
    threads = [
        threading.Thread(
            target=python,
            args=(code,),
            kwargs={'args': [first, store.path], 'env': {'PYTHONPATH': here}},
        )
        for first in (0, 30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open(store.path) as file:
        assert len(file.readlines()) == 90
    assert set(store.read()) == {spec(s) for s in range(90)}


def test_results_of_specs_that_differ_are_kept_apart(store):
    store.add(result(1))
    other = replace(result(1), spec=replace(spec(1), model='gluon'))
    assert store.add(other) and len(store.read()) == 2


def test_a_store_that_can_be_written_is_as_it_was(store):
    store.check_writable()
    assert store.read() == {}
    store.add(result(1))
    with open(store.path, 'rb') as file:
        before = file.read()
    store.check_writable()
    with open(store.path, 'rb') as file:
        assert file.read() == before


def test_a_store_on_a_full_disk_is_found_before_there_is_a_result(store):
    store.add(result(1))
    with largest_file(os.path.getsize(store.path) + 100):
        with pytest.raises(OSError, match='File too large.*runs.jsonl'):
            store.check_writable()
    assert store.read() == {spec(1): result(1)}

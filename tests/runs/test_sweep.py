"""Many runs: side by side, and nothing lost when something is killed (Linux)."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from limits import largest_file

from d2l_dropout import fashion_mnist
from d2l_dropout.runs.result import RunFailure, parse
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep

pytestmark = pytest.mark.one_python

SMALL = RunSpec(num_epochs=1, num_hiddens1=8, num_hiddens2=8)
SMALL = SMALL.on(fashion_mnist.locate('synthetic:60'))
SWEEP = """
import sys
from test_sweep import SPECS, Store, sweep
failed = sweep(SPECS[:int(sys.argv[2])], Store(sys.argv[1]), jobs=2)
sys.exit(len(failed))
"""
SPECS = [replace(SMALL, seed=seed) for seed in range(6)]
FEW = SPECS[:3]  # each run starts a process


def start(path, specs=FEW):
    env = dict(
        os.environ,
        PYTHONPATH=os.path.dirname(os.path.dirname(__file__))
        + os.pathsep
        + os.path.dirname(__file__),
    )
    command = [sys.executable, '-c', SWEEP, str(path), str(len(specs))]
    return subprocess.Popen(command, env=env)


def status(pid):
    """State and parent of a process, or None if it has ended."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            state, parent = file.read().rpartition(')')[2].split()[:2]
    except OSError:
        return None
    return None if state == 'Z' else (state, int(parent))


def workers_of(parent):
    """The processes that `parent` has started."""
    pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
    return [pid for pid in pids if (status(pid) or (None, None))[1] == parent]


def first_workers(process):
    """The workers of a sweep as soon as it has some: they have seconds to go."""
    end = time.time() + 60
    while time.time() < end and process.poll() is None:
        workers = workers_of(process.pid)
        if workers:
            return workers
        time.sleep(0.02)
    raise AssertionError('the sweep started no worker')


@pytest.fixture(autouse=True)
def little_data(monkeypatch):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')


@pytest.fixture(scope='module')
def undisturbed(tmp_path_factory):
    """The store of a sweep of `FEW` that nothing disturbed."""
    store = Store(tmp_path_factory.mktemp('sweep') / 'runs.jsonl')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('D2L_DATA', 'synthetic:60')
        assert sweep(FEW, store, jobs=2) == {}
    return store


def digests(store):
    return {spec: result.digest for spec, result in store.read().items()}


def test_only_what_is_missing_is_run(tmp_path, undisturbed):
    path = tmp_path / 'runs.jsonl'
    store = Store(path)
    first, *others = Path(undisturbed.path).read_text().splitlines(keepends=True)
    path.write_text(''.join(others))
    assert sweep(FEW, store, jobs=2) == {}
    *kept, added = path.read_text().splitlines(keepends=True)
    assert kept == others and parse(added).spec == parse(first).spec
    assert digests(store) == digests(undisturbed)
    before = path.stat().st_mtime_ns
    assert sweep(FEW, store) == {}
    assert path.stat().st_mtime_ns == before


def test_runs_that_do_not_say_on_which_data_are_refused(tmp_path):
    store = Store(tmp_path / 'runs.jsonl')
    for revision in ('synthetic', 'unknown'):
        with pytest.raises(ValueError, match='does not say which data are meant'):
            sweep([RunSpec(revision=revision)], store)
    assert list(tmp_path.iterdir()) == []


def test_results_on_other_data_are_not_taken_for_those_here(tmp_path, monkeypatch):
    store = Store(tmp_path / 'runs.jsonl')
    assert sweep(SPECS[:1], store) == {}
    monkeypatch.setenv('D2L_DATA', 'synthetic:120')
    other = SPECS[0].on(fashion_mnist.locate())
    assert sweep([other], store) == {}
    assert len(store.results()) == len(set(digests(store).values())) == 2


def test_a_run_has_the_same_bits_whatever_its_worker_ran_before(tmp_path):
    mixed = [replace(s, model=m) for s in FEW[:2] for m in ('scratch', 'gluon')]
    together = Store(tmp_path / 'together.jsonl')
    assert sweep(mixed, together, jobs=1) == {}  # one worker serves them all
    for k, spec in enumerate(mixed[2:]):
        fresh = Store(tmp_path / f'{k}.jsonl')
        assert sweep([spec], fresh) == {}
        assert digests(fresh)[spec] == digests(together)[spec]


@pytest.mark.slow
def test_a_worker_serves_a_hundred_runs_with_the_same_bits_in_the_same_memory():
    from d2l_dropout.runs import sweep as module

    last = replace(SMALL, seed=99, model='gluon')
    fresh = module._Worker('')
    digest = parse(fresh.run(last)).digest
    fresh.end()
    worker, memory = module._Worker(''), []
    for seed in range(100):
        model = ('scratch', 'gluon')[seed % 2]
        result = parse(worker.run(replace(SMALL, seed=seed, model=model)))
        memory.append(resident_megabytes(worker._process.pid))
    worker.end()
    assert result.spec == last and result.digest == digest
    assert memory[-1] < memory[9] + 20


def resident_megabytes(pid):
    pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20


def test_a_run_that_fails_is_reported_and_stops_nobody(tmp_path):
    bad = replace(SMALL, num_examples=61)
    store = Store(tmp_path / 'runs.jsonl')
    failed = sweep([bad, SPECS[0]], store, jobs=1)
    assert list(failed) == [bad] and 'the training set has 60' in failed[bad]
    assert list(store.results()) == [SPECS[0]]
    assert store.read()[bad] == RunFailure(bad, failed[bad])


def test_a_worker_that_is_killed_is_started_again(tmp_path, undisturbed):
    process = start(tmp_path / 'runs.jsonl')
    os.kill(first_workers(process)[0], signal.SIGKILL)
    assert process.wait(timeout=120) == 0
    assert digests(Store(tmp_path / 'runs.jsonl')) == digests(undisturbed)


@pytest.mark.slow
def test_ten_kill_9s_of_the_parent_lose_nothing(tmp_path):
    path, rng = tmp_path / 'runs.jsonl', random.Random(1)
    for _ in range(10):
        process = start(path, SPECS)
        time.sleep(rng.uniform(1, 5))
        workers = workers_of(process.pid)
        process.kill()
        process.wait()
        wait_for_the_end_of(workers)
    assert start(path, SPECS).wait(timeout=120) == 0
    with open(path) as file:
        assert len(file.readlines()) == len(SPECS)
    whole = Store(tmp_path / 'undisturbed.jsonl')
    assert sweep(SPECS, whole, jobs=2) == {}
    assert digests(Store(path)) == digests(whole)


def wait_for_the_end_of(pids):
    """No worker outlives its parent for long."""
    end = time.time() + 30
    while any(status(pid) for pid in pids):
        assert time.time() < end, 'a worker outlived its parent'
        time.sleep(0.05)


def test_ctrl_c_ends_the_workers_too(tmp_path):
    process = start(tmp_path / 'runs.jsonl')
    workers = first_workers(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) != 0
    wait_for_the_end_of(workers)


@pytest.mark.parametrize('place', ['a file', 'no file', 'full disk'])
def test_a_store_that_cannot_be_written_is_found_before_the_first_run(
    place, tmp_path, monkeypatch
):
    started = []
    monkeypatch.setattr(subprocess, 'Popen', lambda *args, **kw: started.append(args))
    (tmp_path / 'file').touch()
    (tmp_path / 'folder').mkdir()
    names = {'a file': 'file/runs.jsonl', 'no file': 'folder', 'full disk': 'runs'}
    with largest_file(100 if place == 'full disk' else -1), pytest.raises(OSError):
        sweep(FEW, Store(tmp_path / names[place]), jobs=2)
    assert not started

"""The benchmark: its arithmetic, and each contender on little data."""

import json
import subprocess
import sys

import pytest

from d2l_dropout import cli
from d2l_dropout.bench import books_way, contenders, plot
from d2l_dropout.bench import run as bench
from d2l_dropout.bench.memory import PeakMemory
from d2l_dropout.bench.run import TARGETS, Target, Timing
from d2l_dropout.plots import style

pytestmark = pytest.mark.one_python

TIMINGS = {
    name: Timing([1.0, 3.0, 2.0], [100.0])
    for name in {name for t in TARGETS for name in (t.ours, t.against)}
}
NAMES = [
    'ours_scratch',
    'books_gluon',
    'books_scratch',
    'ours_loading',
    'books_loading',
]


@pytest.mark.parametrize('name', NAMES)
def test_a_contender_returns_its_seconds(name, small_data):
    seconds = getattr(contenders, name)()
    num_timed = 1 if name.endswith('loading') else contenders.NUM_EPOCHS
    assert len(seconds) == num_timed and min(seconds) > 0


def test_a_process_of_its_own_tells_seconds_and_memory(small_data):
    seconds, peak_mib = bench.run_once('ours_gluon')
    assert len(seconds) == contenders.NUM_EPOCHS and min(seconds) > 0
    assert peak_mib > 20


def test_the_memory_of_children_counts():
    code = 'import os, time; x = bytearray(os.urandom(1 << 20) * 50); time.sleep(0.5)'
    child = f'[sys.executable, "-c", {code!r}]'
    parent = f'import subprocess, sys; subprocess.run({child})'
    with subprocess.Popen([sys.executable, '-c', parent]) as process:
        with PeakMemory(process.pid) as peak:
            process.wait()
    assert 50 < peak.mib < 150


def test_the_books_way_gives_the_same_mini_batches(small_data):
    import d2l

    ours, theirs = d2l.load_data_fashion_mnist(64)[1], books_way.load(64)[1]
    for (X, y), (X2, y2) in zip(ours, theirs):
        assert X.shape == X2.shape and (X == X2).asnumpy().all()
        assert (y.asnumpy() == y2.asnumpy()).all()


def test_every_target_names_contenders_there_are():
    for target in TARGETS:
        for name in (target.ours, target.against):
            assert getattr(contenders, name).__doc__


def test_a_ratio_is_of_medians_and_a_miss_is_said():
    timings = dict(TIMINGS, ours_gluon=Timing([8.0, 9.0, 100.0], [100.0]))
    assert bench.ratio(timings, TARGETS[0]) == 9 / 2
    text = bench.report(timings, 1)
    assert '| 4.50 | 0.33 | **not met** |' in text
    assert '| ours_gluon | 9.00 | 8.00 to 100.00 | 100 |' in text
    assert 'MXNet 1.9.1' in text and 'OpenMP threads' in text


def test_without_pytorch_its_rows_say_so():
    timings = {name: t for name, t in TIMINGS.items() if name != 'torch'}
    assert '| epoch, Gluon net / PyTorch | not installed | 1.00 | |' in (
        bench.report(timings, 1)
    )
    ratios = json.loads(bench.as_json(timings, 1))['ratios']
    assert [r['measured'] for r in ratios if r['against'] == 'torch'] == [None, None]


def test_a_contender_that_fails_is_named(monkeypatch, capsys):
    monkeypatch.setattr(bench, 'TARGETS', [Target('x', 'nobody', 'torch', 1.0)])
    assert cli.main(['bench', '--rounds', '1']) == 1
    assert "bench: nobody failed: KeyError: 'nobody'" in capsys.readouterr().err


def test_the_plot_shows_each_epoch_and_who_took_it():
    svg = style.as_svg(plot.draw(TIMINGS, 2), 'bench').decode()
    assert svg.count('2.00 s') == len(plot.EPOCHS) <= svg.count('PyTorch') * 6
    assert '2 rounds' in svg
    without = {name: t for name, t in TIMINGS.items() if name != 'torch'}
    assert 'PyTorch' not in style.as_svg(plot.draw(without, 2), 'bench').decode()

"""Curves against the shipped spread: consistent, not consistent, too little to tell."""

import json
import subprocess
import sys

import numpy as np
import pytest
from test_curve_files import write

from d2l_dropout import cli
from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import EpochStats
from d2l_dropout.ports.curves import curve
from d2l_dropout.runs import shipped

RUNS = [result.epochs for result in shipped.results('gluon', False)[:2]]


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_the_books_curve_is_consistent_with_fresh_splits(model):
    comparison = curve.compare([EPOCHS[model]], on_fresh_splits=True)
    assert len(comparison.points) == 35 and comparison.consistent
    assert comparison.first_epoch is None and comparison.hints == []


def test_a_wrong_curve_is_found_from_its_first_wrong_epoch_on(tmp_path, capsys):
    wrong = [
        [e._replace(loss=e.loss * (1.5 if e.epoch > 3 else 1)) for e in run]
        for run in RUNS
    ]
    path = write(tmp_path / 'a.csv', wrong)
    assert cli.main(['compare-curve', path]) == 1
    out = capsys.readouterr().out
    assert 'NOT CONSISTENT with the shipped runs, from epoch 4 on' in out
    assert '2 runs of theirs, 40 shipped runs' in out
    assert '6-10 loss' in out and 'Only the loss lies outside: is it' in out
    path = write(tmp_path / 'b.csv', RUNS)
    assert cli.main(['compare-curve', path]) == 0
    assert 'OUTSIDE' not in capsys.readouterr().out


def test_theirs_is_the_median_of_an_epoch_and_the_mean_of_an_average():
    runs = [list(map(EpochStats._make, run)) for run in RUNS] + [RUNS[0]]
    runs[1][4] = runs[1][4]._replace(loss=0.9)
    points = curve.compare(runs).points
    (epoch,) = [p for p in points if (p.epoch, p.metric) == (5, 'loss')]
    assert epoch.theirs == RUNS[0][4].loss and epoch.when == '5'
    (late,) = [p for p in points if p.is_average and p.metric == 'train_acc']
    assert late.theirs == pytest.approx(
        np.mean([e.train_acc for run in runs for e in run[5:]])
    )
    assert late.when == '6-10'


@pytest.mark.parametrize('num_epochs', [1, 2])
def test_two_epochs_are_too_little_to_tell(num_epochs, tmp_path, capsys):
    path = write(tmp_path / 'a.csv', [RUNS[0][:num_epochs]])
    assert cli.main(['compare-curve', path]) == 3
    assert 'too little to tell' in capsys.readouterr().err


@pytest.mark.parametrize('num_epochs', [3, 5, 12])
def test_three_epochs_or_more_are_compared(num_epochs, tmp_path, capsys):
    run = [e._replace(epoch=e.epoch + 10) for e in RUNS[0]]
    path = write(tmp_path / 'a.csv', [(RUNS[0] + run)[:num_epochs]])
    assert cli.main(['compare-curve', path]) == 0
    said = capsys.readouterr().err
    assert ('Only the first ten epochs are compared' in said) == (num_epochs > 10)


def test_metrics_that_were_rounded_have_wider_limits():
    exact = curve.compare([RUNS[0]]).points
    rounded = [
        EpochStats(
            e.epoch, round(e.loss, 2), round(e.train_acc, 2), round(e.test_acc, 2)
        )
        for e in RUNS[0]
    ]
    comparison = curve.compare([rounded])
    assert comparison.consistent
    wider = [
        (b.high - b.low) - (a.high - a.low) for a, b in zip(exact, comparison.points)
    ]
    assert wider[:3] == pytest.approx([0.01] * 3)
    assert wider[-2:] == pytest.approx([0.02, 0.01 + 0.01 / 3])


@pytest.mark.parametrize('value', [float('nan'), float('inf'), 1e300])
@pytest.mark.parametrize('num_epochs', [1, 2, 10])
def test_a_run_that_is_not_finite_diverged(value, num_epochs, tmp_path, capsys):
    run = RUNS[1][:num_epochs]
    run = [*run[:-1], run[-1]._replace(loss=value)]
    path = write(tmp_path / 'a.csv', [RUNS[0][:num_epochs], run])
    assert cli.main(['compare-curve', path]) == 1
    out = capsys.readouterr().out
    assert f'Run 2 diverged in epoch {num_epochs}: a metric is not finite' in out
    assert 'NOT CONSISTENT' in out
    assert cli.main(['compare-curve', path, '--json']) == 1
    values = json.loads(capsys.readouterr().out)
    (diverged,) = values['diverged']
    assert (diverged['run'], diverged['epoch']) == (2, num_epochs)


def test_a_run_that_ends_at_guessing_diverged():
    run = [
        e._replace(train_acc=0.1, test_acc=0.1) if e.epoch > 6 else e for e in RUNS[0]
    ]
    (diverged,) = curve.compare([run]).diverged
    assert (diverged.epoch, diverged.why) == (7, 'its accuracy is that of guessing')
    start = [EpochStats(1, 2.303, 0.1, 0.1)]
    assert not curve.compare([start]).consistent


def test_comparing_needs_numpy_alone(tmp_path):
    code = (
        'import sys\n'
        'for name in ("mxnet", "matplotlib", "scipy"): sys.modules[name] = None\n'
        'from d2l_dropout import cli\n'
        'sys.exit(cli.main(["compare-curve", sys.argv[1]]))\n'
    )
    path = write(tmp_path / 'a.csv', RUNS)
    done = subprocess.run([sys.executable, '-c', code, path], capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b'\nCONSISTENT' in done.stdout

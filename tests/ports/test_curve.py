"""Curves against the shipped spread: consistent, not consistent, refused."""

import numpy as np
import pytest
from scipy import stats

from d2l_dropout import cli
from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.ports import curve
from d2l_dropout.runs import shipped


def write(path, runs):
    lines = ['run, epoch, loss, train acc, test acc']
    for i, run in enumerate(runs):
        lines += [f'{i}, {e[0]}, {e[1]}, {e[2]}, {e[3]}' for e in run]
    path.write_text('\n'.join(lines) + '\n')
    return str(path)


def test_what_is_read_is_what_was_written(tmp_path):
    runs = [result.epochs for result in shipped.results('scratch', False)[:3]]
    assert curve.read(write(tmp_path / 'a.csv', runs)) == runs


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_the_books_curve_is_consistent_with_fresh_splits(model):
    points = curve.compare([EPOCHS[model]], model, on_fresh_splits=True)
    assert len(points) == 30 and curve.first_outside(points) is None


def test_a_wrong_curve_is_found_from_its_first_wrong_epoch_on(tmp_path, capsys):
    runs = [result.epochs for result in shipped.results('gluon', False)[:2]]
    wrong = [
        [e._replace(loss=e.loss * (1.5 if e.epoch > 3 else 1)) for e in run]
        for run in runs
    ]
    path = write(tmp_path / 'a.csv', wrong)
    assert cli.main(['compare-curve', path, '--model', 'gluon']) == 1
    out = capsys.readouterr().out
    assert 'NOT CONSISTENT with the shipped runs, from epoch 4 on' in out
    assert '2 runs of theirs, 20 shipped runs' in out
    path = write(tmp_path / 'b.csv', runs)
    assert cli.main(['compare-curve', path, '--model', 'gluon']) == 0
    assert 'OUTSIDE' not in capsys.readouterr().out


def test_limits_for_one_run_are_students():
    points = curve.compare([EPOCHS['scratch'][:1]], 'scratch')
    losses = [r.epochs[0].loss for r in shipped.results('scratch', False)]
    t = stats.t.ppf(1 - 0.05 / 2 / 3, len(losses) - 1)
    half = t * np.std(losses, ddof=1) * (1 + 1 / len(losses)) ** 0.5
    assert points[0].low == pytest.approx(np.mean(losses) - half)
    assert points[0].high == pytest.approx(np.mean(losses) + half)


@pytest.mark.parametrize(
    'text, message',
    [
        ('', 'has no column epoch'),
        ('epoch,loss,train_acc\n', 'has no column test_acc'),
        ('epoch,loss,train_acc,test_acc\n', 'has no epoch'),
        ('epoch,loss,train_acc,test_acc\n1,0.5,x,0.5\n', 'line 2'),
        ('epoch,loss,train_acc,test_acc\n1,0.5,55.3,77.1\n', 'shares, not percent'),
        ('epoch,loss,train_acc,test_acc\n1,1,0,0\n1,1,0,0\n', 'need a column run'),
        ('epoch,loss,train_acc,test_acc\n2,1,0,0\n', 'must be 1, 2, 3'),
        (
            'epoch,loss,train_acc,test_acc,run\n1,1,0,0,a\n1,1,0,0,b\n2,1,0,0,b\n',
            'different numbers of epochs',
        ),
    ],
)
def test_a_file_that_is_no_curve_is_refused(text, message, tmp_path, capsys):
    path = tmp_path / 'a.csv'
    path.write_text(text)
    assert cli.main(['compare-curve', str(path)]) == 3
    assert message in capsys.readouterr().err

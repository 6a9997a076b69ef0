"""What is read of a CSV, and what is refused: in a sentence, whatever the bytes are."""

import math
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from d2l_dropout import cli
from d2l_dropout.metrics import EpochStats
from d2l_dropout.ports.curves import curve_files
from d2l_dropout.runs import shipped

HEADER = 'epoch,loss,train_acc,test_acc'


def write(path, runs):
    lines = ['run, epoch, loss, train acc, test acc']
    for i, run in enumerate(runs):
        lines += [f'{i}, {e[0]}, {e[1]}, {e[2]}, {e[3]}' for e in run]
    path.write_text('\n'.join(lines) + '\n')
    return str(path)


def test_what_is_read_is_what_was_written(tmp_path):
    runs = [result.epochs for result in shipped.results('scratch', False)[:3]]
    assert curve_files.read(write(tmp_path / 'a.csv', runs)) == runs


def test_a_run_that_diverged_is_read(tmp_path):
    path = tmp_path / 'a.csv'
    path.write_text(f'{HEADER}\n1.0,nan,0.1,0.1\n2,inf,NaN,.1\n')
    (run,) = curve_files.read(path)
    assert math.isnan(run[0].loss) and math.isinf(run[1].loss)
    assert run[0].test_acc == run[1].test_acc == 0.1


@pytest.mark.parametrize(
    'text, message',
    [
        ('', 'has no column epoch'),
        ('epoch,loss,train_acc\n', 'has no column test_acc'),
        (f'{HEADER},loss\n', 'has several columns loss'),
        (f'{HEADER}\n', 'has no epoch'),
        (f'{HEADER}\n1,0.5,x,0.5\n', "line 2: train_acc is 'x'; it must be a number"),
        (f'{HEADER}\n1,0.5,0.5\n', 'line 2: there is no test_acc'),
        (f'{HEADER}\n1.5,0.5,0.5,0.5\n', 'epoch is 1.5; it must be an integer'),
        (f'{HEADER}\nnan,0.5,0.5,0.5\n', 'epoch is nan; it must be an integer'),
        (f'{HEADER}\n1,0.5,55.3,77.1\n', 'in [0, 1]: give fractions, not percent'),
        (f'{HEADER}\n1,0.5,0.5,-0.1\n', 'test_acc is -0.1; accuracies must lie in'),
        (f'{HEADER}\n1,1,0,0\n1,1,0,0\n', 'need a column run'),
        (f'{HEADER}\n2,1,0,0\n', 'must be 1, 2, 3'),
        (f'{HEADER},run\n1,1,0,0,a\n1,1,0,0,b\n2,1,0,0,b\n', 'different numbers of'),
        (f'{HEADER}\n1,{"1" * 200_000},0,0\n', 'line 2 is no CSV: field larger than'),
        (f'{HEADER}\n1,1,0,0\n' + ' ' * 2_000_000, 'has more than 2,000,000 bytes'),
    ],
)
def test_a_file_that_is_no_curve_is_refused(text, message, tmp_path, capsys):
    path = tmp_path / 'a.csv'
    path.write_text(text)
    assert cli.main(['compare-curve', str(path)]) == 3
    err = capsys.readouterr().err
    assert message in err and err.count('\n') == 1


def test_what_is_no_regular_file_is_refused_at_once(tmp_path, capsys):
    os.mkfifo(str(tmp_path / 'fifo'))
    for path in (tmp_path / 'fifo', tmp_path, '/dev/zero', tmp_path / 'missing'):
        assert cli.main(['compare-curve', str(path)]) == 3
        assert str(path) in capsys.readouterr().err


_FIELDS = st.one_of(
    st.sampled_from(['1', '2', '3', '0.5', 'nan', '-inf', '1e999', '', '"', '\0']),
    st.text(max_size=8),
    st.floats().map(str),
)
_LINES = st.lists(_FIELDS, max_size=6).map(','.join)


@settings(
    max_examples=300,
    deadline=2000,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(_LINES, max_size=6).map(
            lambda lines: '\n'.join([f'{HEADER},run', *lines]).encode(
                'utf-8', 'replace'
            )
        ),
    )
)
@example(b'\xff\xfe')
@example(f'{HEADER}\n"1,1,0,0\n'.encode())
@example(f'{HEADER}\n1e300,1,0,0\n'.encode())
def test_any_bytes_are_runs_or_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / 'a.csv'
    path.write_bytes(content)
    try:
        runs = curve_files.read(path)
    except ValueError as error:
        assert str(error).startswith(str(path)) and '\n' not in str(error)
        assert str(error).isprintable()
    else:
        assert runs and all(isinstance(e, EpochStats) for run in runs for e in run)
        assert all(
            not a < 0 and not a > 1 for r in runs for e in r for a in e[2:]
        ) or any(math.isinf(a) for r in runs for e in r for a in e[2:])


@settings(
    max_examples=50,
    deadline=None,  # the limits are calibrated at the first call for a number of runs
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.floats(), *2 * [st.one_of(st.floats(0, 1), st.just(math.nan))]
            ),
            min_size=1,
            max_size=12,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_every_curve_gets_a_verdict_and_valid_json(tmp_path, runs):
    shortest = min(map(len, runs))
    runs = [[(i, *e) for i, e in enumerate(run[:shortest], 1)] for run in runs]
    path = write(tmp_path / 'a.csv', runs)
    assert cli.main(['compare-curve', path]) in (0, 1, 3)
    assert cli.main(['compare-curve', path, '--json']) in (0, 1, 3)

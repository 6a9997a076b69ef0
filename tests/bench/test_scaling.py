"""Scaling: the tables against computations by hand, and real processes."""

import pytest

from d2l_dropout import cli
from d2l_dropout.bench import scaling
from d2l_dropout.bench.scaling import Row, as_markdown, bounds, cases


def test_the_message_is_four_bytes_a_parameter():
    sizes = [784 * 256, 256, 256 * 256, 256, 256 * 10, 10]
    assert scaling.MESSAGE_BYTES == 4 * sum(sizes) == 1077288
    assert scaling.STEPS == 235


def test_the_bounds_are_those_computed_by_hand():
    lines = bounds(step_seconds=0.01).splitlines()
    message = 1077288 * 8 / 10e9  # seconds on 10 Gbit/s
    one_server = 0.01 / (0.01 / 4 + 2 * 4 * message)
    four_servers = 0.01 / (0.01 / 4 + 2 * message)
    one, each = (line.split(' | ') for line in lines if line.startswith('| 10 Gbit/s'))
    assert lines[0].split(' | ')[3] == '4 workers'
    assert one[3] == f'{one_server:.2f}' and each[3] == f'{four_servers:.2f}'


def test_the_table_gives_the_ratio_to_the_first_case():
    rows = [Row(None, 2, [2.0, 2.2, 9.0], None), Row(2, 1, [4.4], 0.002)]
    first, second = as_markdown(rows).splitlines()[2:]
    assert first == '| one, no server | 2 | 2.20 (2.00, 2.20, 9.00) | 1.00 |  |'
    assert second == '| workers: 2, servers: 1 | 1 | 4.40 (4.40) | 2.00 | 0.47 |'


def test_the_workers_share_the_processors(monkeypatch):
    monkeypatch.setattr(scaling, 'num_processors', lambda: 2)
    assert cases([1, 2, 4]) == [(None, 2), (None, 1), (1, 2), (2, 1), (4, 1)]


def test_workers_that_cannot_share_a_mini_batch_are_wrong_usage(capsys):
    with pytest.raises(SystemExit) as exit:
        cli.main(['scaling', '--workers', '1,3'])
    assert exit.value.code == 2 and 'must divide 256' in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures('small_data')
def test_both_tables_are_made_from_real_processes(capsys):
    assert cli.main(['scaling', '--workers', '2', '--epochs', '1']) == 0
    out = capsys.readouterr().out
    assert '| workers: 2, servers: 1 | 1 |' in out and '| 100 Gbit/s |' in out
    assert 'MXNet 1.9.1' in out and 'seed 0' in out

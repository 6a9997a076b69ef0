"""What comes from files, servers and the environment is shown without harm."""

import json

import fake_runs
import numpy as np
import pytest

from d2l_dropout import cli, doctor, fashion_mnist
from d2l_dropout.distributed import run_folder
from d2l_dropout.messages import (
    printable,
    printable_lines,
    printable_values,
    without_password,
)
from d2l_dropout.runs import result
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

# Clears the screen; rings; moves to the start of the line; turns the direction.
EVIL = '\x1b[2J\a\r\x9b31m\u202e'
SHOWN = '\\x1b[2J\\x07\\r\\x9b31m\\u202e'


def test_what_cannot_be_seen_is_escaped_and_the_rest_is_kept():
    assert printable(EVIL) == SHOWN
    assert printable('\ud800\udcff') == '\\ud800\\udcff'
    assert printable('드롭아웃, é, ×, 100 %') == '드롭아웃, é, ×, 100 %'
    assert printable('a\nb') == 'a\\nb' and printable_lines('a\nb\r') == 'a\nb\\r'
    assert printable_values({EVIL: [EVIL, 1, None]}) == {SHOWN: [SHOWN, 1, None]}


@pytest.mark.parametrize(
    ('url', 'shown'),
    [
        ('http://host/data/', 'http://host/data/'),
        ('http://user:secret@host:80/data/', 'http://***@host:80/data/'),
        ('HTTPS://secret@host/', 'HTTPS://***@host/'),
        ('http://user:sec/ret@host/', 'http://***@host/'),
        ('http://user:sec@ret@host/', 'http://***@host/'),
        ('http://user:sec\nret@host/', 'http://***@host/'),
        ('//user:secret@host/', '//***@host/'),
        ('user:secret@host/', 'user:***@host/'),
        ('secret@host/', '***@host/'),
        ('http://host/' + EVIL, 'http://host/' + SHOWN),
    ],
)
def test_a_url_is_shown_without_its_user_and_password(url, shown):
    assert without_password(url) == shown


@pytest.fixture
def results(tmp_path):
    """A store with one result of an evil machine and one line that is none."""
    made = json.loads(fake_runs.result(RunSpec()).to_json())
    made.update(machine=EVIL, versions={EVIL: EVIL})
    store = Store(tmp_path / 'runs.jsonl')
    lines = [json.dumps(made), json.dumps({'spec': {EVIL: 0}}), '']
    (tmp_path / 'runs.jsonl').write_text('\n'.join(lines))
    return store


def test_what_a_store_says_is_escaped_as_it_is_read(results):
    with pytest.warns(UserWarning, match='line 2 is no result') as caught:
        (made,) = results.results().values()
    assert (made.machine, made.versions) == (SHOWN, {SHOWN: SHOWN})
    assert str(caught[0].message).isprintable()
    line = json.dumps({'spec': json.loads(RunSpec().to_json()), 'error': EVIL})
    assert result.parse(line).error == SHOWN


def test_what_run_json_says_is_escaped_as_it_is_read(tmp_path):
    values = {
        'spec': {},
        'data_digest': '',
        'epochs': [],
        'params': None,
        'replaced': None,
        'about': {'machine': EVIL, EVIL: 1},
    }
    (tmp_path / 'run.json').write_text(json.dumps(values))
    assert run_folder.read(tmp_path)['about'] == {'machine': SHOWN, SHOWN: 1}
    with pytest.raises(ValueError) as caught, run_folder.reading(tmp_path):
        RunSpec(**{EVIL: 0})
    assert str(caught.value).isprintable()


def test_a_file_name_reaches_the_terminal_escaped(tmp_path, monkeypatch, capsys):
    folder = tmp_path / EVIL
    folder.mkdir()
    np.savez(folder / 'port.npz', **{EVIL: np.zeros(3), 'step1/H1': np.zeros(3)})
    monkeypatch.setenv('D2L_DATA', str(folder))
    commands = [
        ['data'],
        ['doctor'],
        ['train', '--eval', str(folder)],
        ['compare', str(folder / 'port.npz')],
        ['compare', str(folder / 'none.npz')],
    ]
    for command in commands:
        assert cli.main(command) in (1, 3)
        out, err = capsys.readouterr()
        assert SHOWN in out + err, command
        assert (out + err).replace('\n', '').isprintable(), command


def test_doctor_tells_no_password(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv('D2L_MIRROR', 'http://user:secret@127.0.0.1:9/')
    cli.main(['doctor'])
    assert 'secret' not in str(doctor.examine()) + str(capsys.readouterr())


def test_the_description_of_data_is_one_line():
    assert fashion_mnist.dataset.Origin('unknown', EVIL).description.endswith(SHOWN)

"""The verdicts, from runs with known answers; and the command, end to end."""

import json
import re
import sys
from dataclasses import replace

import fake_runs
import pytest

from d2l_dropout import cli
from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.fashion_mnist import BOOK_REVISION, Origin, locate
from d2l_dropout.reproduce import reproduction as reproducing
from d2l_dropout.reproduce import tables, verdicts
from d2l_dropout.reproduce.reproduction import from_store, make_specs
from d2l_dropout.runs import shipped
from d2l_dropout.runs.faults import FAULTS
from d2l_dropout.runs.result import RunFailure
from d2l_dropout.runs.spec import MODELS, RunSpec
from d2l_dropout.runs.store import Store

HARDER = (0.0, 0.0, -0.15)  # every test acc far below the book's
WORSE = (0.3, 0.0, 0.0)


@pytest.fixture(autouse=True)
def masks(monkeypatch):
    """Cell 2 is exact, without starting a process for it each time; a wide terminal."""
    monkeypatch.setenv('COLUMNS', '120')
    monkeypatch.setattr(reproducing, '_masks_exact', lambda: True)


@pytest.fixture
def reproduction(tmp_path):
    """A function that makes one from runs that are the book's metrics with noise."""

    def make(
        revision='2017-08-31',
        official=(0.0,) * 3,
        control=(0.0,) * 3,
        drop=0,
        against_shipped=False,
    ):
        store = Store(tmp_path / 'runs.jsonl')
        specs = {r: make_specs(MODELS, 8, 10, revision, r) for r in (False, True)}
        kept = [*specs[False], *specs[True]]
        for spec in kept[: len(kept) - drop]:
            store.add(fake_runs.result(spec, control if spec.resplit else official))
        for spec in kept[len(kept) - drop :]:
            store.add(RunFailure(spec, 'the disk burnt'))
        origin = Origin(revision, 'a folder')
        return from_store(store, specs, origin, against_shipped)

    return make


def test_runs_like_the_books_agree_with_it(reproduction):
    made = reproduction()
    assert made.code_agrees() is True
    assert len(made.official.rows) == len(made.control.rows) == 60
    assert (
        'All 60 metrics and 6 late averages of the book lie inside'
        in verdicts.code(made)[1]
    )


def test_agreement_is_claimed_no_closer_than_the_intervals_are(reproduction):
    made = reproduction()
    half = {
        row.model: f'{100 * (row.high - row.low) / 2:.2f} points'
        for row in made.control.averages
        if row.metric == 'test_acc'
    }
    said = verdicts.code(made)[2]
    assert 'Small differences would not show' in said and 'epochs 6-10' in said
    assert all(size in said for size in half.values()) and len(half) == 2


def test_what_a_harder_test_split_does_is_the_datas_doing_not_the_codes(reproduction):
    made = reproduction(official=HARDER)
    outside = made.official.outside()
    assert made.code_agrees() is True
    assert {row.metric for row in outside} == {'test_acc'}
    assert {row.model for row in outside} == set(MODELS)
    said = ' '.join(verdicts.data(made))
    late = sum(row.first_epoch != row.epoch for row in outside)
    assert "NOT the book's" in said
    assert (
        f'{len(outside) - late} of 60 metrics and {late} of 6 late averages of the '
        'book lie outside' in said
    )
    assert 'Another split can explain these' in said and 'does NOT' not in said
    assert f'above our mean in {len(outside)} and below it in 0' in said
    assert '236021d52f1e40852b06a4c3008d8de8aef1e40b' in said  # the book's label file


def test_the_same_on_the_books_own_data_is_the_codes_fault(reproduction):
    made = reproduction(BOOK_REVISION, official=HARDER)
    assert made.code_agrees() is False
    assert "the runs on the book's own data" in ' '.join(verdicts.code(made))
    assert "The data are the book's" in verdicts.data(made)[0]
    assert made.judged == 'official'


def test_what_fresh_splits_do_not_have_inside_the_code_must_answer_for(reproduction):
    made = reproduction(official=WORSE, control=WORSE)
    assert made.code_agrees() is False
    assert 'net in Gluon, loss of epochs 1, 2, 3, 4' in ' '.join(verdicts.code(made))
    assert 'Another split does NOT explain these' in ' '.join(verdicts.data(made))


def test_missing_runs_leave_it_unjudged_and_are_named(reproduction):
    made = reproduction(drop=1)
    assert made.code_agrees() is None and made.control.rows
    said = ' '.join(verdicts.code(made))
    assert '1 of the 16 runs of the control are missing' in said
    assert 'control, net in Gluon, seed 7 failed: the disk burnt' in said


def test_runs_missing_on_the_official_split_leave_it_unjudged_too(reproduction):
    made = reproduction()
    lacking = replace(made.official, results=made.official.results[1:])
    assert replace(made, official=lacking).code_agrees() is None


def test_fewer_than_two_runs_are_no_spread_and_no_crash(reproduction):
    made = reproduction(drop=15)
    assert made.code_agrees() is None and made.control.rows == []
    assert 'official' in tables.as_json(made) and 'COULD NOT' in tables.text(made)


def test_runs_unlike_the_shipped_ones_are_not_this_code(reproduction):
    far = (0.0, 0.0, 0.015)  # less than draws scatter, more than means do
    made = reproduction(control=far, against_shipped=True)
    assert not made.control.outside() and made.control.differing()
    assert made.code_agrees() is False
    said = ' '.join(verdicts.code(made))
    assert 'The runs of the control DIFFER from' in said
    assert 'net in Gluon, test acc 0.88' in said
    assert 'DIFFERENT' in tables.text(made)


def test_the_shipped_runs_are_not_compared_with_themselves():
    assert reproducing.from_shipped(5).control.differences == []


@pytest.mark.parametrize('revision', ['unknown', 'synthetic'])
def test_other_data_are_not_judged(reproduction, revision):
    made = reproduction(revision)
    assert made.code_agrees() is None
    assert 'Nothing here can be compared' in verdicts.data(made)[1]


def test_runs_on_other_data_of_the_same_name_are_run_anew(tmp_path, monkeypatch):
    store, asked = Store(tmp_path / 'runs.jsonl'), []

    def sweep(specs, store, jobs):
        asked.append({spec for spec in specs if spec not in store.results()})
        for spec in specs:
            store.add(fake_runs.result(spec))

    monkeypatch.setattr(reproducing, 'sweep', sweep)
    made = {}
    for data in ('synthetic:60', 'synthetic:120', 'synthetic:60'):
        monkeypatch.setenv('D2L_DATA', data)
        made[data] = reproducing.reproduce(store, 3, control_only=True)
    assert list(map(len, asked)) == [6, 6, 0]
    for data, reproduction in made.items():
        digest = locate(data).digest
        assert f'SHA-256 {digest[:12]}...' in ' '.join(
            tables.text(reproduction).split()
        )
        assert json.loads(tables.as_json(reproduction))['data']['digest'] == digest
        assert {spec.data_digest for spec in reproduction.control.specs} == {digest}
        assert 'digest' not in ' '.join(tables.unusual_settings(reproduction))


@pytest.mark.parametrize('exact, agrees', [(True, True), (False, False), (None, True)])
def test_cell_2_must_be_exact_where_it_can_be(reproduction, exact, agrees):
    made = replace(reproduction(), masks_exact=exact)
    assert made.code_agrees() is agrees
    assert ['NOT print', 'exactly', 'not compared'][
        {False: 0, True: 1, None: 2}[exact]
    ] in verdicts.code(made)[-1]


def test_every_row_is_printed_before_anything_is_judged(reproduction):
    made = reproduction(official=HARDER)
    text = tables.text(made)
    parts = re.split(r'^(?=net from scratch  )|^(?=The data)', text, flags=re.M)
    verdict, table, judged = parts
    for model in MODELS:
        for printed in EPOCHS[model]:
            assert f'{printed.epoch:5} loss      {printed.loss:.4f} ' in table
    assert table.count('OUTSIDE') == len(made.official.outside()) > 0
    assert 'inside' not in judged.split('\n')[0]
    assert verdict.strip() == verdicts.code(made)[0] and verdict.strip() in judged
    words = ' '.join(table.split())
    assert 'inside the 60 of single epochs with 97.5 %' in words
    assert 'seeds 0 to 7' in words
    assert 'MXNet 1.9.1; OpenMP threads: 1; a <machine>' in table


def test_tables_fit_a_terminal_of_80_columns(reproduction, monkeypatch):
    made = reproduction()
    monkeypatch.setenv('COLUMNS', '80')
    narrow = tables.text(made)
    assert max(map(len, narrow.splitlines())) <= 80
    monkeypatch.setenv('COLUMNS', '120')
    assert narrow.count('inside') == tables.text(made).count('inside')


def test_json_holds_every_row_and_both_verdicts(reproduction):
    values = json.loads(tables.as_json(reproduction()))
    rows = {name: len(group['rows']) for name, group in values['groups'].items()}
    assert rows == {'official': 60, 'control': 60}
    assert values['code']['agrees'] is True and values['data_verdict']
    assert RunSpec(**values['groups']['control']['specs'][0]).resplit


def test_a_wrong_port_is_named_as_one(tmp_path):
    specs = {True: make_specs(MODELS, 2, 10, '2017-08-31', True, 'lr')}
    made = from_store(Store(tmp_path / 'a'), specs, Origin('2017-08-31', 'a folder'))
    assert "NOT the chapter's: lr is 0.1" in tables.text(made)
    with pytest.raises(ValueError, match='too few runs for a table.*4 of the 4'):
        tables.markdown(made)


def test_runs_that_ship_are_not_compared_with_themselves():
    specs = {True: make_specs(MODELS, 10, 10, '2017-08-31', True)}
    origin = Origin('2017-08-31', 'a folder')
    made = from_store(Store(shipped.PATH), specs, origin)
    assert made.control.num_identical == 20 and made.code_agrees() is True
    first = made.control.differences[0]
    assert first.here != first.shipped  # seeds 10 to 19, not all twenty
    said = ' '.join(verdicts.code(made))
    assert '20 of the 20 runs of the control are, bit for bit, runs that ship' in said


def test_json_has_null_for_a_run_that_diverged(reproduction):
    made = reproduction(control=(float('nan'), 0.0, 0.0))
    rows = json.loads(tables.as_json(made))['groups']['control']['rows']
    assert rows[0]['mean'] is None and rows[0]['inside'] is False


def from_the_shipped(num_seeds, changes=None):
    """Shipped runs, of which it may be said that they had other settings."""
    specs = {True: make_specs(MODELS, num_seeds, 10, '2017-08-31', True)}
    made = from_store(
        Store(shipped.PATH), specs, Origin('2017-08-31', 'a folder'), False
    )
    said = [replace(spec, **(changes or {})) for spec in made.control.specs]
    return replace(made, control=replace(made.control, specs=said))


def test_too_few_seeds_are_too_little_to_tell_and_enough_are_named():
    few = from_the_shipped(3)
    assert few.code_agrees() is None and not few.control.outside()
    head, reason, *_ = verdicts.code(few)
    assert head.startswith('TOO LITTLE TO TELL')
    (enough,) = re.findall(r'With about (\d+) seeds, 2 points would do', reason)
    assert from_the_shipped(20).code_agrees() is True and 3 < int(enough) <= 20


def test_a_fault_that_goes_unnoticed_is_no_agreement():
    made = from_the_shipped(20, FAULTS['swapped'][1])
    assert made.code_agrees() is None and not made.control.outside()
    assert 'such a fault goes unnoticed here' in verdicts.code(made)[1]


def test_a_few_epochs_are_too_little_to_tell(tmp_path):
    specs = make_specs(MODELS, 20, 1, '2017-08-31', True)
    store = Store(tmp_path / 'runs.jsonl')
    for spec in specs:
        store.add(fake_runs.result(spec))
    made = from_store(store, {True: specs}, Origin('2017-08-31', 'a folder'))
    assert made.code_agrees() is None
    assert "No more than 1 of the book's 10 epochs" in verdicts.code(made)[1]


def test_a_fault_changes_every_spec_and_nothing_else():
    for name, (_, changes) in FAULTS.items():
        models = ['scratch'] if name == 'unscaled' else MODELS
        right = make_specs(models, 3, 10, '2017-08-31', True)
        wrong = make_specs(models, 3, 10, '2017-08-31', True, name)
        assert wrong == [replace(spec, **changes) for spec in right] != right


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['--seeds', '2'], "'2' is not an integer from 3 to 10000"),
        (['--seeds', '2..3'], 'is not how many seeds: give one integer'),
        (['--epochs', '11'], "'11' is not an integer from 1 to 10"),
        (['--model', 'torch'], 'invalid choice'),
        (['--jobs', '0'], "'0' is not an integer from 1 to 1024"),
        (['--fault', 'unscaled'], 'needs --model scratch'),
        (['--shipped', '--fault', 'lr'], 'leave out --fault'),
        (['--shipped', '--epochs', '3'], 'leave out --epochs'),
        (['--json', '--markdown'], 'not allowed with'),
        (['--report', ''], "'' is not the name of a file"),
        (['--report', '/'], "'/' is not the name of a file"),
        (['--report', '/dev/null/x.html'], 'no file can be made in /dev/null'),
        (['--seeds', '²'], "'²' is not an integer"),
    ],
    ids=' '.join,
)
def test_wrong_usage_exits_with_2_and_says_why(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(['reproduce', *arguments])
    assert caught.value.code == 2 and message in capsys.readouterr().err


def test_no_data_is_not_a_disagreement(monkeypatch, capsys):
    monkeypatch.setenv('D2L_DATA', '/no/such/folder')
    assert cli.main(['reproduce']) == 3
    assert '/no/such/folder' in capsys.readouterr().err


def test_the_command_trains_stores_and_says_what_it_cannot_judge(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')
    store = str(tmp_path / 'runs.jsonl')
    small = ['--seeds', '3', '--epochs', '1', '--model', 'scratch', '--resplit']
    assert cli.main(['reproduce', *small, '--store', store]) == 3
    out = capsys.readouterr().out
    assert 'COULD NOT BE JUDGED' in out and 'NOT Fashion-MNIST' in out
    assert len(Store(store).results()) == 3


def test_failed_runs_are_reported_by_the_exit_code(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')
    store = Store(tmp_path / 'runs.jsonl')

    def failing(specs, store, jobs):
        for spec in specs:
            store.add(RunFailure(spec, 'no memory'))

    monkeypatch.setattr(reproducing, 'sweep', failing)
    assert cli.main(['reproduce', '--seeds', '3', '--store', store.path]) == 3
    assert 'net from scratch, seed 1 failed: no memory' in capsys.readouterr().out


def test_without_scipy_the_command_says_so_before_it_trains(monkeypatch, capsys):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')
    monkeypatch.setitem(sys.modules, 'scipy.special', None)
    monkeypatch.setattr(reproducing, 'sweep', lambda *_: pytest.fail('it trained'))
    assert cli.main(['reproduce']) == 3
    assert "pip install '.[reproduce]'" in capsys.readouterr().err

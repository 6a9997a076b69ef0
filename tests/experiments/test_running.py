"""Which runs are taken from where, and what is trained."""

from dataclasses import replace

import fake_runs
import pytest

from d2l_dropout import experiments as ex
from d2l_dropout.experiments import running
from d2l_dropout.experiments.prepare_shipped import compact, ship
from d2l_dropout.runs.own_noise import NoiseError
from d2l_dropout.runs.result import RunFailure, parse
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

SPECS = ex.grid({'num_epochs': 2}, seeds=3)


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """The specifications that were trained, by nobody; and nothing ships."""
    specs = []

    def sweep(missing, store, jobs, noise):
        specs.extend(missing)
        for spec in missing:
            store.add(fake_runs.result(spec))
        return {}

    monkeypatch.setattr(running, 'sweep', sweep)
    monkeypatch.setattr(running, 'SHIPPED', tmp_path / 'shipped')
    monkeypatch.chdir(tmp_path)
    return specs


def ship_results(specs):
    running.SHIPPED.mkdir()
    store = Store(running.SHIPPED / 'some.jsonl')
    for spec in specs:
        store.add(fake_runs.result(spec))


def test_only_missing_runs_are_trained_and_only_once(trained, capsys):
    ship_results(SPECS[:1])
    results = ex.run(SPECS)
    assert [result.spec for result in results] == SPECS
    assert trained == SPECS[1:]
    said = capsys.readouterr().out
    assert said.startswith('2 of 3 runs are missing and are trained now')
    assert running.STORE in said
    assert ex.run(SPECS) == results
    assert trained == SPECS[1:]
    assert capsys.readouterr().out.startswith('3 runs, 0 of them trained now; seeds 0')


def test_what_results_were_made_with_is_said(trained, capsys):
    ship_results(SPECS)
    (result, *_) = ex.run(SPECS)
    said = capsys.readouterr().out
    assert 'seeds 0, 1, 2.' in said and f'Data: {result.spec.revision}.' in said
    assert f'OpenMP threads: {result.threads}; {result.machine}.' in said


def test_all_is_trained_again_where_shipped_results_are_not_wanted(trained):
    ship_results(SPECS)
    ex.run(SPECS, shipped=False)
    assert trained == SPECS


def test_named_runs_stay_named_and_shared_ones_are_trained_once(trained):
    results = ex.run({'all': SPECS, 'first': SPECS[:1]})
    assert [len(some) for some in results.values()] == [3, 1]
    assert results['first'][0] == results['all'][0]
    assert trained == SPECS


def test_a_run_that_measured_more_counts_and_one_that_measured_less_does_not(trained):
    more, less = (replace(SPECS[0], measure=m) for m in ('train_acc+scale', 'scale'))
    ship_results([more])
    assert ex.run([less])[0].spec == more and trained == []
    (result,) = ex.run([replace(more, measure='train_acc+weights')])
    assert trained == [result.spec]


def test_runs_of_the_same_seed_are_trained_at_about_the_same_time(trained):
    ex.run(ex.grid({'num_epochs': 1}, seeds=2, drop_prob1=[0.1, 0.2]))
    assert [spec.seed for spec in trained] == [0, 0, 1, 1]


def test_quick_runs_use_the_data_that_are_here(trained, small_data):
    results = ex.run(SPECS, quick=True)
    assert {result.spec.revision for result in results} == {'synthetic'}
    assert len(results) == 2


def test_the_first_error_is_told_and_what_was_trained_is_kept(trained, monkeypatch):
    def sweep(missing, store, jobs, noise):
        store.add(fake_runs.result(missing[0]))
        store.add(RunFailure(missing[1], 'no data'))
        return {missing[1]: 'no data'}

    monkeypatch.setattr(running, 'sweep', sweep)
    with pytest.raises(ex.RunsFailed, match='1 of 3 runs failed.*no data.*"seed": 1'):
        ex.run(SPECS)
    assert list(Store(running.STORE).results()) == SPECS[:1]


def test_the_time_is_that_of_runs_which_are_most_alike():
    def taken(seconds, **settings):
        result = fake_runs.result(RunSpec(num_epochs=10, **settings))
        return replace(result, seconds=seconds)

    known = [taken(20), taken(30), taken(200, num_hiddens1=1024), taken(5, lr=0.1)]
    wide = RunSpec(num_epochs=20, num_hiddens1=1024)
    assert running.expected_seconds([wide], known, jobs=2) == pytest.approx(403)
    assert running.expected_seconds([wide] * 4, known, jobs=2) == pytest.approx(803)
    # Of the others the lower quartile, 12.5: a run that had the machine to itself.
    alike = RunSpec(num_epochs=10)
    assert running.expected_seconds([alike], known, jobs=1) == pytest.approx(15.5)
    assert running.expected_seconds([alike], [], jobs=1) is None


def test_what_ships_is_short_and_reads_as_the_same_run(tmp_path):
    spec = RunSpec(drop_prob1=1 / 9, num_epochs=3, test_every=2, seed=4)
    result = fake_runs.result(spec)
    rows = [
        e._replace(test_acc=float('nan')) if e.epoch == 1 else e for e in result.epochs
    ]
    short = parse(compact(replace(result, epochs=rows)))
    assert short.spec == spec and short.digest == result.digest
    assert [e.epoch for e in short.epochs] == [2, 3]
    for stats, rounded in zip(rows[1:], short.epochs):
        assert rounded == pytest.approx(stats, rel=1e-4)
    assert len(compact(result)) < len(result.to_json())


def test_shipped_stores_hold_each_run_once(tmp_path):
    paths = [str(tmp_path / name) for name in ('a', 'b')]
    for path, some in zip(paths, (SPECS[:2], SPECS[1:])):
        for spec in some:
            Store(path).add(fake_runs.result(spec))
    assert ship(str(tmp_path / 'shipped'), paths) == 3
    assert list(Store(tmp_path / 'shipped').results()) == SPECS


def test_a_run_ships_once_with_all_that_was_measured_of_it(tmp_path):
    measured = {'train_acc': 0.9, 'scale': {'H1': 1.0}, 'images': [[1, 2]]}
    store = Store(tmp_path / 'a')
    for seed, measure in ((0, 'train_acc'), (0, 'train_acc+scale'), (1, 'units')):
        spec = RunSpec(seed=seed, measure=measure)
        store.add(replace(fake_runs.result(spec), measured=measured))
    assert ship(str(tmp_path / 'shipped'), [store.path]) == 2
    first, second = Store(tmp_path / 'shipped').results().values()
    assert first.spec.measure == 'train_acc+scale'
    assert 'images' in first.measured and 'images' not in second.measured


def test_what_ships_with_the_package_can_be_read_and_names_its_data():
    paths = sorted(running.SHIPPED.glob('*.jsonl'))
    assert paths
    for path in paths:
        for spec, result in Store(path).results().items():
            assert spec.revision == '2017-08-31' and len(result.digest) == 64
            assert result.threads == 1 and result.versions['MXNet'] == '1.9.1'
    assert sum(path.stat().st_size for path in paths) < 2000000


def halved(H, drop_prob):
    return H / 2


def doubled(H, drop_prob):
    return H * 2


def test_each_noise_of_the_readers_own_has_results_of_its_own(trained, tmp_path):
    for noise in (halved, doubled, halved, None):
        ex.run(SPECS[:1], noise=noise)
    assert trained == SPECS[:1] * 3
    kept = sorted(path.name for path in (tmp_path / 'results/own_noise').iterdir())
    assert [name.split('-')[0] for name in kept] == ['doubled', 'halved']


def test_results_of_the_readers_own_noise_can_ship(trained, tmp_path):
    ex.run(SPECS[:1], noise=halved)
    running.SHIPPED.mkdir()
    (tmp_path / 'results/own_noise').rename(running.SHIPPED / 'own_noise')
    ex.run(SPECS[:1], noise=halved)
    assert trained == SPECS[:1]


def test_a_noise_that_cannot_train_is_refused_before_anything_is_trained(trained):
    def one_row(H, drop_prob):
        return H[:1]

    with pytest.raises(NoiseError, match='one_row returns the shape'):
        ex.run(SPECS, noise=one_row)
    with pytest.raises(NoiseError, match="a run names 'gaussian'"):
        ex.run([replace(SPECS[0], noise='gaussian')], noise=halved)
    assert trained == []


@pytest.mark.parametrize('jobs', ['0', '-3', 'x', '1e3', '٣', '9' * 5000])
def test_a_number_of_jobs_that_is_none_is_a_sentence(jobs, monkeypatch):
    monkeypatch.setenv('D2L_JOBS', jobs)
    with pytest.raises(ValueError, match='must be an integer of at least 1'):
        running._num_jobs(None)
    with pytest.raises(ValueError, match='must be an integer of at least 1'):
        running._num_jobs(0)
    assert running._num_jobs(3) == 3

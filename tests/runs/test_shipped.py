"""The shipped results: what they are, and how one run is set against them."""

import subprocess
import sys
from pathlib import Path

import fake_runs
import numpy as np
import pytest

from d2l_dropout import cli
from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import EpochStats, as_array
from d2l_dropout.reproduce.reproduction import make_specs
from d2l_dropout.runs import shipped
from d2l_dropout.runs.spec import MODELS, RunSpec
from d2l_dropout.runs.store import Store

README = Path(__file__).resolve().parents[2] / 'README.md'


def test_they_are_twenty_seeds_of_each_kind_made_the_same_way():
    kept = Store(shipped.PATH).results()
    wanted = {
        spec
        for resplit in (False, True)
        for spec in make_specs(MODELS, 20, 10, '2017-08-31', resplit)
    }
    assert set(kept) == wanted
    assert len({(r.threads, r.machine, str(r.versions)) for r in kept.values()}) == 1
    assert len({result.digest for result in kept.values()}) == len(kept)
    assert shipped.PATH.stat().st_size < 200000


def test_a_run_is_set_against_runs_on_the_same_data_or_on_fresh_splits():
    for model in MODELS:
        assert not shipped.comparable(model, '2017-08-31')[0].spec.resplit
        assert shipped.comparable(model, '2017-08-26')[0].spec.resplit
        assert shipped.comparable(model, 'synthetic') == []
        assert shipped.comparable(model, 'unknown') == []


def test_deviations_are_in_standard_deviations_of_the_others():
    runs = [fake_runs.result(RunSpec(seed=seed)).epochs for seed in range(5)]
    mean, sd = as_array(runs).mean(axis=0), as_array(runs).std(axis=0, ddof=1)
    run = [EpochStats(e, *row) for e, row in enumerate(mean + 2 * sd, 1)]
    np.testing.assert_allclose(shipped.deviations(run, runs), 2, rtol=1e-6)
    np.testing.assert_allclose(shipped.deviations(run[:3], runs), 2, rtol=1e-6)


def test_the_run_that_is_farthest_off_is_told():
    runs = [fake_runs.result(RunSpec(seed=seed)).epochs for seed in range(8)]
    runs[3] = fake_runs.result(RunSpec(seed=3), shift=(1.0, 0.0, 0.0)).epochs
    assert shipped.farthest_of_each(runs).argmax() == 3


@pytest.mark.skipif(not README.exists(), reason='not a checkout')
def test_the_readmes_table_is_what_the_command_prints(capsys):
    assert cli.main(['reproduce', '--shipped', '--markdown']) == 0
    assert capsys.readouterr().out.strip() in README.read_text(encoding='utf-8')


def test_reading_them_needs_no_mxnet():
    code = (
        'import sys; sys.modules["mxnet"] = None\n'
        'from d2l_dropout.runs import shipped\n'
        'print(len(shipped.results("gluon", resplit=True)[0].epochs))'
    )
    done = subprocess.run([sys.executable, '-c', code], stdout=subprocess.PIPE)
    assert done.stdout.strip() == b'10'


def test_the_book_would_stand_out_no_more_than_they_do_on_fresh_splits():
    for model in MODELS:
        runs = [run.epochs for run in shipped.results(model, resplit=True)]
        farthest = abs(shipped.deviations(EPOCHS[model], runs)).max()
        assert farthest < shipped.farthest_of_each(runs).max()

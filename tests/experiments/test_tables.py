"""Tables of runs: what each column is, and comparisons paired by seed."""

import math

import numpy as np
import pytest

from d2l_dropout.experiments.grid import SMALL, grid
from d2l_dropout.experiments.tables import by_seed, curves, difference, summary, table
from d2l_dropout.intervals import confidence
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec


def result(spec, accuracies, measured=None, loss=0.1):
    epochs = [EpochStats(i, loss, 0.9, acc) for i, acc in enumerate(accuracies, 1)]
    return RunResult(spec, epochs, 2.0, 'ab', 1, {}, 'a machine', measured)


def of_seeds(accuracies, **settings):
    """One run a seed, whose test accuracy is the same in all epochs."""
    specs = grid(SMALL, seeds=len(accuracies), **settings)
    return [result(spec, [acc] * 10) for spec, acc in zip(specs, accuracies)]


def row_of(accuracies, **kwargs):
    return table([result(RunSpec(), accuracies, **kwargs)]).iloc[0]


def test_late_is_the_last_fifth_of_the_evaluated_epochs():
    nan = math.nan
    row = row_of([0.1, nan, 0.9, nan, 0.5, 0.5, 0.5, nan, 0.5, 0.5, 0.5, 0.6, 0.8])
    assert row.late_test_acc == pytest.approx(0.7) == row.late_median
    assert (row.late_lowest, row.test_acc) == (0.6, 0.8)
    assert (row.best_test_acc, row.best_epoch) == (0.9, 3)


@pytest.mark.parametrize(
    'accuracies, loss, broke_down',
    [
        ([0.5, 0.8, 0.7], 0.1, False),
        ([0.5, 0.8, 0.1], 0.1, True),
        ([0.5, 0.1, 0.8], 0.1, False),  # a dip that it recovers from
        ([0.8, 0.8, 0.8], math.nan, True),
    ],
)
def test_a_run_has_broken_down_if_it_ends_far_below_its_best(
    accuracies, loss, broke_down
):
    assert row_of(accuracies, loss=loss).broke_down == broke_down


def test_measurements_become_columns_and_the_gap_is_train_less_test_accuracy():
    measured = {
        'train_acc': 0.95,
        'weights': {'W1': {'norm': 3.0}},
        'images': [[1, 2]],
    }
    row = row_of([0.8, 0.9], measured=measured)
    assert row['weights.W1.norm'] == 3.0 and 'images' not in row
    assert row.generalization_gap == pytest.approx(0.05)
    assert 'generalization_gap' not in row_of([0.8])


def test_only_settings_that_differ_become_columns():
    runs = of_seeds([0.8, 0.9]) + of_seeds([0.7, 0.6], wd=0.01)
    assert list(table(runs))[:3] == ['wd', 'seed', 'loss']
    named = table({'plain': runs[:2], 'decay': runs[2:]})
    assert list(named)[:3] == ['variant', 'wd', 'seed']
    assert list(named.variant) == ['plain', 'plain', 'decay', 'decay']


def test_what_a_run_measures_or_how_often_it_tests_is_no_setting():
    runs = [result(RunSpec(measure=m, test_every=1), [0.5]) for m in (None, 'scale')]
    assert list(table(runs))[:2] == ['seed', 'loss']


def test_curves_have_the_evaluated_epochs_alone():
    rows = curves({'a': [result(RunSpec(seed=3), [0.1, math.nan, 0.3])]})
    assert rows.to_dict('list') == {
        'variant': ['a', 'a'],
        'seed': [3, 3],
        'epoch': [1, 3],
        'loss': [0.1, 0.1],
        'train_acc': [0.9, 0.9],
        'test_acc': [0.1, 0.3],
    }


def test_differences_are_paired_by_seed_whatever_the_order_of_the_rows():
    plain, decay = [0.70, 0.81, 0.93], [0.75, 0.85, 0.99]
    runs = {'plain': of_seeds(plain)[::-1], 'decay': of_seeds(decay, wd=0.01)}
    found = difference(table(runs), 'late_test_acc', 'decay', 'plain')
    assert found == pytest.approx(confidence(np.subtract(decay, plain)))
    same = difference(table(runs), 'late_test_acc', {'wd': 0.01}, {'wd': 0.0})
    assert same == found


def test_seeds_without_a_partner_are_left_out_of_a_difference():
    runs = {'few': of_seeds([0.5, 0.7]), 'many': of_seeds([0.6, 0.9, 0.1], wd=0.1)}
    found = difference(table(runs), 'test_acc', 'many', 'few')
    assert (found.n, found.mean) == (2, pytest.approx(0.15))


def test_rows_that_are_not_there_or_not_one_a_seed_are_refused():
    both = table(of_seeds([0.5, 0.6]) + of_seeds([0.5, 0.6], wd=0.1))
    with pytest.raises(ValueError, match='several runs with {} have the same seed'):
        by_seed(both, 'test_acc', {})
    with pytest.raises(ValueError, match=r"no run has {'wd': 0.2}.*\[0.0, 0.1\]"):
        by_seed(both, 'test_acc', {'wd': 0.2})
    with pytest.raises(ValueError, match='no column lr; it has wd, seed'):
        by_seed(both, 'test_acc', {'lr': 0.1})


def test_a_summary_has_one_row_a_group_in_the_order_of_the_table():
    runs = {'z': of_seeds([0.5, 0.6, 0.9]), 'a': of_seeds([0.7], wd=0.1)}
    rows = summary(table(runs), 'test_acc')
    assert list(rows.index) == ['z', 'a']
    interval = confidence([0.5, 0.6, 0.9])
    assert rows.loc['z'].to_dict() == pytest.approx(
        {
            'seeds': 3,
            'mean': interval.mean,
            'low': interval.low,
            'high': interval.high,
            'median': 0.6,
            'lowest': 0.5,
            'highest': 0.9,
        }
    )
    assert rows.loc['a', 'seeds'] == 1 and math.isnan(rows.loc['a', 'low'])
    assert list(summary(table(runs), 'test_acc', by=['wd']).index) == [0.0, 0.1]

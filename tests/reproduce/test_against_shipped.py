"""Late averages against those of the shipped runs: told apart where they differ."""

import numpy as np
import pytest
from scipy import stats

from d2l_dropout.metrics import EpochStats
from d2l_dropout.reproduce.against_shipped import differences


def test_late_averages_are_compared_and_early_epochs_are_not():
    rng = np.random.RandomState(2)

    def runs(n, early, late):
        return [
            [
                EpochStats(e, *((early if e <= 5 else late) + 0.01 * rng.randn(3)))
                for e in range(1, 11)
            ]
            for _ in range(n)
        ]

    shipped = {'a': runs(20, 0.5, 0.8)}
    same = differences({'a': runs(5, 9.0, 0.8)}, shipped)
    assert not any(d.excludes_zero for d in same)
    found = differences({'a': runs(5, 0.5, 0.9)}, shipped)
    assert [d.metric for d in found] == ['loss', 'train_acc', 'test_acc']
    assert all(d.excludes_zero for d in found)
    assert found[0].here - found[0].shipped == pytest.approx(0.1, abs=0.02)


def test_the_same_runs_do_not_differ_even_without_any_spread():
    same = [[EpochStats(e, 0.5, 0.5, 0.5) for e in (1, 2)]] * 3
    found = differences({'a': same}, {'a': same})
    assert len(found) == 3 and not any(d.excludes_zero for d in found)


def test_one_epoch_has_no_late_average():
    same = [[EpochStats(1, 0.5, 0.5, 0.5)]] * 3
    assert differences({'a': same}, {'a': same}) == []


def test_the_official_split_and_the_control_share_the_level_of_students_test():
    rng = np.random.RandomState(3)
    ours, theirs = (
        [[EpochStats(e, *rng.rand(3)) for e in (1, 2)] for _ in range(n)]
        for n in (4, 9)
    )
    found = differences({'a': ours}, {'a': theirs}, level=0.9)[0]
    shifted = [run[1].loss - found.low for run in ours]
    test = stats.ttest_ind(shifted, [run[1].loss for run in theirs])
    # On the limit, p is what each of 2 groups x 3 metrics has of the 10 %.
    assert test.pvalue == pytest.approx(0.1 / 6)

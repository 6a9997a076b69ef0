"""Differences of means against the shipped runs: by hand, and by simulation."""

import numpy as np
import pytest
from scipy import stats

from d2l_dropout.metrics import EpochStats
from d2l_dropout.reproduce.against_shipped import differences, half_widths


def test_the_limits_are_those_of_students_test():
    rng = np.random.RandomState(0)
    for _ in range(20):
        ours, theirs = rng.randn(5), 0.7 + rng.randn(12)
        gap, half = ours.mean() - theirs.mean(), half_widths(ours, theirs, 1, 0.95)
        p = stats.ttest_ind(ours, theirs, equal_var=True).pvalue
        assert (p < 0.05) == (abs(gap) > half)


def test_limits_of_several_looks_hold_the_truth_as_often_as_promised():
    rng = np.random.RandomState(1)
    held = [
        (abs(a.mean(0) - b.mean(0)) <= half_widths(a, b, 6)).all()
        for a, b in ((rng.randn(5, 6), rng.randn(20, 6)) for _ in range(2000))
    ]
    assert 0.93 < np.mean(held) < 0.97


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
    assert all(d.none for d in differences({'a': runs(5, 9.0, 0.8)}, shipped))
    found = differences({'a': runs(5, 0.5, 0.9)}, shipped)
    assert [d.figure for d in found] == ['loss', 'train_acc', 'test_acc']
    assert not any(d.none for d in found)
    assert found[0].here - found[0].shipped == pytest.approx(0.1, abs=0.02)


def test_the_same_runs_do_not_differ_even_without_any_spread():
    same = [[EpochStats(1, 0.5, 0.5, 0.5)]] * 3
    assert all(d.none for d in differences({'a': same}, {'a': same}))

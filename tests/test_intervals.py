"""Intervals against SciPy's and formulas written out; and how often they hold."""

import math
import sys

import numpy as np
import pytest
from scipy import stats

from d2l_dropout.intervals import (
    Estimate,
    bonferroni,
    confidence,
    paired_difference,
    pooled_difference,
    prediction,
    t_quantile,
    welch_difference,
)


@pytest.fixture
def samples():
    """Twenty pairs of samples of different sizes, means and spreads."""
    rng = np.random.RandomState(0)
    return [
        (rng.randn(3 + i % 5), 0.5 + (1 + i % 3) * rng.randn(4 + i % 7))
        for i in range(20)
    ]


def limits(interval):
    """An interval as SciPy gives them, as an array."""
    return np.array([interval.low, interval.high])


def test_the_quantile_is_that_of_the_printed_tables():
    assert t_quantile(4) == pytest.approx(2.776, abs=5e-4)
    assert t_quantile(20, level=0.99) == pytest.approx(2.845, abs=5e-4)
    # Five intervals that hold together with 95 % are five of 99 %.
    assert t_quantile(20, num_intervals=5) == pytest.approx(2.845, abs=5e-4)
    assert bonferroni(0.95, 5) == pytest.approx(0.99)


def test_a_prediction_interval_is_the_formula():
    low, high = limits(prediction([1.0, 2.0, 3.0, 4.0, 5.0]))
    half = 2.776445 * math.sqrt(2.5) * math.sqrt(1 + 1 / 5)
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=1e-5)


def test_a_confidence_interval_is_scipys(samples):
    for values, _ in samples:
        t = stats.t(len(values) - 1, values.mean(), stats.sem(values))
        np.testing.assert_allclose(limits(confidence(values)), t.interval(0.95))


@pytest.mark.parametrize('level', [0.9, 0.99])
def test_a_paired_difference_decides_as_the_paired_t_test(samples, level):
    for values, others in samples:
        n = min(len(values), len(others))
        values, others = values[:n], others[:n]
        found = paired_difference(values, others, level=level)
        test = stats.ttest_rel(values, others)
        assert found.excludes_zero == (test.pvalue < 1 - level)
        t = stats.t(n - 1, found.mean, stats.sem(values - others))
        np.testing.assert_allclose(limits(found), t.interval(level))


@pytest.mark.parametrize('level', [0.9, 0.99])
def test_two_samples_are_told_apart_as_by_scipys_tests(samples, level):
    for values, others in samples:
        for interval, equal_var in (
            (pooled_difference, True),
            (welch_difference, False),
        ):
            found = interval(values, others, level=level)
            test = stats.ttest_ind(values, others, equal_var=equal_var)
            assert found.excludes_zero == (test.pvalue < 1 - level)
            assert found.mean == pytest.approx(values.mean() - others.mean())
            # On the limit itself the test is undecided: p is 1 - level there.
            shifted = stats.ttest_ind(values - found.low, others, equal_var=equal_var)
            assert shifted.pvalue == pytest.approx(1 - level)


def test_a_single_value_lies_inside_the_pooled_interval_as_one_more_draw_does():
    values, one = np.array([1.0, 2.0, 4.0, 8.0]), 3.0
    pooled = pooled_difference(values, [one])
    assert pooled.half_width == pytest.approx(prediction(values).half_width)


def test_arrays_are_many_samples_at_once(samples):
    rng = np.random.RandomState(1)
    values, others = rng.randn(6, 2, 3), rng.randn(6, 2, 3)
    for interval in (paired_difference, pooled_difference, welch_difference):
        found = interval(values, others, 6)
        assert found.mean.shape == found.half_width.shape == (2, 3)
        one = interval(values[:, 1, 2], others[:, 1, 2], 6)
        assert limits(one) == pytest.approx(limits(found)[:, 1, 2])
        assert found.excludes_zero.shape == (2, 3)


@pytest.mark.parametrize('n', [3, 20])
def test_one_more_draw_lies_inside_all_prediction_intervals_as_often_as_promised(n):
    rng = np.random.RandomState(n)
    inside = []
    for _ in range(2000):
        draws = rng.randn(n + 1, 60)
        low, high = limits(prediction(draws[:-1], 60))
        inside.append(((low <= draws[-1]) & (draws[-1] <= high)).all())
    sigma = math.sqrt(0.95 * 0.05 / len(inside))
    # Bonferroni makes independent intervals too wide, but by very little.
    assert 0.95 - 4 * sigma < np.mean(inside) < 0.955 + 4 * sigma


@pytest.mark.parametrize('spread', [1, 5])
def test_welchs_intervals_hold_the_true_difference_as_often_as_promised(spread):
    rng = np.random.RandomState(spread)
    held = [
        not welch_difference(rng.randn(6), spread * rng.randn(20)).excludes_zero
        for _ in range(2000)
    ]
    assert 0.93 < np.mean(held) < 0.97


def test_pooled_intervals_hold_the_true_differences_together():
    rng = np.random.RandomState(1)
    held = [
        not pooled_difference(rng.randn(5, 6), rng.randn(20, 6), 6).excludes_zero.any()
        for _ in range(2000)
    ]
    assert 0.93 < np.mean(held) < 0.97


def test_pairing_by_seed_takes_away_what_the_seeds_do():
    values, others = [1.0, 5.0, 9.0], [0.9, 4.9, 8.9]
    assert paired_difference(values, others).excludes_zero
    assert not welch_difference(values, others).excludes_zero


def test_samples_without_any_spread_have_an_interval_of_width_zero():
    for interval in (paired_difference, welch_difference, pooled_difference):
        same = interval([2.0, 2.0], [2.0, 2.0])
        assert same[:2] == (0, 0) and not same.excludes_zero
        assert interval([2.5, 2.5], [2.0, 2.0]).excludes_zero


def test_an_estimate_is_read_in_percent():
    assert Estimate(0.8682, 0.0017, 5).percent() == '86.82 ± 0.17'
    assert Estimate(0.1, 0.2, 3).signed_percent() == '+10.00 ± 20.00'


@pytest.mark.parametrize(
    'ask, message',
    [
        (lambda: confidence([1.0]), '1 value.* at least two'),
        (lambda: prediction([]), '0 value.* at least two'),
        (lambda: welch_difference([1.0, 2.0], [1.0]), '1 value.* at least two'),
        (lambda: paired_difference([1.0, 2.0], [1.0]), 'are no pairs'),
        (lambda: pooled_difference([1.0], [2.0]), 'samples of 1 and 1'),
        (lambda: pooled_difference([], [1.0, 2.0, 3.0]), 'samples of 0 and 3'),
    ],
)
def test_too_few_values_are_refused(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()


def test_without_scipy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'scipy.special', None)
    with pytest.raises(ImportError, match=r"pip install '.\[reproduce\]'"):
        confidence([1.0, 2.0])

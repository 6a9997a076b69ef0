"""The book's metrics against runs: every one is looked at, and rounding is allowed."""

import math

import numpy as np
import pytest
from scipy import stats

from d2l_dropout.metrics import EpochStats
from d2l_dropout.reproduce.comparison import any_outside, compare


def epochs(*metrics):
    return [EpochStats(i, *each) for i, each in enumerate(metrics, 1)]


def test_an_interval_is_students_and_half_a_unit_of_the_last_decimal():
    losses = [1.0, 2.0, 3.0, 4.0, 5.0]
    runs = [epochs((loss, 0.5, 0.5)) for loss in losses]
    row = compare({'a': runs}, {'a': runs[0]}, level=0.95)[0][0]
    t = stats.t.ppf(1 - 0.025 / 3 / 2, 4)  # 2.5 % for single epochs: three metrics
    half = t * math.sqrt(2.5) * math.sqrt(1 + 1 / 5) + 0.00005
    assert (row.low, row.high) == pytest.approx((3 - half, 3 + half))


def test_rounding_is_within_the_interval_and_no_more():
    same = epochs((0.5, 0.8, 0.8))
    near = epochs((0.50004, 0.8004, 0.7996))
    far = epochs((0.50006, 0.8006, 0.7994))
    assert all(row.inside for row in compare({'a': [same, same]}, {'a': near})[0])
    assert not any(row.inside for row in compare({'a': [same, same]}, {'a': far})[0])


def test_every_metric_of_every_model_is_a_row_and_widens_the_intervals():
    runs = [
        epochs((0.5, 0.8, 0.8), (0.4, 0.9, 0.8)),
        epochs(
            (0.6, 0.7, 0.7),
        )
        * 2,
    ]
    one, averages = compare({'a': runs}, {'a': runs[0]})
    two, _ = compare({'a': runs, 'b': runs}, {'a': runs[0], 'b': runs[0]})
    assert [(r.epoch, r.metric) for r in one[:4]] == [
        (1, 'loss'),
        (1, 'train_acc'),
        (1, 'test_acc'),
        (2, 'loss'),
    ]
    assert len(one) == 6 and len(two) == 12 and len(averages) == 3
    assert two[0].high - two[0].low > one[0].high - one[0].low
    assert (one[0].mean, one[0].sd) == pytest.approx((0.55, 0.1 / math.sqrt(2)))


def test_fewer_epochs_than_the_book_are_compared_with_its_first():
    runs = [epochs((0.5, 0.8, 0.8)), epochs((0.6, 0.7, 0.7))]
    book = epochs((0.55, 0.75, 0.75), (0.1, 0.9, 0.9))
    rows, averages = compare({'a': runs}, {'a': book})
    assert {row.epoch for row in rows} == {1} and averages == []


def test_a_run_that_diverged_leaves_nothing_inside():
    good, bad = epochs((0.5, 0.8, 0.8)), epochs((math.nan, 0.1, 0.1))
    rows, _ = compare({'a': [good, good, bad]}, {'a': good})
    assert not rows[0].inside and rows[1].inside


def test_a_late_average_is_over_the_second_half_and_sees_what_epochs_do_not():
    rng = np.random.RandomState(0)
    runs = [epochs(*(0.5 + rng.randn(3) * 0.01 for _ in range(10))) for _ in range(20)]
    book = epochs(*([0.5] * 3 for _ in range(5)), *([0.525] * 3 for _ in range(5)))
    rows, averages = compare({'a': runs}, {'a': book})
    assert all(row.inside for row in rows)
    assert [(row.first_epoch, row.epoch, row.inside) for row in averages] == [
        (6, 10, False)
    ] * 3
    assert averages[0].book == pytest.approx(0.525)


def test_many_draws_at_once_are_judged_as_one_is():
    rng = np.random.RandomState(1)
    values = rng.randn(6, 2, 4, 3)
    draws = (rng.randn(50, 2, 4, 3) * 2).round(3)
    book = [{m: epochs(*d[i]) for i, m in enumerate('ab')} for d in draws]
    runs = {m: [epochs(*v[i]) for v in values] for i, m in enumerate('ab')}
    one_by_one = [
        not all(row.inside for rows in compare(runs, each) for row in rows)
        for each in book
    ]
    assert any_outside(values, draws).tolist() == one_by_one
    assert 5 < sum(one_by_one) < 45


def test_one_run_has_no_spread():
    with pytest.raises(ValueError, match='1 run of the model a, .* at least 2'):
        compare({'a': [epochs((0.5, 0.8, 0.8))]}, {'a': epochs((0.5, 0.8, 0.8))})

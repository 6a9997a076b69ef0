"""Prediction intervals: by hand, by simulation, and at their edges."""

import math

import numpy as np
import pytest

from d2l_dropout.metrics import EpochStats
from d2l_dropout.reproduce.comparison import compare, limits, outside, t_quantile


def epochs(*figures):
    return [EpochStats(i, *each) for i, each in enumerate(figures, 1)]


def test_the_quantile_is_that_of_the_tables():
    assert t_quantile(4, 1, 0.95) == pytest.approx(2.776, abs=5e-4)
    assert t_quantile(20, 1, 0.99) == pytest.approx(2.845, abs=5e-4)
    # Five looks at 95 % together are one look at 99 %.
    assert t_quantile(20, 5, 0.95) == pytest.approx(2.845, abs=5e-4)


def test_limits_are_mean_t_s_and_half_a_unit():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    low, high = limits(values, 1, 0.05, 0.95)
    half = 2.776445 * math.sqrt(2.5) * math.sqrt(1 + 1 / 5) + 0.05
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=1e-5)


@pytest.mark.parametrize('n', [3, 5, 20])
def test_one_more_draw_lies_inside_all_intervals_as_often_as_promised(n):
    rng = np.random.RandomState(n)
    inside = []
    for _ in range(2000):
        draws = rng.randn(n + 1, 60)
        low, high = limits(draws[:-1], 60, 0.0, 0.95)
        inside.append(((low <= draws[-1]) & (draws[-1] <= high)).all())
    sigma = math.sqrt(0.95 * 0.05 / len(inside))
    # Bonferroni errs on the side of too wide, for independent looks by very little.
    assert 0.95 - 4 * sigma < np.mean(inside) < 0.955 + 4 * sigma


def test_rounding_is_within_the_interval_and_no_more():
    same = epochs((0.5, 0.8, 0.8))
    near = epochs((0.50004, 0.8004, 0.7996))
    far = epochs((0.50006, 0.8006, 0.7994))
    assert all(row.inside for row in compare({'a': [same, same]}, {'a': near})[0])
    assert not any(row.inside for row in compare({'a': [same, same]}, {'a': far})[0])


def test_every_figure_of_every_model_is_a_row_and_a_look():
    runs = [
        epochs((0.5, 0.8, 0.8), (0.4, 0.9, 0.8)),
        epochs(
            (0.6, 0.7, 0.7),
        )
        * 2,
    ]
    one, averages = compare({'a': runs}, {'a': runs[0]})
    two, _ = compare({'a': runs, 'b': runs}, {'a': runs[0], 'b': runs[0]})
    assert [(r.epoch, r.figure) for r in one[:4]] == [
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
    assert outside(values, draws).tolist() == one_by_one
    assert 5 < sum(one_by_one) < 45


def test_one_run_has_no_spread():
    with pytest.raises(ValueError, match='1 run of the model a: .* at least 2'):
        compare({'a': [epochs((0.5, 0.8, 0.8))]}, {'a': epochs((0.5, 0.8, 0.8))})


def test_without_scipy_it_says_what_to_install(python):
    code = (
        'import sys; sys.modules["scipy"] = None\n'
        'import d2l_dropout.reproduce.comparison'
    )
    assert "pip install '.[reproduce]'" in python(code).stderr

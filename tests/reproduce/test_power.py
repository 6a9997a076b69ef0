"""The power of the comparison, where it is known."""

import numpy as np
import pytest

from d2l_dropout.reproduce.power import (
    Power,
    markdown,
    share_different,
    share_outside,
)

SHAPE = (2, 10, 3)  # models, epochs, metrics


@pytest.fixture
def draws():
    """Thirty draws of a correct port."""
    return np.random.RandomState(0).randn(30, *SHAPE)


def test_a_port_that_is_far_off_is_always_noticed(draws):
    assert share_outside(draws[:10] + 50, draws, 5) == 1


def test_the_correct_port_raises_a_false_alarm_seldom(draws):
    assert share_outside(draws, draws, 10, leave_out=True) < 0.1


def test_more_seeds_notice_more(draws):
    wrong = np.random.RandomState(1).randn(20, *SHAPE) + 2
    shares = [share_outside(wrong, draws, n) for n in (3, 5, 20)]
    assert shares == sorted(shares) and shares[0] < 0.5 < shares[2]


def test_a_draw_is_not_compared_with_itself():
    # Were the odd one among the seeds it is compared with, it would lie inside.
    draws = np.random.RandomState(0).randn(4, *SHAPE)
    draws[0] += 10000
    assert share_outside(draws, draws, 3, leave_out=True) == 0.25


def test_a_shift_that_single_runs_hide_shows_against_many_runs(draws):
    wrong = np.random.RandomState(1).randn(10, *SHAPE)
    wrong[..., 2] += 1
    assert (
        share_outside(wrong, draws, 10) < 0.5 and share_different(wrong, draws, 10) == 1
    )
    assert share_different(draws, draws, 10, leave_out=True) < 0.15


def test_the_table_has_a_line_for_each_port_and_number_of_seeds():
    powers = [
        Power('lr', 'official', 5, 0.5, 1.0, 1.0),
        Power('lr', 'control', 5, 0.25, 0.12, 0.75),
    ]
    assert markdown(powers).splitlines()[2:] == [
        '| learning rate 0.1 in place of 0.5 | 5 | 50 % | 25 % | 12 % | 100 % | 75 % |'
    ]

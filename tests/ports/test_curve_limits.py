"""The limits: one run in twenty of ours lies outside them."""

import numpy as np
import pytest

from d2l_dropout.ports.curves import curve_limits


def test_one_run_in_twenty_of_ours_lies_outside_when_left_out():
    outside = []
    for on_fresh_splits in (False, True):
        ours = curve_limits.reference(on_fresh_splits, 10)
        for i, run in enumerate(ours):
            others = np.delete(ours, i, axis=0)
            deviation = curve_limits.deviation(run[None], others)
            outside.append(deviation > curve_limits.calibrated(1, 10))
    # 4 / 81 is the largest level of at most 5 % that eighty runs can give.
    assert len(outside) == 80 and sum(outside) == 3


def test_the_limits_are_standard_deviations_times_a_factor():
    ours = curve_limits.reference(False, 10)
    widths = curve_limits.half_widths(ours, 5, 3.0)
    error = (1 / 5 + 1 / 40) ** 0.5
    late = ours[:, 5:].mean(axis=1)
    assert widths.averages[0] == pytest.approx(3 * late[:, 0].std(ddof=1) * error)
    gap = late[:, 2] - late[:, 1]
    assert widths.averages[3] == pytest.approx(3 * gap.std(ddof=1) * error)
    assert widths.epochs[4, 1] == pytest.approx(6 * ours[:, 4, 1].std(ddof=1) * error)
    # More runs than ten are judged as ten.
    assert np.array_equal(
        curve_limits.half_widths(ours, 10, 1.0).epochs,
        curve_limits.half_widths(ours, 50, 1.0).epochs,
    )


def test_both_nets_are_draws_of_one_distribution():
    """That is why their runs are pooled: no metric's means differ by Student's t."""
    from d2l_dropout.intervals import pooled_difference

    for on_fresh_splits in (False, True):
        ours = curve_limits.reference(on_fresh_splits, 10)
        difference = pooled_difference(ours[:20], ours[20:], num_intervals=60)
        assert not difference.excludes_zero.any()

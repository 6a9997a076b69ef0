"""One right port in twenty lies outside; the table of wrong ones is up to date."""

from pathlib import Path

import numpy as np
import pytest
from test_package import CHECKOUT, in_checkout

from d2l_dropout.ports import curve, curve_limits, curve_power


@pytest.fixture(scope='module')
def powers():
    return {power.wrong: power for power in curve_power.measure()}


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


@pytest.mark.parametrize('num_runs', [1, 3, 5])
def test_right_ports_in_numpy_are_seldom_refused(num_runs, powers):
    assert powers['nothing (NumPy)'].shares[num_runs] <= 0.05
    assert powers['nothing (ours, left out)'].shares[num_runs] <= 0.05


def test_the_common_mistakes_are_noticed_in_one_run(powers):
    for wrong in (
        'the last mini-batch divided by its own size',
        'dropout left on when testing',
        'drop_prob swapped between the layers',
        'no rescaling by 1 / (1 - drop_prob)',
        'learning rate 0.1 in place of 0.5',
    ):
        assert powers[wrong].shares[1] == 1, wrong


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


@in_checkout
def test_the_table_of_the_page_is_what_the_script_prints(powers):
    page = Path(CHECKOUT / 'docs' / 'power.md').read_text(encoding='utf-8')
    assert curve_power.markdown(list(powers.values())) in page


def test_the_files_of_curves_are_those_of_the_table():
    named = {name for name in curve_power.PORTS.values() if isinstance(name, str)}
    assert {path.stem for path in curve_power.CURVES.glob('*.csv')} == named - {
        'fresh splits'
    }
    for path in curve_power.CURVES.glob('*.csv'):
        assert {len(run) for run in curve.read(path)} == {10}

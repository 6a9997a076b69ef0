"""Right ports pass, the common mistakes do not, and the page says so."""

import pytest
from test_package import CHECKOUT, in_checkout

from d2l_dropout.ports.curves import curve, curve_power


@pytest.fixture(scope='module')
def powers():
    return {power.wrong: power for power in curve_power.measure()}


def test_about_one_right_run_in_twenty_is_refused(powers):
    rights = [power for wrong, power in powers.items() if wrong.startswith('nothing')]
    assert [power.num for power in rights] == [40, 30, 20]
    refused = sum(power.num * power.shares[1] for power in rights)
    assert refused / 90 <= 0.05
    assert all(power.shares[n] <= 0.06 for power in rights for n in (3, 5))


def test_the_common_mistakes_are_noticed_in_one_run(powers):
    for wrong in (
        'the last mini-batch divided by its own size',
        'dropout left on when testing',
        'drop_prob swapped between the layers',
        'no rescaling by 1 / (1 - drop_prob)',
        'learning rate 0.1 in place of 0.5',
    ):
        assert powers[wrong].shares[1] == 1, wrong


@in_checkout
def test_the_table_of_the_page_is_what_the_script_prints(powers):
    page = (CHECKOUT / 'docs' / 'power.md').read_text(encoding='utf-8')
    assert curve_power.markdown(list(powers.values())) in page


def test_the_files_of_curves_are_those_of_the_table():
    named = {name for name in curve_power.PORTS.values() if isinstance(name, str)}
    assert {path.stem for path in curve_power.CURVES.glob('*.csv')} == named - {
        'fresh splits'
    }
    for path in curve_power.CURVES.glob('*.csv'):
        assert {len(run) for run in curve.read(path)} == {10}

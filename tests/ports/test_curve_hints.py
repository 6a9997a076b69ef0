"""Each mistake whose pattern is known is asked about, and right ports about nothing."""

import pytest

from d2l_dropout.ports.curves import curve, curve_hints, curve_power
from d2l_dropout.runs import shipped

OFFICIAL = [result.epochs for result in shipped.results('scratch', False)]
RESPLIT = [result.epochs for result in shipped.results('scratch', True)]


@pytest.mark.parametrize(
    'name, hint',
    [
        ('last-mini-batch', curve_hints._LAST_MINI_BATCH),
        ('test-time', curve_hints._TEST_TIME),
        ('swapped', curve_hints._TOO_HARD),
        ('no-rescaling', curve_hints._UNSCALED),
        ('wide-init', curve_hints._START),
        ('one-shuffle', None),
        ('right', None),
    ],
)
def test_a_mistake_is_asked_about(name, hint):
    runs = curve.read(curve_power.CURVES / f'{name}.csv')
    assert curve.compare(runs[:5]).hints == ([hint] if hint else [])


def test_another_split_is_asked_about_in_either_direction():
    assert curve.compare(RESPLIT[:5]).hints == [curve_hints._OTHER_SPLIT]
    hints = curve.compare(OFFICIAL[:5], on_fresh_splits=True).hints
    assert hints == [curve_hints._OFFICIAL_SPLIT, curve_hints._TEST_TIME]


def test_a_loss_alone_that_is_far_off_is_asked_about():
    """In bits, say; a loss that is a little off comes with other dropout too."""
    in_bits = [[e._replace(loss=e.loss / 0.6931) for e in run] for run in OFFICIAL[:3]]
    assert curve.compare(in_bits).hints == [curve_hints._LOSS]


def test_every_hint_is_a_question():
    hints = [getattr(curve_hints, n) for n in vars(curve_hints) if n.isupper()]
    hints = [hint for hint in hints if isinstance(hint, str)]
    assert len(hints) == 12 and all('?' in hint for hint in hints)


def test_a_run_that_diverged_is_asked_what_its_updates_are():
    nan = float('nan')
    run = [e._replace(loss=nan, train_acc=0.1, test_acc=0.1) for e in OFFICIAL[0]]
    assert curve.compare([run]).hints == [curve_hints.DIVERGED]

"""What the control notices and presumes, where it is known, and in docs/power.md."""

from pathlib import Path

import numpy as np
import pytest

from d2l_dropout.fashion_mnist import Origin
from d2l_dropout.metrics import EpochStats, as_array
from d2l_dropout.reproduce import reproduction, verdicts
from d2l_dropout.reproduce.comparison import compare, late_average
from d2l_dropout.reproduce.control import noticeable, official_among_random
from d2l_dropout.reproduce.groups import Group, Reproduction
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec

POWER = Path(__file__).resolve().parents[2] / 'docs' / 'power.md'


def group(test_accs, book):
    """A group of runs of the scratch net with these test accs in both epochs."""
    results = []
    for seed, acc in enumerate(test_accs):
        epochs = [
            EpochStats(e, 0.5 + seed / 100, 0.8 + seed / 100, acc) for e in (1, 2)
        ]
        spec = RunSpec(seed=seed, num_epochs=2)
        results.append(RunResult(spec, epochs, 1.0, 'ab', 1, {}, 'a machine'))
    runs = {'scratch': [result.epochs for result in results]}
    rows, averages = compare(runs, {'scratch': book})
    return Group([r.spec for r in results], results, [], rows, averages, [])


def epochs(test_acc):
    return [EpochStats(e, 0.5, 0.8, test_acc) for e in (1, 2)]


@pytest.fixture
def accs():
    return 0.87 + 0.004 * np.random.RandomState(0).randn(12)


@pytest.fixture
def shipped(monkeypatch):
    """The shipped runs against the book."""
    monkeypatch.setattr(reproduction, '_masks_exact', lambda: True)
    return reproduction.from_shipped()


def test_a_difference_of_the_noticeable_size_is_where_the_interval_ends(accs):
    size = noticeable(group(accs, epochs(0.87)))['scratch']
    for off, inside in ((0.99, True), (1.01, False)):
        for side in (-1, 1):
            book = epochs(accs.mean() + side * off * size)
            average = group(accs, book).averages[-1]
            assert average.metric == 'test_acc' and average.inside is inside


def test_the_noticeable_difference_is_noticed_with_the_chance_asked_for():
    rng = np.random.RandomState(1)
    made = group(rng.randn(400), epochs(0.0))
    high = made.averages[-1].high
    for chance in (0.5, 0.9):
        books = noticeable(made, chance)['scratch'] + rng.randn(4000)
        assert np.mean(books > high) == pytest.approx(chance, abs=0.03)


def test_the_place_of_a_split_is_found_beside_the_noise_of_the_seeds():
    rng = np.random.RandomState(2)
    official = 0.86 + 0.002 * rng.randn(400)
    control = 0.87 + 0.003 * rng.randn(400) + 0.002 * rng.randn(400)
    book = epochs(0.87)
    made = Reproduction(
        Origin('2017-08-31', 'a folder'),
        True,
        group(official, book),
        group(control, book),
    )
    (split,) = official_among_random(made)
    assert split.gap == pytest.approx(0.01, abs=0.0005)
    assert split.split_sd == pytest.approx(0.003, abs=0.0005)


def test_too_few_runs_say_nothing_about_splits(shipped, monkeypatch):
    few = official_among_random(reproduction.from_shipped(5))
    assert [split.split_sd for split in few] == [None, None]
    said = verdicts.data(reproduction.from_shipped(5))
    assert any(line.endswith('An official split need not be.') for line in said)
    assert official_among_random(reproduction.from_shipped(5, control_only=True)) == []


@pytest.mark.skipif(not POWER.exists(), reason='not a checkout')
def test_the_numbers_of_the_control_in_the_docs_are_those_of_the_shipped_runs(shipped):
    text = ' '.join(POWER.read_text(encoding='utf-8').split())
    half, likely = (noticeable(shipped.control, chance) for chance in (0.5, 0.9))
    for model in ('scratch', 'gluon'):
        assert f'{100 * half[model]:.2f} points' in text
        assert f'{100 * likely[model]:.2f} points' in text
    splits = official_among_random(shipped)
    for split in splits:
        assert f'{split.gap / split.split_sd:.1f}' in text
        assert f'{100 * split.gap:.2f} points' in text
        assert f'{100 * split.split_sd:.2f} points' in text
    late = [
        late_average(as_array(shipped.control.epochs(model)))[:, 0, 2]
        for model in ('scratch', 'gluon')
    ]
    assert f'{100 * np.cov(*late)[0, 1] ** 0.5:.2f} points' in text
    gap = np.mean([split.gap for split in splits])
    assert f'about {100 * gap:.1f} points harder' in text


def test_the_verdict_says_both(shipped):
    assert '1.22 points' in verdicts.code(shipped)[2]
    said = ' '.join(verdicts.data(shipped))
    assert "presumes that the book's split is like a random one" in said
    assert 'about -2.8 s.d. (net from scratch: -0.75 points) and -2.6 s.d.' in said

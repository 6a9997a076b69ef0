"""Exact tests against SciPy, and against counting every arrangement."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from d2l_dropout.exact_tests import fisher_exact, mann_whitney_exact


def count_arrangements(values, others):
    """The two-sided p-value of the rank sum, by looking at all arrangements."""
    ranks = stats.rankdata([*values, *others])
    n = len(values)
    sums = [sum(chosen) for chosen in itertools.combinations(ranks, n)]
    here = sum(ranks[:n])
    tails = [np.mean([s <= here for s in sums]), np.mean([s >= here for s in sums])]
    return min(1, 2 * min(tails))


def test_fishers_test_is_the_sum_of_the_hypergeometric_probabilities():
    def probability(k):  # that k of the three failures fall among the first ten
        return math.comb(10, k) * math.comb(10, 3 - k) / math.comb(20, 3)

    assert fisher_exact(3, 10, 0, 10) == pytest.approx(probability(0) + probability(3))
    assert fisher_exact(0, 10, 0, 10) == 1
    assert fisher_exact(10, 10, 0, 10) == pytest.approx(2 / math.comb(20, 10))


def test_counts_that_are_none_are_refused():
    with pytest.raises(ValueError, match='4 of 3 and 0 of 10 are no counts'):
        fisher_exact(4, 3, 0, 10)


@pytest.mark.parametrize('ties', [False, True])
def test_mann_whitney_counts_the_arrangements_of_the_ranks(ties):
    rng = np.random.RandomState(0)
    for n, m in [(2, 2), (2, 5), (3, 3), (4, 6), (6, 5)]:
        values, others = rng.randn(n), 0.7 + rng.randn(m)
        if ties:  # as test accuracies of few examples have them
            values, others = values.round(), others.round()
        counted = count_arrangements(values, others)
        assert mann_whitney_exact(values, others) == pytest.approx(counted)


def test_only_ranks_matter_to_mann_whitney():
    assert mann_whitney_exact([1, 2, 3], [4, 5, 1000]) == pytest.approx(2 / 20)
    assert mann_whitney_exact([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)


@pytest.mark.parametrize(
    'values, others, message',
    [
        ([1.0], [1.0, 2.0], 'at least two values'),
        ([math.nan, 1.0], [1.0, 2.0], 'none may be NaN'),
        ([0.0] * 20, [1.0] * 20, 'too many to count'),
    ],
)
def test_samples_that_cannot_be_ranked_exactly_are_refused(values, others, message):
    with pytest.raises(ValueError, match=message):
        mann_whitney_exact(values, others)

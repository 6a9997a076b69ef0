"""Exact tests for small samples, with no presumption about their distribution.

Thin wrappers of SciPy's, which is imported when something is computed.
"""

import math

import numpy as np

from d2l_dropout.intervals import require_scipy

# Arrangements of tied values that are counted one by one: enough for ten and ten.
_MAX_ARRANGEMENTS = 200_000


def fisher_exact(successes, trials, other_successes, other_trials):
    """Return the p-value of Fisher's exact test: do two shares of successes differ?

    It decides between counts, such as 3 of 10 runs that diverged against 0 of 10.

    Parameters
    ----------
    successes, other_successes : int >= 0
        At most as many as the trials.
    trials, other_trials : int >= 0

    Returns
    -------
    float in [0, 1]
        Two-sided: the probability of counts that are at most as likely as these, if
        both kinds of trials succeed equally often.

    Raises
    ------
    ValueError
        If there are more successes than trials, or a count is negative.
    """
    table = [
        [successes, trials - successes],
        [other_successes, other_trials - other_successes],
    ]
    if np.min(table) < 0:
        raise ValueError(
            f'{successes} of {trials} and {other_successes} of {other_trials} are no '
            'counts: each needs 0 <= successes <= trials.'
        )
    return float(_stats().fisher_exact(table)[1])


def mann_whitney_exact(values, others):
    """Return the p-value of the exact Mann-Whitney test: are values of one larger?

    It decides whether one of two independent samples tends to larger values, by ranks
    alone, whatever the distributions are.

    Parameters
    ----------
    values, others : sequence of float
        At least two each. Equal values share their ranks.

    Returns
    -------
    float in [0, 1]
        Two-sided: the share of all arrangements of the values into two such samples in
        which the ranks lie at least as far apart as here.

    Raises
    ------
    ValueError
        If a sample has fewer than two values, or a NaN; or if values are equal and the
        samples so large that more than 200,000 arrangements had to be counted.

    Source: Mann and Whitney, Annals of Mathematical Statistics 18 (1947), 50-60.
    """
    both = np.concatenate([values, others]).astype('float64')
    if min(len(values), len(others)) < 2 or np.isnan(both).any():
        raise ValueError('each sample needs at least two values, and none may be NaN.')
    if len(set(both)) == len(both):
        test = _stats().mannwhitneyu(values, others, method='exact')
        return float(test.pvalue)
    return _count_arrangements(_stats().rankdata(both), len(values))


def _count_arrangements(ranks, n):
    """Return the two-sided p-value of the sum of the first `n` ranks, with ties."""
    num = math.comb(len(ranks), n)
    if num > _MAX_ARRANGEMENTS:
        raise ValueError(
            f'{n} and {len(ranks) - n} values, some of them equal, have {num} '
            'arrangements, too many to count: use scipy.stats.mannwhitneyu.'
        )
    test = _stats().permutation_test(
        (ranks[:n], ranks[n:]),
        lambda sample, _, axis: sample.sum(axis=axis),
        vectorized=True,
        n_resamples=_MAX_ARRANGEMENTS,
    )
    return float(test.pvalue)


def _stats():
    require_scipy()
    from scipy import stats

    return stats

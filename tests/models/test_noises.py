"""Noise in place of dropout: the values it takes, its mean and its variance."""

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.models.noises import (
    additive_noise,
    gamma,
    gaussian_dropout,
    three_valued_dropout,
    unscaled_dropout,
)

mx = compat.import_mxnet()
from mxnet import nd  # noqa: E402


def test_without_the_scaling_kept_elements_stay_as_they_are():
    X = nd.random.normal(shape=(50, 40))
    y, x = unscaled_dropout(X, 0.4).asnumpy(), X.asnumpy()
    np.testing.assert_allclose(y[y != 0], x[y != 0], rtol=1e-6)
    assert 0.5 < (y != 0).mean() < 0.7
    assert (unscaled_dropout(X, 1).asnumpy() == 0).all()


@pytest.mark.parametrize('drop_prob', [0.0, 0.2, 0.5, 0.9])
def test_three_values_have_mean_one_and_the_variance_derived(drop_prob):
    n = 1000000
    factors = three_valued_dropout(nd.ones(n), drop_prob).asnumpy().astype('float64')
    top = gamma(drop_prob)
    expected = [0, top / 2, top] if drop_prob else [top / 2, top]
    np.testing.assert_allclose(np.unique(factors), expected, rtol=1e-6)
    variance = 10 / (9 * (1 - drop_prob)) - 1
    assert abs(factors.mean() - 1) < 4 * (variance / n) ** 0.5
    assert factors.var() == pytest.approx(variance, rel=0.01)


@pytest.mark.parametrize('drop_prob', [0.2, 0.5, 0.9])
def test_gaussian_noise_has_the_mean_and_variance_of_dropout(drop_prob):
    n = 1000000
    factors = gaussian_dropout(nd.ones(n), drop_prob).asnumpy().astype('float64')
    variance = drop_prob / (1 - drop_prob)
    assert abs(factors.mean() - 1) < 4 * (variance / n) ** 0.5
    assert factors.var() == pytest.approx(variance, rel=0.01)


@pytest.mark.parametrize('drop_prob', [0.2, 0.5, 0.9])
def test_additive_noise_is_as_large_whatever_it_is_added_to(drop_prob):
    n = 1000000
    for value in (0, 1, 100):
        X = nd.full(n, value)
        added = (additive_noise(X, drop_prob) - X).asnumpy().astype('float64')
        variance = drop_prob / (1 - drop_prob)  # of dropout, where value is 1
        assert abs(added.mean()) < 4 * (variance / n) ** 0.5
        assert added.var() == pytest.approx(variance, rel=0.01)


@pytest.mark.parametrize('noise', [gaussian_dropout, additive_noise])
def test_probability_zero_is_no_noise(noise):
    X = nd.random.normal(shape=(20, 30))
    assert (noise(X, 0) == X).asnumpy().all()


@pytest.mark.parametrize(
    'noise', [three_valued_dropout, gaussian_dropout, additive_noise]
)
@pytest.mark.parametrize('drop_prob', [-0.1, 1])
def test_other_noise_says_what_drop_prob_may_be(noise, drop_prob):
    with pytest.raises(ValueError, match='at least 0 and below 1'):
        noise(nd.ones(3), drop_prob)

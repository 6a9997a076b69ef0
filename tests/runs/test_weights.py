"""Norms of weights, and how they spread over the inputs of a unit."""

import numpy as np
import pytest

from d2l_dropout.runs.weights import weights


def of_one_layer(W):
    return weights([W.astype('float32'), None])['W1']


def test_one_weight_of_n_is_spread_over_one_input_and_equal_ones_over_all():
    one, equal = np.zeros((20, 3)), np.full((20, 3), -0.5)
    one[4] = 2
    assert of_one_layer(one) == pytest.approx(
        {'norm': 12**0.5, 'spread': 1 / 20, 'top': 1}
    )
    assert of_one_layer(equal) == pytest.approx(
        {'norm': 15**0.5, 'spread': 1, 'top': 0.1}
    )


def test_normal_weights_have_a_spread_of_a_third_whatever_their_size():
    W = np.random.RandomState(0).normal(size=(2000, 50))
    small, large = of_one_layer(W), of_one_layer(100 * W)
    assert small['spread'] == pytest.approx(1 / 3, rel=0.01)
    assert large['spread'] == pytest.approx(small['spread'], rel=1e-5)
    assert large['norm'] == pytest.approx(100 * small['norm'], rel=1e-5)


def test_units_without_weights_do_not_count():
    W = np.ones((10, 4))
    W[:, 2] = 0
    assert of_one_layer(W)['spread'] == pytest.approx(1)

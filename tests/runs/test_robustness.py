"""Ablated units, noisy images and the penalty of input noise, by other computations."""

import numpy as np
import pytest

from d2l_dropout.runs import robustness


@pytest.fixture
def net():
    """Parameters of 20, 8, 6 and 5 units, and 300 examples that they get right."""
    rng = np.random.RandomState(0)
    sizes, params = (20, 8, 6, 5), []
    for num_in, num_out in zip(sizes, sizes[1:]):
        params += [rng.randn(num_in, num_out) / num_in**0.5, rng.randn(num_out) / 10]
    params = [param.astype('float32') for param in params]
    X = rng.rand(300, 20).astype('float32')
    return params, X, robustness.hidden(params, X)[2].argmax(axis=1)


def accuracy(params, X, y):
    return (robustness.hidden(params, X)[2].argmax(axis=1) == y).mean()


def test_units_are_zeroed_as_if_their_outgoing_weights_were(net):
    params, X, y = net
    result = robustness.ablation(params, X, y)
    for layer, place in (('H1', 2), ('H2', 4)):
        lost = []
        for unit in range(len(params[place])):
            without = [param.copy() for param in params]
            without[place][unit] = 0
            lost.append(1 - accuracy(without, X, y))
        assert max(lost) > 0
        assert result[layer]['lost'] == pytest.approx(np.mean(lost))
        assert result[layer]['lost_most'] == pytest.approx(max(lost))
        # All were right before, so that each change is a loss.
        assert result[layer]['changed'] == pytest.approx(np.mean(lost))


def test_the_more_units_are_zeroed_the_less_is_left(net):
    accuracies = list(robustness.ablation(*net)['shares'].values())
    assert accuracies == sorted(accuracies, reverse=True) and accuracies[-1] < 0.8


def test_a_unit_that_no_one_listens_to_is_not_missed(net):
    params, X, y = net
    params[2][:], params[4][:] = 0, 0
    for layer in ('H1', 'H2'):
        assert robustness.ablation(params, X, y)[layer]['changed_most'] == 0


def test_the_more_noise_on_the_images_the_fewer_predictions_stay(net):
    params, X, y = net
    for judged in robustness.noisy_images(params, X, y).values():
        same = [value['same'] for value in judged.values()]
        assert same == sorted(same, reverse=True) and same[0] > same[-1]
        assert [value['acc'] for value in judged.values()] == same  # all were right
    zeros = [np.zeros_like(param) for param in params]
    blind = robustness.noisy_images(zeros, X, y)
    assert blind['normal']['0.5'] == {'acc': (y == 0).mean(), 'same': 1}


def test_the_trace_is_that_of_the_losses_second_derivatives(net):
    params, X, y = net
    params = [param.astype('float64') for param in params]
    params[1][:], params[3][:] = 10, 10  # all units alive: no kink of ReLU is near
    X, y, h = X[:3].astype('float64'), y[:3], 1e-3
    plain = robustness._loss(params, X, y)
    second = sum(
        robustness._loss(params, X + h * e, y)
        + robustness._loss(params, X - h * e, y)
        - 2 * plain
        for e in np.eye(20)
    )
    result = robustness.input_penalty(params, X, y)
    assert result['trace'] == pytest.approx(second / h**2, rel=1e-4)


def test_small_noise_adds_what_the_trace_predicts(net):
    params, X, y = net
    params[1][:], params[3][:] = 10, 10
    result = robustness.input_penalty(params, X, y)
    for sigma in ('0.02', '0.05'):
        predicted = float(sigma) ** 2 / 2 * result['trace']
        assert result['added'][sigma] == pytest.approx(predicted, rel=0.1)

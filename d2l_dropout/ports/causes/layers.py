"""The layers of a port in NumPy: activations and losses, with their derivatives."""

import math

import numpy as np

_SQRT_2 = math.sqrt(2)
_erf = np.vectorize(math.erf, otypes=['float64'])


def _sigmoid(Z):
    return 0.5 * (1 + np.tanh(Z / 2))


def _gelu_slope(Z):
    density = np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi)
    return 0.5 * (1 + _erf(Z / _SQRT_2)) + Z * density


def _tanh_gelu(Z):
    return 0.5 * Z * (1 + np.tanh(_tanh_gelu_argument(Z)))


def _tanh_gelu_argument(Z):
    return math.sqrt(2 / math.pi) * (Z + 0.044715 * Z**3)


def _tanh_gelu_slope(Z):
    t = np.tanh(_tanh_gelu_argument(Z))
    inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * Z**2)
    return 0.5 * (1 + t) + 0.5 * Z * (1 - t**2) * inner


def _leaky(slope):
    return (
        lambda Z: np.where(Z > 0, Z, slope * Z),
        lambda Z: np.where(Z > 0, 1, slope),
    )


def _elu(Z):
    return np.where(Z > 0, Z, np.expm1(np.minimum(Z, 0)))


#: Activations by name: the function and its derivative.
ACTIVATIONS = {
    'relu': (lambda Z: np.maximum(Z, 0), lambda Z: Z > 0),
    'no ReLU': (lambda Z: Z, np.ones_like),
    'ReLU whose derivative at 0 is 1': (lambda Z: np.maximum(Z, 0), lambda Z: Z >= 0),
    'ReLU6': (lambda Z: np.clip(Z, 0, 6), lambda Z: (Z > 0) & (Z < 6)),
    'leaky ReLU with slope 0.01': _leaky(0.01),
    'leaky ReLU with slope 0.1': _leaky(0.1),
    'leaky ReLU with slope 0.2': _leaky(0.2),
    'leaky ReLU with slope 0.3': _leaky(0.3),
    'the absolute value': (np.abs, np.sign),
    'sigmoid': (_sigmoid, lambda Z: _sigmoid(Z) * (1 - _sigmoid(Z))),
    'tanh': (np.tanh, lambda Z: 1 - np.tanh(Z) ** 2),
    'GELU': (lambda Z: Z * 0.5 * (1 + _erf(Z / _SQRT_2)), _gelu_slope),
    'GELU by its approximation with tanh': (_tanh_gelu, _tanh_gelu_slope),
    'ELU': (_elu, lambda Z: np.where(Z > 0, 1, np.exp(np.minimum(Z, 0)))),
    'SELU': (
        lambda Z: 1.0507009873554805 * np.where(Z > 0, Z, 1.6732632423543772 * _elu(Z)),
        lambda Z: (
            1.0507009873554805
            * np.where(Z > 0, 1, 1.6732632423543772 * np.exp(np.minimum(Z, 0)))
        ),
    ),
    'SiLU': (
        lambda Z: Z * _sigmoid(Z),
        lambda Z: _sigmoid(Z) * (1 + Z * (1 - _sigmoid(Z))),
    ),
    'softplus': (lambda Z: np.logaddexp(0, Z), _sigmoid),
}


def log_softmax(scores):
    """Return the logarithm of the softmax of each row."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _cross_entropy(scores, target):
    """Of softmax(scores); the target has one distribution for each example."""
    logs = log_softmax(scores)
    return -(target * logs).sum(axis=1), np.exp(logs) - target


def _through(inner, jacobian):
    """Return the cross-entropy loss of scores that `inner` has changed before.

    `jacobian(changed, grad)` takes the gradient by the changed scores to that by the
    scores themselves.
    """

    def loss(scores, target):
        changed = inner(scores)
        losses, grad = _cross_entropy(changed, target)
        return losses, jacobian(changed, grad)

    return loss


def _softmax(scores):
    return np.exp(log_softmax(scores))


def _softmax_jacobian(probs, grad):
    return probs * (grad - (grad * probs).sum(axis=1, keepdims=True))


def _squared_error(inner, jacobian, scale):
    def loss(scores, target):
        outputs = inner(scores)
        error = outputs - target
        losses = scale * (error**2).sum(axis=1)
        return losses, jacobian(outputs, 2 * scale * error)

    return loss


def _binary(scale):
    """Ten times one class against the rest, each with a sigmoid."""

    def loss(scores, target):
        losses = np.logaddexp(0, scores) - target * scores
        return scale * losses.sum(axis=1), scale * (_sigmoid(scores) - target)

    return loss


def _minus_probability(scores, target):
    probs = _softmax(scores)
    return -(target * probs).sum(axis=1), _softmax_jacobian(probs, -target)


def _scaled(factor):
    def loss(scores, target):
        losses, grad = _cross_entropy(scores, target)
        return factor * losses, factor * grad

    return loss


def _same(outputs, grad):
    return grad


def _nll_of_scores(scores, target):
    return -(target * scores).sum(axis=1), -target


#: Losses by name: functions of the scores and the target, both (n, 10), that return the
#: loss of each example and the gradient of their sum by the scores.
LOSSES = {
    'cross-entropy': _cross_entropy,
    'softmax before a loss that has a softmax of its own': _through(
        _softmax, _softmax_jacobian
    ),
    'a ReLU on the scores': _through(
        lambda scores: np.maximum(scores, 0), lambda changed, grad: grad * (changed > 0)
    ),
    'a sigmoid on the scores': _through(
        _sigmoid, lambda changed, grad: grad * changed * (1 - changed)
    ),
    'a tanh on the scores': _through(
        np.tanh, lambda changed, grad: grad * (1 - changed**2)
    ),
    'the logarithm of base 2': _scaled(1 / math.log(2)),
    'the logarithm of base 10': _scaled(1 / math.log(10)),
    'the mean over the ten classes too (a tenth of the loss)': _scaled(0.1),
    'the probability without its logarithm': _minus_probability,
    'the score without softmax (NLL of scores in place of log-probabilities)': (
        _nll_of_scores
    ),
    'squared error of the scores': _squared_error(lambda s: s, _same, 1.0),
    'mean squared error of the scores': _squared_error(lambda s: s, _same, 0.1),
    'half the squared error of the scores': _squared_error(lambda s: s, _same, 0.5),
    'squared error of the probabilities': _squared_error(
        _softmax, _softmax_jacobian, 1.0
    ),
    'mean squared error of the probabilities': _squared_error(
        _softmax, _softmax_jacobian, 0.1
    ),
    'binary cross-entropy, summed over the classes': _binary(1.0),
    'binary cross-entropy, averaged over the classes': _binary(0.1),
}

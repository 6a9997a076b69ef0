"""Mistakes in the loss and in the gradients."""

import numpy as np
from planting import plant
from small_port import SmallPort, cross_entropy

# The loss


def with_loss(function):
    return lambda port, scores, y: function(scores, y)


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _one_hot(y):
    return np.eye(10, dtype='float32')[y]


def _twice(scores, y):
    q = softmax(scores)
    losses, g = cross_entropy(q, y)
    return losses, q * (g - (g * q).sum(axis=1, keepdims=True))


def smoothed(eps):
    def loss(scores, y):
        target = _one_hot(y) * (1 - eps) + eps / 10
        q = softmax(scores)
        return -(target * np.log(q)).sum(axis=1), q - target

    return loss


def _mse(scores, y):
    error = scores - _one_hot(y)
    return (error**2).mean(axis=1), 2 * error / 10


def _brier(scores, y):
    q = softmax(scores)
    error = q - _one_hot(y)
    g = 2 * error
    return (error**2).sum(axis=1), q * (g - (g * q).sum(axis=1, keepdims=True))


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _bce(scores, y):
    s, t = _sigmoid(scores), _one_hot(y)
    return -(t * np.log(s) + (1 - t) * np.log(1 - s)).mean(axis=1), (s - t) / 10


def _scaled_loss(c):
    return lambda scores, y: tuple(c * value for value in cross_entropy(scores, y))


def _focal(scores, y):
    losses, g = cross_entropy(scores, y)
    weight = (1 - np.exp(-losses)) ** 2
    return weight * losses, weight[:, None] * g


def _class_weights(scores, y):
    weight = np.where(y < 5, 2, 1)
    losses, g = cross_entropy(scores, y)
    return weight * losses, weight[:, None] * g


def _hot(scores, y):
    losses, g = cross_entropy(scores / 2, y)
    return losses, g / 2


for _name, _cause, _function in [
    ('softmax-twice', 'softmax before a loss that has', _twice),
    ('smoothing-.1', 'label smoothing of 0.1', smoothed(0.1)),
    ('smoothing-.03', 'label smoothing of 0.03', smoothed(0.03)),
    ('mse', 'mean squared error of the scores', _mse),
    ('brier', 'squared error of the probabilities', _brier),
    ('bce', 'binary cross-entropy, averaged', _bce),
    ('mean-over-classes', 'a tenth of the loss', _scaled_loss(0.1)),
    ('log-2', 'the logarithm of base 2', _scaled_loss(1 / np.log(2))),
    ('focal', None, _focal),
    ('class-weights', None, _class_weights),
    ('temperature', 'divided by 2 in the loss', _hot),
]:
    plant(_name, _cause, loss=with_loss(_function))


def _l2(coefficient):
    def subtracted(port, grads, n):
        grads = SmallPort.subtracted(port, grads, n)
        return {
            name: g + 2 * coefficient * port.params()[name] * (name[0] == 'W')
            for name, g in grads.items()
        }

    def recorded(port, grads, n):
        return port.subtracted(grads, n)

    def mean_loss(port, losses):
        return losses.mean() + coefficient * port.penalty

    def step(port, k):
        port.penalty = sum(
            (p**2).sum() for n, p in port.params().items() if n[0] == 'W'
        )
        SmallPort.step(port, k)

    return dict(
        subtracted=subtracted, recorded=recorded, mean_loss=mean_loss, step=step
    )


plant('l2-.001', 'an L2 penalty in the loss: 0.001', **_l2(0.001))
plant('l2-.02', 'an L2 penalty in the loss: 0.02', **_l2(0.02))


# Gradients


def _grads(change):
    """Return a `gradients` that changes those of the sum of the losses."""

    def gradients(port, n):
        return change(SmallPort.gradients(port, n), n)

    return gradients


def _zeros(*names):
    return lambda grads, n: {k: g * (k not in names) for k, g in grads.items()}


def _clip_norm(bound):
    def change(grads, n):
        norm = np.sqrt(sum(((g / n) ** 2).sum() for g in grads.values()))
        return {k: g * min(1, bound / norm) for k, g in grads.items()}

    return change


def _clip_each(bound):
    def change(grads, n):
        norms = {k: np.sqrt(((g / n) ** 2).sum()) for k, g in grads.items()}
        return {k: g * min(1, bound / norms[k]) for k, g in grads.items()}

    return change


for _name, _cause, _change in [
    (
        'no-mean',
        'sum of the losses',
        lambda grads, n: {k: g * n for k, g in grads.items()},
    ),
    (
        'mean-twice',
        ('divided by the batch size twice', 'by the batch size once more'),
        lambda grads, n: {k: g / n for k, g in grads.items()},
    ),
    (
        'half-gradient',
        '0.5 times as large',
        lambda grads, n: {k: g / 2 for k, g in grads.items()},
    ),
    (
        'double-gradient',
        'as large',
        lambda grads, n: {k: g * 2 for k, g in grads.items()},
    ),
    (
        'bias-means',
        'gradients of the biases are means',
        lambda grads, n: {k: g / (n if k[0] == 'b' else 1) for k, g in grads.items()},
    ),
    ('detached-1', 'no gradient reaches the first layer', _zeros('W1', 'b1')),
    ('detached-2', 'no gradient reaches the first two', _zeros('W1', 'b1', 'W2', 'b2')),
    (
        'clip-norm-.5',
        'norm of all gradients together is clipped to 0.5',
        _clip_norm(0.5),
    ),
    ('clip-each-.2', 'clipped (or scaled) to 0.2', _clip_each(0.2)),
    (
        'clip-value-.05',
        'element of the gradients is clipped to 0.05',
        lambda grads, n: {k: np.clip(g, -0.05 * n, 0.05 * n) for k, g in grads.items()},
    ),
    (
        'rounded-gradient',
        None,
        lambda grads, n: {k: np.round(g, 1) for k, g in grads.items()},
    ),
    (
        'normalized-gradient',
        'clipped (or scaled)',
        lambda grads, n: {
            k: g / np.sqrt((g**2).sum() + 1e-9) for k, g in grads.items()
        },
    ),
    (
        'W2-gradient-negated',
        None,
        lambda grads, n: {k: -g if k == 'W2' else g for k, g in grads.items()},
    ),
]:
    plant(_name, _cause, gradients=_grads(_change))


def _directions(change):
    """Return a `subtracted` that changes the gradients only where they are applied."""

    def subtracted(port, grads, n):
        return change(SmallPort.subtracted(port, grads, n), n)

    return subtracted


plant(
    'clip-norm-1-unrecorded',
    'norm of all gradients together is clipped to 1',
    subtracted=_directions(lambda grads, n: _clip_norm(1)(grads, 1)),
)
plant(
    'divided-twice',
    'divided by the batch size once more',
    subtracted=_directions(lambda grads, n: {k: g / n for k, g in grads.items()}),
)

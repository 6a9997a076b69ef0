"""Mistakes in the activations and in dropout."""

import numpy as np
from planting import plant
from small_port import Activation, Dropout

# Activations


def _activations(first, second=None):
    def make_activations(port):
        return [Activation(*(first or ())), Activation(*((second or first) or ()))]

    return make_activations


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


IDENTITY = (lambda z: z, np.ones_like)
RELU = Activation().function, Activation().slope
SIGMOID = _sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))
TANH = np.tanh, lambda z: 1 - np.tanh(z) ** 2
LEAKY = lambda z: np.where(z > 0, z, z / 100), lambda z: np.where(z > 0, 1, 0.01)
LEAKY3 = lambda z: np.where(z > 0, z, z * 0.3), lambda z: np.where(z > 0, 1, 0.3)
ELU = (
    lambda z: np.where(z > 0, z, np.exp(z) - 1),
    lambda z: np.where(z > 0, 1, np.exp(z)),
)
SOFTPLUS = lambda z: np.log(1 + np.exp(z)), _sigmoid
SWISH = (
    lambda z: z * _sigmoid(z),
    lambda z: _sigmoid(z) + z * _sigmoid(z) * (1 - _sigmoid(z)),
)
SQUARED = lambda z: np.where(z > 0, z * z, 0), lambda z: np.where(z > 0, 2 * z, 0)

for _name, _cause, _first, _second in [
    ('identity-1', 'the first hidden layer has no ReLU', IDENTITY, RELU),
    ('identity-2', 'the second hidden layer has no ReLU', RELU, IDENTITY),
    ('identity-both', 'neither hidden layer has a ReLU', IDENTITY, IDENTITY),
    ('sigmoid-both', 'both hidden layers have sigmoid', SIGMOID, SIGMOID),
    ('tanh-both', 'both hidden layers have tanh', TANH, TANH),
    ('tanh-2', 'the second hidden layer has tanh', RELU, TANH),
    ('leaky-both', 'leaky ReLU with slope 0.01', LEAKY, LEAKY),
    ('leaky-1', 'leaky ReLU with slope 0.3', LEAKY3, RELU),
    ('elu-both', 'both hidden layers have ELU', ELU, ELU),
    ('softplus-both', 'both hidden layers have softplus', SOFTPLUS, SOFTPLUS),
    ('swish-both', 'both hidden layers have SiLU', SWISH, SWISH),
    ('squared-relu', None, SQUARED, SQUARED),
    ('relu-slope-lost', 'does not go through the ReLUs', (RELU[0], np.ones_like), None),
    ('relu-slope-lost-1', 'through the first ReLU', (RELU[0], np.ones_like), RELU),
]:
    plant(_name, _cause, make_activations=_activations(_first, _second))


# Dropout


def dropouts(probs=lambda p1, p2: (p1, p2), cls=Dropout, only=(1, 2)):
    def make_dropouts(port):
        pair = zip((1, 2), probs(port.p1, port.p2))
        return [(cls if n in only else Dropout)(p) for n, p in pair]

    return make_dropouts


def drop(**methods):
    return type('Drop', (Dropout,), methods)


def random_mask(self, x):
    rng = np.random.RandomState(int(abs(x).sum() * 1e4) % 2**31)
    return (rng.rand(*x.shape) >= self.p) / np.float32(1 - self.p)


def _no_scale(self, x):
    return self.mask


def _keep(self, x):
    return 1 - self.p


def _identity(self, x):
    return np.ones_like(x)


def _straight(self, g):
    return g


def _gaussian(self, x):
    rng = np.random.RandomState(3)
    return 1 + np.sqrt(self.p / (1 - self.p)) * rng.randn(*x.shape)


_OFF = drop(scales=_identity)
_LAST_MASK = drop(predict_scales=lambda s, x: np.resize(s.mask, x.shape) / (1 - s.p))
for _name, _cause, _make in [
    (
        'no-scale',
        'is not divided by 1 - drop_prob',
        dropouts(cls=drop(scales=_no_scale)),
    ),
    (
        'no-scale-1',
        'what dropout 1 keeps is not divided',
        dropouts(cls=drop(scales=_no_scale), only=(1,)),
    ),
    (
        'scale-at-test-only',
        'multiplied by it in predict mode instead',
        dropouts(cls=drop(scales=_no_scale, predict_scales=_keep)),
    ),
    (
        'scale-at-test-too',
        'multiplied by 1 - drop_prob in predict mode, on top',
        dropouts(cls=drop(predict_scales=_keep)),
    ),
    (
        'times-keep',
        'multiplied by 1 - drop_prob in place of divided',
        dropouts(cls=drop(scales=lambda s, x: s.mask * (1 - s.p))),
    ),
    (
        'over-p',
        'divided by drop_prob in place of 1 - drop_prob',
        dropouts(cls=drop(scales=lambda s, x: s.mask / s.p)),
    ),
    (
        'inverted-mask',
        'units to be dropped, not for those kept',
        dropouts(cls=drop(scales=lambda s, x: (1 - s.mask) / (1 - s.p))),
    ),
    (
        'keep-prob',
        'drop_prob is taken for the probability of keeping',
        dropouts(cls=drop(scales=lambda s, x: (1 - s.mask) / s.p)),
    ),
    (
        'mask-of-first-example',
        'all examples have the mask of the first',
        dropouts(
            cls=drop(scales=lambda s, x: np.tile(s.mask[:1], (len(x), 1)) / (1 - s.p))
        ),
    ),
    (
        'mask-of-first-unit',
        'all units of an example have the mask of the first unit',
        dropouts(cls=drop(scales=lambda s, x: s.mask[:, :1] / (1 - s.p))),
    ),
    (
        'rolled-masks',
        'does not use the exported masks',
        dropouts(cls=drop(scales=lambda s, x: np.roll(s.mask, 1, axis=1) / (1 - s.p))),
    ),
    ('swapped-probs', 'are swapped', dropouts(lambda p1, p2: (p2, p1))),
    (
        'both-p1',
        'both dropout layers have drop_prob1',
        dropouts(lambda p1, p2: (p1, p1)),
    ),
    (
        'both-p2',
        'both dropout layers have drop_prob2',
        dropouts(lambda p1, p2: (p2, p2)),
    ),
    ('p1-.3', 'divided by 1 - 0.3', dropouts(lambda p1, p2: (0.3, p2))),
    ('p2-.35', 'divided by 1 - 0.35', dropouts(lambda p1, p2: (p1, 0.35))),
    ('no-dropout', 'no dropout in training mode', dropouts(cls=_OFF)),
    (
        'identity-for-dropout-2',
        'no dropout after the second',
        dropouts(cls=_OFF, only=(2,)),
    ),
    (
        'identity-for-dropout-1',
        'no dropout after the first',
        dropouts(cls=_OFF, only=(1,)),
    ),
    ('left-on', 'dropout is left on in predict mode', dropouts(cls=_LAST_MASK)),
    (
        'left-on-2',
        'dropout 2 is left on in predict mode',
        dropouts(cls=_LAST_MASK, only=(2,)),
    ),
    (
        'left-on-own-masks',
        'dropout is left on in predict mode',
        dropouts(cls=drop(predict_scales=random_mask)),
    ),
    (
        'own-masks',
        'does not use the exported masks',
        dropouts(cls=drop(scales=random_mask)),
    ),
    (
        'own-masks-2',
        'does not use the exported masks',
        dropouts(cls=drop(scales=random_mask), only=(2,)),
    ),
    (
        'straight-through',
        'goes on as without dropout',
        dropouts(cls=drop(backward=_straight)),
    ),
    (
        'straight-through-2',
        'does not go through the mask of dropout 2',
        dropouts(cls=drop(backward=_straight), only=(2,)),
    ),
    (
        'unscaled-backward',
        'is not divided by 1 - drop_prob',
        dropouts(cls=drop(backward=lambda s, g: g * s.mask)),
    ),
    ('gaussian', None, dropouts(cls=drop(scales=_gaussian))),
]:
    plant(_name, _cause, make_dropouts=_make)

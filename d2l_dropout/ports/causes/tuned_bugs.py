"""Mistakes with a number in them, such as another learning rate; `measure` finds it."""

import math
from typing import Callable, NamedTuple, Tuple

from d2l_dropout.ports.causes.layers import ACTIVATIONS, LOSSES
from d2l_dropout.ports.causes.norms import NORMS
from d2l_dropout.ports.causes.recipe import RIGHT, Bug, Optimizer

_with = RIGHT._replace


class Family(NamedTuple):
    """Mistakes that differ by a number.

    Attributes
    ----------
    sentence : str
        With `{value}`, and `{lr}` for the case's learning rate.
    recipe : function (float) -> Recipe
    starts : tuple of float
        Usual values, from the best of which the number is searched.
    """

    sentence: str
    recipe: Callable
    starts: Tuple[float, ...]

    def bug(self, value, settings):
        """Return the mistake with this number."""
        sentence = self.sentence.format(value=f'{value:.4g}', lr=f'{settings.lr:g}')
        return Bug(sentence, self.recipe(value))


def _optimizer(name, **changes):
    """Return the function from a number to the recipe with that optimiser."""
    return lambda value: _with(optimizer=Optimizer(**{name: value}, **changes))


def _clip(kind, recorded):
    return lambda value: _with(
        optimizer=Optimizer(clip=(kind, abs(value)), clips_recorded=recorded)
    )


def _schedule(factor):
    """Return the function from a number to the recipe with lr factor(number, k)."""
    return lambda value: _with(
        optimizer=Optimizer(schedule=lambda k: float(factor(value, k)))
    )


def _scaled_gradients(value):
    return _with(
        recorded_scale=lambda n, batch_size: value / n,
        update_scale=lambda n, batch_size: value / batch_size,
    )


def _probs(first, second):
    def recipe(value):
        return _with(
            probs=lambda p1, p2: (value if first else p1, value if second else p2)
        )

    return recipe


def _scaled_images(value):
    return _with(images=lambda X: X * value)


def _scaled_weights(value):
    return _with(initial=lambda name, v: v * value if name[0] == 'W' else v)


def _constant_biases(value):
    return _with(initial=lambda name, v: v + value if name[0] == 'b' else v)


_RATES = (0.0005, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.8, 1.0)
_MOMENTA = (0.5, 0.8, 0.9, 0.95, 0.99)
_DECAYS = (1e-4, 1e-3, 0.01, 0.1)
_BOUNDS = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_PROBS = (0.1, 0.25, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9)
_CLIPS = {
    'norm': 'the norm of all gradients together is clipped to {value}',
    'value': 'each element of the gradients is clipped to {value}',
    'each norm': 'the norm of the gradient of each parameter is clipped (or scaled) to '
    '{value}',
}
_OPTIMIZERS = {
    'adam': 'Adam with a learning rate of {value} in place of SGD',
    'rmsprop': 'RMSProp with a learning rate of {value} in place of SGD',
    'keras_rmsprop': 'RMSProp (as in Keras) with a learning rate of {value} in place '
    'of SGD',
    'adagrad': 'Adagrad with a learning rate of {value} in place of SGD',
    'sign': 'the sign of the gradient, times {value}, is subtracted',
}

#: The mistakes, in the order in which they are named if several fit.
FAMILIES: Tuple[Family, ...] = (
    Family(
        'a learning rate of {value} in place of {lr}', _optimizer('lr'), (-0.5, *_RATES)
    ),
    Family(
        'all gradients are {value} times as large',
        _scaled_gradients,
        (0.01, 0.1, 0.5, 2.0, 10.0),
    ),
    Family('SGD with momentum {value}', _optimizer('momentum'), _MOMENTA),
    Family(
        'SGD with momentum {value} and dampening (an average of gradients)',
        _optimizer('momentum', dampened=True),
        _MOMENTA,
    ),
    Family(
        'SGD with Nesterov momentum {value}',
        _optimizer('momentum', nesterov=True),
        _MOMENTA,
    ),
    Family(
        'weight decay: {value} times the parameter is added to its gradient',
        _optimizer('wd'),
        _DECAYS,
    ),
    Family(
        'weight decay: {value} times each weight, but not the biases, is added to its '
        'gradient',
        _optimizer('wd', wd_biases=False),
        _DECAYS,
    ),
    Family(
        'an L2 penalty in the loss: {value} times the sum of the squared weights',
        lambda value: _with(l2=value),
        _DECAYS,
    ),
    Family(
        'the scores are divided by {value} in the loss (a temperature)',
        lambda value: _with(temperature=value),
        (0.1, 0.5, 2.0, 10.0),
    ),
    Family(
        'the gradients of the biases are {value} times as large',
        lambda value: _with(bias_scale=lambda n: value),
        (0.1, 0.5, 2.0, 10.0),
    ),
    Family(
        'label smoothing of {value}',
        lambda value: _with(smoothing=value),
        (0.05, 0.1, 0.2),
    ),
    *(
        Family(sentence, _clip(kind, recorded), _BOUNDS)
        for kind, sentence in _CLIPS.items()
        for recorded in (False, True)
    ),
    Family(
        'a schedule: the learning rate is multiplied by {value} after each update',
        _schedule(lambda value, k: value ** (k - 1)),
        (0.1, 0.5, 0.9, 0.95, 0.99),
    ),
    Family(
        'a schedule: the learning rate is multiplied by {value} after every second '
        'update',
        _schedule(lambda value, k: value ** ((k - 1) // 2)),
        (0.1, 0.5, 0.9),
    ),
    Family(
        'a schedule: the learning rate falls linearly to 0 within {value} updates',
        _schedule(lambda value, k: max(0, 1 - (k - 1) / value)),
        (3.0, 5.0, 6.0, 10.0),
    ),
    Family(
        'a schedule: the learning rate falls to 0 within {value} updates as a cosine',
        _schedule(
            lambda value, k: 0.5 * (1 + math.cos(math.pi * min(1, (k - 1) / value)))
        ),
        (3.0, 5.0, 6.0, 10.0),
    ),
    Family(
        'a schedule: the learning rate of update k is lr / (1 + {value} (k - 1))',
        _schedule(lambda value, k: 1 / (1 + value * (k - 1))),
        (0.001, 0.01, 0.1, 0.5),
    ),
    Family(
        'a schedule: the learning rate rises linearly within {value} updates (warm-up)',
        _schedule(lambda value, k: min(1, k / value)),
        (2.0, 3.0, 4.0, 5.0, 10.0),
    ),
    *(
        Family(sentence, _optimizer('lr', kind=kind), (*_RATES, 0.5))
        for kind, sentence in _OPTIMIZERS.items()
    ),
    Family(
        'what the first dropout keeps is divided by 1 - {value}, as if that were '
        'drop_prob1',
        _probs(True, False),
        _PROBS,
    ),
    Family(
        'what the second dropout keeps is divided by 1 - {value}, as if that were '
        'drop_prob2',
        _probs(False, True),
        _PROBS,
    ),
    Family(
        'what both dropouts keep is divided by 1 - {value}, as if both drop '
        'probabilities were that',
        _probs(True, True),
        _PROBS,
    ),
    Family(
        'the images are multiplied by {value}',
        _scaled_images,
        (1 / 255, 255 / 256, 0.5, 2.0),
    ),
    Family(
        'the initial weights are multiplied by {value}',
        _scaled_weights,
        (0.01, 0.02, 0.1, 0.5, 2.0),
    ),
    Family('the biases are initially {value}', _constant_biases, (0.01, 0.1, 0.5)),
)


def _kinds():
    """Yield the mistakes that are another function in place of the right one."""
    for name in list(ACTIVATIONS)[2:]:
        for where, pair in (
            ('both hidden layers have', (name, name)),
            ('the first hidden layer has', (name, 'relu')),
            ('the second hidden layer has', ('relu', name)),
        ):
            yield Bug(f'{where} {name} as activation', _with(activations=pair))
    for name in list(LOSSES)[2:]:
        yield Bug(f'another loss: {name}', _with(loss=name))
    for name in NORMS:
        for where, layers in (
            ('both', (1, 2)),
            ('the first', (1,)),
            ('the second', (2,)),
        ):
            layer = 'layers' if where == 'both' else 'layer'
            yield Bug(
                f'{name} before the activation of {where} hidden {layer}',
                _with(norm=(name, layers)),
            )
    for layers in ((1, 2), (1,), (2,)):
        names = [f'{n}{layer}' for layer in layers for n in ('gamma', 'beta')]
        which = 'both hidden layers' if layers[1:] else f'hidden layer {layers[0]}'
        for name in ('batch normalization', 'layer normalization'):
            yield Bug(
                f'{name} without scale and shift before the activation of {which}',
                _with(norm=(name, layers), optimizer=Optimizer(frozen=tuple(names))),
            )
    for bits, name in ((10, 'TF32'), (7, 'bfloat16')):
        yield Bug(
            f'products of matrices in {name} ({bits} bits of mantissa)',
            _with(bits=bits),
        )


#: Other functions in place of the right ones.
KINDS: Tuple[Bug, ...] = tuple(_kinds())

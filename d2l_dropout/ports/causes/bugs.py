"""The mistakes that ports make, each with the recipe of a port that makes it.

Mistakes with a number in them, such as another learning rate, are in `tuned_bugs`.
"""

from typing import Dict

import numpy as np

from d2l_dropout.ports.causes.bugs_in_updates import UPDATE_BUGS
from d2l_dropout.ports.causes.recipe import RIGHT, Bug

_with = RIGHT._replace


def _ones(mask, p, layer):
    return np.ones_like(mask)


def _only(layer_without):
    """Return the factor of dropout that one of the two layers lacks."""

    def factor(mask, p, layer):
        return np.ones_like(mask) if layer == layer_without else mask / (1 - p)

    return factor


def _unscaled(layer_without):
    """Return the factor of dropout that one of the two layers does not rescale by."""
    return lambda mask, p, layer: mask / (1 if layer == layer_without else 1 - p)


def _with_bias(*numbers):
    return tuple(n in numbers for n in (1, 2, 3))


def _reshaped(*names):
    """Return a copier that reshapes these weights in place of transposing them."""

    def initial(name, value):
        return value.T.reshape(value.shape) if name in names else value

    return initial


def _transposed_if_square(*names):
    def initial(name, value):
        square = value.ndim == 2 and value.shape[0] == value.shape[1]
        return value.T if name in names and square else value

    return initial


_INPUT_BUGS = {
    'labels-plus-one': Bug(
        'the labels are off by one (y + 1 in place of y)',
        _with(labels=lambda y: (y + 1) % 10),
    ),
    'labels-minus-one': Bug(
        'the labels are off by one (y - 1 in place of y)',
        _with(labels=lambda y: (y - 1) % 10),
    ),
    'labels-reversed': Bug(
        'the labels are those of the mini-batch in reverse order',
        _with(labels=lambda y: y[::-1]),
    ),
    'labels-shifted': Bug(
        'each example has the label of the next one in its mini-batch',
        _with(labels=lambda y: np.roll(y, -1)),
    ),
    'labels-from-above': Bug(
        'the classes are numbered backwards (9 - y in place of y)',
        _with(labels=lambda y: 9 - y),
    ),
    'images-255': Bug(
        'the images are divided by 255 once more', _with(images=lambda X: X / 255)
    ),
    'images-not-divided': Bug(
        'the images are not divided by 255', _with(images=lambda X: X * 255)
    ),
    'images-centred': Bug(
        'the images are scaled to [-1, 1], not to [0, 1]',
        _with(images=lambda X: 2 * X - 1),
    ),
    'images-inverted': Bug(
        'the images are inverted (1 - X in place of X)', _with(images=lambda X: 1 - X)
    ),
    'images-standardized': Bug(
        'the images are standardized (mean 0.2860, standard deviation 0.3530)',
        _with(images=lambda X: (X - 0.2860) / 0.3530),
    ),
    'images-standardized-mnist': Bug(
        'the images are standardized with the numbers of MNIST (0.1307 and 0.3081)',
        _with(images=lambda X: (X - 0.1307) / 0.3081),
    ),
    'reshaped-weights': Bug(
        'the initial weights are reshaped in place of transposed when they are copied',
        _with(initial=_reshaped('W1', 'W2', 'W3')),
    ),
    **{
        f'reshaped-{W}': Bug(
            f'the initial {W} is reshaped in place of transposed when it is copied',
            _with(initial=_reshaped(W)),
        )
        for W in ('W1', 'W2', 'W3')
    },
    'transposed-W2': Bug(
        'the initial W2, which is square, is transposed when it is copied',
        _with(initial=_transposed_if_square('W2')),
    ),
    'zero-biases-ones': Bug(
        'the biases are initially 1, not 0',
        _with(initial=lambda n, value: value + 1 if n.startswith('b') else value),
    ),
    'same-batch': Bug(
        'every update takes the images and labels of the first',
        _with(batch_of=lambda k: 1),
    ),
    'same-masks': Bug(
        'every update takes the masks of the first', _with(masks_of=lambda k: 1)
    ),
    'next-masks': Bug(
        'each update takes the masks of the next one', _with(masks_of=lambda k: k + 1)
    ),
}

_ACTIVATION_BUGS = {
    'no-relu-1': ('the first hidden layer has no ReLU', ('no ReLU', 'relu')),
    'no-relu-2': ('the second hidden layer has no ReLU', ('relu', 'no ReLU')),
    'no-relus': ('neither hidden layer has a ReLU', ('no ReLU', 'no ReLU')),
}

_DROPOUT_BUGS = {
    'kept-mask': Bug(
        'the mask is taken for the units to be dropped, not for those kept',
        _with(factor=lambda mask, p, layer: (1 - mask) / (1 - p)),
    ),
    'kept-prob': Bug(
        'drop_prob is taken for the probability of keeping a unit: the mask is that of '
        'the units to be dropped, and what is kept is divided by drop_prob',
        _with(factor=lambda mask, p, layer: (1 - mask) / p),
    ),
    'one-mask': Bug(
        'all examples have the mask of the first one',
        _with(
            factor=lambda mask, p, layer: np.broadcast_to(mask[0], mask.shape) / (1 - p)
        ),
    ),
    'one-number': Bug(
        'all units of an example have the mask of the first unit',
        _with(
            factor=lambda mask, p, layer: (
                np.broadcast_to(mask[:, :1], mask.shape) / (1 - p)
            )
        ),
    ),
    'masks-in-reverse': Bug(
        'the masks are those of the examples in reverse order',
        _with(factor=lambda mask, p, layer: mask[::-1] / (1 - p)),
    ),
    'no-rescaling': Bug(
        'what is kept is not divided by 1 - drop_prob',
        _with(factor=lambda mask, p, layer: mask),
    ),
    **{
        f'no-rescaling-{layer}': Bug(
            f'what dropout {layer} keeps is not divided by 1 - drop_prob{layer}',
            _with(factor=_unscaled(layer)),
        )
        for layer in (1, 2)
    },
    'rescaled-in-predict-mode': Bug(
        'what is kept is not divided by 1 - drop_prob in training mode; activations '
        'are multiplied by it in predict mode instead',
        _with(
            factor=lambda mask, p, layer: mask,
            predict_factor=lambda mask, p, layer: 1 - p,
        ),
    ),
    'multiplied': Bug(
        'what is kept is multiplied by 1 - drop_prob in place of divided',
        _with(factor=lambda mask, p, layer: mask * (1 - p)),
    ),
    'divided-by-p': Bug(
        'what is kept is divided by drop_prob in place of 1 - drop_prob',
        _with(factor=lambda mask, p, layer: mask / p),
    ),
    'multiplied-by-p': Bug(
        'what is kept is multiplied by drop_prob',
        _with(factor=lambda mask, p, layer: mask * p),
    ),
    'rescaled-twice': Bug(
        'what is kept is divided by 1 - drop_prob twice',
        _with(factor=lambda mask, p, layer: mask / (1 - p) ** 2),
    ),
    'swapped': Bug(
        'drop_prob1 and drop_prob2 are swapped', _with(probs=lambda p1, p2: (p2, p1))
    ),
    'both-p1': Bug(
        'both dropout layers have drop_prob1', _with(probs=lambda p1, p2: (p1, p1))
    ),
    'both-p2': Bug(
        'both dropout layers have drop_prob2', _with(probs=lambda p1, p2: (p2, p2))
    ),
    'no-dropout': Bug(
        'no dropout in training mode (the masks are not applied)', _with(factor=_ones)
    ),
    'no-dropout-1': Bug(
        'no dropout after the first hidden layer', _with(factor=_only(1))
    ),
    'no-dropout-2': Bug(
        'no dropout after the second hidden layer', _with(factor=_only(2))
    ),
    'dropout-before-bias': Bug(
        'dropout is applied to the product before the bias is added',
        _with(dropout_before_bias=True),
    ),
    'mask-not-in-backward': Bug(
        'the gradient does not go through the masks, or not by the same factors '
        '(it goes on as without dropout)',
        _with(backward_factor=_ones),
    ),
    **{
        f'mask-{layer}-not-in-backward': Bug(
            f'the gradient does not go through the mask of dropout {layer}',
            _with(backward_factor=_only(layer)),
        )
        for layer in (1, 2)
    },
    'no-rescaling-in-backward': Bug(
        'the gradient goes through the masks, but is not divided by 1 - drop_prob',
        _with(backward_factor=lambda mask, p, layer: mask),
    ),
    'no-mask-in-backward': Bug(
        'the gradient is divided by 1 - drop_prob, but does not go through the masks',
        _with(backward_factor=lambda mask, p, layer: np.ones_like(mask) / (1 - p)),
    ),
    'predict-rescaled': Bug(
        'activations are multiplied by 1 - drop_prob in predict mode, on top of the '
        'division in training mode',
        _with(predict_factor=lambda mask, p, layer: 1 - p),
    ),
    'predict-divided': Bug(
        'activations are divided by 1 - drop_prob in predict mode',
        _with(predict_factor=lambda mask, p, layer: 1 / (1 - p)),
    ),
    'predict-dropout': Bug(
        'dropout is left on in predict mode (here with the masks of the last update)',
        _with(predict_factor=lambda mask, p, layer: mask / (1 - p)),
    ),
    **{
        f'predict-dropout-{layer}': Bug(
            f'dropout {layer} is left on in predict mode (here with the mask of the '
            'last update)',
            _with(predict_factor=_only(3 - layer)),
        )
        for layer in (1, 2)
    },
}

_FORWARD_BUGS = {
    'no-bias': Bug(
        'the biases are left out of the forward pass', _with(has_bias=_with_bias())
    ),
    **{
        f'no-bias-{layer}': Bug(
            f'the bias b{layer} is left out of the forward pass',
            _with(has_bias=_with_bias(*{1, 2, 3} - {layer})),
        )
        for layer in (1, 2, 3)
    },
    'no-hidden-biases': Bug(
        'the biases of the hidden layers are left out', _with(has_bias=_with_bias(3))
    ),
}

#: Mistakes by name. Where several explain the tensors, the first are named.
MISTAKES: Dict[str, Bug] = {
    **_FORWARD_BUGS,
    **{
        name: Bug(sentence, _with(activations=activations))
        for name, (sentence, activations) in _ACTIVATION_BUGS.items()
    },
    **_DROPOUT_BUGS,
    **UPDATE_BUGS,
    **_INPUT_BUGS,
}

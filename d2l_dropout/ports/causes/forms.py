"""Other forms in which a port may record a tensor that it computes rightly.

Probabilities in place of scores, or a percentage in place of a fraction, are no
mistakes of the computation: `compare` recognises them and says so.
"""

from typing import Callable, NamedTuple

import numpy as np

from d2l_dropout.ports.causes.layers import log_softmax


class Form(NamedTuple):
    """Another form of a tensor.

    Attributes
    ----------
    sentence : str
        What `compare` says of it.
    value : function (tensors, place, context) -> ndarray
        The tensor in that form; `tensors` are those computed so far, `place` is such as
        'step1/', and `context` is a `Context`.
    """

    sentence: str
    value: Callable


class Context(NamedTuple):
    """What forms depend on besides the computed tensors: the case's inputs."""

    given: dict
    settings: object


def _dropped_before_relu(layer):
    def value(tensors, place, context):
        p = (context.settings.drop_prob1, context.settings.drop_prob2)[layer - 1]
        mask = context.given[f'{place}mask{layer}'].astype('float64')
        return mask * tensors[f'{place}Z{layer}'] / (1 - p)

    return value


def _named(name):
    return lambda tensors, place, context: tensors[place + name]


def _size(place, context):
    labels = context.given.get(f'{place}y')  # none of an epoch
    return np.nan if labels is None else len(labels)


def _so_far(name, weigh):
    """Return the sum of a metric over the steps so far, each times weigh(size)."""

    def total(tensors, place, context):
        if not place.startswith('step'):  # a metric of an epoch has no steps before it
            return np.nan, [1]
        steps = [f'step{k}/' for k in range(1, int(place[4:-1]) + 1)]
        sizes = [_size(step, context) for step in steps]
        return sum(tensors[s + name] * weigh(n) for s, n in zip(steps, sizes)), sizes

    return total


def _running_mean(name, weigh):
    total = _so_far(name, weigh)

    def value(tensors, place, context):
        summed, sizes = total(tensors, place, context)
        return summed / sum(weigh(n) for n in sizes)

    return value


def _running_sum(name, weigh):
    total = _so_far(name, weigh)
    return lambda tensors, place, context: total(tensors, place, context)[0]


def _forms_of_layer(layer):
    Z, H, dropped = f'Z{layer}', f'H{layer}', f'H{layer}_dropped'
    before = Form(
        f'dropout comes before ReLU in layer {layer}, which is the same function: what '
        f'is recorded as {{name}} is mask{layer} {Z} / (1 - drop_prob{layer})',
        _dropped_before_relu(layer),
    )

    def overwritten(other, how):
        sentence = f'what is recorded as {{name}} is {other}: {how}'
        return Form(sentence, _named(other))

    in_place = 'it was overwritten in place, or recorded after the next layer'
    early = 'it was recorded one layer too early'
    return {
        Z: [overwritten(H, in_place), overwritten(dropped, in_place), before],
        H: [overwritten(dropped, in_place), overwritten(Z, early), before],
        dropped: [before],
    }


def _of_scores(function):
    return lambda tensors, place, context: function(tensors[f'{place}scores'])


_SCORES = [
    Form(
        '{name} holds probabilities, not scores: the same function, recorded after '
        'softmax',
        _of_scores(lambda scores: np.exp(log_softmax(scores))),
    ),
    Form(
        '{name} holds the logarithms of the probabilities, not scores: the same '
        'function, recorded after log-softmax',
        _of_scores(log_softmax),
    ),
]


def _accuracies(name):
    def times(factor):
        return lambda tensors, place, context: tensors[place + name] * factor

    return [
        Form('{name} is in percent, not a fraction', times(100)),
        Form(
            '{name} counts the examples, it is not a fraction',
            lambda tensors, place, context: (
                tensors[place + name] * _size(place, context)
            ),
        ),
    ]


_GRADIENT = [
    Form(
        'the gradients were recorded after they had been cleared: they are 0',
        lambda tensors, place, context: 0.0,
    ),
    Form(
        'the gradients that are recorded are multiplied by the learning rate',
        lambda tensors, place, context: context.settings.lr,
    ),
    Form(
        'the gradients that are recorded have the opposite sign',
        lambda tensors, place, context: -1.0,
    ),
]


def _flattened(images):
    return images.reshape(len(images), -1)


def _of_bytes(change):
    return lambda tensors, place, context: change(
        context.given['images/bytes'].astype('float64')
    )


_IMAGES = [
    Form(
        'each image is flattened column by column, not row by row',
        _of_bytes(lambda images: _flattened(images.transpose(0, 2, 1)) / 255),
    ),
    Form(
        'each image is flipped from left to right',
        _of_bytes(lambda images: _flattened(images[:, :, ::-1]) / 255),
    ),
    Form(
        'each image is flipped upside down',
        _of_bytes(lambda images: _flattened(images[:, ::-1]) / 255),
    ),
    Form(
        'the bytes of the images are not divided by 255',
        _of_bytes(_flattened),
    ),
    Form(
        'the bytes of the images are divided by 256, not by 255',
        _of_bytes(lambda images: _flattened(images) / 256),
    ),
    Form(
        'the images are scaled to [-1, 1], not to [0, 1]',
        _of_bytes(lambda images: _flattened(images) / 127.5 - 1),
    ),
    Form(
        'the images are standardized (mean 0.2860, standard deviation 0.3530)',
        _of_bytes(lambda images: (_flattened(images) / 255 - 0.2860) / 0.3530),
    ),
]

_BY_NAME = {
    'X': _IMAGES,
    **_forms_of_layer(1),
    **_forms_of_layer(2),
    'scores': [
        *_SCORES,
        Form(
            '{name} is recorded after the ReLU on the scores',
            _of_scores(lambda scores: np.maximum(scores, 0)),
        ),
    ],
    'mean_loss': [
        Form(
            'mean_loss is the sum over the mini-batch, not the mean',
            lambda tensors, place, context: (
                tensors[f'{place}mean_loss'] * _size(place, context)
            ),
        ),
        Form(
            'mean_loss is the mean over all steps so far: the metric is not reset',
            _running_mean('mean_loss', lambda n: n),
        ),
        Form(
            'mean_loss is the sum over all examples so far, not the mean of a step',
            _running_sum('mean_loss', lambda n: n),
        ),
        Form(
            'mean_loss is the sum of the means of all steps so far',
            _running_sum('mean_loss', lambda n: 1),
        ),
    ],
    'train_acc': [
        *_accuracies('train_acc'),
        Form(
            'train_acc is over all steps so far: the metric is not reset',
            _running_mean('train_acc', lambda n: n),
        ),
    ],
    'test_acc': _accuracies('test_acc'),
}


def form_of(name, value, tensors, context, agrees):
    """Return the sentence on the form in which a tensor was recorded, if there is one.

    Parameters
    ----------
    name : str
        Such as 'step1/scores'.
    value : ndarray
        The port's tensor.
    tensors : dict of str to ndarray
        What a port computes, up to and including that step.
    context : Context
    agrees : function (value, other) -> bool

    Returns
    -------
    str or None
    """
    place, what = name[: name.index('/') + 1], name.rpartition('/')[2]
    if '/grad/' in name:
        for form in _GRADIENT:
            if agrees(value, tensors[name] * form.value(tensors, place, context)):
                return form.sentence
        return None
    for form in _BY_NAME.get(what, ()):
        if agrees(value, form.value(tensors, place, context)):
            said = what if place.startswith('step') and what != 'scores' else name
            return form.sentence.format(name=said)
    return None

"""Mistakes in the loss, the gradients, the updates, and in what is recorded of them."""

from typing import Dict

from d2l_dropout.ports.causes.recipe import RIGHT, Bug, Optimizer
from d2l_dropout.ports.tensors import PARAMS

_with = RIGHT._replace


def _scaled(recorded, update=None):
    return _with(recorded_scale=recorded, update_scale=update or recorded)


def _by(**changes):
    """Return the recipe with an optimiser that differs by these."""
    return _with(optimizer=Optimizer(**changes))


_LOSS_BUGS = {
    'softmax-twice': Bug(
        'softmax before a loss that has a softmax of its own',
        _with(loss='softmax before a loss that has a softmax of its own'),
    ),
    'loss-after-update': Bug(
        'the loss and the train acc are computed after the update, not before',
        _with(loss_at='after'),
    ),
    'loss-in-predict-mode': Bug(
        'the loss and the train acc that are recorded are computed in predict mode, '
        'without dropout',
        _with(loss_at='predict'),
    ),
    'acc-after-update': Bug(
        'the train acc is computed after the update, not before',
        _with(acc_at='after'),
    ),
    'acc-in-predict-mode': Bug(
        'the train acc is computed in predict mode, without dropout',
        _with(acc_at='predict'),
    ),
}

_GRADIENT_BUGS = {
    'summed-loss': Bug(
        'the gradient is that of the sum of the losses, not of their mean',
        _scaled(lambda n, batch_size: 1),
    ),
    'mean-loss': Bug(
        'the gradients of a short last mini-batch are divided by its own size (the '
        'mean loss of most frameworks), not by batch_size',
        _scaled(lambda n, batch_size: 1 / n),
    ),
    'divided-twice': Bug(
        'the gradient of the mean is divided by the batch size once more in the update',
        _scaled(lambda n, batch_size: 1 / n, lambda n, batch_size: 1 / n / batch_size),
    ),
    'gradient-divided-twice': Bug(
        'the gradient itself is divided by the batch size twice',
        _scaled(lambda n, batch_size: 1 / n**2),
    ),
    'recorded-sum': Bug(
        'the gradients that are recorded are those of the sum of the losses; the '
        'updates are right',
        _scaled(lambda n, batch_size: 1, RIGHT.update_scale),
    ),
    'bias-mean': Bug(
        'the gradients of the biases are means over the examples, not sums',
        _with(bias_scale=lambda n: 1 / n),
    ),
    'bias-sum': Bug(
        'the gradients of the biases are not divided by the batch size',
        _with(bias_scale=lambda n: n),
    ),
    'no-slopes': Bug(
        'the gradient does not go through the ReLUs (it goes on where they give 0)',
        _with(slopes=(False, False)),
    ),
    'no-slope-1': Bug(
        'the gradient does not go through the first ReLU',
        _with(slopes=(False, True)),
    ),
    'no-slope-2': Bug(
        'the gradient does not go through the second ReLU',
        _with(slopes=(True, False)),
    ),
    'detached-1': Bug(
        'no gradient reaches the first layer (it is detached after H1)',
        _with(detached=1),
    ),
    'detached-2': Bug(
        'no gradient reaches the first two layers (they are detached after H2)',
        _with(detached=2),
    ),
    'updated-on-the-way': Bug(
        'each layer is updated before the gradient goes on to the layer before it',
        _with(updated_on_the_way=True),
    ),
}

_UPDATE_BUGS = {
    'ascent': Bug(
        'the gradient is added in place of subtracted', _by(schedule=lambda k: -1)
    ),
    'old-parameters': Bug(
        'the second update starts from the initial parameters', _with(restart=True)
    ),
    'never-updated': Bug('no parameter is ever updated', _by(frozen=PARAMS)),
    'updated-once': Bug(
        'only the first update is made', _by(updates=lambda k: int(k == 1))
    ),
    'first-update-lost': Bug(
        'the first update is not made', _by(updates=lambda k: int(k > 1))
    ),
    'updated-twice': Bug(
        'each gradient is subtracted twice, or is twice as large',
        _by(updates=lambda k: 2),
    ),
    **{
        f'update-{k}-lost': Bug(
            f'update {k} is not made', _by(updates=lambda n, k=k: int(n != k))
        )
        for k in range(2, 7)
    },
    'stale': Bug(
        'each update subtracts the gradient of the mini-batch before (stale; the first '
        'subtracts none)',
        _by(gradients='stale'),
    ),
    'first-gradient': Bug(
        'every update subtracts the gradient of the first mini-batch',
        _by(gradients='first'),
    ),
    'accumulated': Bug(
        'the gradients are not cleared between updates, so that they add up',
        _by(gradients='accumulated'),
    ),
    'accumulated-over-two': Bug(
        'the gradients of two mini-batches are added up for one update',
        _by(gradients='every other'),
    ),
    'averaged-over-two': Bug(
        'the gradients of two mini-batches are averaged for one update',
        _by(gradients='every other', schedule=lambda k: 0.5),
    ),
    'decayed-by-k': Bug(
        'the learning rate is lr / k in update k (a schedule)',
        _by(schedule=lambda k: 1 / k),
    ),
    'decayed-by-root': Bug(
        'the learning rate is lr / sqrt(k) in update k (a schedule)',
        _by(schedule=lambda k: k**-0.5),
    ),
}

_FROZEN = {
    'biases-fixed': ('the biases are', ('b1', 'b2', 'b3')),
    'weights-fixed': ('the weights are', ('W1', 'W2', 'W3')),
    'layer-1-fixed': ('the first layer is', ('W1', 'b1')),
    'layer-2-fixed': ('the second layer is', ('W2', 'b2')),
    'layer-3-fixed': ('the output layer is', ('W3', 'b3')),
    'layers-12-fixed': ('the hidden layers are', ('W1', 'b1', 'W2', 'b2')),
    'layers-23-fixed': ('the last two layers are', ('W2', 'b2', 'W3', 'b3')),
    'layers-13-fixed': ('the first and the last layer are', ('W1', 'b1', 'W3', 'b3')),
    'hidden-biases-fixed': ('the biases of the hidden layers are', ('b1', 'b2')),
    **{f'{name}-fixed': (f'{name} is', (name,)) for name in PARAMS},
}

_RECORDING_BUGS = {
    'aliased': Bug(
        'the parameters of all steps are those after the last, as if one and the same '
        'array was recorded: copy it at each step',
        _with(aliased=True),
    ),
    'predicts-previous': Bug(
        'the predictions are by the parameters before the last update',
        _with(predicts_with='previous'),
    ),
    'predicts-initial': Bug(
        'the predictions are by the initial parameters',
        _with(predicts_with='initial'),
    ),
}

#: Mistakes by name.
UPDATE_BUGS: Dict[str, Bug] = {
    **_LOSS_BUGS,
    **_GRADIENT_BUGS,
    **_UPDATE_BUGS,
    **{
        name: Bug(f'{what} never updated', _by(frozen=frozen))
        for name, (what, frozen) in _FROZEN.items()
    },
    **_RECORDING_BUGS,
}

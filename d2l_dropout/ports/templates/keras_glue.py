"""Tests of a Keras 3 port of the chapter's net, against the reference tensors.

Written by `d2l-dropout port --framework keras`. Fit the lines marked YOURS to your code
and run pytest on this file; docs/ports.md of d2l-dropout says what the names mean.
`train_on_batch` gives neither gradients nor the loss of each example: those are left
out.
"""

import keras
import numpy as np
from keras import layers
from my_port import make_net  # YOURS: see `record`

from d2l_dropout.ports import check, check_dropout, check_init

# YOURS: what the layers of the net give, from the first on.
LAYERS = ('H1', 'H1_dropped', 'H2', 'H2_dropped', 'scores')


def of_kind(net, kind):
    """Return the layers of a kind, from the first on."""
    return [layer for layer in net.layers if isinstance(layer, kind)]


def copy_params(net, case):
    """Copy the initial values of a case into the net."""
    for i, layer in enumerate(of_kind(net, layers.Dense), 1):
        W, b = case.tensors[f'init/W{i}'], case.tensors[f'init/b{i}']
        # Keras has weights as (in, out), as the scratch cases do.
        layer.set_weights([W if case.settings.in_scratch_layout else W.T, b])


def record(case, monkeypatch):
    """Make the updates of a case with the port, and return its tensors by name."""
    given, mine, step = case.tensors, {}, 'step1'
    own_dropout = layers.Dropout.call

    def keep(name, value):  # copied, because an update may work in place
        mine[f'{step}/{name}'] = np.array(keras.ops.convert_to_numpy(value))

    def dropout(layer, H, training=False):
        """Take the mask of the case, but the port's own rate and mode."""
        if not training:
            return own_dropout(layer, H, training=training)
        assert step != 'predict', 'dropout is left on in predict mode'
        mask = given[f'{step}/mask{of_kind(net, layers.Dropout).index(layer) + 1}']
        return H * keras.ops.convert_to_tensor(mask, H.dtype) / (1 - layer.rate)

    shape = given['step1/X'].shape
    sizes = [len(given[f'init/b{i}']) for i in (1, 2)]
    # YOURS: a compiled net, with its own drop probabilities, optimiser and loss. The
    # loss is the sum over a mini-batch divided by batch_size, also where it is short.
    net = make_net(shape[1], *sizes, batch_size=shape[0])
    net.run_eagerly = True  # else the masks of the first step would be constants
    monkeypatch.setattr(layers.Dropout, 'call', dropout)
    copy_params(net, case)
    while f'{step}/X' in given:
        X, y = (given[f'{step}/{name}'] for name in 'Xy')
        H = keras.ops.convert_to_tensor(X)
        assert len(net.layers) == len(LAYERS), f'layers other than {LAYERS}'
        for name, layer in zip(LAYERS, net.layers):
            H = layer(H, training=True) if 'dropped' in name else layer(H)
            keep(name, H)
        net.train_on_batch(X, y)
        for i, layer in enumerate(of_kind(net, layers.Dense), 1):
            for name, value in zip((f'W{i}', f'b{i}'), layer.get_weights()):
                keep(name, value)
        step = f'step{int(step[4:]) + 1}'
    step = 'predict'
    keep('scores', net.predict_on_batch(given['predict/X']))
    return {name: value for name, value in mine.items() if name in given}


def test_the_port_agrees_with_the_reference(d2l_case, monkeypatch):
    check(record(d2l_case, monkeypatch), d2l_case)


def test_the_port_draws_its_own_initial_values_and_masks():
    net = make_net()
    check_init([keras.ops.convert_to_numpy(value) for value in net.weights[:6]])
    for layer, drop_prob in zip(of_kind(net, layers.Dropout), (0.2, 0.5)):
        check_dropout(
            lambda H, layer=layer: np.array(layer(H, training=True)),
            drop_prob,
            predict=lambda H, layer=layer: np.array(layer(H, training=False)),
        )

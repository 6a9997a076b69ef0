"""Tests of a NumPy port of the chapter's net, against the reference tensors.

Written by `d2l-dropout port --framework numpy`. Fit the lines marked YOURS to your code
and run pytest on this file; docs/ports.md of d2l-dropout says what the names mean.
"""

import numpy as np
from my_port import Net  # YOURS: see `record`

from d2l_dropout.ports import check, check_dropout, check_init

NAMES = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')


def copy_params(net, case):
    """Copy the initial values of a case into the net."""
    for name in NAMES:
        value = case.tensors[f'init/{name}']
        # YOURS: the port has weights as (in, out), as the scratch cases do.
        transpose = not case.settings.in_scratch_layout and value.ndim == 2
        net.params[name] = np.array(value.T if transpose else value, dtype='float64')


def record(case, monkeypatch):
    """Make the updates of a case with the port, and return its tensors by name."""
    given, mine, step, num_dropped = case.tensors, {}, 'step1', 0

    def keep(name, value):  # copied, because an update may work in place
        mine[f'{step}/{name}'] = np.array(value)

    shape = given['step1/X'].shape
    sizes = [len(given[f'init/b{i}']) for i in (1, 2)]
    net = Net(shape[1], *sizes)  # YOURS: with its own drop probabilities

    def draw_mask(*args):  # YOURS: 1 where a unit is kept; the port divides by 1 - p
        nonlocal num_dropped
        assert step != 'predict', 'dropout is left on in predict mode'
        num_dropped += 1
        return given[f'{step}/mask{num_dropped}'].astype('float64')

    monkeypatch.setattr(net, 'draw_mask', draw_mask)
    copy_params(net, case)
    while f'{step}/X' in given:
        X, y = (given[f'{step}/{name}'] for name in 'Xy')
        num_dropped = 0
        # YOURS: one update, which returns the loss of each example. The last mini-batch
        # of an epoch is short, and its sum is divided by batch_size all the same.
        losses = net.train_step(X, y, batch_size=shape[0])
        assert num_dropped == 2, f'{num_dropped} masks were drawn in place of two'
        keep('loss', losses)
        for name, value in net.layers.items():  # YOURS: Z1, H1, H1_dropped ... scores
            keep(name, value)
        for name in NAMES:
            keep(name, net.params[name])
            keep(f'grad/{name}', net.grads[name])  # YOURS: those of the last update
        step = f'step{int(step[4:]) + 1}'
    step = 'predict'
    keep('scores', net.forward(given['predict/X'], training=False))
    return {name: value for name, value in mine.items() if name in given}


def test_the_port_agrees_with_the_reference(d2l_case, monkeypatch):
    check(record(d2l_case, monkeypatch), d2l_case)


def test_the_port_draws_its_own_initial_values_and_masks():
    net = Net()
    check_init(net.params)
    for drop_prob in (0.2, 0.5):  # YOURS: if the layer is called otherwise
        check_dropout(
            lambda H, p=drop_prob: net.dropout(H, p, training=True)[0],
            drop_prob,
            predict=lambda H, p=drop_prob: net.dropout(H, p, training=False)[0],
        )

"""Tests of a PyTorch port of the chapter's net, against the reference tensors.

Written by `d2l-dropout port --framework torch`. Fit the lines marked YOURS to your code
and run pytest on this file; docs/ports.md of d2l-dropout says what the names mean.
"""

import torch
from my_port import Net, make_optimizer, train_step  # YOURS: see `record`
from torch.nn import functional as F

from d2l_dropout.ports import check, check_dropout, check_init


def copy_params(net, case):
    """Copy the initial values of a case into the net."""
    given = {n: torch.tensor(v) for n, v in case.tensors.items() if 'init/' in n}
    with torch.no_grad():
        for name, param in named_params(net).items():
            value = given[f'init/{name}']
            # PyTorch has weights as (out, in), the scratch cases as (in, out).
            transpose = case.settings.in_scratch_layout and value.ndim == 2
            param.copy_(value.T if transpose else value)


def linears(net):
    """Return the three linear layers, from the first on."""
    return [layer for layer in net.modules() if isinstance(layer, torch.nn.Linear)]


def named_params(net):
    """Return the parameters under the names of the cases."""
    names = [(f'W{i}', f'b{i}') for i in (1, 2, 3)]
    layers = zip(names, linears(net))
    return {n: p for (W, b), l in layers for n, p in ((W, l.weight), (b, l.bias))}


def record(case, monkeypatch):
    """Make the updates of a case with the port, and return its tensors by name."""
    given, mine, step, num_dropped = case.tensors, {}, 'step1', 0
    own_dropout = F.dropout

    def keep(name, value):  # cloned, because a ReLU or an update may work in place
        mine[f'{step}/{name}'] = value.detach().clone()

    def dropout(H, p=0.5, training=True, inplace=False):
        """Take the mask of the case, but the port's own probability and mode."""
        nonlocal num_dropped
        if not training:
            return own_dropout(H, p, training, inplace)
        assert step != 'predict', 'dropout is left on in predict mode'
        num_dropped += 1
        keep(f'H{num_dropped}', H)
        H = H * torch.tensor(given[f'{step}/mask{num_dropped}']) / (1 - p)
        keep(f'H{num_dropped}_dropped', H)
        return H

    monkeypatch.setattr(F, 'dropout', dropout)  # nn.Dropout calls it too
    shape = given['step1/X'].shape
    sizes = [len(given[f'init/b{i}']) for i in (1, 2)]
    net = Net(shape[1], *sizes)  # YOURS: with its own drop probabilities
    optimizer = make_optimizer(net)  # YOURS: with its own learning rate
    copy_params(net, case)
    for name, layer in zip(('Z1', 'Z2', 'scores'), linears(net)):
        layer.register_forward_hook(lambda _, __, Z, name=name: keep(name, Z))
    while f'{step}/X' in given:
        X, y = (torch.tensor(given[f'{step}/{name}']) for name in 'Xy')
        num_dropped = 0
        # YOURS: one update, which returns the loss of each example. The last mini-batch
        # of an epoch is short, and its sum is divided by batch_size all the same.
        losses = train_step(net, optimizer, X, y.long(), batch_size=shape[0])
        assert num_dropped == 2, f'{num_dropped} calls of F.dropout in place of two'
        keep('loss', losses)
        for name, param in named_params(net).items():
            keep(name, param)
            keep(f'grad/{name}', param.grad)
        step = f'step{int(step[4:]) + 1}'
    step = 'predict'
    keep('scores', net.eval()(torch.tensor(given['predict/X'])))
    return {name: value for name, value in mine.items() if name in given}


def test_the_port_agrees_with_the_reference(d2l_case, monkeypatch):
    check(record(d2l_case, monkeypatch), d2l_case)


def test_the_port_draws_its_own_initial_values_and_masks():
    net = Net()
    check_init(
        {name: param.detach().numpy() for name, param in named_params(net).items()}
    )
    drops = [layer for layer in net.modules() if isinstance(layer, torch.nn.Dropout)]
    for layer, drop_prob in zip(drops, (0.2, 0.5)):  # YOURS: if it is another layer
        check_dropout(
            lambda H, layer=layer: layer.train()(torch.tensor(H)).numpy(),
            drop_prob,
            predict=lambda H, layer=layer: layer.eval()(torch.tensor(H)).numpy(),
        )

"""Tests of a Flax (Linen) port of the chapter's net, against the reference tensors.

Written by `d2l-dropout port --framework flax`. Fit the lines marked YOURS to your code
and run pytest on this file; docs/ports.md of d2l-dropout says what the names mean.
"""

import jax
import numpy as np
import optax
from flax import linen as nn
from my_port import Net, make_state, train_step  # YOURS: see `record`

from d2l_dropout.ports import check, check_init

# YOURS: the layers as Flax names them in a compact module, from the first on.
DENSE, DROPOUT = ('Dense_0', 'Dense_1', 'Dense_2'), ('Dropout_0', 'Dropout_1')


def copied_params(case):
    """Return the initial values of a case as the net has them."""
    params = {}
    for i, layer in enumerate(DENSE, 1):
        W, b = case.tensors[f'init/W{i}'], case.tensors[f'init/b{i}']
        # Flax has weights as (in, out), as the scratch cases do.
        W = W if case.settings.in_scratch_layout else W.T
        params[layer] = {'kernel': jax.numpy.array(W), 'bias': jax.numpy.array(b)}
    return params


def record(case):
    """Make the updates of a case with the port, and return its tensors by name."""
    given, mine, step, forward_only = case.tensors, {}, 'step1', False

    def keep(name, value):
        mine[f'{step}/{name}'] = np.array(value)

    def keep_params(prefix, tree):
        for i, layer in enumerate(DENSE, 1):
            keep(f'{prefix}W{i}', tree[layer]['kernel'])
            keep(f'{prefix}b{i}', tree[layer]['bias'])

    def with_mask(call, args, kwargs, context):
        """Take the mask of the case, but the port's own rate and mode; keep layers."""
        layer, H = context.module, args[0]
        off = getattr(layer, 'deterministic', None) or kwargs.get('deterministic')
        if isinstance(layer, nn.Dropout) and not off:
            assert step != 'predict', 'dropout is left on in predict mode'
            i = DROPOUT.index(layer.name) + 1
            dropped = H * given[f'{step}/mask{i}'] / (1 - layer.rate)
            if forward_only:
                keep(f'H{i}', H)
                keep(f'H{i}_dropped', dropped)
            return dropped
        Z = call(*args, **kwargs)
        if forward_only and isinstance(layer, nn.Dense):
            keep(('Z1', 'Z2', 'scores')[DENSE.index(layer.name)], Z)
        return Z

    shape = given['step1/X'].shape
    sizes = [len(given[f'init/b{i}']) for i in (1, 2)]
    key = jax.random.PRNGKey(0)
    net = Net(*sizes)  # YOURS: with its own drop probabilities
    state = make_state(net, given['step1/X'], key)  # YOURS: with its learning rate
    own_update = state.tx.update

    def update(grads, *args):
        keep_params('grad/', grads)
        return own_update(grads, *args)

    tx = optax.GradientTransformation(state.tx.init, update)
    state = state.replace(params=copied_params(case), tx=tx)
    # Not compiled: else the layers and masks of the first step would be constants.
    with jax.disable_jit(), nn.intercept_methods(with_mask):
        while f'{step}/X' in given:
            X, y = (given[f'{step}/{name}'] for name in 'Xy')
            forward_only = True  # values within a gradient are tracers, not arrays
            apply = {'training': True, 'rngs': {'dropout': key}}
            net.apply({'params': state.params}, X, **apply)
            forward_only = False
            # YOURS: one update, which returns the loss of each example. The last
            # mini-batch is short; its sum is divided by batch_size all the same.
            state, losses = train_step(state, X, y, key, batch_size=shape[0])
            keep('loss', losses)
            keep_params('', state.params)
            step = f'step{int(step[4:]) + 1}'
        step = 'predict'
        apply = {'training': False, 'rngs': {'dropout': key}}
        keep('scores', net.apply({'params': state.params}, given['predict/X'], **apply))
    return {name: value for name, value in mine.items() if name in given}


def test_the_port_agrees_with_the_reference(d2l_case):
    check(record(d2l_case), d2l_case)


def test_the_port_draws_its_own_initial_values():
    X = np.zeros((1, 784), 'float32')
    state = make_state(Net(), X, jax.random.PRNGKey(0))
    check_init(jax.tree_util.tree_leaves(state.params))

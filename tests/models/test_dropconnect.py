"""Dropped weights: from scratch and in Gluon, by hand and against each other."""

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.models.dropconnect import (
    DropConnectDense,
    DropConnectMLP,
    gluon_dropconnect_mlp,
)
from d2l_dropout.models.mlp import ScratchMLP

mx = compat.import_mxnet()
from mxnet import autograd, nd  # noqa: E402

SIZES = {'num_hiddens1': 12, 'num_hiddens2': 8}


def test_scratch_and_gluon_agree_on_copied_weights_in_predict_mode():
    scratch, gluon_net = DropConnectMLP(**SIZES), gluon_dropconnect_mlp(**SIZES)
    X = nd.random.uniform(0, 1, (5, 1, 28, 28))
    gluon_net(X)  # tells the layers the number of inputs
    for param, theirs in zip(scratch.params, gluon_net.collect_params().values()):
        theirs.set_data(param.T if param.ndim == 2 else param)
    np.testing.assert_allclose(
        scratch(X).asnumpy(), gluon_net(X).asnumpy(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize('drop_prob', [0.2, 0.5, 0.9])
def test_weights_are_dropped_and_the_rest_scaled_up(drop_prob):
    layer = DropConnectDense(300, drop_prob)
    layer.initialize(mx.init.One())
    with autograd.train_mode():
        kept = layer(nd.eye(200)).asnumpy()  # each output is one weight
    values = np.unique(kept)
    np.testing.assert_allclose(values, [0, 1 / (1 - drop_prob)], rtol=1e-6)
    share, n = (kept == 0).mean(), kept.size
    assert abs(share - drop_prob) < 4 * (drop_prob * (1 - drop_prob) / n) ** 0.5


def test_without_dropping_it_is_the_chapters_net():
    mx.random.seed(3)
    ours = DropConnectMLP(drop_prob1=0, drop_prob2=0, **SIZES)
    mx.random.seed(3)
    plain = ScratchMLP(drop_prob1=0, drop_prob2=0, **SIZES)
    X = nd.random.uniform(0, 1, (4, 784))
    with autograd.train_mode():
        assert (ours(X) == plain(X)).asnumpy().all()


def test_a_dropped_weight_gets_no_gradient():
    net = DropConnectMLP(drop_prob1=0.5, drop_prob2=0.0, **SIZES)
    net.W1[:], net.b1[:] = 0, 1  # every first hidden unit is 1
    net.W2[:], net.b2[:] = 0, 1  # and every second one alive
    net.W3[:] = 1
    with autograd.record():
        total = net(nd.ones((1, 784))).sum()
    total.backward()
    # 10 outputs, each weight counted once, doubled where it is kept.
    assert set(np.unique(net.W2.grad.asnumpy())) == {0, 20}

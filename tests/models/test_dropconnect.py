"""Dropped weights: from scratch and in Gluon, by hand and against each other."""

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.models.dropconnect import (
    DropConnectDense,
    DropConnectMLP,
    _DotPerExample,
    dot_per_example,
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


@pytest.mark.parametrize('drop_prob', [0.2, 0.5, 0.9])
def test_each_example_has_a_mask_of_its_own(drop_prob):
    W = nd.full((100, 200), 3)
    # Each row reads one weight of each unit: in two rows the same ones.
    H = nd.concat(nd.eye(100), nd.eye(100), dim=0)
    kept = dot_per_example(H, W, drop_prob).asnumpy()
    np.testing.assert_allclose(np.unique(kept), [0, 3 / (1 - drop_prob)], rtol=1e-6)
    share, n = (kept == 0).mean(), kept.size
    assert abs(share - drop_prob) < 4 * (drop_prob * (1 - drop_prob) / n) ** 0.5
    both = (kept[:100] == 0) & (kept[100:] == 0)  # independent: drop_prob squared
    assert both.mean() == pytest.approx(drop_prob**2, abs=0.02)


def test_the_product_and_its_gradients_are_those_of_the_masked_weights():
    H = nd.random.normal(shape=(6, 12)).relu()
    W, weight = nd.random.normal(shape=(12, 5)), nd.random.normal(shape=(6, 5))
    H.attach_grad(), W.attach_grad()
    layer = _DotPerExample(0.4)
    masks = np.zeros((6, 12, 5), 'float32')
    rows = layer._masked_rows(H.asnumpy(), W.asnumpy())
    for i, (live, mask, _) in enumerate(rows):
        masks[i, live] = mask
    with autograd.record():
        out = layer(H, W)
        (out * weight).sum().backward()
    got = out.asnumpy(), H.grad.asnumpy(), W.grad.asnumpy()
    with autograd.record():
        masked = nd.array(masks) * W.expand_dims(0)
        wanted = nd.batch_dot(H.expand_dims(1), masked)[:, 0]
        (wanted * weight).sum().backward()
    np.testing.assert_allclose(got[0], wanted.asnumpy(), 1e-5, 1e-6)
    np.testing.assert_allclose(got[1], H.grad.asnumpy() * (H.asnumpy() > 0), 1e-5, 1e-6)
    np.testing.assert_allclose(got[2], W.grad.asnumpy(), 1e-5, 1e-6)


def test_with_a_mask_for_each_example_predict_mode_is_the_chapters_net():
    mx.random.seed(3)
    ours = DropConnectMLP(per_example=True, **SIZES)
    mx.random.seed(3)
    plain = ScratchMLP(**SIZES)
    X = nd.random.uniform(0, 1, (4, 784))
    assert (ours(X) == plain(X)).asnumpy().all()
    with autograd.train_mode():
        assert (ours(X) != ours(X)).asnumpy().any()

"""The two nets: forward and backward by hand, and one against the other."""

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.d2l import sgd
from d2l_dropout.models import mlp

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402

loss = gluon.loss.SoftmaxCrossEntropyLoss()


def forward_by_hand(params, X, masks):
    """The scratch net in float64; masks already hold 1 / (1 - p)."""
    W1, b1, W2, b2, W3, b3 = params
    Z1 = X @ W1 + b1
    H1 = np.maximum(Z1, 0) * masks[0]
    Z2 = H1 @ W2 + b2
    H2 = np.maximum(Z2, 0) * masks[1]
    return Z1, H1, Z2, H2, H2 @ W3 + b3


def gradients_by_hand(params, X, y, masks):
    Z1, H1, Z2, H2, out = forward_by_hand(params, X, masks)
    exp = np.exp(out - out.max(axis=1, keepdims=True))
    d_out = exp / exp.sum(axis=1, keepdims=True)
    d_out[np.arange(len(y)), y] -= 1
    d_Z2 = (d_out @ params[4].T) * masks[1] * (Z2 > 0)
    d_Z1 = (d_Z2 @ params[2].T) * masks[0] * (Z1 > 0)
    return [
        X.T @ d_Z1,
        d_Z1.sum(0),
        H1.T @ d_Z2,
        d_Z2.sum(0),
        H2.T @ d_out,
        d_out.sum(0),
    ]


def drawn_masks(n, drop_probs, sizes, seed):
    """The masks that a net draws from MXNet's generator after this seed."""
    mx.random.seed(seed)
    return [
        (nd.random.uniform(0, 1, (n, size)) > p).asnumpy().astype('float64') / (1 - p)
        for p, size in zip(drop_probs, sizes)
    ]


def test_scratch_net_equals_numpy_by_hand_forward_and_backward():
    sizes = dict(num_inputs=12, num_outputs=4, num_hiddens1=9, num_hiddens2=7)
    net = mlp.ScratchMLP(sigma=0.5, **sizes)
    X, y = nd.random.normal(shape=(6, 1, 3, 4)), nd.array([0, 1, 2, 3, 0, 1])
    masks = drawn_masks(6, (0.2, 0.5), (9, 7), seed=3)
    mx.random.seed(3)
    with autograd.record():
        out = net(X)
        l = loss(out, y).sum()
    l.backward()
    params = [p.asnumpy().astype('float64') for p in net.params]
    X, y = X.asnumpy().reshape(6, 12).astype('float64'), y.asnumpy().astype(int)
    np.testing.assert_allclose(
        out.asnumpy(), forward_by_hand(params, X, masks)[-1], rtol=1e-4, atol=1e-5
    )
    for param, wanted in zip(net.params, gradients_by_hand(params, X, y, masks)):
        np.testing.assert_allclose(param.grad.asnumpy(), wanted, rtol=1e-4, atol=1e-5)


def test_scratch_net_drops_nothing_in_predict_mode():
    net = mlp.ScratchMLP(
        num_inputs=5, num_outputs=3, num_hiddens1=4, num_hiddens2=4, sigma=1
    )
    X = nd.random.normal(shape=(8, 5))
    ones = [np.ones((8, 4))] * 2
    by_hand = forward_by_hand([p.asnumpy() for p in net.params], X.asnumpy(), ones)[-1]
    np.testing.assert_allclose(net(X).asnumpy(), by_hand, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('make_net', [mlp.ScratchMLP, mlp.gluon_mlp])
def test_predict_mode_draws_no_random_number_and_training_mode_does(make_net):
    def number_after(mode):
        mx.random.seed(3)
        with mode:
            net(X).wait_to_read()
        return nd.random.uniform(shape=1).asscalar()

    net, X = make_net(), nd.ones((2, 784))
    net(X)  # Gluon draws its weights now
    mx.random.seed(3)
    undisturbed = nd.random.uniform(shape=1).asscalar()
    assert number_after(autograd.predict_mode()) == undisturbed
    assert number_after(autograd.train_mode()) != undisturbed


def copy_weights(scratch, net, X):
    """Copy the scratch net's parameters to Gluon's layers, whose W is (out, in)."""
    net(X)
    layers = [net[0], net[2], net[4]]
    for layer, W, b in zip(layers, scratch.params[::2], scratch.params[1::2]):
        layer.weight.set_data(W.T)
        layer.bias.set_data(b)


def test_scratch_and_gluon_agree_on_copied_weights():
    X = nd.random.uniform(shape=(32, 1, 28, 28))
    scratch, net = mlp.ScratchMLP(sigma=0.05), mlp.gluon_mlp()
    copy_weights(scratch, net, X)
    np.testing.assert_allclose(
        scratch(X).asnumpy(), net(X).asnumpy(), rtol=1e-4, atol=1e-5
    )


def test_one_step_of_sgd_and_of_the_trainer_agree():
    X, y = nd.random.uniform(shape=(32, 784)), nd.arange(32) % 10
    scratch = mlp.ScratchMLP(drop_prob1=0, drop_prob2=0, sigma=0.05)
    net = mlp.gluon_mlp(drop_prob1=0, drop_prob2=0)
    copy_weights(scratch, net, X)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.5})
    for model, step in [
        (scratch, lambda: sgd(scratch.params, 0.5, 32)),
        (net, lambda: trainer.step(32)),
    ]:
        with autograd.record():
            l = loss(model(X), y).sum()
        l.backward()
        step()
    for layer, W in zip([net[0], net[2], net[4]], scratch.params[::2]):
        np.testing.assert_allclose(
            layer.weight.data().asnumpy(), W.T.asnumpy(), rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_the_chapters_net_has_269322_parameters(model):
    if model == 'scratch':
        sizes = [p.size for p in mlp.ScratchMLP().params]
    else:
        net = mlp.gluon_mlp()
        net(nd.zeros((1, 784)))
        sizes = [p.data().size for p in net.collect_params().values()]
    assert sum(sizes) == 784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10 == 269322


def test_weights_are_drawn_as_in_the_chapters_third_cell():
    mx.random.seed(5)
    ours = mlp.ScratchMLP()
    mx.random.seed(5)
    W1, W2, W3 = [
        nd.random.normal(scale=0.01, shape=shape)
        for shape in [(784, 256), (256, 256), (256, 10)]
    ]
    for mine, theirs in zip(ours.params[::2], (W1, W2, W3)):
        assert (mine.asnumpy() == theirs.asnumpy()).all()
    assert all((b.asnumpy() == 0).all() for b in ours.params[1::2])


def test_the_scratch_net_can_live_on_another_context():
    net = mlp.ScratchMLP(ctx=mx.cpu(1))
    with autograd.record():
        out = net(nd.ones((2, 784), ctx=mx.cpu(1)))
    assert out.context == mx.cpu(1)


def test_gluon_calls_another_noise_after_each_hidden_layer_in_training_mode_alone():
    met = []

    def noise(H, drop_prob):
        met.append((H.shape, drop_prob))
        return 2 * H

    net = mlp.gluon_mlp(num_hiddens1=6, num_hiddens2=5, noise=noise)
    X = nd.random.uniform(shape=(3, 784))
    plain = net(X)
    assert met == []
    with autograd.train_mode():
        noisy = net(X)
    assert met == [((3, 6), 0.2), ((3, 5), 0.5)]
    # Biases are zero, so that twice after each of two layers is four times.
    np.testing.assert_allclose(noisy.asnumpy(), 4 * plain.asnumpy(), rtol=1e-5)


@pytest.mark.parametrize(
    'make, drop_prob',
    [
        (mlp.gluon_mlp, 1),
        (mlp.gluon_mlp, -0.1),
        (mlp.gluon_mlp, float('nan')),
        (mlp.ScratchMLP, 1.1),
        (mlp.ScratchMLP, -0.1),
    ],
)
def test_a_dropout_probability_outside_its_range_is_refused(make, drop_prob):
    for name in ('drop_prob1', 'drop_prob2'):
        with pytest.raises(ValueError, match=f'{name} is {drop_prob}; it must be from'):
            make(**{name: drop_prob})


def test_all_units_may_be_dropped_where_nothing_is_divided_by_zero():
    for net in (
        mlp.ScratchMLP(drop_prob1=1),
        mlp.gluon_mlp(drop_prob2=1, noise=mlp.dropout),
    ):
        with autograd.record():
            assert np.isfinite(net(nd.ones((2, 784))).asnumpy()).all()

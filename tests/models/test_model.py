"""One interface to both nets: what holds of one through it holds of the other."""

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.models.model import KINDS, PARAMS, make

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402

SIZES = {'num_inputs': 12, 'num_hiddens1': 6, 'num_hiddens2': 5, 'sigma': 0.5}
X, y = nd.random.uniform(shape=(8, 12)), nd.arange(8) % 10
loss = gluon.loss.SoftmaxCrossEntropyLoss()


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return request.param


def model_of(kind, ctxs=None, **settings):
    model = make(kind, ctxs, **{**SIZES, **settings})
    model.draw_weights()
    return model


def backward(model):
    with autograd.record():
        l = loss(model.nets[0](X), y).sum()
    l.backward()


def with_the_weights_of(other, kind, **settings):
    """Return a model of `kind` that computes what `other` does."""
    model = model_of(kind, **settings)
    params = other.scratch_params().values()
    if not model.in_scratch_layout:
        params = [param.T if param.ndim == 2 else param for param in params]
    model.set_params(list(params))
    return model


def test_both_kinds_agree_on_copied_weights_also_after_an_update():
    settings = {'drop_prob1': 0, 'drop_prob2': 0}
    scratch = model_of('scratch', **settings)
    in_gluon = with_the_weights_of(scratch, 'gluon', **settings)
    for model in (scratch, in_gluon):
        model.prepare(lr=0.5)
        backward(model)
        model.update(batch_size=8)
    for ours, theirs in zip(
        scratch.scratch_params().values(), in_gluon.scratch_params().values()
    ):
        np.testing.assert_allclose(ours.asnumpy(), theirs.asnumpy(), 1e-4, 1e-6)


def test_an_update_subtracts_lr_times_the_mean_gradient(kind):
    model = model_of(kind)
    model.prepare(lr=0.5)
    backward(model)
    before = [param.asnumpy() for param in model.params()]
    grads = [grad.asnumpy() for grad in model.grads()]
    model.update(batch_size=8)
    for old, grad, new in zip(before, grads, model.params()):
        np.testing.assert_allclose(new.asnumpy(), old - 0.5 * grad / 8, 1e-5, 1e-6)


def test_weight_decay_is_known_by_some_and_refused_by_others(kind):
    model = model_of(kind)
    if not KINDS[kind].has_weight_decay:
        with pytest.raises(ValueError, match='no weight decay'):
            model.prepare(lr=0.5, wd=0.1)
        return
    model.prepare(lr=0.5, wd=0.1)
    backward(model)
    before, grads = model.params()[0].asnumpy(), model.grads()[0].asnumpy()
    model.update(batch_size=8)
    wanted = before - 0.5 * (grads / 8 + 0.1 * before)
    np.testing.assert_allclose(model.params()[0].asnumpy(), wanted, 1e-5, 1e-6)


def test_the_scratch_layout_has_weights_of_shape_in_out(kind):
    shapes = {name: p.shape for name, p in model_of(kind).scratch_params().items()}
    assert list(shapes) == list(PARAMS)
    assert [shapes[name] for name in ('W1', 'W2', 'W3')] == [(12, 6), (6, 5), (5, 10)]


def test_what_was_saved_is_loaded_on_every_device(kind):
    model, other = model_of(kind), model_of(kind, [mx.cpu(0), mx.cpu(1)])
    assert model.digest() != other.digest()
    other.load_state(model.state())
    assert model.digest() == other.digest()
    for (first, second), _ in other.copies():
        assert (first.asnumpy() == second.asnumpy()).all()
        assert second.context == mx.cpu(1)


def test_parameters_of_another_net_are_refused(kind):
    state = model_of(kind, num_hiddens2=4).state()
    with pytest.raises(ValueError, match='the saved shapes are .* this net needs'):
        model_of(kind).load_state(state)


def test_a_wrapper_meets_each_dropout_layer_in_training_mode_alone(kind):
    model, met = model_of(kind), []

    def wrapper(H, layer):
        met.append(H.shape)
        return layer(H)

    model.wrap_dropout(wrapper)
    model.nets[0](X)
    assert met == []
    with autograd.train_mode():
        model.nets[0](X)
    assert met == [(8, 6), (8, 5)]


def test_the_digest_is_of_the_bytes_of_all_parameters(kind):
    model = model_of(kind)
    before = model.digest()
    assert len(before) == 64 and before == model.digest()
    for place in range(len(PARAMS)):
        params = [param.copy() for param in model.params()]
        params[place] += 1e-6
        other = model_of(kind)
        other.set_params(params)
        assert other.digest() != before

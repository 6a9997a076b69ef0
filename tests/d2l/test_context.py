"""One default context, which everything follows; GPUs only where they work."""

import runpy
import threading

import pytest

import d2l
from d2l_dropout import compat
from d2l_dropout.d2l import context

mx = compat.import_mxnet()
from mxnet import autograd, gluon, init, nd  # noqa: E402
from mxnet.gluon import nn  # noqa: E402


@pytest.fixture(
    params=[
        'cpu(1)',
        pytest.param(
            'gpu(0)',
            marks=pytest.mark.skipif(
                d2l.try_gpu() == mx.cpu(), reason='no GPU on which an operator runs'
            ),
        ),
    ]
)
def second(request, monkeypatch):
    """A context other than cpu(0), made the default one for this test."""
    monkeypatch.setattr(mx.Context, '_default_ctx', mx.Context._default_ctx)
    d2l.set_default_context(request.param)
    return d2l.default_context()


def test_new_arrays_are_on_the_default_context_in_every_thread(second):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(nd.zeros(1).context))
    thread.start()
    thread.join()
    assert seen == [second] and nd.random.normal(shape=2).context == second


def test_the_default_context_can_be_left_for_a_block(second):
    with mx.cpu(2):
        assert nd.ones(1).context == mx.cpu(2)
    assert nd.ones(1).context == second


class Recorder(nn.Sequential):
    """A net that notes the context of what it receives."""

    def __init__(self):
        super().__init__()
        self.seen = set()
        self.add(nn.Dense(10))

    def __call__(self, X):
        self.seen.add(X.context)
        return super().__call__(X)


def test_training_and_evaluation_are_on_the_default_context(second, small_data, capsys):
    train_iter, test_iter = d2l.load_data_fashion_mnist(256)
    assert {a.context for batch in train_iter for a in batch} == {second}
    net = Recorder()
    net.initialize(init.Normal(0.01))
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.1})
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    d2l.train_ch3(net, train_iter, test_iter, loss, 1, 256, None, None, trainer)
    d2l.evaluate_accuracy(test_iter, net)
    assert net.seen == {second}


def test_a_data_loader_on_cpu_0_is_brought_to_the_parameters(second, small_data):
    data = gluon.data.ArrayDataset(
        nd.ones((8, 4), ctx=mx.cpu(0)), nd.zeros(8, ctx=mx.cpu(0))
    )
    loader = gluon.data.DataLoader(data, batch_size=4)
    net = Recorder()
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.1})
    d2l.train_ch3(
        net, loader, loader, gluon.loss.SoftmaxCrossEntropyLoss(), 1, 4, trainer=trainer
    )
    assert net.seen == {second}


def test_the_environment_variable_chooses(monkeypatch):
    monkeypatch.setattr(mx.Context, '_default_ctx', mx.Context._default_ctx)
    monkeypatch.setenv('D2L_CONTEXT', 'cpu(1)')
    runpy.run_path(context.__file__)  # as at the first import
    assert nd.arange(3).context == mx.cpu(1)


@pytest.mark.parametrize('name', ['tpu', 'cpu(x)', 'gpu 0', 'cpu(-1)', None])
def test_a_wrong_name_is_a_clear_error(name):
    with pytest.raises(ValueError, match="is not a context.*write 'cpu"):
        d2l.set_default_context(name)


@pytest.mark.skipif(
    mx.runtime.Features().is_enabled('CUDA'), reason='this mxnet has CUDA'
)
def test_a_gpu_that_is_not_there_is_a_clear_error():
    with pytest.raises(ValueError, match='no CUDA; install mxnet-cu112'):
        d2l.set_default_context('gpu')
    assert d2l.try_gpu() == mx.cpu() and d2l.try_all_gpus() == [mx.cpu()]


def test_a_gpu_whose_operators_fail_is_not_taken(monkeypatch):
    monkeypatch.setattr(mx.runtime.Features, 'is_enabled', lambda self, name: True)

    def memory_but_no_kernel(*args, **kwargs):
        raise mx.MXNetError('Check failed\nno kernel image is available')

    monkeypatch.setattr(mx.nd, 'ones', memory_but_no_kernel)
    assert d2l.try_gpu() == mx.cpu()
    with pytest.raises(ValueError, match='no kernel image is available'):
        d2l.set_default_context('gpu(0)')


def test_accuracy_over_several_contexts_is_that_on_one():
    ctxs = [mx.cpu(0), mx.cpu(1), mx.cpu(2)]
    net = nn.Dense(3)
    net.initialize(init.Normal(1), ctx=ctxs)
    X, y = nd.random.normal(shape=(7, 5)), nd.array([0, 1, 2, 0, 1, 2, 0])
    batches = [(X, y), (X[:2], y[:2])]  # the last one has fewer than the contexts
    one = d2l.evaluate_accuracy(batches, net, mx.cpu(1))
    assert d2l.evaluate_accuracy(batches, net, ctxs) == one
    assert not autograd.is_training()

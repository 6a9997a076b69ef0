"""sgd, accuracy and train_ch3: against plain computations and the book's format."""

import re

import numpy as np
import pytest

import d2l
from d2l_dropout import compat
from d2l_dropout.d2l import evaluation
from d2l_dropout.metrics import EpochStats
from d2l_dropout.models import mlp

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402
from mxnet.gluon import nn  # noqa: E402

loss = gluon.loss.SoftmaxCrossEntropyLoss()
BOOKS_LINE = r'epoch \d+, loss \d+\.\d{4}, train acc \d\.\d{3}, test acc \d\.\d{3}'


def batches(num=3, n=4):
    return [
        (nd.random.normal(shape=(n, 6)), nd.array(np.arange(n) % 3)) for _ in range(num)
    ]


def linear_net(lr=0.1):
    net = nn.Dense(3)
    net.initialize()
    return net, gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr})


def test_sgd_is_the_formula_and_in_place():
    param = nd.array([1.0, 2.0])
    param.attach_grad()
    with autograd.record():
        l = (param**2).sum()
    l.backward()
    same = param
    d2l.sgd([param], lr=0.5, batch_size=4)
    assert param is same and param.asnumpy().tolist() == [0.75, 1.5]


def test_accuracy_is_the_share_of_right_ones_a_python_float():
    data = [
        (nd.array([[1, 0], [0, 1], [3, 2]]), nd.array([0, 0, 0], dtype='int32')),
        (nd.array([[0, 5]]), nd.array([1], dtype='int32')),
    ]
    acc = d2l.evaluate_accuracy(data, lambda X: X)
    assert acc == 0.75 and type(acc) is float


def test_train_ch3_prints_the_books_lines_and_returns_nothing(small_data, capsys):
    train_iter, test_iter = d2l.load_data_fashion_mnist(256)
    net = mlp.ScratchMLP()
    returned = d2l.train_ch3(net, train_iter, test_iter, loss, 2, 256, net.params, 0.5)
    lines = capsys.readouterr().out.splitlines()
    assert returned is None and len(lines) == 2
    assert all(re.fullmatch(BOOKS_LINE, line) for line in lines)
    assert lines[0].startswith('epoch 1, ') and lines[1].startswith('epoch 2, ')


def test_the_line_is_the_books_to_the_character():
    line = 'epoch 1, loss 1.1833, train acc 0.543, test acc 0.771'
    assert str(EpochStats(1, 1.18331, 0.5430, 0.77104)) == line
    assert EpochStats.parse(line + '\n') == [EpochStats(1, 1.1833, 0.543, 0.771)]


def plain_loop(net, train, test, lr, batch_size, num_epochs):
    """The book's loop, written out, as the oracle: one list of figures an epoch."""
    for _ in range(num_epochs):
        l_sum = correct = n = 0
        for X, y in train:
            with autograd.record():
                y_hat = net(X)
                l = loss(y_hat, y).sum()
            l.backward()
            for param in net.params:
                param[:] = param - lr * param.grad / batch_size
            l_sum += l.asscalar()
            correct += (y_hat.asnumpy().argmax(axis=1) == y.asnumpy()).sum()
            n += len(y)
        right = [(net(X).asnumpy().argmax(axis=1) == y.asnumpy()) for X, y in test]
        yield [l_sum / n, correct / n, np.concatenate(right).mean()]


def test_figures_and_parameters_are_those_of_the_plain_loop(small_data):
    results = []
    for way in ('plain', 'train_epochs'):
        mx.random.seed(1)
        np.random.seed(1)
        train_iter, test_iter = d2l.load_data_fashion_mnist(128)
        net = mlp.ScratchMLP()
        if way == 'plain':
            figures = list(plain_loop(net, train_iter, test_iter, 0.5, 128, 3))
        else:
            figures = [
                list(stats[1:])
                for stats in d2l.train_epochs(
                    net, train_iter, test_iter, loss, 3, 128, net.params, 0.5
                )
            ]
        results.append((figures, [p.asnumpy() for p in net.params]))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-6)
    for plain, ours in zip(results[0][1], results[1][1]):
        np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_the_loss_falls_and_the_test_accuracy_rises(small_data, model):
    train_iter, test_iter = d2l.load_data_fashion_mnist(32)
    if model == 'scratch':
        net = mlp.ScratchMLP()
        how = dict(params=net.params, lr=0.5)
    else:
        net = mlp.gluon_mlp()
        how = dict(
            trainer=gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.5})
        )
    stats = list(d2l.train_epochs(net, train_iter, test_iter, loss, 8, 32, **how))
    assert [s.epoch for s in stats] == list(range(1, 9))
    assert stats[-1].loss < stats[0].loss and stats[-1].test_acc > 0.5


class ModeRecorder(nn.Dense):
    """A net that notes whether it runs in training mode."""

    def __call__(self, X):
        self.modes.append(autograd.is_training())
        return super().__call__(X)


def test_training_is_in_training_mode_and_testing_in_predict_mode():
    net = ModeRecorder(3)
    net.modes = []
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.1})
    train, test = batches(3), batches(2)
    d2l.train_ch3(net, train, test, loss, 2, 4, trainer=trainer)
    assert net.modes == ([True] * 3 + [False] * 2) * 2


def test_a_gluon_data_loader_and_a_net_with_asscalar_inside_work(capsys):
    def net(X):
        return dense(X) * (1 if X.sum().asscalar() > -1e9 else 0)

    dense, trainer = linear_net()
    data = gluon.data.ArrayDataset(nd.random.normal(shape=(10, 6)), nd.arange(10) % 3)
    loader = gluon.data.DataLoader(data, batch_size=4)
    d2l.train_ch3(net, loader, loader, loss, 2, 4, None, None, trainer)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_generator_serves_one_epoch_and_then_says_so():
    net, trainer = linear_net()
    stats = d2l.train_epochs(
        net, iter(batches()), batches(), loss, 2, 4, trainer=trainer
    )
    assert next(stats).epoch == 1
    with pytest.raises(ValueError, match='train_iter yielded no mini-batch in epoch 2'):
        next(stats)


def test_a_test_generator_that_is_used_up_is_named():
    net, trainer = linear_net()
    stats = d2l.train_epochs(
        net, batches(), iter(batches()), loss, 2, 4, trainer=trainer
    )
    assert next(stats).epoch == 1
    with pytest.raises(ValueError, match='test_iter yielded no mini-batch in epoch 2'):
        next(stats)


def test_params_may_be_any_iterable_but_not_empty():
    W = nd.random.normal(shape=(6, 3))
    W.attach_grad()
    before = W.asnumpy()
    d2l.train_ch3(
        lambda X: nd.dot(X, W), batches(), batches(), loss, 2, 4, (p for p in [W]), 0.1
    )
    assert (W.asnumpy() != before).any()
    with pytest.raises(ValueError, match='either trainer, or both params and lr'):
        d2l.train_ch3(lambda X: X, batches(), batches(), loss, 1, 4, [], 0.1)


def test_training_without_trainer_or_params_is_refused():
    with pytest.raises(ValueError, match='either trainer, or both params and lr'):
        d2l.train_ch3(lambda X: X, batches(), batches(), loss, 1, 4, lr=0.1)


def test_a_loss_that_is_not_finite_is_said_once_on_stderr(capsys):
    net, trainer = linear_net(lr=1e38)
    d2l.train_ch3(net, batches(8), batches(), loss, 4, 1, trainer=trainer)
    out, err = capsys.readouterr()
    assert err.count('no longer finite') == 1 and len(out.splitlines()) == 4


def test_train_ch5_prints_context_lines_and_times(capsys):
    net, trainer = linear_net()
    d2l.train_ch5(net, batches(), batches(), 4, trainer, mx.cpu(), 2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'training on cpu(0)'
    assert all(re.fullmatch(BOOKS_LINE + r', time \d+\.\d sec', l) for l in lines[1:])


def test_accuracy_without_a_mini_batch_is_refused():
    with pytest.raises(ValueError, match='data_iter yielded no mini-batch'):
        d2l.evaluate_accuracy([], lambda X: X)
    with pytest.raises(ValueError, match='ctx is an empty list'):
        d2l.evaluate_accuracy(batches(), lambda X: X, [])


class Number:
    """An NDArray of one element, as far as `Pending` can tell."""

    def __init__(self, value, waited):
        self.value, self.waited = value, waited

    def wait_to_read(self):
        self.waited.append(self.value)

    def asscalar(self):
        return np.float32(self.value)


def test_no_more_than_four_mini_batches_are_ever_pending():
    pending, waited = evaluation.Pending(), []
    for i in range(10):
        pending.add(Number(0, []), Number(i, waited))
        assert waited == list(range(max(0, i - 3)))


def test_sums_are_added_up_in_double_precision():
    pending = evaluation.Pending()
    for _ in range(3):
        pending.add(Number(2**24, []), Number(1, []))
    pending.add(Number(1, []), Number(1, []))
    assert pending.sums(2) == [3 * 2**24 + 1, 4]


@pytest.mark.parametrize('batch_size', [1, 3, 256])
def test_one_step_of_sgd_is_the_formula_to_float32_rounding(batch_size):
    param = nd.random.normal(shape=(50, 40))
    param.attach_grad()
    with autograd.record():
        l = (param**3).sum()
    l.backward()
    x, grad = param.asnumpy().astype('float64'), param.grad.asnumpy()
    d2l.sgd([param], lr=0.3, batch_size=batch_size)
    np.testing.assert_allclose(
        param.asnumpy(), x - 0.3 * grad / batch_size, rtol=1e-6, atol=1e-6
    )


def test_sgd_steps_arrays_of_mxnets_numpy_too():
    param = mx.np.array([1.0, 2.0])
    param.attach_grad()
    with autograd.record():
        l = (param**2).sum()
    l.backward()
    d2l.sgd([param], lr=0.5, batch_size=4)
    assert param.asnumpy().tolist() == [0.75, 1.5]


@pytest.mark.parametrize(
    'labels, problem',
    [
        ([[0], [1], [2], [0]], r'the shape \(4, 1\); .* must be \(4,\)'),
        ([0, 1, 2], r'the shape \(3,\); .* must be \(4,\)'),
        ([0, 1, 2, 3], r'from 0.0 to 3.0; for 3 classes they must be from 0 to 2'),
        ([0, 1, -1, 2], r'from -1.0 to 2.0; for 3 classes'),
        ([0, 1, np.nan, 2], r'from nan to nan; for 3 classes'),
    ],
    ids=str,
)
def test_labels_that_are_no_class_numbers_are_refused(labels, problem):
    wrong, (right, *_) = (nd.ones((4, 6)), nd.array(labels)), batches()
    for data in ([wrong], [right, wrong]):
        with pytest.raises(ValueError, match=problem):
            net, trainer = linear_net()
            d2l.train_ch3(net, data, [right], loss, 1, 4, trainer=trainer)
    with pytest.raises(ValueError, match=problem):
        d2l.evaluate_accuracy([wrong], net)


@pytest.mark.parametrize('dtype', ['float32', 'int32', 'int64', 'uint8'])
def test_labels_of_any_type_count(dtype):
    X, y = nd.array([[1, 0], [0, 1]]), nd.array([0, 0]).astype(dtype)
    assert d2l.evaluate_accuracy([(X, y)], lambda X: X) == 0.5


def test_labels_may_have_the_shape_of_pictures():
    scores = nd.random.normal(shape=(4, 3, 5, 5))
    labels = scores.argmax(axis=1)
    assert d2l.evaluate_accuracy([(scores, labels)], lambda X: X) == 1


@pytest.mark.parametrize('batch_size', [0, -5])
def test_a_batch_size_that_is_none_is_refused(batch_size):
    net, trainer = linear_net()
    param = nd.ones(1)
    param.attach_grad()
    for call in (
        lambda: d2l.train_ch3(net, [], [], loss, 1, batch_size, trainer=trainer),
        lambda: d2l.train_ch3(net, [], [], loss, 1, batch_size, [param], 0.1),
        lambda: d2l.train_ch5(net, [], [], batch_size, trainer, mx.cpu(), 1),
        lambda: d2l.sgd([param], 0.1, batch_size),
        lambda: d2l.load_data_fashion_mnist(batch_size),
        lambda: next(d2l.data_iter(batch_size, nd.ones((3, 1)), nd.ones(3))),
    ):
        with pytest.raises(ValueError, match=f'batch_size is {batch_size}; it must'):
            call()

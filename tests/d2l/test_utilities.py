"""The book's smaller utilities: linear regression, plots, folders, stop-watch."""

import re

import numpy as np
import pytest

import d2l
from d2l_dropout import compat

compat.import_mxnet()
from mxnet import nd  # noqa: E402


def test_linreg_and_squared_loss_are_the_formulas():
    X, w, b = nd.array([[1, 2], [3, 4]]), nd.array([[1], [10]]), nd.array([0.5])
    y_hat = d2l.linreg(X, w, b)
    assert y_hat.asnumpy().tolist() == [[21.5], [43.5]]
    l = d2l.squared_loss(y_hat, nd.array([21.5, 40.5]))
    assert l.asnumpy().tolist() == [[0], [4.5]]


def test_data_iter_gives_every_example_once_in_a_new_order():
    features, labels = nd.arange(20).reshape((10, 2)), nd.arange(10)
    passes = []
    for _ in range(2):
        given = list(d2l.data_iter(4, features, labels))
        assert [len(y) for _, y in given] == [4, 4, 2]
        for X, y in given:
            assert (X[:, 0] == 2 * y).asnumpy().all()
        passes.append(np.concatenate([y.asnumpy() for _, y in given]).tolist())
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(10))
    assert passes[0] != passes[1]


def test_data_iter_refuses_sizes_that_do_not_fit():
    with pytest.raises(ValueError, match='at least 1'):
        next(d2l.data_iter(0, nd.ones(2), nd.ones(2)))
    with pytest.raises(ValueError, match='features has 3 rows and labels has 2'):
        next(d2l.data_iter(1, nd.ones(3), nd.ones(2)))


def test_linear_regression_of_the_chapters_3_2_finds_its_weights():
    X = nd.random.normal(shape=(200, 2))
    y = nd.dot(X, nd.array([2, -3.4])) + 4.2
    w, b = nd.zeros((2, 1)), nd.zeros(1)
    for param in (w, b):
        param.attach_grad()
    from mxnet import autograd

    for _ in range(20):
        for features, labels in d2l.data_iter(10, X, y):
            with autograd.record():
                l = d2l.squared_loss(d2l.linreg(features, w, b), labels)
            l.backward()
            d2l.sgd([w, b], 0.1, 10)
    np.testing.assert_allclose(w.asnumpy().ravel(), [2, -3.4], atol=1e-3)
    np.testing.assert_allclose(b.asnumpy(), [4.2], atol=1e-3)


@pytest.fixture
def plt():
    before = dict(d2l.plt.rcParams)
    yield d2l.plt
    d2l.plt.close('all')
    d2l.plt.rcParams.update(before)


@pytest.mark.filterwarnings('ignore::matplotlib.MatplotlibDeprecationWarning')
def test_semilogy_draws_both_curves_on_a_log_axis(plt):
    d2l.semilogy([1, 2], [3, 4], 'x', 'y', [1, 2], [5, 6], ['a', 'b'], figsize=(4, 3))
    ax = plt.gca()
    assert ax.get_yscale() == 'log' and len(ax.lines) == 2
    assert (ax.get_xlabel(), ax.get_ylabel()) == ('x', 'y')
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ['a', 'b']
    assert plt.gcf().get_size_inches().tolist() == [4, 3]


@pytest.mark.filterwarnings('ignore::matplotlib.MatplotlibDeprecationWarning')
def test_show_fashion_mnist_makes_one_row_with_titles(plt, small_data):
    train_iter, _ = d2l.load_data_fashion_mnist(3)
    X, y = next(iter(train_iter))
    d2l.show_fashion_mnist(X, d2l.get_fashion_mnist_labels(y.asnumpy()))
    fig = plt.gcf()
    assert [ax.get_title() for ax in fig.axes] == d2l.get_fashion_mnist_labels(
        y.asnumpy()
    )
    assert len(fig.axes) == 3 and 'NOT Fashion-MNIST' in fig.texts[0].get_text()
    d2l.show_fashion_mnist(X[:1], ['one'])  # a single picture is a row as well


def test_benchmark_prints_the_books_line(capsys):
    with d2l.Benchmark('Work'):
        pass
    with d2l.Benchmark():
        pass
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r'Work time: \d\.\d{4} sec', lines[0])
    assert re.fullmatch(r'time: \d\.\d{4} sec', lines[1])


def test_mkdir_if_not_exist_joins_parts_and_may_be_repeated(tmp_path):
    for _ in range(2):
        d2l.mkdir_if_not_exist([str(tmp_path), 'a', 'b'])
    assert (tmp_path / 'a' / 'b').is_dir()
    d2l.mkdir_if_not_exist(str(tmp_path / 'c'))
    assert (tmp_path / 'c').is_dir()


def test_both_names_are_one_module_with_all_of_the_books_names():
    import d2lzh

    assert d2lzh is d2l and set(d2l.__all__) <= set(dir(d2l))
    for name in d2l.__all__:
        assert getattr(d2l, name) is not None
    with pytest.raises(AttributeError, match='no_such_name'):
        d2l.no_such_name  # noqa: B018

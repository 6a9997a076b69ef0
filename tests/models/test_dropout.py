"""Dropout: exact support, limits, moments, gradient; and the chapter's own cell."""

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.book import chapter
from d2l_dropout.book.cells import chapter_cells
from d2l_dropout.book.printed import CELL_2
from d2l_dropout.models.dropout import dropout

mx = compat.import_mxnet()
from mxnet import autograd, nd  # noqa: E402

PROBS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


@pytest.mark.parametrize('drop_prob', PROBS)
def test_each_element_is_zero_or_scaled_up(drop_prob):
    X = nd.random.normal(shape=(50, 40))
    y, scaled = dropout(X, drop_prob).asnumpy(), (X / (1.0 - drop_prob)).asnumpy()
    assert ((y == 0) | (y == scaled)).all()


@pytest.mark.parametrize('drop_prob', PROBS)
def test_kept_fraction_is_within_four_sigma(drop_prob):
    n = 100000
    kept = (dropout(nd.ones(n), drop_prob) != 0).sum().asscalar() / n
    sigma = np.sqrt(drop_prob * (1 - drop_prob) / n)
    assert abs(kept - (1 - drop_prob)) < 4 * sigma


def test_probability_0_is_the_identity_and_1_gives_zeros():
    X = nd.random.normal(shape=(3, 4))
    assert (dropout(X, 0).asnumpy() == X.asnumpy()).all()
    assert (dropout(X, 1).asnumpy() == 0).all()


@pytest.mark.parametrize('drop_prob', [-0.1, 1.1, float('nan')])
def test_other_probabilities_are_refused(drop_prob):
    with pytest.raises(AssertionError):
        dropout(nd.ones(2), drop_prob)


@pytest.mark.parametrize('drop_prob', [0, 0.2, 0.5, 1])
def test_gradient_is_the_mask_scaled_up_and_finite(drop_prob):
    X = nd.random.uniform(1, 2, shape=(20, 30))
    X.attach_grad()
    with autograd.record():
        y = dropout(X, drop_prob)
    y.backward()
    mask = (y.asnumpy() != 0).astype('float32')
    wanted = mask if drop_prob == 1 else mask / np.float32(1 - drop_prob)
    grad = X.grad.asnumpy()
    assert np.isfinite(grad).all()
    np.testing.assert_allclose(grad, wanted, rtol=1e-6)


@pytest.mark.parametrize('drop_prob', [0, 0.2, 0.5, 0.8])
def test_many_draws_have_mean_x_and_variance_p_over_one_less_p_times_x_squared(
    drop_prob,
):
    x, draws = np.array([-2.0, 0.0, 0.5, 3.0]), 40000
    y = dropout(nd.broadcast_to(nd.array([x]), shape=(draws, 4)), drop_prob)
    y = y.asnumpy().astype('float64')
    variance = drop_prob / (1 - drop_prob) * x**2
    assert (abs(y.mean(0) - x) <= 4 * np.sqrt(variance / draws) + 1e-6).all()
    np.testing.assert_allclose(y.var(0), variance, rtol=0.06, atol=1e-9)


def test_result_is_on_the_context_of_the_input():
    for ctx in (mx.cpu(0), mx.cpu(1)):
        assert dropout(nd.ones(3, ctx=ctx), 0.5).context == ctx


def test_it_is_the_function_of_the_chapters_first_cell():
    namespace = {}
    exec(chapter_cells()[0], namespace)
    X = nd.random.normal(shape=(30, 20))
    for drop_prob in (0, 0.3, 1):
        mx.random.seed(7)
        theirs = namespace['dropout'](X, drop_prob).asnumpy()
        mx.random.seed(7)
        assert (dropout(X, drop_prob).asnumpy() == theirs).all()


@pytest.mark.parametrize('ctx', [mx.cpu(0), mx.cpu(1)], ids=str)
def test_it_prints_the_books_masks_from_the_seed_of_a_fresh_process(ctx, capsys):
    mx.random.seed(0)  # tests/book/test_chapter.py starts a fresh process
    with ctx:
        exec(chapter_cells()[1], {'dropout': dropout, 'nd': nd})
    printed = capsys.readouterr().out
    assert chapter.masks_are_the_books(printed), printed
    assert (printed == CELL_2) == (ctx == mx.cpu(0))

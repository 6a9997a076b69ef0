"""What injection hides: wrong dropout, initial values and images are said.

The chapter's own layers and initial values, from scratch and of Gluon, pass.
"""

import math

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.models import model as models
from d2l_dropout.ports.checks import bounds
from d2l_dropout.ports.checks.checks import (
    check_dropout,
    check_images,
    check_init,
    images,
)

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402

from d2l_dropout.models.dropout import dropout  # noqa: E402

PROBS = (0.05, 0.2, 0.5, 0.8, 0.95)


class Asnumpy:
    """An array of another library: all that is known of it is `__array__`."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array.asnumpy().astype(dtype or 'float32')


def mxnet_layer(kind, drop_prob):
    """The layer in training mode, in predict mode, and with its gradient."""
    layer = gluon.nn.Dropout(drop_prob)
    if kind == 'scratch':

        def layer(H):
            return dropout(H, drop_prob) if autograd.is_training() else H

    def gradient(H):
        H = nd.array(H)
        H.attach_grad()
        with autograd.record():
            output = layer(H)
        output.backward()
        return Asnumpy(output), Asnumpy(H.grad)

    def train(H):
        with autograd.train_mode():
            return Asnumpy(layer(nd.array(H)))

    return train, lambda H: Asnumpy(layer(nd.array(H))), gradient


@pytest.mark.parametrize('kind', ['scratch', 'gluon'])
@pytest.mark.parametrize('drop_prob', [0.2, 0.5])
def test_the_chapters_layers_pass(kind, drop_prob):
    train, predict, gradient = mxnet_layer(kind, drop_prob)
    check_dropout(train, drop_prob, predict, gradient)
    with pytest.raises(AssertionError, match='the share of units that is kept'):
        check_dropout(train, 0.3)


@pytest.mark.parametrize('kind', ['scratch', 'gluon'])
def test_the_chapters_initial_values_pass(kind):
    model = models.make(kind)
    model.draw_weights()
    params = {name: p.asnumpy() for name, p in model.scratch_params().items()}
    check_init(params)
    check_init(params.values())
    with pytest.raises(AssertionError, match='W3 has the standard deviation 0.01'):
        check_init(params, sigma=0.02)


def right(drop_prob, seed=0, dtype='float32'):
    rng = np.random.RandomState(seed)
    return lambda H: ((rng.rand(*H.shape) >= drop_prob) * H / (1 - drop_prob)).astype(
        dtype
    )


@pytest.mark.parametrize('drop_prob', (0, 0.01, *PROBS, 0.99))
def test_no_right_layer_is_refused(drop_prob):
    for seed in range(10):
        check_dropout(right(drop_prob, seed), drop_prob, lambda H: H, shape=(256, 256))
    check_dropout(right(drop_prob, dtype='float16'), drop_prob, shape=(64, 300))


def masked(drop_prob, mask):
    """Dropout with the mask that `mask(uniform, n, units)` makes of random numbers."""
    uniform = np.random.RandomState(3).rand

    def layer(H):
        return (
            mask(lambda *shape: uniform(*shape) >= drop_prob, *H.shape)
            * H
            / (1 - drop_prob)
        )

    return layer


FROZEN = np.random.RandomState(4).rand(4, 512, 512)
DEPENDENT = {
    'all examples of a mini-batch have the same mask': lambda u, n, k: u(1, k),
    'an example keeps all of its units or none': lambda u, n, k: u(n, 1),
    'the masks of two examples are not independent': lambda u, n, k: np.tile(
        u(n // 2, k), (2, 1)
    ),
    'the masks of two units are not independent: of ': lambda u, n, k: np.repeat(
        u(n, k // 2), 2, axis=1
    ),
}


@pytest.mark.parametrize('drop_prob', PROBS)
@pytest.mark.parametrize('sentence', DEPENDENT)
def test_masks_that_are_shared_are_said(drop_prob, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_dropout(masked(drop_prob, DEPENDENT[sentence]), drop_prob)


@pytest.mark.parametrize('drop_prob', PROBS)
def test_masks_that_come_back_in_later_calls_are_said(drop_prob):
    mask = FROZEN > drop_prob
    with pytest.raises(AssertionError, match='every call has the same mask'):
        check_dropout(lambda H: mask[0] * H / (1 - drop_prob), drop_prob)
    calls = iter([0, 1, 0])
    with pytest.raises(AssertionError, match='of call 1 and .* of call 3'):
        check_dropout(lambda H: mask[next(calls)] * H / (1 - drop_prob), drop_prob)


@pytest.mark.parametrize('drop_prob', PROBS)
def test_a_fixed_number_of_units_is_no_dropout(drop_prob):
    def layer(H):
        ranks = np.random.rand(*H.shape).argsort(axis=1)
        return (ranks >= round(drop_prob * H.shape[1])) * H / (1 - drop_prob)

    with pytest.raises(AssertionError, match='varies too little'):
        check_dropout(layer, drop_prob)


@pytest.mark.parametrize(
    'layer, sentence',
    [
        (right(0.5), r'kept is 0\.[45]\d*, not 1 - drop_prob = 0.8'),
        (right(0.21), 'the share of units that is kept'),
        (right(0.8), 'probability of being zeroed, not of being kept'),
        (lambda H: H, 'is the layer in training mode, and is it there'),
        (lambda H: right(0.2)(H) * 0.8, 'multiplied by 1, not .*it is not rescaled'),
        (lambda H: right(0.2)(H) * 0.64, 'multiplied by 1 - drop_prob in place of'),
        (lambda H: right(0.2)(H) * 4, 'it is divided by drop_prob'),
        (lambda H: right(0.2)(H)[:, 1:], 'it returns .512, 511.'),
        (lambda H: right(0.2)(H) * np.inf, 'not finite'),
    ],
)
@pytest.mark.filterwarnings('ignore:invalid value')
def test_other_mistakes_are_said(layer, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_dropout(layer, 0.2)


@pytest.mark.parametrize(
    'predict, sentence',
    [
        (right(0.2), 'units are dropped'),
        (lambda H: H * 0.8, 'multiplied by 1 - drop_prob'),
        (lambda H: H + 1, 'it is something else'),
        (lambda H: H[1:], 'it is something else'),
    ],
)
def test_predict_mode_must_be_the_identity(predict, sentence):
    with pytest.raises(AssertionError, match='must be the identity: .*' + sentence):
        check_dropout(right(0.2), 0.2, predict)


@pytest.mark.parametrize(
    'gradient, sentence',
    [
        (lambda mask: np.ones(mask.shape), 'does not go through the mask'),
        (lambda mask: mask, 'lacks the factor'),
        (lambda mask: mask[::-1] / 0.8, 'another mask'),
        (lambda mask: mask / 0.5, 'something else'),
        (lambda mask: mask[1:], 'has the shape'),
    ],
)
def test_the_gradient_must_go_through_the_mask(gradient, sentence):
    def both(H):
        output = right(0.2)(H)
        return output, gradient(output != 0)

    with pytest.raises(AssertionError, match='the gradient .*' + sentence):
        check_dropout(right(0.2), 0.2, gradient=both)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(ValueError, match=r'drop_prob is 1; it must be in \[0, 1\)'):
        check_dropout(right(0.2), 1)
    with pytest.raises(ValueError, match='use at least 64'):
        check_dropout(right(0.2), 0.2, shape=(8, 512))
    with pytest.raises(ValueError, match='give the weights too'):
        check_init([np.zeros(3)])
    with pytest.raises(ValueError, match='two dimensions or'):
        check_init([np.zeros((3, 3, 3))])


SHAPES = {'W1': (784, 256), 'W2': (256, 256), 'W3': (256, 10)}


def drawn(draw, seed=0):
    rng = np.random.RandomState(seed)
    params = {name: draw(rng, shape) for name, shape in SHAPES.items()}
    return {
        **params,
        **{f'b{k}': np.zeros(n) for k, n in ((1, 256), (2, 256), (3, 10))},
    }


def test_no_right_initial_values_are_refused():
    for seed in range(30):
        check_init(drawn(lambda rng, shape: rng.normal(0, 0.01, shape), seed))


def truncated(rng, shape):
    values = rng.normal(0, 1, shape)
    while (abs(values) > 2).any():
        values = np.where(abs(values) > 2, rng.normal(0, 1, shape), values)
    return values / 0.88 * 0.01


@pytest.mark.parametrize(
    'draw, sentence',
    [
        (lambda r, s: r.normal(0, 0.1, s), 'the standard deviation, not the variance'),
        (lambda r, s: r.normal(0, 1e-4, s), 'itself is the standard deviation'),
        (lambda r, s: r.normal(0, 0.0112, s), 'W3 has the standard deviation 0.011'),
        (lambda r, s: np.zeros(s), 'W3 has the standard deviation 0, not'),
        (lambda r, s: r.uniform(-1, 1, s) / np.sqrt(s[0]), "PyTorch's own"),
        (lambda r, s: r.uniform(-1, 1, s) * 0.01 * np.sqrt(3), 'W3 is not normally'),
        (truncated, 'W1 is not normally'),
        (lambda r, s: r.normal(0.004, 0.0091, s), 'W3 has the mean 0.00'),
        (lambda r, s: np.random.RandomState(5).normal(0, 0.01, s), 'numbers of W1'),
        (lambda r, s: r.normal(0, 0.01, s) * np.nan, 'not finite'),
    ],
)
def test_other_initial_values_are_said(draw, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_init(drawn(draw))


def test_biases_must_be_0():
    params = drawn(lambda rng, shape: rng.normal(0, 0.01, shape))
    params['b2'] = params['b2'] + 0.01
    with pytest.raises(AssertionError, match='b2 is a bias and not 0'):
        check_init(params)


def test_the_images_are_the_first_of_each_class(real_data):
    from d2l_dropout import fashion_mnist

    data = fashion_mnist.load()
    pictures, labels = images()
    rows = [np.flatnonzero(data.train_labels == k)[0] for k in range(10)]
    assert (pictures == data.train_images[rows]).all()
    assert (labels == np.arange(10)).all()


def test_x_is_what_the_chapters_transform_makes_of_the_images():
    pictures, _ = images()
    to_tensor = gluon.data.vision.transforms.ToTensor()
    X = [to_tensor(nd.array(p[:, :, None], dtype='uint8')).asnumpy() for p in pictures]
    check_images(lambda _: np.stack(X))
    check_images(lambda P: P.reshape(len(P), 784) / np.float32(255))


@pytest.mark.parametrize(
    'to_X, sentence',
    [
        (lambda P: P, 'they are not divided'),
        (lambda P: P / 256, 'divided by 256'),
        (lambda P: P / 127.5 - 1, r'mapped to \[-1, 1\]'),
        (lambda P: P / 255 / 255, 'divided by 255 twice'),
        (lambda P: P.transpose(0, 2, 1) / 255, 'the images are transposed'),
        (lambda P: P.transpose(0, 2, 1), 'transposed, and they are not divided'),
        (lambda P: P[:, ::-1] / 255, 'upside down'),
        (lambda P: P[:, :, ::-1] / 255, 'mirrored'),
        (lambda P: 1 - P / 255, 'black and white'),
        (lambda P: (P / 255 - 0.286) / 0.353, 'standardised'),
        (lambda P: np.roll(P, 1, axis=1) / 255, 'in another order'),
        (lambda P: P[:, :27] / 255, r'X has the shape \(10, 27, 28\)'),
        (lambda P: np.random.rand(*P.shape), 'something else'),
    ],
)
def test_other_images_are_said(to_X, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_images(to_X)


def test_the_bounds_hold_what_exact_probabilities_say():
    def beyond(num, prob, distance):
        return sum(
            math.comb(num, k) * prob**k * (1 - prob) ** (num - k)
            for k in range(num + 1)
            if abs(k - num * prob) > distance
        )

    for num, prob in ((64, 0.5), (500, 0.2), (300, 0.02)):
        bound = bounds.of_binomial(num, prob)
        assert beyond(num, prob, bound) <= bounds.ALPHA < beyond(num, prob, bound / 2)

"""Which examples a run trains on, and the noise on them."""

from dataclasses import replace

import numpy as np
import pytest

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.runs.mini_batches import mini_batches, without_noise
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.splits import _subset

mx = compat.import_mxnet()
SPEC = RunSpec(revision='synthetic', shuffle=False, subset='stratified', batch_size=64)


@pytest.fixture(scope='module')
def data():
    return fashion_mnist.load('synthetic:600')


def train_iter(data, **changes):
    return mini_batches(replace(SPEC, **changes), data)[0]


def images_of(data_iter):
    return np.concatenate([X.asnumpy() for X, _ in data_iter])


@pytest.mark.parametrize('num_examples', [10, 95, 300, 600])
def test_a_subset_has_each_class_in_proportion_and_no_example_twice(num_examples, data):
    spec = replace(SPEC, num_examples=num_examples)
    chosen = _subset(spec, data.train_labels)
    assert len(set(chosen)) == len(chosen) == num_examples
    counts = np.bincount(data.train_labels[chosen], minlength=10)
    in_proportion = np.bincount(data.train_labels, minlength=10) * num_examples / 600
    assert abs(counts - in_proportion).max() <= 1


def test_each_seed_has_a_subset_of_its_own_and_a_larger_one_contains_it(data):
    small, other, large = (
        train_iter(data, num_examples=n, seed=seed).images
        for n, seed in ((100, 0), (100, 1), (200, 0))
    )
    assert (large[:100] == small).all() and (small != other).any()


def test_images_keep_their_labels(data):
    taken = train_iter(data, num_examples=300)
    label_of = {i.tobytes(): y for i, y in zip(data.train_images, data.train_labels)}
    for image, label in zip(taken.images, taken.labels):
        assert label_of[image.tobytes()] == label


def test_drawing_a_subset_leaves_the_other_random_numbers_alone(data):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    train_iter(data, num_examples=100, seed=3)
    assert (np.random.get_state()[1] == before).all()


def test_dropout_on_the_pixels_zeroes_some_and_scales_the_others(data):
    noisy = train_iter(data, input_drop_prob=0.25)
    plain, dropped = images_of(without_noise(noisy)), images_of(noisy)
    ratios = dropped[plain > 0] / plain[plain > 0]
    kept = ratios > 0
    np.testing.assert_allclose(ratios[kept], 1 / 0.75, rtol=1e-5)
    assert kept.mean() == pytest.approx(0.75, abs=4 * (0.1875 / kept.size) ** 0.5)
    assert (images_of(noisy) != dropped).any()  # anew in each epoch


def test_the_noise_on_the_pixels_is_that_of_the_hidden_units(data):
    noisy = train_iter(data, input_drop_prob=0.2, noise='gaussian')
    plain, factored = images_of(without_noise(noisy)), images_of(noisy)
    factors = factored[plain > 0] / plain[plain > 0]
    assert factors.mean() == pytest.approx(1, abs=0.02)
    assert factors.var() == pytest.approx(0.25, rel=0.05)


def test_both_kinds_of_noise_are_taken_off_to_measure_the_training_accuracy(data):
    noisy = train_iter(data, input_drop_prob=0.2, input_noise=0.1)
    assert (images_of(without_noise(noisy)) == images_of(train_iter(data))).all()

"""Synthetic data: the same each time, learnable, never taken for the real set."""

import idx_files
import numpy as np
import pytest

from d2l_dropout.fashion_mnist import LABELS, dataset, last_loaded, load


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, '_said_synthetic', False)
    return idx_files.World(tmp_path, monkeypatch)


def arrays_of(data):
    return data.train_images, data.train_labels, data.test_images, data.test_labels


def test_sizes_and_types_are_those_of_the_real_set():
    data = load('synthetic:600')
    shapes = [(600, 28, 28), (600,), (100, 28, 28), (100,)]
    assert [array.shape for array in arrays_of(data)] == shapes
    assert {array.dtype for array in arrays_of(data)} == {np.dtype('uint8')}
    assert not any(array.flags.writeable for array in arrays_of(data))
    assert (data.revision, data.source) == ('synthetic', 'made by code, seed 0')


def test_the_whole_set_has_seventy_thousand_balanced_examples():
    data = load('synthetic')
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
    assert np.bincount(data.test_labels).tolist() == [1000] * 10


@pytest.mark.parametrize('n', [60, 77, 605])
def test_classes_are_balanced_and_shuffled(n):
    labels = load(f'synthetic:{n}').train_labels
    counts = np.bincount(labels, minlength=len(LABELS))
    assert counts.sum() == n and counts.max() - counts.min() <= 1
    assert (labels[:30] != np.sort(labels)[:30]).any()


def test_every_call_gives_the_same_bytes_whatever_the_global_seed():
    np.random.seed(3)
    first = arrays_of(load('synthetic:600'))
    np.random.seed(4)
    for one, other in zip(first, arrays_of(load('synthetic:600'))):
        assert (one == other).all()


def test_numpys_global_generator_is_not_touched():
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    load('synthetic:60')
    assert (np.random.get_state()[1] == before).all()


def test_the_nearest_class_mean_tells_most_examples_apart_but_not_all():
    data = load('synthetic:6000')
    train = data.train_images.reshape(-1, 784).astype('float64')
    test = data.test_images.reshape(-1, 784).astype('float64')
    means = np.stack([train[data.train_labels == k].mean(axis=0) for k in range(10)])
    distances = ((test[:, np.newaxis] - means) ** 2).sum(axis=-1)
    accuracy = (distances.argmin(axis=1) == data.test_labels).mean()
    assert 0.6 < accuracy < 0.95


def test_pictures_are_bright_on_dark_and_no_two_are_the_same():
    images = load('synthetic:600').train_images.reshape(600, 784)
    assert (images.min(axis=1) < 8).all() and (images.max(axis=1) >= 64).all()
    assert 0.1 < images.mean() / 255 < 0.3
    assert len(np.unique(images, axis=0)) == len(images)


def test_it_says_once_that_it_is_not_fashion_mnist(capsys):
    load('synthetic:60')
    load('synthetic:60')
    said = capsys.readouterr().err
    assert said.count('\n') == 1
    assert 'not Fashion-MNIST' in said and 'comparable with the book' in said


def test_its_description_and_memory_say_so_too():
    data = load('synthetic:60')
    assert data.description.startswith(
        'synthetic data, NOT Fashion-MNIST; not comparable with the book'
    )
    assert last_loaded().revision == 'synthetic'
    assert not data.is_fashion_mnist and not data.is_book_revision


def test_the_environment_variable_asks_for_it(monkeypatch):
    monkeypatch.setenv('D2L_DATA', 'synthetic:120')
    assert len(load().train_labels) == 120


@pytest.mark.parametrize(
    'wanted',
    [
        'synthetic:',
        'synthetic:many',
        'synthetic:59',
        'synthetic:-60',
        'synthetic:6e4',
        'synthetic:²',
        'synthetic:99999999999',
        'synthetic:' + '9' * 5000,
    ],
)
def test_a_bad_number_is_explained(wanted, monkeypatch):
    with pytest.raises(ValueError, match="root is 'synthetic:.*; .* from 60 to 250000"):
        load(wanted)
    monkeypatch.setenv('D2L_DATA', wanted)
    with pytest.raises(ValueError, match='D2L_DATA is'):
        load()

"""The drawn stand-in: the same everywhere, learnable, and never silent."""

import hashlib

import idx_files
import numpy as np
import pytest

from d2l_dropout.fashion_mnist import LABELS, dataset, last_loaded, load


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, '_said_synthetic', False)
    return idx_files.World(tmp_path, monkeypatch)


def test_sizes_and_types_are_those_of_the_real_set():
    data = load('synthetic:600')
    assert data.train_images.shape == (600, 28, 28)
    assert data.test_images.shape == (100, 28, 28)
    assert data.train_labels.shape == (600,)
    assert data.train_images.dtype == data.train_labels.dtype == np.uint8
    assert not data.train_images.flags.writeable
    assert (data.revision, data.source) == ('synthetic', 'drawn by code, seed 0')


def test_whole_set_has_seventy_thousand_balanced_examples():
    data = load('synthetic')
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
    assert np.bincount(data.test_labels).tolist() == [1000] * 10


@pytest.mark.parametrize('n', [60, 77, 605])
def test_classes_are_balanced_and_shuffled(n):
    labels = load(f'synthetic:{n}').train_labels
    counts = np.bincount(labels, minlength=len(LABELS))
    assert counts.sum() == n and counts.max() - counts.min() <= 1
    assert (labels[:30] != np.sort(labels)[:30]).any()


def test_bytes_are_the_same_on_every_machine():
    data = load('synthetic:600')
    digest = hashlib.sha256()
    for array in (
        data.train_images,
        data.train_labels,
        data.test_images,
        data.test_labels,
    ):
        digest.update(array.tobytes())
    assert digest.hexdigest()[:16] == '9fa9d3181ba11d78'


def test_numpys_global_generator_is_not_touched():
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    load('synthetic:60')
    assert (np.random.get_state()[1] == before).all()


def test_linear_classifier_learns_it_well_but_not_perfectly():
    data = load('synthetic:6000')
    features = data.train_images.reshape(-1, 784) / 255
    targets = np.eye(10)[data.train_labels]
    weights = np.linalg.solve(
        features.T @ features + 10 * np.eye(784), features.T @ targets
    )
    scores = data.test_images.reshape(-1, 784) / 255 @ weights
    assert 0.75 < (scores.argmax(axis=1) == data.test_labels).mean() < 0.95


def test_garments_are_cloth_on_a_black_background():
    images = load('synthetic:600').train_images
    assert 0.4 < (images == 0).mean() < 0.8
    assert (images.reshape(len(images), -1).max(axis=1) > 60).all()
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


def test_it_says_once_that_it_is_not_fashion_mnist(capsys):
    load('synthetic:60')
    load('synthetic:60')
    said = capsys.readouterr().err
    assert said.count('\n') == 1
    assert 'not Fashion-MNIST' in said and 'comparable with the book' in said


def test_its_description_and_memory_say_so_too():
    data = load('synthetic:60')
    assert data.description.startswith(
        'synthetic garments, NOT Fashion-MNIST; not comparable with the book'
    )
    assert last_loaded().revision == 'synthetic'
    assert not data.is_fashion_mnist and not data.is_book_revision


def test_variable_asks_for_it(monkeypatch):
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
    ],
)
def test_bad_number_is_explained(wanted, monkeypatch):
    with pytest.raises(ValueError, match=f"root is '{wanted}'; .* 60 or more"):
        load(wanted)
    monkeypatch.setenv('D2L_DATA', wanted)
    with pytest.raises(ValueError, match='D2L_DATA is'):
        load()

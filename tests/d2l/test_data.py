"""Mini-batches: their form, order and values, against Gluon's own loader."""

import numpy as np
import pytest

import d2l
from d2l_dropout import compat, fashion_mnist

mx = compat.import_mxnet()
from mxnet import gluon, nd  # noqa: E402
from mxnet.gluon.data.vision import transforms  # noqa: E402


def test_mini_batches_have_the_books_form(small_data):
    train_iter, test_iter = d2l.load_data_fashion_mnist(256)
    assert (len(train_iter), len(test_iter)) == (3, 1)
    batches = list(train_iter)
    assert [X.shape for X, _ in batches] == [(256, 1, 28, 28)] * 2 + [(88, 1, 28, 28)]
    for X, y in batches:
        assert (X.dtype, y.dtype, y.shape) == (np.float32, np.int32, (len(X),))
        assert 0 <= X.min().asscalar() and X.max().asscalar() <= 1


@pytest.mark.parametrize('resize', [None, 14, 96])
def test_a_pass_equals_gluons_data_loader_bit_for_bit(small_data, resize):
    data = fashion_mnist.load()
    dataset = gluon.data.ArrayDataset(
        nd.array(data.train_images[..., None], dtype='uint8'),
        data.train_labels.astype('int32'),
    )
    steps = [transforms.Resize(resize)] if resize else []
    transform = transforms.Compose(steps + [transforms.ToTensor()])
    loader = gluon.data.DataLoader(
        dataset.transform_first(transform), 100, shuffle=True
    )
    train_iter, _ = d2l.load_data_fashion_mnist(100, resize=resize)
    for _ in range(2):  # the second pass in another order, the same for both
        np.random.seed(11)
        theirs = [(X.asnumpy(), y.asnumpy()) for X, y in loader]
        np.random.seed(11)
        ours = [(X.asnumpy(), y.asnumpy()) for X, y in train_iter]
        assert all((a == b).all() for A, B in zip(ours, theirs) for a, b in zip(A, B))
        assert len(ours) == len(theirs)


def test_only_the_training_pass_is_shuffled_and_anew_each_time(small_data):
    train_iter, test_iter = d2l.load_data_fashion_mnist(600)
    first, second = [next(iter(train_iter))[1].asnumpy() for _ in range(2)]
    assert (first != second).any() and sorted(first) == sorted(second)
    first, second = [next(iter(test_iter))[1].asnumpy() for _ in range(2)]
    assert (first == second).all()


def test_every_example_comes_once_a_pass_with_its_own_label(small_data):
    data = fashion_mnist.load()
    pairs = {
        (image.tobytes(), label)
        for image, label in zip(data.train_images, data.train_labels)
    }
    train_iter, _ = d2l.load_data_fashion_mnist(64)
    seen = [
        (np.rint(image * 255).astype('uint8').tobytes(), label)
        for X, y in train_iter
        for image, label in zip(X.asnumpy(), y.asnumpy())
    ]
    assert len(seen) == len(data.train_labels) and set(seen) == pairs


@pytest.mark.parametrize(
    'kwargs, name',
    [
        (dict(batch_size=0), 'batch_size'),
        (dict(batch_size=2.5), 'batch_size'),
        (dict(batch_size=True), 'batch_size'),
        (dict(batch_size=1, resize=0), 'resize'),
        (dict(batch_size=1, resize='96'), 'resize'),
    ],
)
def test_sizes_that_are_none_are_refused(small_data, kwargs, name):
    with pytest.raises(ValueError, match='%s is .*integer of at least 1' % name):
        d2l.load_data_fashion_mnist(**kwargs)


def test_iterators_say_which_data_they_are(small_data):
    for data_iter in d2l.load_data_fashion_mnist(256):
        assert data_iter.revision == 'synthetic' and 'code' in data_iter.source


def test_root_is_taken_before_the_environment(monkeypatch):
    monkeypatch.setenv('D2L_DATA', '/nowhere')
    train_iter, _ = d2l.load_data_fashion_mnist(30, root='synthetic:60')
    assert train_iter.revision == 'synthetic' and len(train_iter) == 2


def test_labels_have_the_books_names():
    names = d2l.get_fashion_mnist_labels(nd.arange(10).asnumpy())
    assert d2l.get_fashion_mnist_labels(nd.arange(10)) == names
    assert names == [
        't-shirt',
        'trouser',
        'pullover',
        'dress',
        'coat',
        'sandal',
        'shirt',
        'sneaker',
        'bag',
        'ankle boot',
    ]


@pytest.mark.parametrize('train, n', [(True, 600), (False, 100)])
def test_gluons_own_class_finds_the_data_found_here(small_data, train, n):
    dataset = gluon.data.vision.FashionMNIST(train=train)
    feature, label = dataset[0]
    assert (len(dataset), feature.shape, feature.dtype) == (n, (28, 28, 1), np.uint8)
    data = fashion_mnist.load()
    images, labels = (
        (data.train_images, data.train_labels)
        if train
        else (data.test_images, data.test_labels)
    )
    assert (feature.asnumpy()[..., 0] == images[0]).all() and label == labels[0]
    assert label.dtype == np.int32


def test_gluons_class_with_a_folder_of_the_users_own_is_left_to_gluon(
    small_data, tmp_path, monkeypatch
):
    from mxnet.gluon.data.vision import datasets

    asked = []
    monkeypatch.setattr(
        datasets.MNIST, '_get_data', lambda self: asked.append(self._root)
    )
    gluon.data.vision.FashionMNIST(root=str(tmp_path / 'mine'))
    assert asked == [str(tmp_path / 'mine')]


@pytest.mark.data
def test_the_real_data_have_the_real_sizes(real_data):
    train_iter, test_iter = d2l.load_data_fashion_mnist(256)
    assert (len(train_iter), len(test_iter)) == (235, 40)
    assert train_iter.revision == real_data.revision
    y = np.concatenate([y.asnumpy() for _, y in test_iter])
    assert np.bincount(y).tolist() == [1000] * 10

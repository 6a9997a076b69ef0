"""A user's own folder as a data set, and what is said about where data are from."""

import gzip
import hashlib
import os
import pathlib

import idx_files
import numpy as np
import pytest
from idx_files import BOOK, LATER, small_set, write

from d2l_dropout.fashion_mnist import (
    BadFileError,
    DataNotFoundError,
    FashionMNIST,
    Origin,
    last_loaded,
    load,
    locate,
)
from d2l_dropout.fashion_mnist.revisions import (
    FILES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
)


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    return idx_files.World(tmp_path, monkeypatch)


def without(files, *names):
    return {name: stored for name, stored in files.items() if name not in names}


# The user's own folder.


def test_own_folder_gives_its_arrays(world, tmp_path):
    data = load(write(tmp_path / 'own', world.later))
    raw = gzip.decompress(world.later[TRAIN_IMAGES])
    assert isinstance(data, FashionMNIST)
    assert data.train_images.shape == (20, 28, 28)
    assert data.train_images.tobytes() == raw[16:]
    assert data.test_labels.shape == (10,)
    assert data.test_labels.dtype == data.test_images.dtype == np.uint8
    assert (data.revision, data.source) == (LATER, str(tmp_path / 'own'))


@pytest.mark.parametrize('make', [str, pathlib.Path])
def test_root_may_be_a_string_or_a_path(world, tmp_path, make):
    write(tmp_path / 'own', world.book)
    assert load(make(tmp_path / 'own')).revision == BOOK


def test_tilde_in_root_is_the_home_folder(world, tmp_path):
    write(tmp_path / 'home' / 'garments', world.book)
    assert load('~/garments').source == str(tmp_path / 'home' / 'garments')


@pytest.mark.parametrize('suffix', ['.gz', ''])
def test_files_may_be_compressed_or_plain(world, tmp_path, suffix):
    assert load(write(tmp_path / 'own', world.later, suffix)).revision == LATER


def test_content_not_suffix_tells_a_gzip_file(world, tmp_path):
    write(tmp_path / 'own', world.later)
    for path in (tmp_path / 'own').iterdir():
        path.rename(path.with_suffix(''))
    assert load(tmp_path / 'own').revision == LATER


def test_spelling_with_a_dot_is_accepted(world, tmp_path):
    write(tmp_path / 'own', world.later, '')
    for path in (tmp_path / 'own').iterdir():
        path.rename(path.with_name(path.name.replace('-idx', '.idx')))
    assert load(tmp_path / 'own').revision == LATER


def test_plain_files_of_the_book_are_of_unknown_revision(world, tmp_path):
    # Only the digests of its .gz files are known.
    assert load(write(tmp_path / 'own', world.book, '')).revision == 'unknown'


def test_another_set_of_mnist_kind_is_of_unknown_revision(tmp_path):
    data = load(write(tmp_path / 'own', small_set(7)))
    assert data.revision == 'unknown'
    assert not data.is_fashion_mnist
    assert 'unknown revision' in data.description


def test_known_and_unknown_files_together_are_unknown(world, tmp_path):
    own = write(tmp_path / 'own', world.later)
    write(own, {TEST_LABELS: small_set(7)[TEST_LABELS]})
    with pytest.warns(UserWarning, match='is not the file of revision.*damaged or'):
        assert load(own).revision == 'unknown'


def test_images_of_one_revision_with_labels_of_the_other_are_refused(world, tmp_path):
    own = write(tmp_path / 'own', world.later)
    write(own, {TRAIN_LABELS: world.book[TRAIN_LABELS]})
    with pytest.raises(BadFileError, match='labels of one revision do not belong'):
        load(own)


def test_missing_files_are_named(world, tmp_path):
    own = write(tmp_path / 'own', without(world.later, TEST_LABELS, TRAIN_IMAGES))
    with pytest.raises(DataNotFoundError) as caught:
        load(own)
    assert f'lacks {TEST_LABELS}.gz, {TRAIN_IMAGES}.gz' in str(caught.value)
    assert len(os.listdir(own)) == 2


def test_typing_error_in_root_does_not_give_other_data(world, tmp_path):
    write(world.cache, world.book)
    with pytest.raises(DataNotFoundError, match="root is '/no/such/place'"):
        load('/no/such/place')


def test_root_that_is_a_file_is_explained(tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    with pytest.raises(DataNotFoundError, match='is a file, not a folder'):
        load(tmp_path / 'file')


# Saying what there is.


def test_locate_tells_what_load_would_use(world, tmp_path, monkeypatch):
    own = write(tmp_path / 'own', world.book)
    assert locate(own) == load(own).origin
    assert locate(own) == Origin(BOOK, str(own), load(own).digest)
    write(world.system, world.later)
    assert locate() == locate(LATER) == load().origin
    assert (locate().revision, locate().source) == (LATER, str(world.system))
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')
    assert locate().revision == 'synthetic' and locate() == load().origin


@pytest.mark.parametrize(
    'root, way_out', [(None, 'dataset-fashion-mnist'), (BOOK, 'D2L_MIRROR')]
)
def test_locate_never_downloads(world, root, way_out):
    with idx_files.Server(world.book) as server:
        world.set_mirrors(BOOK, server.url)
        with pytest.raises(DataNotFoundError, match=way_out) as caught:
            locate(root)
    # Debian's package has only the other revision.
    assert ('dataset-fashion-mnist' in str(caught.value)) == (root is None)
    assert server.asked == []
    assert not world.cache.exists()


def test_locate_passes_over_a_bad_cache(world):
    write(world.cache / BOOK, without(world.book, FILES[0]))
    write(world.system, world.later)
    with pytest.warns(UserWarning, match='is missing, and load.. would try'):
        assert locate().source == str(world.system)


def test_last_loaded_remembers_where_the_data_are_from(world, tmp_path):
    data = load(write(tmp_path / 'own', world.later))
    assert last_loaded() == data.origin
    assert last_loaded() == Origin(data.revision, data.source, data.digest)
    assert last_loaded().description == data.description


def test_description_says_revision_and_place(world, tmp_path):
    own = write(tmp_path / 'own', world.later)
    assert load(own).description == f'Fashion-MNIST, revision 2017-08-31, from {own}'
    own = write(tmp_path / 'own', world.book)
    assert load(own).description == (
        f"Fashion-MNIST, revision 2017-08-26 (the book's), from {own}"
    )
    assert load(own).is_book_revision


def test_arrays_are_read_only(world, tmp_path):
    data = load(write(tmp_path / 'own', world.later))
    with pytest.raises(ValueError, match='read-only'):
        data.train_images[0] = 0


# Which data these are.


def test_the_digest_is_of_the_arrays_alone(world, tmp_path):
    own = load(write(tmp_path / 'own', world.later))
    sha = hashlib.sha256()
    for images, labels in (
        (own.train_images, own.train_labels),
        (own.test_images, own.test_labels),
    ):
        for array in (images, labels):
            sha.update(b'uint8 %s\n' % str(array.shape).encode())
            sha.update(array.tobytes())
    assert own.digest == sha.hexdigest()
    assert load(write(tmp_path / 'elsewhere', world.later, '')).digest == own.digest


def test_other_data_have_another_digest(tmp_path):
    digests = {
        load(root).digest
        for root in (
            write(tmp_path / 'a', small_set(7)),
            write(tmp_path / 'b', small_set(8)),
            'synthetic:60',
            'synthetic:66',
        )
    }
    assert len(digests) == 4
    assert load('synthetic:60').digest in digests


def test_the_beginning_of_the_digest_is_shown_where_it_is_known():
    origin = Origin('unknown', 'a folder', 'abcdef' * 10 + 'abcd')
    assert origin.description_with_digest.endswith('a folder; SHA-256 abcdefabcdef...')
    assert Origin('unknown', 'x').description_with_digest.endswith('from x')

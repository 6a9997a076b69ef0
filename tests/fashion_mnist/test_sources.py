"""In which order `load` looks, and what it does about bad files of the cache."""

import os

import idx_files
import pytest
from idx_files import BOOK, LATER, small_set, write

from d2l_dropout.fashion_mnist import (
    BadFileError,
    DataNotFoundError,
    DownloadError,
    fetch,
    load,
    make_settings_absolute,
)
from d2l_dropout.fashion_mnist.revisions import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
)


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    return idx_files.World(tmp_path, monkeypatch)


def without(files, *names):
    return {name: stored for name, stored in files.items() if name not in names}


# D2L_DATA.


def test_variable_stands_in_for_root(world, tmp_path, monkeypatch):
    monkeypatch.setenv('D2L_DATA', write(tmp_path / 'own', world.later))
    write(world.cache, world.book)
    assert load().revision == LATER


def test_root_wins_over_variable(world, tmp_path, monkeypatch):
    monkeypatch.setenv('D2L_DATA', '/no/such/place')
    assert load(write(tmp_path / 'own', world.later)).revision == LATER


def test_typing_error_in_variable_names_the_variable(monkeypatch):
    monkeypatch.setenv('D2L_DATA', '/no/such/place')
    with pytest.raises(DataNotFoundError, match="D2L_DATA is '/no/such/place'"):
        load()


def test_empty_variable_counts_as_unset(world, monkeypatch):
    monkeypatch.setenv('D2L_DATA', '')
    write(world.cache, world.book)
    assert load().revision == BOOK


def test_relative_folders_mean_the_same_after_the_working_directory_changes(
    tmp_path, monkeypatch
):
    (tmp_path / 'own').mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('D2L_DATA', 'own')
    monkeypatch.setenv('MXNET_HOME', 'home')
    make_settings_absolute()
    assert os.environ['D2L_DATA'] == str(tmp_path / 'own')
    assert os.environ['MXNET_HOME'] == str(tmp_path / 'home')
    for word in (BOOK, 'synthetic:60', 'no-such-folder'):
        monkeypatch.setenv('D2L_DATA', word)
        make_settings_absolute()
        assert os.environ['D2L_DATA'] == word


@pytest.mark.parametrize('book_default', [True, False])
def test_cache_folder_as_root_asks_for_nothing_in_particular(
    world, tmp_path, monkeypatch, book_default
):
    root = '~/.mxnet/datasets/fashion-mnist' if book_default else world.cache
    write(world.system, world.later)
    assert load(root).source == str(world.system)
    monkeypatch.setenv('D2L_DATA', write(tmp_path / 'own', world.book))
    assert load(root).source == str(tmp_path / 'own')


# The order of the search.


def test_places_are_searched_in_their_order(world):
    places = [
        (world.cache / BOOK, world.book),
        (world.cache, world.later),
        (world.cache / LATER, world.later),
        (world.system, world.later),
    ]
    for folder, files in reversed(places):
        write(folder, files)
        assert load().source == str(folder)


def test_default_cache_is_the_one_of_gluon(world, tmp_path, monkeypatch):
    monkeypatch.delenv('MXNET_HOME')
    flat = tmp_path / 'home' / '.mxnet' / 'datasets' / 'fashion-mnist'
    write(flat, world.book)
    assert load().source == str(flat)


def test_flat_cache_may_hold_either_revision_or_an_unknown_set(world):
    for files, revision in ((world.later, LATER), (small_set(7), 'unknown')):
        write(world.cache, files)
        assert load().revision == revision


def test_revision_by_name_is_found_wherever_it_is(world):
    write(world.cache, world.book)
    write(world.system, world.later)
    assert load(LATER).source == fetch(LATER).source == str(world.system)
    assert load(BOOK).source == fetch(BOOK).source == str(world.cache)


def test_folder_named_after_a_revision_must_hold_that_one(world):
    write(world.cache / BOOK, world.later)
    write(world.system, world.later)
    with pytest.warns(UserWarning, match='is not the file of revision 2017-08-26'):
        assert load().source == str(world.system)


def test_unknown_revision_cannot_be_fetched():
    with pytest.raises(
        ValueError, match="'2017-08-27'; it must be one of '2017-08-26'"
    ):
        fetch('2017-08-27')


# Bad files where nobody in particular put them.


def test_bad_file_in_the_cache_is_replaced(world):
    write(world.cache, world.later)
    (world.cache / (TRAIN_IMAGES + '.gz')).write_bytes(b'')
    with idx_files.Server(world.later) as server:
        world.set_mirrors(LATER, server.url)
        assert load().source == str(world.cache)
    assert server.asked == [f'/{TRAIN_IMAGES}.gz']
    assert idx_files.contents(world.cache) == {
        name + '.gz': stored for name, stored in world.later.items()
    }


def test_missing_file_in_the_cache_is_fetched(world):
    write(world.cache / LATER, without(world.later, TEST_IMAGES))
    with idx_files.Server(world.later) as server:
        world.set_mirrors(LATER, server.url)
        assert load().source == str(world.cache / LATER)
    assert server.asked == [f'/{TEST_IMAGES}.gz']


@pytest.mark.parametrize('odd', ['other revision', 'unknown'])
def test_odd_file_among_known_ones_in_the_cache_is_replaced(world, odd):
    write(world.cache, world.book)
    other = world.later if odd == 'other revision' else small_set(7)
    write(world.cache, {TRAIN_LABELS: other[TRAIN_LABELS]})
    with idx_files.Server(world.book) as server:
        world.set_mirrors(BOOK, server.url)
        assert load().revision == BOOK


def test_bad_cache_off_line_is_passed_over_with_one_warning(world):
    write(world.cache, world.book)
    (world.cache / (TEST_IMAGES + '.gz')).write_bytes(b'<html>Log in</html>')
    write(world.system, world.later)
    with pytest.warns(UserWarning) as caught:
        assert load().source == str(world.system)
    message = str(caught.pop(UserWarning).message)
    assert not caught.list
    assert message.startswith(
        f'Fashion-MNIST in {world.cache} is passed over: '
        f'{TEST_IMAGES}.gz is a web page (HTML)'
    )
    assert message.endswith('and a fresh copy could not be downloaded.')


@pytest.mark.parametrize('spoil', ['empty', 'missing'])
def test_bad_system_folder_is_passed_over_and_left_alone(world, spoil):
    write(world.system, world.later)
    path = world.system / (TEST_IMAGES + '.gz')
    path.write_bytes(b'') if spoil == 'empty' else path.unlink()
    before = idx_files.contents(world.system)
    with pytest.warns(UserWarning, match=f'passed over: .*{TEST_IMAGES}'):
        with pytest.raises(DownloadError):
            load()
    assert idx_files.contents(world.system) == before


def test_well_formed_set_whose_counts_differ_is_not_taken_from_the_cache(world):
    write(
        world.cache,
        {**small_set(7), TEST_LABELS: small_set(7, num_test=9)[TEST_LABELS]},
    )
    write(world.system, world.later)
    with pytest.warns(UserWarning, match='passed over'):
        assert load().source == str(world.system)


def test_a_folder_may_be_given_as_bytes(world, tmp_path):
    folder = write(tmp_path / 'own', world.book)
    assert load(os.fsencode(folder)).source == folder
    with pytest.raises(TypeError, match='expected str, bytes or os.PathLike object'):
        load(5)


def test_files_to_train_and_to_test_on_that_are_swapped_give_a_hint(tmp_path):
    files = small_set(3)
    names = [
        (TRAIN_IMAGES, TEST_IMAGES),
        (TRAIN_LABELS, TEST_LABELS),
    ]
    for train, test in names:
        files[train], files[test] = files[test], files[train]
    with pytest.warns(UserWarning, match='files are swapped') as caught:
        assert len(load(write(tmp_path / 'all', files)).train_images) == 10
    assert len(caught) == 1
    images = names[0]
    files[images[0]], files[images[1]] = files[images[1]], files[images[0]]
    with pytest.raises(BadFileError, match='Perhaps the train-.* files are swapped'):
        load(write(tmp_path / 'labels only', files))


def test_a_working_directory_that_was_removed_is_a_sentence(
    world, tmp_path, monkeypatch
):
    folder = write(tmp_path / 'own', world.book)
    (tmp_path / 'gone').mkdir()
    monkeypatch.chdir(tmp_path / 'gone')
    (tmp_path / 'gone').rmdir()
    assert load(folder).revision == BOOK and len(load('synthetic:60').train_images)
    with pytest.raises(DataNotFoundError, match='working directory, which has been'):
        load('own')

"""One bad file among four: it is named, explained, and left as it is."""

import gzip

import idx_files
import numpy as np
import pytest

from d2l_dropout.fashion_mnist import BadFileError, load
from d2l_dropout.fashion_mnist.revisions import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
)


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    return idx_files.World(tmp_path, monkeypatch)


@pytest.fixture
def refused(world, tmp_path):
    """Put bytes in the place of one file of a good set; return what load says."""

    def refuse(name, stored):
        own = tmp_path / 'own'
        idx_files.write(own, world.later)
        (own / (name + '.gz')).write_bytes(stored)
        before = idx_files.contents(own)
        with pytest.raises(BadFileError) as caught:
            load(own)
        assert idx_files.contents(own) == before
        message = str(caught.value)
        assert str(own / (name + '.gz')) in message
        assert 'Replace it by a good copy' in message
        return message

    return refuse


def packed(array):
    return gzip.compress(idx_files.idx_bytes(array))


def images(n, side=28):
    return np.zeros((n, side, side), np.uint8)


def test_empty_file_is_named_and_explained(refused):
    assert 'is empty' in refused(TEST_LABELS, b'')


@pytest.mark.parametrize(
    'page',
    [
        b'<!DOCTYPE html><html><body>Log in</body></html>',
        b'\xef\xbb\xbf\n <HTML><head></head></HTML>',
        b'<?xml version="1.0"?><Error>AccessDenied</Error>',
    ],
)
def test_web_page_in_place_of_a_file_is_recognised(refused, page):
    assert 'is a web page (HTML)' in refused(TRAIN_IMAGES, page)


@pytest.mark.parametrize('kept', [2, 9, 500, -1])
def test_truncated_gzip_is_named_and_explained(refused, world, kept):
    stored = world.later[TRAIN_IMAGES][:kept]
    assert 'is a truncated gzip file' in refused(TRAIN_IMAGES, stored)


def test_wrong_checksum_of_gzip_is_named_and_explained(refused, world):
    stored = bytearray(world.later[TRAIN_IMAGES])
    stored[-8] ^= 1
    assert 'is a damaged gzip file (incorrect data check)' in refused(
        TRAIN_IMAGES, bytes(stored)
    )


def test_flipped_bits_in_gzip_are_found(refused, world):
    stored = bytearray(world.later[TRAIN_IMAGES])
    stored[len(stored) // 2] ^= 0xFF
    assert 'gzip file' in refused(TRAIN_IMAGES, bytes(stored))


def test_rubbish_after_gzip_is_found(refused, world):
    assert 'damaged gzip' in refused(TEST_LABELS, world.later[TEST_LABELS] + b'tail')


def test_other_kind_of_file_is_told_by_its_first_bytes(refused):
    message = refused(TRAIN_LABELS, b'PK\x03\x04 a zip archive')
    assert 'its first bytes are 504b0304, not 00000801' in message


def test_element_type_other_than_byte_is_named(refused):
    assert 'IDX type 0x0d' in refused(TEST_LABELS, b'\0\0\x0d\x01' + bytes(44))


def test_labels_under_the_name_of_images_are_recognised(refused, world):
    message = refused(TEST_IMAGES, world.later[TEST_LABELS])
    assert 'dimensions is 1, not 3: it seems to hold labels' in message


def test_images_under_the_name_of_labels_are_recognised(refused, world):
    message = refused(TEST_LABELS, world.later[TEST_IMAGES])
    assert 'dimensions is 3, not 1: it seems to hold images' in message


def test_file_that_ends_within_its_header_is_named(refused):
    assert 'ends within its header, after 7 bytes' in refused(
        TEST_IMAGES, b'\0\0\x08\x03\0\0\0'
    )


def test_images_of_another_size_are_refused(refused):
    assert '32 x 32 pixels, not 28 x 28' in refused(TEST_IMAGES, packed(images(10, 32)))


@pytest.mark.parametrize('change, word', [(-1, 'short'), (+1, 'long')])
def test_byte_count_is_held_against_the_header(refused, change, word):
    raw = idx_files.idx_bytes(images(10))
    raw = raw[:change] if change < 0 else raw + bytes(change)
    message = refused(TEST_IMAGES, raw)
    assert f'is too {word}: its header promises 7840 bytes for 10 examples' in message
    assert ('7839 follow' if change < 0 else 'more follow') in message


def test_set_without_examples_is_refused(refused):
    assert 'holds no examples' in refused(TEST_IMAGES, packed(images(0)))


def test_label_above_nine_is_refused(refused):
    assert 'holds the label 17; labels run from 0 to 9' in refused(
        TEST_LABELS, packed(np.array([3, 17], np.uint8))
    )


def test_labels_must_be_as_many_as_images(refused):
    message = refused(TRAIN_LABELS, packed(np.zeros(19, np.uint8)))
    assert f'holds 19 labels for the 20 images of {TRAIN_IMAGES}.gz' in message


def test_directory_in_place_of_a_file_is_named(world, tmp_path):
    idx_files.write(tmp_path / 'own', world.later)
    (tmp_path / 'own' / (TEST_LABELS + '.gz')).unlink()
    (tmp_path / 'own' / (TEST_LABELS + '.gz')).mkdir()
    with pytest.raises(BadFileError, match='cannot be read .it is a folder'):
        load(tmp_path / 'own')


def test_gzip_of_several_members_is_read(world, tmp_path):
    raw = gzip.decompress(world.later[TRAIN_LABELS])
    own = idx_files.write(tmp_path / 'own', world.later)
    (tmp_path / 'own' / (TRAIN_LABELS + '.gz')).write_bytes(
        gzip.compress(raw[:12]) + gzip.compress(raw[12:]) + bytes(512)
    )
    assert load(own).revision == idx_files.LATER

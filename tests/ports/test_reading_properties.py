"""Whatever bytes a file of a port has, it is read or refused in a sentence."""

import json

import numpy as np
import pytest
from foreign_files import (
    GOOD_NPZ,
    GOOD_SAFETENSORS,
    as_npz,
    as_safetensors,
    raw_safetensors,
    same,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from d2l_dropout.ports import compare
from d2l_dropout.ports.reading import npz, reading, safetensors
from d2l_dropout.ports.tensors import ORDER

numbers = st.dictionaries(
    st.text('abc/1', min_size=1, max_size=8),
    arrays.arrays(
        st.sampled_from(['<f4', '<f8', '<f2', '|u1', '<i4', '<i8', '|b1']),
        arrays.array_shapes(min_dims=0, min_side=0, max_side=4),
    ),
    max_size=4,
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(numbers, st.sampled_from([np.savez, np.savez_compressed]))
def test_what_numpy_saves_is_read_back(tensors, save):
    tensors['step1/Z1'] = np.asfortranarray(np.random.rand(2, 3))
    same(npz.parse(as_npz(tensors, save)), tensors)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(numbers)
def test_what_is_saved_as_safetensors_is_read_back(tensors):
    same(safetensors.parse(as_safetensors(tensors)), tensors)


def parse_or_refuse(parse, content):
    """The sentence of a refusal; any other exception than ValueError fails."""
    try:
        parse(content)
    except ValueError as error:
        assert str(error)
        return str(error)


edits = st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=6)


def edited(content, edits, length):
    content = bytearray(content)
    for place, new in edits:
        content[place : place + len(new)] = new
    return bytes(content[: len(content) - length])


@settings(deadline=None, derandomize=True, max_examples=300)
@given(edits, st.integers(0, 60))
def test_a_damaged_npz_is_read_or_refused(edits, cut):
    parse_or_refuse(npz.parse, edited(GOOD_NPZ, edits, cut))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(edits, st.integers(0, 60))
def test_a_damaged_safetensors_file_is_read_or_refused(edits, cut):
    parse_or_refuse(safetensors.parse, edited(GOOD_SAFETENSORS, edits, cut))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.binary(max_size=300))
@example(b'PK\x05\x06' + bytes(18))
@example(b'')
def test_any_bytes_are_read_or_refused(content):
    for parse in (npz.parse, safetensors.parse, reading._numbers_in_json):
        parse_or_refuse(parse, content)


header_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(['F32', 'BF16']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(['dtype', 'shape', 'data_offsets', 'a']), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(header_values, st.binary(max_size=20))
def test_any_header_of_safetensors_is_read_or_refused(header, data):
    parse_or_refuse(safetensors.parse, raw_safetensors(header, data))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.dictionaries(st.text(max_size=3), header_values, max_size=4))
def test_any_json_is_read_or_refused(tensors):
    parse_or_refuse(reading._numbers_in_json, json.dumps(tensors).encode())


any_arrays = arrays.arrays(
    st.sampled_from(['<f4', '>f8', '<f2', '|u1', '|b1', '<i8', '<c8']),
    arrays.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=16),
)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.dictionaries(st.sampled_from(ORDER), any_arrays, min_size=1, max_size=3))
@pytest.mark.filterwarnings('ignore::RuntimeWarning')
def test_any_arrays_get_a_verdict(tensors):
    comparison = compare.compare(npz.parse(as_npz(tensors)), 'tiny-gluon')
    report = compare.report(comparison)
    assert all(name in report for name in tensors)

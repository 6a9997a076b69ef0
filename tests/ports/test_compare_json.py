"""`compare` as JSON: the same as the table says."""

import json
import math

import numpy as np

from d2l_dropout import cli
from d2l_dropout.ports import compare, compare_json, files
from d2l_dropout.ports.tensors import COMPUTED


def test_the_json_is_as_the_page_describes_it(wrong, tmp_path, capsys):
    np.savez(str(tmp_path / 'a.npz'), **wrong)
    assert cli.main(['compare', str(tmp_path / 'a.npz'), '--json']) == 1
    values = json.loads(capsys.readouterr().out)
    comparison = compare.compare(wrong)
    rows = values.pop('tensors')
    assert [row['name'] for row in rows] == [row.name for row in comparison.rows]
    assert set(rows[0]) == {*compare.Row._fields}
    for row, expected in zip(rows, comparison.rows):
        assert tuple(row['shape']) == expected.shape
        finite = math.isfinite(expected.max_abs)
        assert row['max_abs'] == (expected.max_abs if finite else None)
    not_given = values.pop('not_given')
    assert not_given == comparison.missing and 'step1/loss' in not_given
    assert values == {
        'same': False,
        'reference': 'tiny-scratch',
        'first': 'step1/H1_dropped',
        'formula': COMPUTED['step1/H1_dropped'],
        'causes': comparison.causes,
        'place': comparison.place,
        'num_computed': 3,
        'num_same': 1,
        'unknown': ['what'],
        'why_no_pass': [],
    }


def test_the_json_of_a_right_port_has_no_first_difference():
    case = files.load(files.SHIPPED / 'tiny-gluon.npz')
    values = json.loads(compare_json.as_json(compare.compare(case.tensors)))
    assert values['same'] and values['first'] is values['formula'] is None
    computed = set(COMPUTED) & set(case.tensors)
    assert values['num_computed'] == values['num_same'] == len(computed)
    assert values['not_given'] == values['unknown'] == values['causes'] == []


def test_the_json_says_why_too_little_is_no_pass(tmp_path, capsys):
    case = files.load(files.SHIPPED / 'tiny-gluon.npz')
    path = tmp_path / 'a.npz'
    np.savez(str(path), **{'step1/Z1': case.tensors['step1/Z1']})
    arguments = ['compare', str(path), '--json', '--reference', 'tiny-gluon']
    assert cli.main(arguments) == 3
    said = capsys.readouterr()
    values = json.loads(said.out)
    (sentence,) = values['why_no_pass']
    assert values['same'] and sentence.startswith('No pass') and sentence in said.err

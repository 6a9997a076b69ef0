"""A reference that is no case is refused in a sentence, before anything is computed."""

import json

import numpy as np
import pytest

from d2l_dropout import cli
from d2l_dropout.ports import files
from d2l_dropout.ports.reading.valid import fault_of


@pytest.fixture(params=sorted(path.stem for path in files.SHIPPED.glob('*.npz')))
def case(request):
    return files.load(files.SHIPPED / f'{request.param}.npz')


def test_what_ships_has_no_fault(case):
    assert fault_of(case) is None


@pytest.mark.parametrize(
    'changes, fault',
    [
        ({'init/W2': None}, 'it lacks init/W2.'),
        ({'step2/X': None, 'step3/y': None}, 'it lacks step2/X and others'),
        ({'step1/X': np.zeros((8, 11))}, 'step1/X has the shape (8, 11), not (8, 12)'),
        ({'init/b1': np.zeros((16, 1))}, 'the shapes of its inputs'),
        ({'init/W1': np.array(1.0)}, 'the shapes of its inputs'),
        ({'step1/H1': np.full((8, 16), np.nan)}, "'step1/H1' is not of finite"),
        ({'step1/H1': np.full((8, 16), 'a')}, "'step1/H1' is not of finite"),
        ({'step1/y': np.full(8, 10)}, 'step1/y has labels other than 0 to 9'),
        ({'step1/y': np.zeros(8)}, 'step1/y has labels other than 0 to 9'),
        ({'step2/loss': np.zeros(7)}, 'step2/loss has the shape (7,), not (8,)'),
        ({'images/X': np.zeros(7)}, 'the shapes of its inputs'),
        ({'predict/test_acc': np.zeros(1)}, 'has the shape (1,), not ()'),
    ],
)
def test_tensors_that_do_not_fit_are_said(changes, fault, case):
    tensors = {**case.tensors, **changes}
    tensors = {name: value for name, value in tensors.items() if value is not None}
    assert fault.rstrip('.') in fault_of(case._replace(tensors=tensors))


@pytest.mark.parametrize(
    'changes',
    [
        {'model': 'torch'},
        {'model': ['scratch']},
        {'drop_prob1': 1},
        {'drop_prob2': '0.5'},
        {'lr': float('inf')},
        {'batch_size': 0},
        {'steps_per_epoch': 2.5},
    ],
)
def test_settings_that_are_none_are_said(changes, case):
    settings = case.settings._replace(**changes)
    assert 'its settings are' in fault_of(case._replace(settings=settings))


def test_the_command_says_what_a_reference_lacks(case, tmp_path, capsys):
    theirs = tmp_path / 'theirs.npz'
    np.savez(str(theirs), **case.tensors)
    tensors = {n: v for n, v in case.tensors.items() if n != 'step1/mask1'}
    files.save(case._replace(tensors=tensors), tmp_path, 'reference')
    arguments = ['compare', str(theirs), '--reference', str(tmp_path / 'reference.npz')]
    assert cli.main(arguments) == 3
    assert 'it lacks step1/mask1. Export it again' in capsys.readouterr().err
    for manifest in (
        '[' * 10**5,
        '{}',
        json.dumps({'settings': {'a': 1}}),
        '9' * 10**6,
    ):
        (tmp_path / 'reference.json').write_text(manifest)
        assert cli.main(arguments) == 3
        assert 'is not the manifest of an exported case' in capsys.readouterr().err

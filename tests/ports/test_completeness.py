"""Agreement of a few tensors is no pass, and a misspelt name does not go unnoticed."""

from pathlib import Path

import numpy as np
import pytest

from d2l_dropout import cli
from d2l_dropout.ports import compare, files, full_size
from d2l_dropout.ports.completeness import (
    REQUIREMENTS,
    lacking,
    misspelt,
    nearest_name,
)
from d2l_dropout.ports.tensors import COMPUTED, ORDER

CASE = files.load(files.SHIPPED / 'epochs-scratch.npz')
#: What Keras' `train_on_batch`, `get_weights` and `predict` give.
KERAS = {
    name
    for name in set(COMPUTED) & set(CASE.tensors)
    if 'grad' not in name
    and (name[-2:] in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3') or 'predict' in name)
    or name.endswith(('_acc', 'mean_loss'))
    or name in ('epoch1/loss', 'epoch2/loss')
}


def comparison(names):
    return compare.compare({n: CASE.tensors[n] for n in names}, CASE)


def run(tmp_path, tensors, *options):
    path = tmp_path / 'theirs.npz'
    np.savez(str(path), **tensors)
    return cli.main(['compare', str(path), *options])


@pytest.mark.parametrize('require', REQUIREMENTS)
def test_everything_is_enough_for_each_requirement(require):
    assert lacking(comparison(CASE.tensors), require) == []


def test_each_requirement_asks_for_no_less_than_the_one_before():
    found = [set(lacking(comparison(['init/W1']), r)) for r in REQUIREMENTS]
    for less, more in zip(found, found[1:]):
        assert less <= more
    assert len(found[0]) == 7  # six parameters and the scores
    assert len(found[-1]) == len(set(COMPUTED) & set(CASE.tensors))


def test_what_keras_gives_is_enough_for_keras_and_not_for_torch():
    assert lacking(comparison(KERAS), 'keras') == []
    assert 'step1/grad/W1' in lacking(comparison(KERAS), 'torch')
    assert 'step1/loss' in lacking(comparison(KERAS), 'flax')


@pytest.mark.slow
def test_the_least_that_is_a_pass_catches_what_changes_training():
    from d2l_dropout.ports.causes.replay import BUGS, replay

    names = lacking(comparison(['init/W1']))
    # These change what is recorded of the training, and W2 is not square.
    unseen = {'loss-after-update', 'loss-in-predict-mode', 'recorded-sum'}
    unseen |= {'acc-after-update', 'acc-in-predict-mode', 'transposed-W2', 'aliased'}
    for bug in set(BUGS) - unseen:
        theirs = replay(CASE.tensors, CASE.settings, bug)
        assert not compare.compare({n: theirs[n] for n in names}, CASE).same, bug


def test_one_accuracy_is_no_pass(tmp_path, capsys):
    tensors = {'predict/test_acc': CASE.tensors['predict/test_acc']}
    arguments = ('--reference', 'epochs-scratch')
    assert run(tmp_path, tensors, *arguments) == 3
    error = capsys.readouterr().err
    assert 'No pass: --require least' in error and 'predict/scores' in error
    tensors['predict/test_acc'] = tensors['predict/test_acc'] + 1
    assert run(tmp_path, tensors, *arguments) == 1


def test_the_command_requires_what_it_is_told(tmp_path, capsys):
    tensors = {name: CASE.tensors[name] for name in KERAS}
    assert run(tmp_path, tensors) == run(tmp_path, tensors, '--require', 'keras') == 0
    assert run(tmp_path, tensors, '--require', 'all') == 3
    error = capsys.readouterr().err
    assert 'and 11 others' in error  # of 7 layers, 6 losses and 6 gradients


def test_a_misspelt_name_is_no_pass(tmp_path, capsys):
    tensors = dict(CASE.tensors)
    tensors['step1/h1_droped'] = tensors.pop('step1/H1_dropped')
    assert run(tmp_path, tensors) == 3
    assert 'Did you mean step1/H1_dropped?' in capsys.readouterr().err


@pytest.mark.parametrize('case', ['tiny-gluon', 'epochs-gluon'])
def test_a_pass_without_a_short_mini_batch_says_so(case, tmp_path, capsys):
    assert run(tmp_path, files.load(files.SHIPPED / f'{case}.npz').tensors) == 0
    said = 'All mini-batches of this case are full' in capsys.readouterr().out
    assert said == (case == 'tiny-gluon')


def test_what_is_stored_besides_is_only_said(tmp_path, capsys):
    tensors = {**CASE.tensors, 'version\x1b[31m': np.ones(2), 'step1/h1': np.ones(3)}
    assert run(tmp_path, tensors) == 0
    assert 'names are unknown: step1/h1, version\\x1b[31m' in capsys.readouterr().out


@pytest.mark.parametrize(
    'name, meant',
    [
        ('step1/H1_droped', 'step1/H1_dropped'),
        ('step1_h1', 'step1/H1'),
        ('Step2.Loss', 'step2/loss'),
        ('predict/score', 'predict/scores'),
        ('step1/gradW1', 'step1/grad/W1'),
        ('fc1.weight', None),
        ('arr_0', None),
        ('', None),
    ],
)
def test_the_nearest_name_is_found(name, meant):
    assert nearest_name(name) == meant


def test_no_two_names_are_the_same_but_for_their_spelling():
    assert all(nearest_name(name) == name for name in ORDER)
    assert misspelt(comparison(CASE.tensors)) == {}


def test_another_requirement_is_refused():
    with pytest.raises(ValueError, match="require is 'jax'"):
        lacking(comparison(CASE.tensors), 'jax')


def test_the_page_names_every_requirement_and_case():
    page = (Path(__file__).parents[2] / 'docs' / 'ports.md').read_text()
    for name in (*REQUIREMENTS, *full_size.CASES):
        assert f'`{name}`' in page
    for path in files.SHIPPED.glob('*.npz'):
        assert f'`{path.stem}`' in page

"""The exported tensors, recomputed independently; bugs in ports, caught and named."""

import json
import subprocess
import sys

import numpy as np
import pytest

from d2l_dropout import cli, fashion_mnist
from d2l_dropout.ports import compare, export, files
from d2l_dropout.ports.replay import BUGS, replay
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, NUM_STEPS, PARAMS

MODELS = export.MODELS
each_model = pytest.mark.parametrize('model', MODELS)


#: A bug of the short last mini-batch cannot show where all mini-batches are full.
BUGS_OF_FULL_BATCHES = [bug for bug in BUGS if bug != 'mean-loss']


@pytest.fixture(params=MODELS)
def case(request):
    """A small case that ships, of five full mini-batches."""
    return files.load(files.SHIPPED / f'tiny-{request.param}.npz')


def num_computed(case):
    return sum(name in COMPUTED for name in case.tensors)


def as_float32(tensors):
    return {name: np.float32(value) for name, value in tensors.items()}


def test_numpy_recomputes_what_ships(case):
    comparison = compare.compare(replay(case.tensors, case.settings), case)
    assert comparison.same and len(comparison.rows) == num_computed(case)


def test_mxnet_recomputes_what_ships(case):
    again = export.tiny(case.settings.model)
    assert set(again.tensors) == set(case.tensors)
    assert compare.compare(again.tensors, case).same
    for name in set(GIVEN) & set(case.tensors):
        assert np.array_equal(again.tensors[name], case.tensors[name])


@each_model
def test_numpy_recomputes_the_chapters_own_sizes(model):
    case = export.chapter(model, 3, fashion_mnist.load('synthetic:2000'))
    assert case.tensors['step1/X'].shape == (256, 784)
    assert case.tensors['init/W1'].size == 784 * 256
    assert compare.compare(replay(case.tensors, case.settings), case).same


def test_the_masks_are_those_that_the_layers_drew(case):
    t = case.tensors
    for mask, H in (('mask1', 'H1'), ('mask2', 'H2')):
        dropped = t[f'step1/{mask}'] == 0
        assert 0 < dropped.sum() < dropped.size
        assert (t[f'step1/{H}_dropped'][dropped] == 0).all()
        kept = t[f'step1/{H}'] > 0
        assert (t[f'step1/{H}_dropped'][kept & ~dropped] > 0).all()
    assert any((t['step1/mask1'] != t[f'step{k}/mask1']).any() for k in (2, 3))


@pytest.mark.parametrize('bug', BUGS_OF_FULL_BATCHES)
def test_each_bug_is_caught_and_named(bug, case):
    theirs = as_float32(replay(case.tensors, case.settings, bug))
    comparison = compare.compare(theirs, case)
    assert not comparison.same
    assert BUGS[bug] in comparison.causes, compare.report(comparison)
    assert len(comparison.causes) <= 2
    assert comparison.first.name in compare.report(comparison)


@pytest.mark.parametrize('bug', [b for b in BUGS_OF_FULL_BATCHES if 'predict' not in b])
def test_bugs_of_training_are_named_from_the_parameters_alone(bug, case):
    theirs = as_float32(replay(case.tensors, case.settings, bug))
    names = [f'step{k}/{name}' for k in range(1, NUM_STEPS + 1) for name in PARAMS]
    comparison = compare.compare({name: theirs[name] for name in names}, case)
    assert BUGS[bug] in comparison.causes


def test_dropout_left_on_with_masks_of_its_own_is_named(case):
    theirs = as_float32(replay(case.tensors, case.settings))
    rng = np.random.RandomState(5)
    theirs['predict/scores'] += rng.randn(*theirs['predict/scores'].shape)
    (cause,) = compare.compare(theirs, case).causes
    assert 'dropout is left on in predict mode' in cause


def test_momentum_is_suspected_from_the_second_update_on(case):
    theirs = as_float32(replay(case.tensors, case.settings))
    before, after = (case.tensors[f'{at}/W3'] for at in ('init', 'step1'))
    for k in range(2, NUM_STEPS + 1):
        theirs[f'step{k}/W3'] += 0.9 * (after - before)
    comparison = compare.compare(theirs, case)
    assert comparison.first.name == 'step2/W3'
    assert 'momentum' in comparison.causes[0]


def test_transposed_weights_are_recognised_and_said(case):
    theirs = {
        n: v.T if v.ndim == 2 and n[-2:] in ('W1', 'W2', 'W3') else v
        for n, v in case.tensors.items()
    }
    comparison = compare.compare(theirs, case)
    assert comparison.same
    assert 'same (transposed)' in compare.report(comparison)


def test_other_inputs_than_the_exported_ones_are_said_first(case):
    theirs = dict(case.tensors, **{'step1/X': case.tensors['step1/X'] * 255})
    comparison = compare.compare(theirs, case)
    assert comparison.first.name == 'step1/X'
    assert 'divided by 255' in comparison.causes[0]


def test_a_wrong_shape_a_nan_and_a_float64_are_what_they_are(case):
    H1 = case.tensors['step1/H1']
    assert '(8, 3)' in compare.compare({'step1/H1': H1[:, :3]}, case).rows[0].note
    with_nan = H1.copy()
    with_nan[0, 0] = np.nan
    assert not compare.compare({'step1/H1': with_nan}, case).same
    assert compare.compare({'step1/H1': H1.astype('float64')}, case).same
    one_off = H1.copy()
    one_off[0, 0] += 1e-3 * H1.max()
    assert not compare.compare({'step1/H1': one_off}, case).same


def test_the_reference_that_agrees_better_is_taken(case):
    comparison = compare.compare({'step1/scores': case.tensors['step1/scores']})
    assert comparison.reference == f'tiny-{case.settings.model}'


def test_check_is_for_test_suites(case):
    compare.check(case.tensors, case)
    theirs = as_float32(replay(case.tensors, case.settings, 'swapped'))
    with pytest.raises(AssertionError, match='step1/H1_dropped'):
        compare.check(theirs, case)
    with pytest.raises(ValueError, match='none of the names'):
        compare.check({'H1': np.zeros(3)})


def test_export_writes_the_same_bytes_again(tmp_path, monkeypatch):
    monkeypatch.setenv('D2L_DATA', 'synthetic:2000')
    assert cli.main(['export', str(tmp_path / 'a')]) == 0
    assert cli.main(['export', str(tmp_path / 'b')]) == 0
    names = sorted(path.name for path in (tmp_path / 'a').iterdir())
    assert names == [
        f'{case}-{model}.{end}'
        for case in ('chapter', 'epochs', 'tiny')
        for model in ('gluon', 'scratch')
        for end in ('json', 'npz')
    ]
    for name in names:
        assert (tmp_path / 'a' / name).read_bytes() == (
            tmp_path / 'b' / name
        ).read_bytes()
    manifest = json.loads((tmp_path / 'a' / 'chapter-gluon.json').read_text())
    assert manifest['tensors']['init/W1']['shape'] == [256, 784]
    assert manifest['tensors']['init/W1']['layout'] == '(out, in)'
    assert manifest['about']['data'] == 'Fashion-MNIST synthetic'
    assert all(tensor['formula'] for tensor in manifest['tensors'].values())


def test_comparing_needs_neither_mxnet_nor_data(tmp_path):
    code = (
        'import sys\n'
        'for name in ("mxnet", "matplotlib", "scipy"): sys.modules[name] = None\n'
        'from d2l_dropout import cli\n'
        'assert cli.main(["export", "--tiny", sys.argv[1]]) == 0\n'
        'sys.exit(cli.main(["compare", sys.argv[1] + "/tiny-gluon.npz"]))\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    num = num_computed(files.load(files.SHIPPED / 'tiny-gluon.npz'))
    assert f'tiny-gluon: {num} of {num} computed tensors agree' in done.stdout


def test_files_that_are_no_tensors_are_refused(tmp_path, capsys):
    path = tmp_path / 'theirs.npz'
    path.write_bytes(b'not an archive')
    assert cli.main(['compare', str(path)]) == 3
    assert 'is not a .npz of arrays' in capsys.readouterr().err
    np.savez(str(path), **{'step1/H1': np.array([{'a': 1}], dtype=object)})
    assert cli.main(['compare', str(path)]) == 3
    assert "'step1/H1' is not an array of numbers" in capsys.readouterr().err
    assert cli.main(['compare', str(tmp_path / 'none.npz')]) == 3
    assert 'No such file' in capsys.readouterr().err


def test_the_command_says_the_first_difference_and_exits_with_1(tmp_path, capsys, case):
    path = tmp_path / 'theirs.npz'
    np.savez(str(path), **replay(case.tensors, case.settings, 'no-rescaling'))
    assert cli.main(['compare', str(path)]) == 1
    out = capsys.readouterr().out
    assert 'computation: step1/H1_dropped = mask1 H1 / (1 - drop_prob1)' in out
    assert 'Likely: ' + BUGS['no-rescaling'] in out


def test_export_says_what_it_needs(tmp_path, small_data, capsys):
    assert cli.main(['export', str(tmp_path / 'a')]) == 1
    assert 'need 1280 training examples; these data have 600' in capsys.readouterr().err


def test_what_agrees_speaks_against_a_bug(case):
    # An accuracy alone is not taken for a bug that would change the gradients too.
    theirs = dict(case.tensors, **{'step2/train_acc': np.float32(0.99)})
    (cause,) = compare.compare(theirs, case).causes
    assert 'after the update' in cause


@pytest.mark.parametrize(
    'name, cause',
    [
        ('step1/H1', 'activation'),
        ('step1/H2_dropped', 'dropout'),
        ('step1/grad/W2', 'the backward pass'),
        ('step1/W2', 'learning rate'),
        ('step3/loss', 'another mini-batch'),
        ('step3/W1', 'momentum'),
        ('init/W1', 'copy them'),
        ('step2/mask1', 'copy them'),
    ],
)
def test_the_suspicion_fits_where_the_first_difference_is(name, cause, case):
    rng = np.random.RandomState(7)
    changed = case.tensors[name] + rng.rand(*case.tensors[name].shape)
    causes = compare.compare(dict(case.tensors, **{name: changed}), case).causes
    assert len(causes) == 1 and cause in causes[0]


def test_float16_is_suspected_where_the_difference_is_small(case):
    theirs = {n: v.astype('float16') for n, v in case.tensors.items() if n in COMPUTED}
    assert 'float16' in compare.compare(theirs, case).causes[0]


def test_copied_tensors_alone_prove_nothing(tmp_path, case, capsys):
    path = tmp_path / 'theirs.npz'
    np.savez(str(path), **{'init/W1': case.tensors['init/W1']})
    assert cli.main(['compare', str(path)]) == 3
    assert 'no tensor that a port computes' in capsys.readouterr().err
    np.save(str(tmp_path / 'a.npy'), np.zeros(3))
    assert cli.main(['compare', str(tmp_path / 'a.npy')]) == 3
    assert 'is not a .npz of arrays' in capsys.readouterr().err
    assert cli.main(['compare', str(path), '--reference', 'nope']) == 3
    assert 'nope is not a reference: use one of' in capsys.readouterr().err


def test_another_learning_rate_and_weight_decay_are_measured(case):
    t = case.tensors
    for subtracted, cause in [
        (0.1 * t['step1/grad/W2'], 'a learning rate of 0.1 in place of 0.5'),
        (0.5 * (t['step1/grad/W2'] + 0.01 * t['init/W2']), 'weight decay: 0.01 times'),
    ]:
        theirs = dict(t, **{'step1/W2': t['init/W2'] - subtracted})
        assert cause in compare.compare(theirs, case).causes[0]

"""The case of two epochs holds what bugs of real ports need in order to show."""

import numpy as np
import pytest

from d2l_dropout.ports import compare, export, files
from d2l_dropout.ports.causes.replay import BUGS, replay
from d2l_dropout.ports.tensors import COMPUTED, NUM_EPOCHS, PARAMS, STEPS_PER_EPOCH

NUM_STEPS = NUM_EPOCHS * STEPS_PER_EPOCH


@pytest.fixture(params=export.MODELS)
def case(request):
    return files.load(files.SHIPPED / f'epochs-{request.param}.npz')


def laid_out(case, name):
    """A weight with shape (in, out)."""
    value = case.tensors[name]
    return value if case.settings.in_scratch_layout else value.T


def test_numpy_recomputes_what_ships(case):
    comparison = compare.compare(replay(case.tensors, case.settings), case)
    assert comparison.same and not comparison.missing


def test_mxnet_recomputes_what_ships(case):
    again = export.epochs(case.settings.model)
    assert again.settings == case.settings
    assert compare.compare(again.tensors, case).same
    assert set(again.tensors) == set(case.tensors)


def test_the_last_mini_batch_of_each_epoch_is_short(case):
    sizes = [len(case.tensors[f'step{k}/y']) for k in range(1, NUM_STEPS + 1)]
    assert sizes == [8, 8, 3, 8, 8, 3]
    assert (case.settings.batch_size, case.settings.steps_per_epoch) == (8, 3)


def test_a_unit_of_each_layer_is_exactly_0_before_relu(case):
    for Z, W in (('Z1', 'W1'), ('Z2', 'W2')):
        assert (case.tensors[f'step1/{Z}'][:, 0] == 0).all()
        # ReLU has the derivative 0 there: the unit stays where it is.
        assert (laid_out(case, f'step{NUM_STEPS}/{W}')[:, 0] == 0).all()


def test_relu6_and_clipped_gradients_would_show(case):
    assert case.tensors['step1/H1'].max() > 6.5 and case.tensors['step1/H2'].max() > 6.5
    grads = [case.tensors[f'step1/grad/{name}'] for name in PARAMS]
    assert np.sqrt(sum((grad**2).sum() for grad in grads)) > 6


def test_every_step_still_changes_every_weight(case):
    for k in range(1, NUM_STEPS + 1):
        before = f'step{k - 1}' if k > 1 else 'init'
        for name in ('W1', 'W2', 'W3'):
            after = case.tensors[f'step{k}/{name}']
            change = abs(after - case.tensors[f'{before}/{name}']).max()
            assert change > 100 * 5e-5 * abs(after).max()


def test_the_metrics_of_an_epoch_are_over_its_examples(case):
    t = case.tensors
    for epoch, steps in ((1, (1, 2, 3)), (2, (4, 5, 6))):
        losses = np.concatenate([t[f'step{k}/loss'] for k in steps])
        assert len(losses) == 19
        assert t[f'epoch{epoch}/loss'] == pytest.approx(losses.mean(), rel=1e-6)
        means = np.mean([t[f'step{k}/mean_loss'] for k in steps])
        assert means != pytest.approx(losses.mean(), rel=5e-4)  # ten tolerances
    assert t['epoch2/test_acc'] == t['predict/test_acc']
    accs = [t[f'epoch{k}/{name}'] for k in (1, 2) for name in ('train_acc', 'test_acc')]
    assert len({float(acc) for acc in accs}) == 4


def test_the_mean_loss_of_a_short_mini_batch_is_caught_and_named(case):
    theirs = replay(case.tensors, case.settings, 'mean-loss')
    comparison = compare.compare(theirs, case)
    assert comparison.first.name[:5] == 'step3'
    assert comparison.causes == [BUGS['mean-loss']]
    # Also of a framework whose training step gives the parameters and nothing else.
    only = {name: value for name, value in theirs.items() if name[-2:] in PARAMS}
    assert compare.compare(only, case).causes == [BUGS['mean-loss']]


# W2 is not square, and nothing of what is left tells where the train acc was computed.
@pytest.mark.parametrize(
    'bug', [b for b in BUGS if b != 'transposed-W2' and b[:4] != 'acc-']
)
def test_each_bug_is_caught_and_named(bug, case):
    theirs = replay(case.tensors, case.settings, bug)
    # Accuracies are no evidence for a cause, and those of epoch 1 would come first.
    theirs = {name: value for name, value in theirs.items() if name[-4:] != '_acc'}
    comparison = compare.compare(theirs, case)
    assert not comparison.same
    assert BUGS[bug] in comparison.causes, compare.report(comparison)


def test_of_a_wrong_metric_of_an_epoch_the_place_is_said(case):
    for name in [name for name in COMPUTED if name.startswith('epoch')]:
        theirs = dict(case.tensors, **{name: case.tensors[name] + 1})
        comparison = compare.compare(theirs, case)
        assert comparison.causes == []  # of one number that no mistake gives
        assert f'Of what {name} is computed from' in comparison.place

"""Likely causes of the first difference between a port and the reference.

Each bug of `replay.BUGS` is tried: does a computation with that bug give the port's
tensors? If none does, the cause is guessed from where the first difference is.
"""

from d2l_dropout.ports.differences import row_of
from d2l_dropout.ports.replay import BUGS, replay
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, PARAMS, WEIGHTS

#: The likely cause of a first difference that no bug of `BUGS` explains, by the name of
#: the tensor without the step.
_SUSPECTS = {
    'init': 'the initial parameters are not the exported ones: copy them',
    'X': 'these are not the exported images: copy them (flattened, divided by 255)',
    'y': 'these are not the exported labels: copy them',
    'mask1': 'these are not the exported masks: copy them (1 where a unit is kept)',
    'mask2': 'these are not the exported masks: copy them (1 where a unit is kept)',
    'Z1': 'the first product: a weight is used transposed, the bias is left out, or '
    'the images are not the exported ones',
    'H1': 'the first activation is not max(Z1, 0)',
    'H1_dropped': 'the first dropout: it uses another mask or another factor',
    'Z2': 'the second product: a weight is used transposed, or the bias is left out',
    'H2': 'the second activation is not max(Z2, 0)',
    'H2_dropped': 'the second dropout: it uses another mask or another factor',
    'scores': 'the last product: a weight is used transposed, or the bias is left out. '
    'If you gave no earlier layer, anything before it: give the earlier layers too',
    'loss': 'the loss: another function, or another base of the logarithm. If you did '
    'not give the scores, anything before it: give them too',
    'mean_loss': 'the mean: it is a sum, or is taken over other examples',
    'train_acc': 'the accuracy: it is in percent, in predict mode or after the update, '
    'or of several equal scores it does not take the first',
    'test_acc': 'the accuracy: it is in percent or of other examples, or of several '
    'equal scores it does not take the first',
    'grad': 'the backward pass, from this tensor on towards the first layer: the '
    'gradients are of something else, clipped, or not cleared before',
    'update': 'the update: another learning rate, weight decay, momentum, Adam, '
    'gradient clipping, or a parameter that is never updated',
    'later update': 'an optimiser with a state (momentum, Adam), gradients that are '
    'not cleared between updates, or a step that does not start from the parameters '
    'of the step before',
    'later loss': 'another mini-batch, other masks, or other parameters than those of '
    'the step before',
    'epoch loss': 'the loss of an epoch: it is the mean over its examples, not over '
    'its mini-batches, each as computed before the update',
    'epoch train_acc': 'the train acc of an epoch: it is over its examples, not over '
    'its mini-batches, each as computed in training mode before the update',
    'epoch test_acc': 'the test acc of an epoch: it is in predict mode, after the last '
    'update of the epoch, over the examples of predict/X',
    'images/X': 'how images become X: flattened row by row, neither transposed nor '
    'flipped, each byte divided by 255 and by nothing else',
    'images/bytes': 'these are not the exported images: copy them',
    'predict/scores': 'dropout is left on in predict mode, or the parameters are not '
    'those after the last update',
}
_PRECISION = (
    'arithmetic of lower precision, such as float16, bfloat16 or TF32, because the '
    'difference is small'
)


def causes_of(first, laid_out, case):
    """Return the likely causes of the first difference, the likeliest first.

    Parameters
    ----------
    first : Row
        The first tensor that differs.
    laid_out : dict of str to ndarray or None
        The port's tensors in the layout of `case`, in the order of computation; None
        for a tensor that has another shape or is not numeric.
    case : Case

    Returns
    -------
    list of str
    """
    if laid_out[first.name] is None:
        return ['the shape or the dtype is not what the formula gives']
    if first.note == 'not finite':
        return ['a number is not finite, such as log(0) or exp of a large number']
    if first.name in GIVEN:
        return [_suspect(first.name)]
    scores = {bug: _score(bug, first.name, laid_out, case) for bug in BUGS}
    best = max(scores.values())
    found = [BUGS[bug] for bug in BUGS if scores[bug] == best > 0]
    if found:
        return found
    suspects = [
        _what_was_subtracted(first.name, laid_out, case) or _suspect(first.name)
    ]
    earlier = [name for name in laid_out if name in COMPUTED][0] != first.name
    return suspects if earlier or first.max_rel > 0.01 else [_PRECISION, *suspects]


def _what_was_subtracted(name, laid_out, case):
    """Return the cause if a first update has another learning rate or weight decay.

    The update subtracts lr grad from the weight W. By least squares, two deviations are
    recognised: what was subtracted is another multiple of grad (learning rate), or
    exceeds lr grad by a multiple of W (weight decay).
    """
    if not (name.startswith('step1/') and name[-2:] in WEIGHTS and 'grad' not in name):
        return None
    before, grad = (
        case.tensors[name.replace('step1/', place)].astype('float64')
        for place in ('init/', 'step1/grad/')
    )
    subtracted, lr = before - laid_out[name], case.settings.lr
    times = (subtracted * grad).sum() / (grad**2).sum()
    if abs(times / lr - 1) > 0.02 and _close(subtracted, times * grad):
        return f'a learning rate of {times:.3g} in place of {lr:g}'
    decayed = subtracted - lr * grad
    wd = (decayed * before).sum() / (before**2).sum() / lr
    if _close(decayed, lr * wd * before):
        return f'weight decay: {wd:.3g} times the parameter is added to its gradient'
    return None


def _close(values, others):
    return abs(values - others).max() <= 0.01 * abs(others).max()


def _score(bug, first, laid_out, case):
    """Return how many of the port's tensors a bug explains.

    The score is 0 if the bug does not explain the first difference, or predicts a
    difference where there is none. Accuracies are no evidence: they are over few
    examples, so that many bugs leave them as they are or give the same wrong value.
    """
    with_bug = replay(case.tensors, case.settings, bug)
    score = 0
    for name in COMPUTED:
        if laid_out.get(name) is None:
            continue
        explained = row_of(name, laid_out[name], with_bug[name]).same
        agrees = row_of(name, laid_out[name], case.tensors[name]).same
        counts = agrees and not name.endswith('_acc')
        if not explained and (counts or name == first):
            return 0
        score += explained
    return 0 if first.endswith('_acc') else score


def _suspect(name):
    """Return the likely cause of a first difference in this tensor, from its name."""
    place, _, what = name.rpartition('/')
    if place.startswith('epoch'):
        return _SUSPECTS[f'epoch {what}']
    later = 'later ' if place[-1] in '23456' else ''
    if name in _SUSPECTS:
        return _SUSPECTS[name]
    if place in ('init', 'step1/grad'):
        return _SUSPECTS[place.replace('step1/', '')]
    if what in PARAMS:
        return _SUSPECTS[later + 'update']
    return _SUSPECTS.get(later + what, _SUSPECTS.get(what))

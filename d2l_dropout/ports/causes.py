"""What may be behind a difference: a bug that explains it, or what to look at."""

from d2l_dropout.ports.replay import BUGS, replay
from d2l_dropout.ports.rows import row_of
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, PARAMS, WEIGHTS

#: What may be behind a first difference in a tensor, where no bug of `BUGS` explains
#: it: by its name, without the step.
_SUSPECTS = {
    'init': 'the initial parameters are not the exported ones: copy them',
    'X': 'these are not the exported images: copy them (flattened, divided by 255)',
    'y': 'these are not the exported labels: copy them',
    'mask1': 'these are not the exported masks: copy them (1 where a unit is kept)',
    'mask2': 'these are not the exported masks: copy them (1 where a unit is kept)',
    'Z1': 'the first product: a weight used transposed, the bias left out, or images '
    'that are not those exported',
    'H1': 'the first activation is not max(Z1, 0)',
    'H1_dropped': 'the first dropout: another mask or another factor',
    'Z2': 'the second product: a weight used transposed, or the bias left out',
    'H2': 'the second activation is not max(Z2, 0)',
    'H2_dropped': 'the second dropout: another mask or another factor',
    'scores': 'the last product: a weight used transposed, or the bias left out; if no '
    'earlier layer is given, anything before it: give them',
    'loss': 'the loss: another function, or another base of the logarithm; if the '
    'scores are not given, anything before it: give them',
    'mean_loss': 'a mean over something else, such as a sum or all of the batches',
    'train_acc': 'accuracy in percent, in predict mode or after the update; or ties',
    'test_acc': 'accuracy in percent, or of other examples; or ties',
    'grad': 'the backward pass, from here on towards the first layer: gradients of '
    'something else, clipped, or not cleared before',
    'update': 'the update: another learning rate, weight decay, momentum, Adam, '
    'clipping, or a parameter that is never updated',
    'later update': 'an optimiser with a state (momentum, Adam), gradients that are '
    'not cleared between updates, or other parameters than those of the step before',
    'later loss': 'another mini-batch, other masks, or other parameters than those of '
    'the step before',
    'predict/scores': 'dropout is left on in predict mode, or the parameters are not '
    'those after the last update',
}
_PRECISION = (
    'arithmetic of lower precision, such as float16, bfloat16 or TF32: the difference '
    'is small'
)


def causes_of(first, laid_out, case):
    """Return what may be behind the first difference, the likeliest first.

    Parameters
    ----------
    first : Row
        The first that differs.
    laid_out : dict of str to ndarray or None
        Their tensors in our layout, in the order of computation.
    case : Case

    Returns
    -------
    list of str
    """
    if laid_out[first.name] is None:
        return ['another shape or kind of number than the formula gives']
    if first.note == 'not finite':
        return ['a number that is not finite, such as log(0) or exp of a large one']
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
    """Tell another learning rate and weight decay from the first update of a weight."""
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
    """Return how many of their tensors a bug explains.

    0 if it does not explain the first that differs, or says that one would differ that
    agrees; an accuracy alone, of few examples, is explained by too much.
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
    place, _, what = name.rpartition('/')
    later = 'later ' if place[-1] in '2345' else ''
    if name in _SUSPECTS:
        return _SUSPECTS[name]
    if place in ('init', 'step1/grad'):
        return _SUSPECTS[place.replace('step1/', '')]
    if what in PARAMS:
        return _SUSPECTS[later + 'update']
    return _SUSPECTS.get(later + what, _SUSPECTS.get(what))

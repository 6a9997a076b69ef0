"""What may be wrong with a port, by the pattern of metrics outside their limits.

Each hint is a question: learning curves say that something is wrong, seldom what. The
patterns are those of ports with one mistake, whose runs ship (`curve_power`).
"""

from typing import Dict, List

import numpy as np

from d2l_dropout.ports.curves.curve_limits import AVERAGES, late_epochs

_LAST_MINI_BATCH = (
    'Only the test acc lies outside, and it scatters from epoch to epoch: is the last '
    'mini-batch, of 96 examples, divided by its own size in place of 256?'
)
_TEST_TIME = (
    'Only the test acc lies outside, and it is too low: is dropout left on when '
    'testing, or are the test images prepared otherwise than the training images?'
)
_OTHER_SPLIT = (
    'The test acc is too high: was the port trained on another split than that of the '
    'revision 2017-08-31? Then use --fresh-splits.'
)
_OFFICIAL_SPLIT = (
    'Was the port trained on the split of the revision 2017-08-31? Then leave out '
    '--fresh-splits.'
)
_UNSCALED = (
    'The test acc falls behind what training reaches: is what dropout keeps divided by '
    '1 - drop_prob, in training mode and only there?'
)
DIVERGED = (
    'Is the sum over a mini-batch divided by 256 before it is multiplied by the lr, '
    '0.5, and are the initial weights of standard deviation 0.01?'
)
_LOSS = (
    'Only the loss lies outside: is it the mean of -log softmax, by the natural '
    'logarithm, over the 60,000 training examples?'
)
_SLOW = (
    'Training is slow from the first epoch on: is the learning rate 0.5, or are the '
    'gradients divided by the mini-batch size twice?'
)
_START = (
    'The first epoch lies outside in a way that later ones do not: are the initial '
    'weights drawn from N(0, 0.01^2), where 0.01 is the standard deviation, and the '
    'biases 0?'
)
_TOO_EASY = (
    'Training is too easy: is there dropout after both hidden layers, with 0.2 and '
    'then 0.5, and are loss and train acc those of training mode, before each update?'
)
_TOO_HARD = (
    'Training is too hard: are the probabilities of being dropped (not kept) 0.2 after '
    'the first hidden layer and 0.5 after the second, or are they swapped?'
)
_TOGETHER = (
    'Loss and train acc do not belong together: are the drop probabilities 0.2 and '
    'then 0.5, are the masks drawn anew for each mini-batch, and are both metrics of '
    'the same examples?'
)


def hints_of(points, theirs, ours, on_fresh_splits) -> List[str]:
    """Return questions about what may be wrong.

    Parameters
    ----------
    points : list of curve.Point
    theirs, ours : ndarray, shapes (runs, epochs, 3)
    on_fresh_splits : bool
        Whether ours are on fresh splits.

    Returns
    -------
    list of str
        Empty if all points lie inside, or no pattern fits.
    """
    if all(point.inside for point in points):
        return []
    average, single = _sides(points, True), _sides(points, False)
    side = {name: average[name] or single.get(name, 0) for name in AVERAGES}
    first = {p.metric: _side(p) for p in points if p.epoch == 1}
    if not any(average.values()) and any(first.values()):
        return [_START]
    is_higher = average['test_acc'] > 0 and average['test_acc - train_acc'] > 0
    if is_higher and not on_fresh_splits:
        return [_OTHER_SPLIT]
    if not (side['loss'] or side['train_acc'] or side['train_acc + loss / 3']):
        return _of_test_acc_alone(side, theirs, ours, on_fresh_splits)
    return _of_training(side, first, points)


def _side(point) -> int:
    """Return -1 if theirs lies below the limits, 1 if above, 0 if inside."""
    return 0 if point.inside else 1 if point.theirs > point.high else -1


def _sides(points, of_averages) -> Dict[str, int]:
    """Return on which side each metric lies outside in most of its rows, or 0."""
    sums: Dict[str, int] = {}
    for point in points:
        if point.is_average == of_averages:
            sums[point.metric] = sums.get(point.metric, 0) + _side(point)
    return {name: int(np.sign(total)) for name, total in sums.items()}


def _of_test_acc_alone(side, theirs, ours, on_fresh_splits):
    if (side['test_acc'] or side['test_acc - train_acc']) > 0:
        return [] if on_fresh_splits else [_OTHER_SPLIT]
    first, _ = late_epochs(theirs.shape[1])
    scatter = [runs[:, first - 1 :, 2].std(axis=1, ddof=1) for runs in (theirs, ours)]
    if np.median(scatter[0]) > scatter[1].max():
        return [_LAST_MINI_BATCH]
    return [_OFFICIAL_SPLIT, _TEST_TIME] if on_fresh_splits else [_TEST_TIME]


def _of_training(side, first, points):
    loss, train_acc, test_acc = side['loss'], side['train_acc'], side['test_acc']
    if first['loss'] < 0 or first['train_acc'] > 0:
        return [_START]
    if loss and not (train_acc or test_acc) and _is_far(points, 'loss'):
        return [_LOSS]
    if loss < 0 or train_acc > 0:
        return [_TOO_EASY]
    if test_acc < 0 and side['test_acc - train_acc'] < 0:
        return [_UNSCALED]
    if loss > 0 and train_acc < 0 and test_acc < 0 and first['loss'] > 0:
        return [_SLOW]
    if loss > 0 or train_acc < 0:
        return [_TOO_HARD]
    return [_TOGETHER]


def _is_far(points, metric):
    """Return whether an average lies more than twice as far as its limits allow."""
    point = next(p for p in points if p.is_average and p.metric == metric)
    return abs(point.theirs - point.ours) > point.high - point.low

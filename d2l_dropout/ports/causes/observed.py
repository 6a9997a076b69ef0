"""Mistakes that hold something arbitrary, which is read off the port's tensors.

The labels that a port used can be read off its losses, masks of its own off the layers
that were dropped, and initial values off the first update. Whether they give all other
tensors too is for `causes` to see.
"""

import itertools

import numpy as np

from d2l_dropout.ports.causes.explain import simulated
from d2l_dropout.ports.causes.layers import log_softmax
from d2l_dropout.ports.causes.measure import measured
from d2l_dropout.ports.causes.recipe import RIGHT, Bug, Optimizer
from d2l_dropout.ports.causes.replay import laid_out
from d2l_dropout.ports.causes.tuned_bugs import Family
from d2l_dropout.ports.tensors import PARAMS, num_steps

#: How much what is read off may differ from one of the few values that it can have.
_TOLERANCE = 1e-3
#: Masks are tried one by one if no more units than these can be dropped.
_MOST_UNITS = 16
#: With fewer units above 0 in predict mode, some mask fits whatever else is wrong.
_LEAST_LIVE = 10


def observed(port):
    """Yield the mistakes that can be read off a port's tensors.

    Parameters
    ----------
    port : explain.Port

    Yields
    ------
    Bug
    """
    for read in _READERS:
        yield from read(port)


def _float64(port, name):
    value = port.tensors.get(name)
    return None if value is None else value.astype('float64')


def _labels(port):
    """Labels for which the right scores have the port's losses."""
    inputs, k = {}, 1
    while f'step{k}/y' in port.given:
        losses = _float64(port, f'step{k}/loss')
        if losses is None:
            return
        recipe = RIGHT._replace(inputs=inputs)
        logs = log_softmax(simulated(port, f'step{k}/scores', recipe))
        distances = abs(losses[:, None] + logs)
        if (distances.min(axis=1) > _TOLERANCE).any():
            return
        inputs = {**inputs, f'step{k}/y': distances.argmin(axis=1)}
        k += 1
    yield Bug(
        _what_labels(port, inputs),
        RIGHT._replace(inputs=inputs),
        untested=('predict/test_acc',),  # the labels of the test examples are not known
    )


def _what_labels(port, inputs):
    pairs = [(port.given[name].astype(int), y) for name, y in inputs.items()]
    if all((np.sort(y) == np.sort(own)).all() for y, own in pairs):
        return 'the labels are permuted: they are those of other examples in each batch'
    numbers = _numbering(pairs)
    if numbers:
        return 'the classes are numbered in another way: ' + ', '.join(
            f'{y} is {own}' for y, own in sorted(numbers.items()) if y != own
        )
    return 'the labels are not the exported ones: copy them'


def _numbering(pairs):
    """Return the new number of each class, or None if it is not always the same."""
    numbers = {}
    for y, own in pairs:
        for before, after in zip(y.tolist(), own.tolist()):
            if numbers.setdefault(before, after) != after:
                return None
    return numbers


def _masks(port):
    """Masks that the first update drew in place of the given ones."""
    probs = port.settings.drop_prob1, port.settings.drop_prob2
    inputs = {}
    for layer, p in enumerate(probs, 1):
        H, dropped = (_float64(port, f'step1/H{layer}{at}') for at in ('', '_dropped'))
        if H is None or dropped is None:
            return
        mask = port.given[f'step1/mask{layer}'].astype('float64')
        active = H > 0
        factor = dropped[active] / H[active] * (1 - p)
        if (abs(factor - np.round(factor)) > _TOLERANCE).any() or factor.max() > 1.5:
            return
        inputs[f'step1/mask{layer}'] = mask.copy()
        inputs[f'step1/mask{layer}'][active] = np.round(factor)
    if all((inputs[n] == port.given[n]).all() for n in inputs):
        return
    yield Bug(
        'dropout does not use the exported masks but others, perhaps masks of its own. '
        'All tensors of the first update confirm it; the later ones cannot be tested '
        'until it uses them',
        RIGHT._replace(inputs=inputs),
        up_to=1,
    )


def _input_dropout(port):
    """Elements of X that are 0 or too large by one factor, by the first product."""
    Z = _float64(port, 'step1/Z1')
    transpose = not port.settings.in_scratch_layout
    W = laid_out('W1', port.given['init/W1'], transpose)
    if Z is None or W.shape[0] > W.shape[1]:
        return
    X = port.given['step1/X'].astype('float64')
    own = (Z - port.given['init/b1']) @ np.linalg.pinv(W)
    seen = X > _TOLERANCE
    factor = own[seen] / X[seen]
    kept = factor[abs(factor) > 0.5]
    if not 0 < len(kept) < len(factor) or np.ptp(kept) > 0.05 * kept.mean():
        return
    scale = float(np.median(kept))
    inputs = np.where(seen, X, 0)
    inputs[seen] *= np.where(abs(factor) > 0.5, scale, 0)
    rescaled = f'drop_prob {1 - 1 / scale:.2g}' if scale > 1.01 else 'no rescaling'
    yield Bug(
        f'elements of the input are set to 0 ({rescaled}): the input is dropped as '
        'well, or cropped, or cut off where it is small. All tensors of the first '
        'update confirm it; the later ones cannot be tested while it is',
        RIGHT._replace(inputs={'step1/X': inputs}),
        up_to=1,
    )


def _initial_values(port):
    """Initial values from which the first update leads where it does."""
    inputs = {}
    for name in PARAMS:
        after, grad = (_float64(port, f'step1/{at}{name}') for at in ('', 'grad/'))
        if after is None or grad is None:
            return
        inputs[f'init/{name}'] = after + port.settings.lr * grad
    yield Bug(
        'the initial parameters are not the exported ones: copy them',
        RIGHT._replace(inputs=inputs),
    )


def _schedule(port):
    """Learning rates that change from update to update, by no rule that is known."""
    factors, k = [], 1
    while f'step{k}/X' in port.given:
        target = _float64(port, f'step{k}/W3')
        if target is None:
            return
        family = Family('', _rates(factors), (1.0,))
        found = measured(
            family, lambda r, k=k: simulated(port, f'step{k}/W3', r), target
        )
        if not found:
            return
        factors += found
        k += 1
    rates = ', '.join(f'{port.settings.lr * factor:.3g}' for factor in factors)
    yield Bug(
        f'the learning rate changes from update to update: it is {rates} '
        '(a schedule, or updates that are skipped or made twice)',
        _rates(factors[:-1])(factors[-1]),
    )


def _rates(factors):
    """Return the function from one factor more of the learning rate to the recipe."""

    def recipe(value):
        all_of = (*factors, value)
        return RIGHT._replace(
            optimizer=Optimizer(schedule=lambda k: all_of[min(k, len(all_of)) - 1])
        )

    return recipe


def _masks_in_predict(port):
    """Masks with which the right parameters give the port's predictions."""
    scores = _float64(port, 'predict/scores')
    if scores is None or not port.first.startswith('predict/'):
        return
    transpose = not port.settings.in_scratch_layout
    last = num_steps(port.given)
    params = [
        laid_out(n, port.right[f'step{last}/{n}'], transpose).astype('float64')
        for n in PARAMS
    ]
    found = [
        _masks_of(x, theirs, params, port.settings)
        for x, theirs in zip(port.given['predict/X'].astype('float64'), scores)
    ]
    if any(masks is None for masks in found):
        return
    masks = [np.array(of_layer) for of_layer in zip(*found)]
    if masks[1].sum() < _LEAST_LIVE:
        return
    inputs = {f'predict/mask{n}': mask for n, mask in enumerate(masks, 1)}
    factor = RIGHT.factor
    yield Bug(
        'dropout is left on in predict mode',
        RIGHT._replace(inputs=inputs, predict_factor=factor),
    )


def _masks_of(x, scores, params, settings):
    """Return the two masks with which an example has these scores, or None."""
    W1, b1, W2, b2, W3, b3 = params
    if len(b2) > len(b3):
        return None
    H1 = np.maximum(x @ W1 + b1, 0) / (1 - settings.drop_prob1)
    active = np.flatnonzero(H1)
    if len(active) > _MOST_UNITS:
        return None
    dropped2, *_ = np.linalg.lstsq(W3.T, scores - b3, rcond=None)
    kept2 = abs(dropped2) > _TOLERANCE * max(1, abs(dropped2).max())
    masks = np.array(list(itertools.product((0, 1), repeat=len(active))), dtype=float)
    H2 = np.maximum((masks * H1[active]) @ W2[active] + b2, 0)
    H2 = H2 / (1 - settings.drop_prob2)
    distance = abs(np.where(kept2, H2 - dropped2, 0)).max(axis=1)
    best = int(distance.argmin())
    if distance[best] > _TOLERANCE * max(1, abs(dropped2).max()):
        return None
    mask1 = np.ones(len(H1))
    mask1[active] = masks[best]
    return mask1, kept2.astype(float)


_READERS = (
    _labels,
    _masks,
    _input_dropout,
    _initial_values,
    _schedule,
    _masks_in_predict,
)

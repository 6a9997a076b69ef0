"""Tests whether a layer is dropout, by what it does to arrays: `check_dropout`."""

import numpy as np

from d2l_dropout.ports.checks import bounds

_NUM_CALLS = 3
# Low precision included: bfloat16 rounds to 0.4 %.
_TOLERANCE = 5e-3


def check_dropout(layer, drop_prob, predict=None, gradient=None, shape=(512, 512)):
    """Raise unless a layer is dropout with the probability `drop_prob`.

    Tested are the factor of what is kept, the share of units that is kept, and whether
    masks are independent over units, examples and calls; predict mode and the gradient
    only if they are given.

    Parameters
    ----------
    layer : callable
        The port's own layer in training mode. It takes a float32 ndarray of shape
        (examples, units) and returns an array: an ndarray or anything with `__array__`.
    drop_prob : float in [0, 1)
        Probability of being zeroed (not of being kept) that it should have.
    predict : callable, optional
        The layer in predict mode, where it must be the identity.
    gradient : callable, optional
        Takes H like `layer`, and returns layer(H) and the gradient of its sum with
        respect to H, of one and the same call.
    shape : (int, int)
        Numbers of examples and units to test with, each at least 64. With the default,
        masks that are shared are noticed for any drop_prob from 0.05 to 0.95.

    Raises
    ------
    AssertionError
        With a sentence for each test that failed.
    ValueError
        If `drop_prob` or `shape` is outside its range.

    Notes
    -----
    A correct layer fails in less than one of a million calls. A share of 0.005 more or
    less than 1 - drop_prob is always noticed with the default shape.
    """
    if not 0 <= drop_prob < 1:
        raise ValueError(f'drop_prob is {drop_prob}; it must be in [0, 1).')
    if min(shape) < 64:
        raise ValueError(f'shape is {shape}; use at least 64 examples and 64 units.')
    # Positive, so that a 0 in the output is a unit that was dropped.
    H = np.random.RandomState(0).uniform(1, 2, shape).astype('float32')
    outputs = [_array(layer(H.copy())) for _ in range(_NUM_CALLS)]
    faults = _faults_of_outputs(H, outputs, drop_prob)
    if predict is not None:
        faults += _faults_of_predict(H, _array(predict(H.copy())), drop_prob)
    if gradient is not None:
        output, grad = gradient(H.copy())
        faults += _faults_of_gradient(_array(output), _array(grad), drop_prob)
    if faults:
        raise AssertionError(
            f'This is not dropout with drop_prob = {drop_prob:g}:\n'
            + '\n'.join(f'- {fault}' for fault in faults)
        )


def _array(value):
    # A copy: a port may hand out the same memory at each call.
    return np.array(value, dtype='float64')


def _faults_of_outputs(H, outputs, drop_prob):
    for output in outputs:
        if output.shape != H.shape:
            return [f'given the shape {H.shape}, it returns {output.shape}.']
        if not np.isfinite(output).all():
            return ['some of the numbers that it returns are not finite.']
    outputs = np.stack(outputs)
    masks = outputs != 0
    faults = []
    factors = (outputs / H)[masks]
    if factors.size and abs(factors * (1 - drop_prob) - 1).max() > _TOLERANCE:
        faults.append(_about_factor(float(np.median(factors)), drop_prob))
    return faults + _faults_of_masks(masks, drop_prob)


def _about_factor(factor, drop_prob):
    known = [
        (1, 'it is not rescaled'),
        (1 - drop_prob, 'it is multiplied by 1 - drop_prob in place of divided'),
        (drop_prob and 1 / drop_prob, 'it is divided by drop_prob'),
    ]
    why = [text for value, text in known if abs(factor - value) < _TOLERANCE * value]
    return (
        f'what is kept is multiplied by {factor:.4g}, not by 1 / (1 - drop_prob) = '
        f'{1 / (1 - drop_prob):.4g}' + (f': {why[0]}.' if why else '.')
    )


def _faults_of_masks(masks, drop_prob):
    """Check the masks of all calls, of shape (calls, examples, units)."""
    examples = masks.reshape(-1, masks.shape[2])
    if not masks.all():
        for shared, sentence in (
            (masks[:1], 'every call has the same mask: draw one for each mini-batch.'),
            (masks[:, :1], 'all examples of a mini-batch have the same mask.'),
            (masks[:, :, :1], 'an example keeps all of its units or none.'),
        ):
            if (masks == shared).all():
                return [sentence]
    num, keep = masks.size, 1 - drop_prob
    if abs(masks.sum() - num * keep) > bounds.of_binomial(num, keep):
        return [_about_share(masks.mean(), drop_prob)]
    if drop_prob == 0:
        return []
    for test in (_fault_of_shares, _fault_of_pairs, _fault_of_dispersion):
        for what, lines in (('example', examples), ('unit', examples.T)):
            fault = test(what, lines, drop_prob)
            if fault:
                return [fault]
    return []


def _about_share(share, drop_prob):
    why = '.'
    if share == 1:
        why = ': is the layer in training mode, and is it there?'
    elif abs(share - drop_prob) < 0.01 < abs(1 - 2 * drop_prob):
        why = ': drop_prob is the probability of being zeroed, not of being kept.'
    return (
        f'the share of units that is kept is {share:.4f}, not 1 - drop_prob = '
        f'{1 - drop_prob:g}{why}'
    )


def _fault_of_shares(what, lines, drop_prob):
    num, length = lines.shape
    shares = lines.mean(axis=1)
    bound = bounds.of_binomial(length, 1 - drop_prob, num) / length
    worst = shares[abs(shares - (1 - drop_prob)).argmax()]
    if abs(worst - (1 - drop_prob)) <= bound:
        return None
    return (
        f'not every {what} has the same probability: of one, the share that is kept is '
        f'{worst:.4f}.'
    )


def _fault_of_pairs(what, lines, drop_prob):
    """Check each pair of examples, or of units, by the covariance of their masks."""
    num, length = lines.shape
    centred = lines.astype('float32') - np.float32(1 - drop_prob)
    products = abs(centred @ centred.T)
    np.fill_diagonal(products, 0)
    variance = drop_prob * (1 - drop_prob)
    largest = max(drop_prob, 1 - drop_prob) ** 2
    pairs = num * (num - 1) // 2
    if products.max() <= bounds.of_sum(length, variance**2, largest, pairs):
        return None
    first, second = np.unravel_index(products.argmax(), products.shape)
    if what == 'example':  # numbered through all calls
        per_call = num // _NUM_CALLS
        places = [
            f'{k % per_call} of call {k // per_call + 1}' for k in (first, second)
        ]
    else:
        places = [str(first), str(second)]
    return f'the masks of two {what}s are not independent: of {" and ".join(places)}.'


def _fault_of_dispersion(what, lines, drop_prob):
    num, length = lines.shape
    deviations = lines.sum(axis=1) - length * (1 - drop_prob)
    # The mean square of standardised sums: 1, with a variance of about 2 / num.
    dispersion = (deviations**2).mean() / (length * drop_prob * (1 - drop_prob))
    if abs(dispersion - 1) <= 6 * np.sqrt(2 / num):
        return None
    how = 'little: is a fixed number dropped?' if dispersion < 1 else 'much.'
    of_what = {'example': 'units kept in an example', 'unit': 'examples keeping a unit'}
    return f'the number of {of_what[what]} varies too {how}'


def _faults_of_predict(H, output, drop_prob):
    why = 'it is something else.'
    if output.shape == H.shape:
        if np.allclose(output, H, rtol=_TOLERANCE):
            return []
        if (output == 0).any():
            why = 'units are dropped.'
        elif np.allclose(output, H * (1 - drop_prob), rtol=_TOLERANCE):
            why = 'all is multiplied by 1 - drop_prob, by which training mode divides.'
    return [f'in predict mode it must be the identity: {why}']


def _faults_of_gradient(output, grad, drop_prob):
    if output.shape != grad.shape:
        return [f'the gradient has the shape {grad.shape}, not {output.shape}.']
    mask = output != 0
    expected = mask / (1 - drop_prob)
    if np.allclose(grad, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        return []
    why = 'it is something else.'
    if np.allclose(grad, 1, rtol=_TOLERANCE):
        why = 'it does not go through the mask.'
    elif np.allclose(grad, mask, rtol=_TOLERANCE):
        why = 'it lacks the factor.'
    elif ((grad != 0) != mask).any():
        why = 'it goes through another mask than the output.'
    return [f'the gradient is not mask / (1 - drop_prob): {why}']

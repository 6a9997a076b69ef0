"""The chapter's net and its updates in NumPy, float64, from given masks.

An independent computation of everything that is exported; and, with one of `BUGS`
switched on, of what a port with that bug would compute.
"""

import numpy as np

from d2l_dropout.reference.tensors import NUM_STEPS, PARAMS, is_weight

#: What ports get wrong, by name.
BUGS = {
    'kept-mask': 'the mask is taken for the units to be dropped, not for those kept',
    'no-rescaling': 'what is kept is not divided by 1 - drop_prob',
    'divided-by-p': 'what is kept is divided by drop_prob in place of 1 - drop_prob',
    'swapped': 'drop_prob1 and drop_prob2 are swapped',
    'no-dropout': 'no dropout in training mode (the masks are not applied)',
    'no-relu': 'the second hidden layer has no ReLU',
    'softmax-twice': 'softmax before a loss that has a softmax of its own',
    'mask-not-in-backward': 'the gradient does not go through the masks, or not by '
    'the same factors',
    'summed-loss': 'the gradient is that of the sum of the losses, not of their mean',
    'divided-twice': 'the gradient of the mean is divided by the batch size once more',
    'ascent': 'the gradient is added in place of subtracted',
    'old-parameters': 'the second update starts from the initial parameters',
    'predict-rescaled': 'activations are multiplied by 1 - drop_prob in predict mode, '
    'on top of the division in training mode',
    'predict-dropout': 'dropout is left on in predict mode (here with the masks of '
    'the last update)',
}


def replay(given, settings, bug=None):
    """Compute all that is exported from what is given.

    Parameters
    ----------
    given : dict of str to ndarray
        The tensors of `tensors.GIVEN`, weights laid out as `settings.model` has them.
    settings : Settings
    bug : str, optional
        A key of `BUGS`.

    Returns
    -------
    dict of str to ndarray of float64
        The tensors of `tensors.COMPUTED`, weights laid out likewise.
    """
    transpose = settings.model == 'gluon'
    params = {n: _laid_out(n, given[f'init/{n}'], transpose) for n in PARAMS}
    initial, computed = params, {}
    for k in range(1, NUM_STEPS + 1):
        if bug == 'old-parameters' and k == 2:
            params = initial
        X, y, *masks = (given[f'step{k}/{n}'] for n in ('X', 'y', 'mask1', 'mask2'))
        factors = _factors(masks, settings, bug)
        layers = _forward(params, X, factors, bug)
        loss, grad_scores = _loss(layers['scores'], y, bug)
        grads = _backward(params, X, layers, factors, grad_scores, bug)
        params = {
            n: params[n] - _step_size(settings, y, bug) * grads[n] for n in PARAMS
        }
        results = {**params, 'loss': loss, **_metrics(loss, layers['scores'], y)}
        if k == 1:
            results.update(layers)
            results.update({f'grad/{n}': grads[n] for n in PARAMS})
        computed.update({f'step{k}/{n}': value for n, value in results.items()})
    computed.update(_predict(given, params, settings, factors, bug))
    return {n: _laid_out(n, value, transpose) for n, value in computed.items()}


def _laid_out(name, value, transpose):
    value = np.asarray(value, dtype='float64')
    return value.T if transpose and is_weight(name) else value


def _factors(masks, settings, bug):
    """Return what H1 and H2 are multiplied by."""
    probs = [settings.drop_prob1, settings.drop_prob2]
    if bug == 'swapped':
        probs.reverse()
    factors = []
    for mask, p in zip(masks, probs):
        mask = mask.astype('float64')
        if bug == 'kept-mask':
            mask = 1 - mask
        if bug == 'no-dropout':
            mask, p = np.ones_like(mask), 0.0
        if bug == 'no-rescaling':
            p = 0.0
        factors.append(mask / (p if bug == 'divided-by-p' else 1 - p))
    return factors


def _forward(params, X, factors, bug=None):
    Z1 = X.astype('float64') @ params['W1'] + params['b1']
    H1 = np.maximum(Z1, 0)
    H1_dropped = H1 * factors[0]
    Z2 = H1_dropped @ params['W2'] + params['b2']
    H2 = Z2 if bug == 'no-relu' else np.maximum(Z2, 0)
    H2_dropped = H2 * factors[1]
    return {
        'Z1': Z1,
        'H1': H1,
        'H1_dropped': H1_dropped,
        'Z2': Z2,
        'H2': H2,
        'H2_dropped': H2_dropped,
        'scores': H2_dropped @ params['W3'] + params['b3'],
    }


def _log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _loss(scores, y, bug):
    """Return the loss of each example, and the gradient of its sum by the scores."""
    rows, labels = np.arange(len(y)), y.astype(int)
    one_hot = np.zeros_like(scores)
    one_hot[rows, labels] = 1
    logs = _log_softmax(scores)
    probabilities = np.exp(logs)
    if bug != 'softmax-twice':
        return -logs[rows, labels], probabilities - one_hot
    logs = _log_softmax(probabilities)
    grad = np.exp(logs) - one_hot
    inner = (grad * probabilities).sum(axis=1, keepdims=True)
    return -logs[rows, labels], probabilities * (grad - inner)


def _backward(params, X, layers, factors, grad_scores, bug):
    """Return the gradient of the mean loss by each parameter."""
    if bug != 'summed-loss':
        grad_scores = grad_scores / len(X)
    if bug == 'mask-not-in-backward':
        factors = [np.ones_like(factor) for factor in factors]
    slope2 = 1 if bug == 'no-relu' else layers['Z2'] > 0
    grad_Z2 = grad_scores @ params['W3'].T * factors[1] * slope2
    grad_Z1 = grad_Z2 @ params['W2'].T * factors[0] * (layers['Z1'] > 0)
    return {
        'W1': X.astype('float64').T @ grad_Z1,
        'b1': grad_Z1.sum(axis=0),
        'W2': layers['H1_dropped'].T @ grad_Z2,
        'b2': grad_Z2.sum(axis=0),
        'W3': layers['H2_dropped'].T @ grad_scores,
        'b3': grad_scores.sum(axis=0),
    }


def _step_size(settings, y, bug):
    if bug == 'divided-twice':
        return settings.lr / len(y)
    return -settings.lr if bug == 'ascent' else settings.lr


def _metrics(loss, scores, y):
    right = scores.argmax(axis=1) == y
    return {'mean_loss': loss.mean(), 'train_acc': right.mean()}


def _predict(given, params, settings, last_factors, bug):
    X, y = given['predict/X'], given['predict/y']
    factors = [1.0, 1.0]
    if bug == 'predict-rescaled':
        factors = [1 - settings.drop_prob1, 1 - settings.drop_prob2]
    if bug == 'predict-dropout':
        factors = [np.resize(f, (len(X), f.shape[1])) for f in last_factors]
    scores = _forward(params, X, factors, 'no-relu' if bug == 'no-relu' else None)
    scores = scores['scores']
    return {
        'predict/scores': scores,
        'predict/test_acc': (scores.argmax(axis=1) == y).mean(),
    }

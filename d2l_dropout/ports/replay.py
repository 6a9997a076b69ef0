"""The exported updates recomputed in NumPy with float64, from the given masks.

This is an independent check of the exported tensors. With one of `BUGS` it computes
what a port with that bug would compute, which is how `causes` recognises bugs.
"""

import numpy as np

from d2l_dropout.ports.tensors import PARAMS, is_weight, num_steps

#: Mistakes that ports make, by name, each with the sentence that `compare` reports.
BUGS = {
    'no-bias': 'the biases are left out of the forward pass',
    'no-relu-1': 'the first hidden layer has no ReLU',
    'no-relu-2': 'the second hidden layer has no ReLU',
    'no-relus': 'neither hidden layer has a ReLU',
    'kept-mask': 'the mask is taken for the units to be dropped, not for those kept',
    'one-mask': 'all examples have the mask of the first one',
    'no-rescaling': 'what is kept is not divided by 1 - drop_prob',
    'multiplied': 'what is kept is multiplied by 1 - drop_prob in place of divided',
    'divided-by-p': 'what is kept is divided by drop_prob in place of 1 - drop_prob',
    'swapped': 'drop_prob1 and drop_prob2 are swapped',
    'no-dropout': 'no dropout in training mode (the masks are not applied)',
    'no-dropout-1': 'no dropout after the first hidden layer',
    'no-dropout-2': 'no dropout after the second hidden layer',
    'softmax-twice': 'softmax before a loss that has a softmax of its own',
    'mask-not-in-backward': 'the gradient does not go through the masks, or not by '
    'the same factors',
    'summed-loss': 'the gradient is that of the sum of the losses, not of their mean',
    'mean-loss': 'the gradients of a short last mini-batch are divided by its own size '
    '(the mean loss of most frameworks), not by batch_size',
    'divided-twice': 'the gradient of the mean is divided by the batch size once more '
    'in the update',
    'gradient-divided-twice': 'the gradient itself is divided by the batch size twice',
    'biases-fixed': 'the biases are never updated',
    'ascent': 'the gradient is added in place of subtracted',
    'old-parameters': 'the second update starts from the initial parameters',
    'same-batch': 'every update takes the images and labels of the first',
    'same-masks': 'every update takes the masks of the first',
    'predict-rescaled': 'activations are multiplied by 1 - drop_prob in predict mode, '
    'on top of the division in training mode',
    'predict-dropout': 'dropout is left on in predict mode (here with the masks of '
    'the last update)',
    'predict-probabilities': 'predict/scores holds probabilities, not scores',
}
_NO_RELU = {'no-relu-1': (1,), 'no-relu-2': (2,), 'no-relus': (1, 2)}


def replay(given, settings, bug=None):
    """Compute all tensors of `tensors.COMPUTED` from those of `tensors.GIVEN`.

    Parameters
    ----------
    given : dict of str to ndarray
        The tensors of `tensors.GIVEN` that the case has, with weights in the layout of
        `settings.model`.
    settings : Settings
    bug : str, optional
        A key of `BUGS`.

    Returns
    -------
    dict of str to ndarray of float64
        The tensors of `tensors.COMPUTED` that follow, with weights in the same layout.
    """
    transpose = not settings.in_scratch_layout
    params = {n: _laid_out(n, given[f'init/{n}'], transpose) for n in PARAMS}
    initial, computed, epoch = params, _images(given), []
    for k in range(1, num_steps(given) + 1):
        if bug == 'old-parameters' and k == 2:
            params = initial
        of_batch, of_masks = (
            1 if bug == b else k for b in ('same-batch', 'same-masks')
        )
        n = len(given[f'step{k}/y'])  # fewer in a short mini-batch
        X, y = (given[f'step{of_batch}/{name}'][:n] for name in 'Xy')
        masks = [given[f'step{of_masks}/{name}'][:n] for name in ('mask1', 'mask2')]
        factors = _factors(masks, settings, bug)
        layers = _forward(params, X, factors, bug)
        loss, grad_scores = _loss(layers['scores'], y, bug)
        grads = _backward(params, X, layers, factors, grad_scores, bug)
        params = {
            n: params[n] - _step_size(n, settings, y, bug) * grads[n] for n in PARAMS
        }
        results = {**params, 'loss': loss, **_metrics(loss, layers['scores'], y)}
        if k == 1:
            results.update(layers)
            results.update({f'grad/{n}': grads[n] for n in PARAMS})
        computed.update({f'step{k}/{n}': value for n, value in results.items()})
        epoch.append((loss, layers['scores'], y))
        if k % (settings.steps_per_epoch or k + 1) == 0:
            results = _metrics(*map(np.concatenate, zip(*epoch)))
            test = _predict(given, params, settings, factors, bug)
            at, epoch = f'epoch{k // settings.steps_per_epoch}', []
            computed[f'{at}/loss'] = results['mean_loss']
            computed[f'{at}/train_acc'] = results['train_acc']
            computed[f'{at}/test_acc'] = test['predict/test_acc']
    computed.update(_predict(given, params, settings, factors, bug))
    return {n: _laid_out(n, value, transpose) for n, value in computed.items()}


def _images(given):
    if 'images/bytes' not in given:
        return {}
    images = given['images/bytes']
    return {'images/X': images.reshape(len(images), -1) / 255}


def _laid_out(name, value, transpose):
    """Return a tensor in float64, changed from one layout of weights to the other."""
    value = np.asarray(value, dtype='float64')
    return value.T if transpose and is_weight(name) else value


def _factors(masks, settings, bug):
    """Return the factors that dropout multiplies H1 and H2 by: mask / (1 - p)."""
    probs = [settings.drop_prob1, settings.drop_prob2]
    if bug == 'swapped':
        probs.reverse()
    return [
        _factor(mask.astype('float64'), p, layer, bug)
        for layer, (mask, p) in enumerate(zip(masks, probs), 1)
    ]


def _factor(mask, p, layer, bug):
    if bug in ('no-dropout', f'no-dropout-{layer}'):
        return np.ones_like(mask)
    if bug == 'kept-mask':
        mask = 1 - mask
    if bug == 'one-mask':
        mask = np.broadcast_to(mask[0], mask.shape)
    divisors = {'no-rescaling': 1, 'multiplied': 1 / (1 - p), 'divided-by-p': p}
    return mask / divisors.get(bug, 1 - p)


def _forward(params, X, factors, bug=None):
    W1, b1, W2, b2, W3, b3 = (params[n] for n in PARAMS)
    if bug == 'no-bias':
        b1 = b2 = b3 = 0
    linear = _NO_RELU.get(bug, ())
    Z1 = X.astype('float64') @ W1 + b1
    H1 = Z1 if 1 in linear else np.maximum(Z1, 0)
    H1_dropped = H1 * factors[0]
    Z2 = H1_dropped @ W2 + b2
    H2 = Z2 if 2 in linear else np.maximum(Z2, 0)
    H2_dropped = H2 * factors[1]
    return {
        'Z1': Z1,
        'H1': H1,
        'H1_dropped': H1_dropped,
        'Z2': Z2,
        'H2': H2,
        'H2_dropped': H2_dropped,
        'scores': H2_dropped @ W3 + b3,
    }


def _log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _loss(scores, y, bug):
    """Return the loss of each example, and the gradient of their sum by the scores."""
    rows, labels = np.arange(len(y)), y.astype(int)
    one_hot = np.zeros_like(scores)
    one_hot[rows, labels] = 1
    logs = _log_softmax(scores)
    probabilities = np.exp(logs)
    if bug != 'softmax-twice':
        return -logs[rows, labels], probabilities - one_hot
    # The second softmax is differentiated as above, the first by its Jacobian.
    logs = _log_softmax(probabilities)
    grad = np.exp(logs) - one_hot
    inner = (grad * probabilities).sum(axis=1, keepdims=True)
    return -logs[rows, labels], probabilities * (grad - inner)


def _backward(params, X, layers, factors, grad_scores, bug):
    """Return the gradient of the mean loss with respect to each parameter."""
    if bug != 'summed-loss':
        grad_scores = grad_scores / len(X)
    if bug == 'gradient-divided-twice':
        grad_scores = grad_scores / len(X)
    if bug == 'mask-not-in-backward':
        factors = [np.ones_like(factor) for factor in factors]
    linear = _NO_RELU.get(bug, ())
    slope1 = 1 if 1 in linear else layers['Z1'] > 0
    slope2 = 1 if 2 in linear else layers['Z2'] > 0
    grad_Z2 = grad_scores @ params['W3'].T * factors[1] * slope2
    grad_Z1 = grad_Z2 @ params['W2'].T * factors[0] * slope1
    grads = {
        'W1': X.astype('float64').T @ grad_Z1,
        'b1': grad_Z1.sum(axis=0),
        'W2': layers['H1_dropped'].T @ grad_Z2,
        'b2': grad_Z2.sum(axis=0),
        'W3': layers['H2_dropped'].T @ grad_scores,
        'b3': grad_scores.sum(axis=0),
    }
    if bug == 'no-bias':
        grads.update((n, np.zeros_like(grads[n])) for n in ('b1', 'b2', 'b3'))
    return grads


def _step_size(name, settings, y, bug):
    """Return what the gradient is multiplied by before it is subtracted."""
    if bug == 'biases-fixed' and name.startswith('b'):
        return 0
    # `_backward` has divided by the size of the mini-batch, or not at all.
    divided = bug not in ('summed-loss', 'mean-loss')
    share = len(y) / settings.batch_size if settings.batch_size and divided else 1
    if bug == 'divided-twice':
        share /= len(y)
    return share * (-settings.lr if bug == 'ascent' else settings.lr)


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
    scores = _forward(params, X, factors, bug)['scores']
    as_written = scores
    if bug == 'predict-probabilities':
        as_written = np.exp(_log_softmax(scores))
    return {
        'predict/scores': as_written,
        'predict/test_acc': (scores.argmax(axis=1) == y).mean(),
    }

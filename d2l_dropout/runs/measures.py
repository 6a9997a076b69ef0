"""Measurements of a trained net beyond its test accuracy, for the problems and claims.

Everything is computed from the six parameters by the chapter's formulas, so that the
scratch net and the Gluon net are measured in the same way. `runs.weights` and
`runs.robustness` hold the measures that need no dropout. The names in the results are
stored in JSON and therefore fixed; 'plain' there means predict mode.
"""

import time

import numpy as np

from d2l_dropout import compat
from d2l_dropout.models.dropout import dropout
from d2l_dropout.runs import robustness
from d2l_dropout.runs.mini_batches import without_noise
from d2l_dropout.runs.weights import weights

compat.import_mxnet()
from mxnet import nd  # noqa: E402

#: Numbers of forward passes with dropout over which the predictions are averaged.
NUM_PASSES = (1, 2, 5, 10, 20, 50, 100)
_IMAGES_SHOWN = 12


def measure(spec, params, train_iter, test_iter):
    """Return the measurements that `spec.measure` names.

    Parameters
    ----------
    spec : RunSpec
    params : list of NDArray
        W1, b1, W2, b2, W3, b3; weights have shape (in, out).
    train_iter, test_iter : iterable of (X, y)

    Returns
    -------
    dict or None
        A value that JSON can represent; None if nothing is asked for. The keys are the
        names of the measures, except that the results of 'activations', 'passes' and
        'units', of which a run has at most one, are not nested under their name.
    """
    names = spec.measures()
    if not names:
        return None
    measured = {}
    if 'train_acc' in names:
        measured['train_acc'] = _train_acc(params, without_noise(train_iter))
    X, y = (nd.concat(*parts, dim=0) for parts in zip(*test_iter))
    X, y = X.reshape((len(X), -1)), y.asnumpy()
    drop_probs = spec.drop_prob1, spec.drop_prob2
    for name in names:
        if name in _WITH_DROPOUT:
            measured.update(_WITH_DROPOUT[name](params, drop_probs, X, y))
        elif name in _WITHOUT:
            arrays = [param.asnumpy() for param in params]
            measured[name] = _WITHOUT[name](arrays, X.asnumpy(), y)
    return measured


def _hidden(params, drop_probs, X):
    """Return the layers of one forward pass, before and after each dropout layer."""
    W1, b1, W2, b2, W3, b3 = params
    # A probability of 0 means predict mode: `dropout` would still draw a mask, and the
    # generator must not advance.
    H1 = (nd.dot(X, W1) + b1).relu()
    H1_dropped = dropout(H1, drop_probs[0]) if drop_probs[0] else H1
    Z2 = nd.dot(H1_dropped, W2) + b2
    H2 = Z2.relu()
    H2_dropped = dropout(H2, drop_probs[1]) if drop_probs[1] else H2
    return {
        'H1': H1,
        'H1 dropped': H1_dropped,
        'Z2': Z2,
        'H2': H2,
        'H2 dropped': H2_dropped,
        'scores': nd.dot(H2_dropped, W3) + b3,
    }


def _train_acc(params, train_iter):
    """Return the accuracy on the training images, without noise, in predict mode."""
    correct = n = 0
    for X, y in train_iter:
        scores = _hidden(params, (0, 0), X.reshape((len(X), -1)))['scores'].asnumpy()
        correct += int((scores.argmax(axis=1) == y.asnumpy()).sum())
        n += len(scores)
    return correct / n


def _activations(params, drop_probs, X, y, num_examples=500, num_passes=200):
    """Return how dropout changes the mean and the variance of each layer.

    The first `num_examples` test examples go through the net once in predict mode and
    `num_passes` times with dropout. For each layer the result has

    - `mean` and `variance` in predict mode: the variance over examples, averaged over
      units;
    - `noise_variance`: the variance over passes, averaged over units and examples;
    - `predicted`: the same variance by the formula of `_predicted_variances`;
    - `shift`: the mean over passes minus the value in predict mode, averaged over units
      and examples; `shift_error` is its standard error.
    """
    X = X[:num_examples]
    without = {k: v.asnumpy() for k, v in _hidden(params, (0, 0), X).items()}
    sums = {name: np.zeros((2, *value.shape)) for name, value in without.items()}
    shifts = {name: [] for name in without}
    for _ in range(num_passes):
        for name, value in _hidden(params, drop_probs, X).items():
            value = value.asnumpy().astype('float64')
            sums[name] += value, value**2
            shifts[name].append((value - without[name]).mean())
    variances = {
        name: (s[1] - s[0] ** 2 / num_passes) / (num_passes - 1)
        for name, s in sums.items()
    }
    second_moment = sums['H2'][1] / num_passes
    predicted = _predicted_variances(
        params, drop_probs, without['H1'], variances['H2'], second_moment
    )
    return {
        name: {
            'mean': float(without[name].mean()),
            'variance': float(without[name].var(axis=0).mean()),
            'noise_variance': float(variances[name].mean()),
            'predicted': float(predicted[name].mean()),
            'shift': float(np.mean(shifts[name])),
            'shift_error': float(np.std(shifts[name], ddof=1) / num_passes**0.5),
        }
        for name in without
    }


def _predicted_variances(params, drop_probs, H1, H2_variance, H2_second_moment):
    """Return the noise variance of each layer, predicted from that of its inputs.

    - Dropout of a constant h: p / (1 - p) h^2.
    - A linear layer with independent inputs: the sum of the squared weights times the
      variances of the inputs.
    - Dropout of an h that varies itself: p / (1 - p) E[h^2] + Var[h].
    - ReLU has no such formula; the measured variance of H2 is used.

    The inputs of the output layer are not independent, because the masks of H1 affect
    all of them. The prediction for the scores neglects their covariances.
    """
    W2, W3 = (params[i].asnumpy().astype('float64') for i in (2, 4))
    odds = [p / (1 - p) for p in drop_probs]
    H1_dropped = odds[0] * H1.astype('float64') ** 2
    H2_dropped = odds[1] * H2_second_moment + H2_variance
    return {
        'H1': np.zeros_like(H1_dropped),
        'H1 dropped': H1_dropped,
        'Z2': H1_dropped @ W2**2,
        'H2': H2_variance,
        'H2 dropped': H2_dropped,
        'scores': H2_dropped @ W3**2,
    }


def _passes(params, drop_probs, X, y):
    """Return how good predictions with dropout left on are (Monte Carlo dropout).

    - `accuracy`: by each T of `NUM_PASSES`, that of the probabilities averaged over T
      passes;
    - `plain` (predict mode), `one` (one pass with dropout) and `average` (over the
      largest T): what `_quality` returns for their probabilities;
    - `seconds`: the time of one pass in predict mode and of one with dropout.
    """
    _probabilities(params, (0, 0), X[:256])  # warm up: the first pass is slower
    nd.waitall()
    start = time.perf_counter()
    without = _probabilities(params, (0, 0), X)
    seconds_without = time.perf_counter() - start
    total, accuracy, start = np.zeros_like(without), {}, time.perf_counter()
    for t in range(1, max(NUM_PASSES) + 1):
        total += _probabilities(params, drop_probs, X)
        if t == 1:
            one = total.copy()
        if t in NUM_PASSES:
            accuracy[str(t)] = float((total.argmax(axis=1) == y).mean())
    seconds = (time.perf_counter() - start) / max(NUM_PASSES)
    return {
        'accuracy': accuracy,
        'plain': _quality(without, y),
        'one': _quality(one, y),
        'average': _quality(total / max(NUM_PASSES), y),
        'seconds': {'plain': round(seconds_without, 4), 'pass': round(seconds, 4)},
    }


def _probabilities(params, drop_probs, X):
    return _hidden(params, drop_probs, X)['scores'].softmax().asnumpy()


def _quality(probabilities, y, num_bins=15):
    """Return four metrics of predicted class probabilities.

    They are the accuracy, the mean negative log-likelihood, the expected calibration
    error over `num_bins` bins of equal width, and the accuracy on the 80 % of examples
    with the most confident predictions.
    """
    right = probabilities.argmax(axis=1) == y
    sure = probabilities.max(axis=1)
    likelihood = probabilities[np.arange(len(y)), y].astype('float64')
    bins = np.minimum((sure * num_bins).astype(int), num_bins - 1)
    gaps = [
        abs(right[bins == i].mean() - sure[bins == i].mean()) * (bins == i).mean()
        for i in np.unique(bins)
    ]
    surest = np.argsort(-sure, kind='stable')[: int(0.8 * len(y))]
    return {
        'accuracy': float(right.mean()),
        'nll': float(-np.log(np.maximum(likelihood, 1e-12)).mean()),
        'calibration_error': float(sum(gaps)),
        'accuracy_of_surest': float(right[surest].mean()),
    }


def _units(params, drop_probs, X, y, num_examples=2000):
    """Return how correlated the hidden units are, and weights of the first layer.

    For each hidden layer, in predict mode, the result has

    - `dead`: the fraction of units with the same activation for all examples;
    - `active`: the mean fraction of the other units that an example activates;
    - `correlation`: the mean |r| over pairs of these units;
    - `dimensions`: their participation ratio, (sum of the eigenvalues of the covariance
      matrix)^2 / (sum of the squared eigenvalues).

    `images` has the weights (784 values) of the units of the first layer whose weights
    have the largest norm, each scaled to the integers from -127 to 127.
    """
    layers = _hidden(params, (0, 0), X[:num_examples])
    result = {
        name: _correlation(layers[name].asnumpy().astype('float64'))
        for name in ('H1', 'H2')
    }
    W1 = params[0].asnumpy()
    largest = np.argsort(-np.linalg.norm(W1, axis=0), kind='stable')[:_IMAGES_SHOWN]
    images = W1[:, largest] / abs(W1[:, largest]).max(axis=0) * 127
    result['images'] = images.T.round().astype(int).tolist()
    return result


def _correlation(H):
    alive = H[:, np.ptp(H, axis=0) > 0]
    r = np.corrcoef(alive, rowvar=False)
    pairs = abs(r[np.triu_indices(len(r), 1)])
    axes = np.linalg.eigvalsh(np.cov(alive, rowvar=False))
    return {
        'dead': 1 - alive.shape[1] / H.shape[1],
        'active': float((alive > 0).mean()),
        'correlation': float(pairs.mean()),
        'dimensions': float(axes.sum() ** 2 / (axes**2).sum()),
    }


def _scale(params, X, y):
    """Return the mean square of each hidden layer's activations in predict mode."""
    H1, H2, _ = robustness.hidden(params, X)
    return {'H1': float((H1**2).mean()), 'H2': float((H2**2).mean())}


_WITH_DROPOUT = {'activations': _activations, 'passes': _passes, 'units': _units}
_WITHOUT = {
    'scale': _scale,
    'weights': lambda params, X, y: weights(params),
    'ablation': robustness.ablation,
    'noisy_images': robustness.noisy_images,
    'input_penalty': robustness.input_penalty,
}

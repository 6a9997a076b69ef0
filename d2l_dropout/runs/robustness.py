"""How much the predictions of a trained net depend on single units and pixels.

Everything is computed with NumPy from the six parameters. The noise and the units to
ablate are drawn from a fixed seed, so that they are the same for all nets.
"""

import numpy as np

#: The fractions of the hidden units that are zeroed together.
ABLATED = (0.1, 0.2, 0.3, 0.5, 0.7)
#: Standard deviations of the noise on pixels, which are in [0, 1].
IMAGE_NOISES = (0.1, 0.2, 0.3, 0.5)
#: The fractions of the pixels that are replaced.
CHANGED_PIXELS = (0.01, 0.05, 0.1, 0.2)
#: Standard deviations at which the loss is compared with its expansion.
SMALL_NOISES = (0.02, 0.05, 0.1, 0.2, 0.3)
_NUM_DRAWS = 10


def hidden(params, X):
    """Return both hidden layers and the scores in predict mode.

    Parameters
    ----------
    params : list of ndarray
        W1, b1, W2, b2, W3, b3; weights have shape (in, out).
    X : ndarray, shape (n, inputs)

    Returns
    -------
    H1, H2, scores : ndarray
    """
    W1, b1, W2, b2, W3, b3 = params
    H1 = np.maximum(X @ W1 + b1, 0)
    H2 = np.maximum(H1 @ W2 + b2, 0)
    return H1, H2, H2 @ W3 + b3


def ablation(params, X, y, num_examples=5000):
    """Return how the predictions change when hidden units are zeroed.

    Parameters
    ----------
    params : list of ndarray
        W1, b1, W2, b2, W3, b3; weights have shape (in, out).
    X : ndarray, shape (n, inputs)
    y : ndarray, shape (n,)
    num_examples : int
        Use the first so many examples only.

    Returns
    -------
    dict
        - `H1` and `H2`: for the units of that layer, each zeroed alone, `changed` is
          the fraction of predictions that change and `lost` the loss of accuracy, both
          averaged over the units; `changed_most` and `lost_most` are the largest.
        - `shares`: the accuracy with a random fraction of the units of both layers
          zeroed, by that fraction; the mean of ten draws.
    """
    X, y = X[:num_examples], y[:num_examples]
    of_unit = {'H1': _without_first(params, X), 'H2': _without_second(params, X)}
    predicted = hidden(params, X)[2].argmax(axis=1)
    result = {}
    for layer, all_scores in of_unit.items():
        each = np.array([_change(s.argmax(axis=1), predicted, y) for s in all_scores])
        (changed, lost), (changed_most, lost_most) = each.mean(axis=0), each.max(axis=0)
        result[layer] = {
            'changed': float(changed),
            'changed_most': float(changed_most),
            'lost': float(lost),
            'lost_most': float(lost_most),
        }
    rng = np.random.RandomState(0)
    result['shares'] = {
        str(share): float(
            np.mean([_ablated(params, X, y, share, rng) for _ in range(_NUM_DRAWS)])
        )
        for share in ABLATED
    }
    return result


def _without_first(params, X):
    """Yield the scores with each unit of the first hidden layer zeroed in turn."""
    W2, b2, W3, b3 = params[2:]
    H1 = hidden(params, X)[0]
    Z2 = H1 @ W2 + b2
    for unit in range(H1.shape[1]):
        rest = Z2 - np.outer(H1[:, unit], W2[unit])
        yield np.maximum(rest, 0) @ W3 + b3


def _without_second(params, X):
    """Yield the scores with each unit of the second hidden layer zeroed in turn."""
    W3 = params[4]
    _, H2, scores = hidden(params, X)
    for unit in range(H2.shape[1]):
        yield scores - np.outer(H2[:, unit], W3[unit])


def _change(now, before, y):
    return (now != before).mean(), (before == y).mean() - (now == y).mean()


def _ablated(params, X, y, share, rng):
    """Return the accuracy with a random fraction of the units of both layers zeroed."""
    W1, b1, W2, b2, W3, b3 = params
    W2, W3 = (W * _kept(len(W), share, rng)[:, np.newaxis] for W in (W2, W3))
    scores = hidden([W1, b1, W2, b2, W3, b3], X)[2]
    return (scores.argmax(axis=1) == y).mean()


def _kept(num_units, share, rng):
    kept = np.ones(num_units, dtype='float32')
    kept[rng.permutation(num_units)[: round(share * num_units)]] = 0
    return kept


def noisy_images(params, X, y):
    """Return the accuracy on images with noise, and on images with replaced pixels.

    Parameters
    ----------
    params, X, y
        As `ablation`.

    Returns
    -------
    dict
        `normal` is by the standard deviation of the noise on each pixel, which is not
        clipped; `pixels` is by the fraction of pixels that are replaced by uniform
        random numbers in [0, 1]. Each has the accuracy, `acc`, and the fraction of
        predictions that are the same as for the original images, `same`.
    """
    rng = np.random.RandomState(0)
    predicted = hidden(params, X)[2].argmax(axis=1)

    def judge(noisy):
        now = hidden(params, noisy)[2].argmax(axis=1)
        same, acc = (now == predicted).mean(), (now == y).mean()
        return {'acc': float(acc), 'same': float(same)}

    return {
        'normal': {str(s): judge(X + _normal(s, X, rng)) for s in IMAGE_NOISES},
        'pixels': {str(s): judge(_changed(s, X, rng)) for s in CHANGED_PIXELS},
    }


def _normal(sigma, X, rng):
    return rng.normal(0, sigma, X.shape).astype('float32')


def _changed(share, X, rng):
    at = rng.random_sample(X.shape) < share
    return np.where(at, rng.random_sample(X.shape), X).astype('float32')


def input_penalty(params, X, y, num_examples=500):
    """Return how much small noise on the pixels adds to the loss, and the prediction.

    To second order, noise of variance sigma^2 adds sigma^2 / 2 times the trace of the
    loss's Hessian with respect to the pixels (Bishop 1995). A net with ReLU is linear
    near an input, so that the Hessian is J^T (diag(p) - p p^T) J, where J is the
    Jacobian of the scores and p the vector of probabilities.

    Parameters
    ----------
    params, X, y
        As `ablation`.
    num_examples : int
        Use the first so many examples only.

    Returns
    -------
    dict
        `trace` is the mean trace of the Hessian over the examples; `added`, by sigma,
        is the mean loss with noise minus that without, over five draws of the noise,
        each used with both signs so that terms of the first order cancel.
    """
    X, y = X[:num_examples], y[:num_examples]
    params = [param.astype('float64') for param in params]
    plain, rng = _loss(params, X, y), np.random.RandomState(0)
    added = {}
    for sigma in SMALL_NOISES:
        noises = [_normal(sigma, X, rng) for _ in range(_NUM_DRAWS // 2)]
        noises += [-noise for noise in noises]
        added[str(sigma)] = float(
            np.mean([_loss(params, X + noise, y) - plain for noise in noises])
        )
    return {'trace': float(np.mean(list(_traces(params, X)))), 'added': added}


def _loss(params, X, y):
    scores = hidden(params, X)[2]
    top = scores.max(axis=1)
    normaliser = top + np.log(np.exp(scores - top[:, np.newaxis]).sum(axis=1))
    return (normaliser - scores[np.arange(len(y)), y]).mean()


def _traces(params, X):
    """Yield, for each example, the trace of the loss's Hessian."""
    W1, _, W2, _, W3, _ = params
    H1, H2, scores = hidden(params, X)
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    for h1, h2, p in zip(H1, H2, exp / exp.sum(axis=1, keepdims=True)):
        J = (W1 * (h1 > 0)) @ (W2 * (h2 > 0)) @ W3  # shape (inputs, classes)
        yield (J**2 @ p).sum() - ((J @ p) ** 2).sum()

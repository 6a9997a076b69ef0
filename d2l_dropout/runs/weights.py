"""The norms of a trained net's weights, and how evenly they spread over the inputs."""

import numpy as np

#: The fraction of a unit's weights that counts as its largest.
TOP = 0.1


def weights(params):
    """Return the norm of each weight matrix and the spread of the weights in it.

    Parameters
    ----------
    params : list of ndarray
        W1, b1, W2, b2, W3, b3; weights have shape (in, out).

    Returns
    -------
    dict of str to dict
        For each of W1, W2 and W3:

        - `norm`: the Frobenius norm;
        - `spread`: the participation ratio (sum of w^2)^2 / (n sum of w^4) of the n
          weights w of a unit, averaged over the units. It is 1 if all weights of a unit
          are equally large, 1 / n if only one is not 0, and 1 / 3 for normal weights;
        - `top`: the largest tenth of a unit's weights as a fraction of its sum of
          squares, averaged over the units.
    """
    return {f'W{i + 1}': _of_layer(W) for i, W in enumerate(params[::2])}


def _of_layer(W):
    squares = W.astype('float64') ** 2
    squares = squares[:, squares.any(axis=0)]  # units with all weights 0 have none
    totals = squares.sum(axis=0)
    num_top = max(round(TOP * len(W)), 1)
    top = np.sort(squares, axis=0)[-num_top:].sum(axis=0)
    spread = totals**2 / (squares**2).sum(axis=0) / len(W)
    return {
        'norm': float(totals.sum() ** 0.5),
        'spread': float(spread.mean()),
        'top': float((top / totals).mean()),
    }

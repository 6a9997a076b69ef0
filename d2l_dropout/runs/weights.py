"""How large the weights of a trained net are, and how evenly a unit spreads them."""

import numpy as np

#: Of the largest weights into a unit, the share whose part is told.
TOP = 0.1


def weights(params):
    """Return the norm of each layer's weights and how they spread over the inputs.

    Parameters
    ----------
    params : list of ndarray
        W1, b1, W2, b2, W3, b3; weights have shape (in, out).

    Returns
    -------
    dict of str to dict
        For W1, W2 and W3: `norm`, of all weights; `spread` and `top`, means over the
        units. A unit whose weights w come from n inputs has the spread
        (sum of w^2)^2 / (n sum of w^4): 1 if all are equally large, 1 / n if one input
        has all, 1 / 3 for normal weights. `top` is the part of the sum of squares that
        its largest tenth has.
    """
    return {f'W{i + 1}': _of_layer(W) for i, W in enumerate(params[::2])}


def _of_layer(W):
    squares = W.astype('float64') ** 2
    squares = squares[:, squares.any(axis=0)]  # not of units without any weight
    totals = squares.sum(axis=0)
    num_top = max(round(TOP * len(W)), 1)
    top = np.sort(squares, axis=0)[-num_top:].sum(axis=0)
    spread = totals**2 / (squares**2).sum(axis=0) / len(W)
    return {
        'norm': float(totals.sum() ** 0.5),
        'spread': float(spread.mean()),
        'top': float((top / totals).mean()),
    }

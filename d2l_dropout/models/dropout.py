"""The chapter's dropout layer, from scratch."""

from d2l_dropout import compat

compat.import_mxnet()
from mxnet import nd  # noqa: E402


def dropout(X, drop_prob):
    """Zero each element of `X` with probability `drop_prob`; scale up the rest.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1]
        Probability of being zeroed (not of being kept).

    Returns
    -------
    NDArray, shape of `X`
        Kept elements are x / (1 - drop_prob), so that E[result] = X for
        drop_prob < 1.

    Raises
    ------
    AssertionError
        If `drop_prob` is outside [0, 1] (the book's contract).

    Notes
    -----
    One uniform number for each element is drawn from MXNet's generator unless
    `drop_prob` is 1. Source: chapter 3.13.4, cell 1; Srivastava et al. (2014).
    """
    assert 0 <= drop_prob <= 1
    if drop_prob == 1:
        return X.zeros_like()
    # The book's cell draws the mask on the default context, which fails for an X that
    # is on another device.
    mask = nd.random.uniform(0, 1, X.shape, ctx=X.context) > drop_prob
    return mask * X / (1.0 - drop_prob)

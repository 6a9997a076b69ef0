"""Dropout from scratch, with its mean and variance in closed form."""

from d2l_dropout import compat

compat.import_mxnet()
from mxnet import nd  # noqa: E402


def dropout(X, drop_prob):
    """Zero elements of `X` with probability `drop_prob`; scale up the rest.

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
    # On the context of X, which the book's cell leaves to the default one.
    mask = nd.random.uniform(0, 1, X.shape, ctx=X.context) > drop_prob
    return mask * X / (1.0 - drop_prob)


def unscaled_dropout(X, drop_prob):
    """Zero elements of `X` with probability `drop_prob` and leave the rest as it is.

    A fault that ports have, kept to show that a comparison notices it: the expected
    value is (1 - drop_prob) X, while in predict mode the next layer meets X.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1]

    Returns
    -------
    NDArray, shape of `X`

    Raises
    ------
    AssertionError
        If `drop_prob` is outside [0, 1].
    """
    return dropout(X, drop_prob) * (1.0 - drop_prob)


def three_valued_dropout(X, drop_prob):
    """Multiply each element of `X` by 0, gamma / 2 or gamma, of mean 1.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1)
        Probability p of 0; gamma / 2 and gamma have half of the rest each.

    Returns
    -------
    NDArray, shape of `X`
        gamma = 4 / (3 (1 - p)) makes the mean 1: (1 - p) / 2 (gamma / 2 + gamma) = 1.
        The variance of the factor is then 10 / (9 (1 - p)) - 1, which is more than
        that of dropout at the same p, 1 / (1 - p) - 1.

    Raises
    ------
    ValueError
        If `drop_prob` is outside [0, 1).

    Notes
    -----
    One uniform number for each element is drawn from MXNet's generator. Source:
    chapter 3.13.10, problem 8.
    """
    _check_drop_prob(drop_prob)
    draws = nd.random.uniform(0, 1, X.shape, ctx=X.context)
    halves = (draws > drop_prob) + (draws > (1 + drop_prob) / 2)  # 0, 1 or 2
    return X * halves * (gamma(drop_prob) / 2)


def gamma(drop_prob):
    """Return the largest factor of `three_valued_dropout`, 4 / (3 (1 - p)).

    Parameters
    ----------
    drop_prob : float in [0, 1)

    Returns
    -------
    float
    """
    return 4 / (3 * (1 - drop_prob))


def gaussian_dropout(X, drop_prob):
    """Multiply each element of `X` by a normal number of dropout's mean and variance.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1)
        p: the factor is drawn from N(1, p / (1 - p)).

    Returns
    -------
    NDArray, shape of `X`

    Raises
    ------
    ValueError
        If `drop_prob` is outside [0, 1).

    Source: Srivastava et al. (2014), section 10.
    """
    _check_drop_prob(drop_prob)
    scale = (drop_prob / (1 - drop_prob)) ** 0.5
    return X * nd.random.normal(1, scale, X.shape, ctx=X.context)


def _check_drop_prob(drop_prob):
    if not 0 <= drop_prob < 1:
        raise ValueError(
            'drop_prob is %r; it must be at least 0 and below 1.' % (drop_prob,)
        )


def dropout_mean(X, drop_prob):
    """Return the expected value of `dropout(X, drop_prob)`.

    Parameters
    ----------
    X : NDArray, any shape
    drop_prob : float in [0, 1]

    Returns
    -------
    NDArray, shape of `X`
        X itself; zeros where `drop_prob` is 1.

    Raises
    ------
    AssertionError
        If `drop_prob` is outside [0, 1].

    Source: chapter 3.13.2, E[h'] = h.
    """
    assert 0 <= drop_prob <= 1
    return X.zeros_like() if drop_prob == 1 else X.copy()


def dropout_variance(X, drop_prob):
    """Return the variance of each element of `dropout(X, drop_prob)`.

    Parameters
    ----------
    X : NDArray, any shape
    drop_prob : float in [0, 1]

    Returns
    -------
    NDArray, shape of `X`
        p / (1 - p) * x^2, from E[h'^2] - h^2 = (1 - p) (h / (1 - p))^2 - h^2; zeros
        where `drop_prob` is 1.

    Raises
    ------
    AssertionError
        If `drop_prob` is outside [0, 1].

    Source: the definition of h' in chapter 3.13.2.
    """
    assert 0 <= drop_prob <= 1
    if drop_prob == 1:
        return X.zeros_like()
    return drop_prob / (1.0 - drop_prob) * X**2

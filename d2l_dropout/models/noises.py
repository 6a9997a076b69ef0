"""Noise in place of dropout: for problem 8, for a claim, and as a deliberate fault."""

from d2l_dropout import compat
from d2l_dropout.models.dropout import dropout

compat.import_mxnet()
from mxnet import nd  # noqa: E402


def unscaled_dropout(X, drop_prob):
    """Zero each element of `X` with probability `drop_prob`, without rescaling.

    A common mistake in ports: the expected value is (1 - drop_prob) X in training mode
    but X in predict mode. `runs.faults` uses it to test what a comparison notices.

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
    """Multiply each element of `X` by 0, gamma / 2 or gamma, at random with mean 1.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1)
        Probability p of the factor 0; gamma / 2 and gamma each have (1 - p) / 2.

    Returns
    -------
    NDArray, shape of `X`
        gamma = 4 / (3 (1 - p)) makes the mean 1: (1 - p) / 2 (gamma / 2 + gamma) = 1.
        The variance of the factor is then 10 / (9 (1 - p)) - 1, which is larger than
        that of dropout with the same p, 1 / (1 - p) - 1.

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
    """Multiply each element of `X` by Gaussian noise with dropout's mean and variance.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1)
        p: the factor is drawn from N(1, p / (1 - p)), p / (1 - p) being the variance.

    Returns
    -------
    NDArray, shape of `X`

    Raises
    ------
    ValueError
        If `drop_prob` is outside [0, 1).

    Source: Srivastava et al. (2014), section 10.
    """
    return X * _normal(1, X, drop_prob)


def additive_noise(X, drop_prob):
    """Add normal noise with the variance of dropout for activations of size 1.

    The variance of dropout on h is h^2 p / (1 - p): it grows with h. The variance of
    this noise is p / (1 - p) whatever h is, so that a net can learn activations which
    are large compared with the noise.

    Parameters
    ----------
    X : NDArray of float32, any shape
    drop_prob : float in [0, 1)
        p: what is added is drawn from N(0, p / (1 - p)).

    Returns
    -------
    NDArray, shape of `X`

    Raises
    ------
    ValueError
        If `drop_prob` is outside [0, 1).

    Source: chapter 3.13.3, which asks for noise without bias.
    """
    return X + _normal(0, X, drop_prob)


def _normal(mean, X, drop_prob):
    _check_drop_prob(drop_prob)
    if drop_prob == 0:  # MXNet does not draw normal numbers with a scale of 0
        return mean
    scale = (drop_prob / (1 - drop_prob)) ** 0.5
    return nd.random.normal(mean, scale, X.shape, ctx=X.context)


def _check_drop_prob(drop_prob):
    if not 0 <= drop_prob < 1:
        raise ValueError(
            'drop_prob is %r; it must be at least 0 and below 1.' % (drop_prob,)
        )


#: The noise functions by the name that a RunSpec uses, called as `noise(H, drop_prob)`.
BY_NAME = {
    'dropout': dropout,
    'unscaled': unscaled_dropout,
    'three_valued': three_valued_dropout,
    'gaussian': gaussian_dropout,
    'additive': additive_noise,
}


def function(noise):
    """Return a noise function by its name.

    Parameters
    ----------
    noise : str or callable
        A key of `BY_NAME`, or a function, which is returned as it is.

    Returns
    -------
    callable
    """
    return noise if callable(noise) else BY_NAME[noise]

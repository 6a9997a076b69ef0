"""Tests of what injected inputs hide: a port's own dropout, initial values and images.

`compare` gives a port its masks, initial values and mini-batches. It cannot see which
masks and weights the port draws itself, or how it reads images; these functions do.
They need NumPy only, and raise AssertionError with all that is wrong.
"""

from pathlib import Path

import numpy as np

from d2l_dropout.ports.checks import bounds
from d2l_dropout.ports.checks.dropout_check import check_dropout
from d2l_dropout.ports.reading.npz import parse

__all__ = ['check_dropout', 'check_images', 'check_init', 'images']
_IMAGES = Path(__file__).with_name('images.npz')


def images():
    """Return the images that ship: ten of the training set, one of each class.

    Returns
    -------
    images : ndarray of uint8, shape (10, 28, 28)
        As the files of Fashion-MNIST have them: row by row from the top, 0 is black.
    labels : ndarray of int32, shape (10,)
        0 to 9.
    """
    tensors = parse(_IMAGES.read_bytes())
    return tensors['images'], tensors['labels']


def check_images(to_X):
    """Raise unless images become X as the chapter's do: flattened, in [0, 1].

    Parameters
    ----------
    to_X : callable
        The port's own preparation of images. It takes what `images()` returns first, a
        uint8 ndarray of shape (n, 28, 28), and returns an array of n examples with 784
        elements each, in any shape.

    Raises
    ------
    AssertionError
        With a sentence that says what was probably done.
    """
    pictures, _ = images()
    n = len(pictures)
    X = np.array(to_X(pictures.copy()), dtype='float64')
    if len(X) != n or X.size != pictures.size:
        raise AssertionError(
            f'X has the shape {X.shape}; of {n} images it must have {n} rows of 784.'
        )
    X, pixels = X.reshape(n, -1), pictures.astype('float64')
    if np.allclose(X, pixels.reshape(n, -1) / 255, rtol=1e-3, atol=1e-7):
        return
    raise AssertionError(
        f'X is not the images divided by 255: {_why_not_X(X, pixels)}.'
    )


def _why_not_X(X, pixels):
    laid_out = {
        '': pixels,
        'the images are transposed': pixels.transpose(0, 2, 1),
        'the images are upside down': pixels[:, ::-1],
        'the images are mirrored': pixels[:, :, ::-1],
        'black and white are exchanged': 255 - pixels,
    }
    scales = {
        '': (0, 255),
        'they are not divided': (0, 1),
        'they are divided by 256': (0, 256),
        'they are mapped to [-1, 1]': (127.5, 127.5),
        'they are divided by 255 twice': (0, 255**2),
    }
    for layout, images in laid_out.items():
        for scale, (shift, divisor) in scales.items():
            expected = (images.reshape(len(X), -1) - shift) / divisor
            if np.allclose(X, expected, rtol=5e-4, atol=1e-7):
                return ', and '.join(filter(None, (layout, scale)))
    return _about_distribution(X, pixels.reshape(len(X), -1))


def _about_distribution(X, pixels):
    if np.allclose(np.sort(X), np.sort(pixels / 255), rtol=5e-3):
        return 'the pixels of each image are in another order'
    if abs(np.corrcoef(X.ravel(), pixels.ravel())[0, 1]) > 0.999:
        return 'they are shifted or scaled otherwise (standardised?)'
    return 'it is something else'


def check_init(params, sigma=0.01):
    """Raise unless weights are drawn from N(0, sigma^2) and biases are 0.

    Parameters
    ----------
    params : dict of str to array, or iterable of array
        The port's parameters before the first update. Arrays with two dimensions are
        weights, in either layout; those with one are biases.
    sigma : float
        The standard deviation, not the variance.

    Raises
    ------
    AssertionError
        With a sentence for each parameter that is wrong.
    ValueError
        If there are no weights, or an array has another number of dimensions.

    Notes
    -----
    Correct initial values fail in less than one of a million calls. With the chapter's
    sizes a standard deviation that is 12 % off is always noticed.
    """
    if not isinstance(params, dict):
        params = {f'parameter {k}': value for k, value in enumerate(params, 1)}
    params = {n: np.array(value, dtype='float64') for n, value in params.items()}
    if any(value.ndim not in (1, 2) for value in params.values()):
        raise ValueError('parameters are weights of two dimensions or biases of one.')
    weights = {name: value for name, value in params.items() if value.ndim == 2}
    if not weights:
        raise ValueError('there is no array of two dimensions: give the weights too.')
    faults = [
        f'{name} is a bias and not 0 everywhere.'
        for name, value in params.items()
        if value.ndim == 1 and (value != 0).any()
    ]
    for name, weight in weights.items():
        faults += _faults_of_weight(name, weight, sigma, 5 * len(weights))
    names = list(weights)
    for i, name in enumerate(names):
        for other in names[i + 1 :]:
            if _are_the_same_draws(weights[name], weights[other]):
                faults.append(f'{other} has the random numbers of {name}.')
    if faults:
        raise AssertionError(
            f'These are not weights from N(0, {sigma:g}^2) and biases of 0:\n'
            + '\n'.join(f'- {fault}' for fault in faults)
        )


def _faults_of_weight(name, weight, sigma, num_bounds):
    size, standardised = weight.size, weight / sigma
    if not np.isfinite(weight).all():
        return [f'{name} has numbers that are not finite.']
    least, largest = bounds.of_normal_variance(size, num_bounds)
    if not least <= (standardised**2).mean() <= largest:
        return [_about_deviation(name, weight, sigma)]
    faults = []
    if abs(standardised.mean()) > bounds.of_normal_mean(size, num_bounds):
        faults.append(f'{name} has the mean {weight.mean():.3g}, not 0.')
    tail = 0.0455  # P(|x| > 2 sigma) of a normal distribution
    beyond = (abs(standardised) > 2).sum()
    if abs(beyond - size * tail) > bounds.of_binomial(size, tail, num_bounds):
        faults.append(
            f'{name} is not normally distributed: {beyond / size:.1%} of it is beyond '
            f'two standard deviations, not {tail:.1%} (uniform, or truncated?).'
        )
    return faults


def _about_deviation(name, weight, sigma):
    found, why = weight.std(), ''
    if abs(found / np.sqrt(sigma) - 1) < 0.1:
        why = f' ({sigma:g} is the standard deviation, not the variance)'
    elif abs(found / sigma**2 - 1) < 0.1:
        why = f' ({sigma:g} itself is the standard deviation, not its root)'
    elif any(abs(found * np.sqrt(3 * fan) - 1) < 0.1 for fan in weight.shape):
        why = " (PyTorch's own initial values)"
    return f'{name} has the standard deviation {found:.3g}, not {sigma:g}{why}.'


def _are_the_same_draws(weight, other):
    size = min(weight.size, other.size)
    # Twenty standard deviations of a correlation.
    return size >= 400 and abs(_correlation(weight, other, size)) > 20 / np.sqrt(size)


def _correlation(weight, other, size):
    first, second = weight.ravel()[:size], other.ravel()[:size]
    scale = np.sqrt((first**2).sum() * (second**2).sum())
    return (first * second).sum() / scale if scale else 0.0

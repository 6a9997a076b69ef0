"""The chapter's multilayer perceptron, from scratch and in Gluon."""

import functools

from d2l_dropout import compat
from d2l_dropout.models.dropout import dropout

compat.import_mxnet()
from mxnet import autograd, gluon, init, nd  # noqa: E402
from mxnet.gluon import nn  # noqa: E402


class ScratchMLP:
    """Two hidden layers with ReLU and dropout, written with NDArray operations only.

    Weights are drawn from N(0, sigma^2) in the order W1, W2, W3; biases are zero.

    Parameters
    ----------
    num_inputs, num_outputs, num_hiddens1, num_hiddens2 : int >= 1
    drop_prob1, drop_prob2 : float in [0, 1]
        Probability of being zeroed, after the first and after the second hidden layer.
    sigma : float >= 0
        Standard deviation of the initial weights.
    ctx : mxnet.Context, optional
        The default context unless given.
    noise : callable
        Applied to each hidden layer in training mode, as `noise(H, drop_prob)`; see
        `noises` for alternatives to dropout.

    Attributes
    ----------
    W1, b1, W2, b2, W3, b3 : NDArray of float32
        Shapes (num_inputs, num_hiddens1), (num_hiddens1,), ...; gradients are attached.
    params : list of NDArray
        These six, in that order.

    Raises
    ------
    ValueError
        If a dropout probability is outside its range.

    Source: chapter 3.13.5 and 3.13.6, cells 3 and 4.
    """

    def __init__(
        self,
        num_inputs=784,
        num_outputs=10,
        num_hiddens1=256,
        num_hiddens2=256,
        drop_prob1=0.2,
        drop_prob2=0.5,
        sigma=0.01,
        ctx=None,
        noise=dropout,
    ):
        _check_drop_probs(drop_prob1, drop_prob2, noise)
        self.num_inputs, self.noise = num_inputs, noise
        self.drop_prob1, self.drop_prob2 = drop_prob1, drop_prob2
        self.W1, self.b1 = _layer(num_inputs, num_hiddens1, sigma, ctx)
        self.W2, self.b2 = _layer(num_hiddens1, num_hiddens2, sigma, ctx)
        self.W3, self.b3 = _layer(num_hiddens2, num_outputs, sigma, ctx)
        self.params = [self.W1, self.b1, self.W2, self.b2, self.W3, self.b3]
        for param in self.params:
            param.attach_grad()

    def __call__(self, X):
        """Return the scores of each class.

        Parameters
        ----------
        X : NDArray of float32, shape (n, ...) with num_inputs elements an example

        Returns
        -------
        NDArray of float32, shape (n, num_outputs)
            Dropout is applied in training mode only.
        """
        X = X.reshape((-1, self.num_inputs))
        H1 = (nd.dot(X, self.W1) + self.b1).relu()
        if autograd.is_training():
            H1 = self.noise(H1, self.drop_prob1)
        H2 = (nd.dot(H1, self.W2) + self.b2).relu()
        if autograd.is_training():
            H2 = self.noise(H2, self.drop_prob2)
        return nd.dot(H2, self.W3) + self.b3


def _check_drop_probs(drop_prob1, drop_prob2, noise):
    for name, drop_prob in (('drop_prob1', drop_prob1), ('drop_prob2', drop_prob2)):
        # Gluon's dropout divides by 1 - drop_prob, and MXNet says nothing of nan.
        if not (0 <= drop_prob <= 1 and (noise or drop_prob < 1)):
            raise ValueError(
                '%s is %r; it must be from 0 to 1%s.'
                % (name, drop_prob, '' if noise else ', and below 1 with Gluon')
            )


def _layer(num_in, num_out, sigma, ctx):
    return (
        nd.random.normal(scale=sigma, shape=(num_in, num_out), ctx=ctx),
        nd.zeros(num_out, ctx=ctx),
    )


class Noise(gluon.Block):
    """A layer that applies noise to its input in training mode.

    Parameters
    ----------
    noise : callable
        `noise(H, drop_prob)` returns the input of the next layer.
    drop_prob : float in [0, 1]
    """

    def __init__(self, noise, drop_prob, prefix=None, params=None):
        super().__init__(prefix=prefix, params=params)
        self._noise, self._drop_prob = noise, drop_prob

    def forward(self, H):
        """Return `H`, with noise in training mode."""
        return self._noise(H, self._drop_prob) if autograd.is_training() else H


def gluon_mlp(
    num_outputs=10,
    num_hiddens1=256,
    num_hiddens2=256,
    drop_prob1=0.2,
    drop_prob2=0.5,
    sigma=0.01,
    ctx=None,
    noise=None,
):
    """Return the same net made of Gluon layers, initialised.

    Parameters
    ----------
    num_outputs, num_hiddens1, num_hiddens2 : int >= 1
    drop_prob1, drop_prob2 : float in [0, 1); 1 too with `noise`
        Probability of being zeroed, after the first and after the second hidden layer.
    sigma : float >= 0
        Standard deviation of the initial weights; biases are zero. Gluon draws the
        weights at the first forward pass, when it knows the number of inputs.
    ctx : mxnet.Context, optional
        The default context unless given.
    noise : callable, optional
        A function `noise(H, drop_prob)` to use in place of Gluon's dropout.

    Returns
    -------
    mxnet.gluon.nn.Sequential
        Dense, Dropout or Noise, Dense, Dropout or Noise, Dense. Weights have shape
        (out, in).

    Raises
    ------
    ValueError
        If a dropout probability is outside its range.

    Source: chapter 3.13.8, cell 6.
    """
    _check_drop_probs(drop_prob1, drop_prob2, noise)
    layer = functools.partial(Noise, noise) if noise else nn.Dropout
    net = nn.Sequential()
    net.add(
        nn.Dense(num_hiddens1, activation='relu'),
        layer(drop_prob1),
        nn.Dense(num_hiddens2, activation='relu'),
        layer(drop_prob2),
        nn.Dense(num_outputs),
    )
    net.initialize(init.Normal(sigma=sigma), ctx=ctx)
    return net

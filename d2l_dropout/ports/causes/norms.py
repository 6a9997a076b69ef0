"""Normalization layers, as a port may have them before its activations."""

from typing import NamedTuple, Optional

import numpy as np


class Norm(NamedTuple):
    """A normalization layer without parameters of its own that differ from 1 and 0.

    Attributes
    ----------
    axis : int
        0 normalizes over the examples, 1 over the units.
    eps : float
        Added to the variance.
    momentum : float, optional
        The share of a mini-batch in the running statistics; None without any.
    unbiased : bool
        Whether the running variance divides by n - 1.
    """

    axis: int
    eps: float
    momentum: Optional[float] = None
    unbiased: bool = False


#: Normalization layers by name, with the defaults of frameworks.
NORMS = {
    'batch normalization': Norm(0, 1e-5, 0.1, unbiased=True),
    'batch normalization (Keras)': Norm(0, 1e-3, 0.01),
    'batch normalization (Gluon)': Norm(0, 1e-5, 0.1),
    'layer normalization': Norm(1, 1e-5),
    'layer normalization (Keras)': Norm(1, 1e-3),
    'layer normalization (Flax)': Norm(1, 1e-6),
}


class NormLayer:
    """A normalization layer, whose scale and shift are trained with the parameters.

    Parameters
    ----------
    norm : Norm
    layer : int
        The number of the hidden layer; the parameters are `gamma1` and `beta1`.
    """

    def __init__(self, norm, layer):
        self._norm, self.gamma, self.beta = norm, f'gamma{layer}', f'beta{layer}'
        self._running = None

    def initial(self, num_units):
        """Return the initial parameters by name."""
        return {self.gamma: np.ones(num_units), self.beta: np.zeros(num_units)}

    def forward(self, Z, params, training):
        """Return the normalized products; keep what `backward` needs."""
        axis = self._norm.axis
        mean, var = Z.mean(axis=axis, keepdims=True), Z.var(axis=axis, keepdims=True)
        if self._norm.momentum is not None:
            if training:
                self._follow(mean, var, len(Z))
            elif self._running is not None:
                mean, var = self._running
        self._deviation = np.sqrt(var + self._norm.eps)
        self._hat = (Z - mean) / self._deviation
        return params[self.gamma] * self._hat + params[self.beta]

    def _follow(self, mean, var, n):
        if self._norm.unbiased:
            var = var * n / max(n - 1, 1)
        old_mean, old_var = self._running or (np.zeros_like(mean), np.ones_like(var))
        m = self._norm.momentum
        self._running = (1 - m) * old_mean + m * mean, (1 - m) * old_var + m * var

    def backward(self, grad, params):
        """Return the gradient by the products, and those by the parameters."""
        axis, hat = self._norm.axis, self._hat
        grads = {self.gamma: (grad * hat).sum(axis=0), self.beta: grad.sum(axis=0)}
        grad = grad * params[self.gamma]
        grad = grad - grad.mean(axis=axis, keepdims=True)
        grad = grad - hat * (grad * hat).mean(axis=axis, keepdims=True)
        return grad / self._deviation, grads

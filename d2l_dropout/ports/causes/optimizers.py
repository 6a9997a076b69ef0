"""The updates of a port in NumPy: SGD, what is added to it, and others."""

import numpy as np


class Updater:
    """Updates parameters as an `Optimizer` of `recipe` says; keeps its state.

    Parameters
    ----------
    optimizer : recipe.Optimizer
    lr : float
        The case's learning rate.
    """

    def __init__(self, optimizer, lr):
        self._of = optimizer
        self._lr = lr if optimizer.lr is None else optimizer.lr
        self._state, self._k, self._kept = {}, 0, {}

    def clip(self, grads):
        """Return the gradients as they are after clipping.

        Parameters
        ----------
        grads : dict of str to ndarray

        Returns
        -------
        dict of str to ndarray
        """
        if self._of.clip is None:
            return grads
        kind, bound = self._of.clip
        if kind == 'value':
            return {n: np.clip(g, -bound, bound) for n, g in grads.items()}
        if kind == 'each norm':
            return {
                n: g * min(1, bound / (_norm([g]) + 1e-12)) for n, g in grads.items()
            }
        factor = min(1, bound / (_norm(grads.values()) + 1e-12))
        return {n: g * factor for n, g in grads.items()}

    def update(self, params, grads):
        """Return the parameters after the next update.

        Parameters
        ----------
        params, grads : dict of str to ndarray
            The gradients are those that SGD multiplies by the learning rate.

        Returns
        -------
        dict of str to ndarray
        """
        self._k += 1
        grads = self._gradients(self.clip(grads))
        for _ in range(self._of.updates(self._k) if grads else 0):
            params = {n: self._updated(n, p, grads[n]) for n, p in params.items()}
        return params

    def _gradients(self, grads):
        """Return the gradients to subtract; none if there is no update."""
        of, kept = self._of.gradients, self._kept
        if of in ('accumulated', 'every other') and kept:
            grads = {n: g + kept[n] for n, g in grads.items()}
        self._kept = grads
        if of == 'stale':
            return kept
        if of == 'first' and kept:
            self._kept = kept
            return kept
        if of == 'every other':
            self._kept = {} if self._k % 2 == 0 else grads
            return grads if self._k % 2 == 0 else {}
        return grads

    def _updated(self, name, param, grad):
        if name in self._of.frozen:
            return param
        if self._of.wd_biases or name.startswith('W'):
            grad = grad + self._of.wd * param
        lr = self._lr * self._of.schedule(self._k)
        return param - lr * getattr(self, f'_{self._of.kind}')(name, grad)

    def _sgd(self, name, grad):
        momentum = self._of.momentum
        if not momentum:
            return grad
        velocity = self._average(
            name, grad, momentum, 1 - momentum if self._of.dampened else 1.0
        )
        return grad + momentum * velocity if self._of.nesterov else velocity

    def _adam(self, name, grad):
        mean = self._average(('mean', name), grad, 0.9, 0.1) / (1 - 0.9**self._k)
        square = self._average(('square', name), grad**2, 0.999, 0.001)
        return mean / (np.sqrt(square / (1 - 0.999**self._k)) + 1e-8)

    def _rmsprop(self, name, grad):
        return grad / (np.sqrt(self._average(name, grad**2, 0.99, 0.01)) + 1e-8)

    def _keras_rmsprop(self, name, grad):
        return grad / np.sqrt(self._average(name, grad**2, 0.9, 0.1) + 1e-7)

    def _adagrad(self, name, grad):
        return grad / (np.sqrt(self._average(name, grad**2, 1.0, 1.0)) + 1e-10)

    def _sign(self, name, grad):
        return np.sign(grad)

    def _average(self, key, value, keep, take):
        self._state[key] = keep * self._state.get(key, 0) + take * value
        return self._state[key]


def _norm(grads):
    return np.sqrt(sum((g**2).sum() for g in grads))

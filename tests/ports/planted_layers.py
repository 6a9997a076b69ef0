"""Layers that should not be there, and biases that are left out."""

import numpy as np
from planted_dropouts import drop, random_mask
from planting import PLANTED, plant
from small_port import Activation, Dense, SmallPort


def _layers_with(*changes):
    """Return a `make_layers` that inserts layers: (index, function of port)."""

    def make_layers(port):
        layers = SmallPort.make_layers(port)
        for index, make in changes:
            layers.insert(index, (make(port), 'unrecorded'))
        return layers

    return make_layers


def _without_unrecorded(port, outputs, X, y, k):
    outputs.pop('unrecorded', None)
    return outputs


def _input_dropout(port):
    return drop(scales=random_mask)(0.2)


class BatchNorm:
    """Before the activation; what is recorded as Z is the product."""

    def __init__(self, units, eps=1e-5):
        self.eps, self.mean, self.var = eps, np.zeros(units), np.ones(units)

    def forward(self, x, training):
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.mean = 0.9 * self.mean + 0.1 * mean
            self.var = 0.9 * self.var + 0.1 * var * len(x) / (len(x) - 1)
        else:
            mean, var = self.mean, self.var
        self.hat, self.std = (
            (x - mean) / np.sqrt(var + self.eps),
            np.sqrt(var + self.eps),
        )
        return self.hat.astype('float32')

    def backward(self, g):
        n = len(g)
        inner = n * g - g.sum(axis=0) - self.hat * (g * self.hat).sum(axis=0)
        return (inner / (n * self.std)).astype('float32')


class LayerNorm:
    def __init__(self, units, eps=1e-5):
        self.eps, self.gain, self.shift = eps, np.ones(units), np.zeros(units)

    def forward(self, x, training):
        self.std = np.sqrt(x.var(axis=1, keepdims=True) + self.eps)
        self.hat = (x - x.mean(axis=1, keepdims=True)) / self.std
        return (self.gain * self.hat + self.shift).astype('float32')

    def backward(self, g):
        self.grad_gain, self.grad_shift = (g * self.hat).sum(axis=0), g.sum(axis=0)
        g = g * self.gain
        m = g.shape[1]
        inner = m * g - g.sum(axis=1, keepdims=True)
        inner -= self.hat * (g * self.hat).sum(axis=1, keepdims=True)
        return (inner / (m * self.std)).astype('float32')


class TrainedLayerNormPort(SmallPort):
    def make_layers(self):
        layers = SmallPort.make_layers(self)
        self.normal = LayerNorm(self.dense[0].bias.size)
        layers.insert(1, (self.normal, 'unrecorded'))
        return layers

    def update(self, k, grads):
        SmallPort.update(self, k, grads)
        self.normal.gain -= self.settings.lr * self.normal.grad_gain / self.batch_size
        self.normal.shift -= self.settings.lr * self.normal.grad_shift / self.batch_size

    after_step = _without_unrecorded


PLANTED['layer-norm-1'] = 'layer normalization', TrainedLayerNormPort
plant(
    'input-dropout',
    'the input is dropped as well, or cropped',
    make_layers=_layers_with((0, _input_dropout)),
    after_step=_without_unrecorded,
)
plant(
    'batch-norm-without-scale',
    'batch normalization without scale and shift',
    make_layers=_layers_with((1, lambda port: BatchNorm(port.dense[0].bias.size))),
    after_step=_without_unrecorded,
)


def _relu_last(port):
    layers = SmallPort.make_layers(port)
    return [*layers, (Activation(), 'scores')]


plant('relu-on-scores', 'a ReLU on the scores', make_layers=_relu_last)


class ResidualPort(SmallPort):
    """Adds a constant part of Z1 to H1: a connection that should not be there."""

    def make_activations(self):
        leak = lambda z: np.where(z > 0, z, 0) + 0.1 * z  # noqa: E731
        return [Activation(leak, lambda z: np.where(z > 0, 1, 0) + 0.1), Activation()]


PLANTED['residual'] = None, ResidualPort


def _no_bias(*numbers):
    class Biasless(Dense):
        def forward(self, x, training):
            self.x = x
            return x @ self.weight

        def backward(self, g):
            back = Dense.backward(self, g)
            self.grad_bias = np.zeros_like(self.grad_bias)
            return back

    def make_dense(port, number):
        made = SmallPort.make_dense(port, number)
        cls = Biasless if number in numbers else Dense
        return cls(made.weight, made.bias)

    return make_dense


plant('no-biases', 'the biases are left out', make_dense=_no_bias(1, 2, 3))
plant('no-bias-2', 'the bias b2 is left out', make_dense=_no_bias(2))
plant('no-bias-3', 'the bias b3 is left out', make_dense=_no_bias(3))

"""Mistakes in the optimizer, and updates that are left out."""

import numpy as np
from planting import PLANTED, plant
from small_port import SGD, Dense, SmallPort

# Updates


def optimizer(factory=None, **methods):
    cls = type('Planted', (SGD,), methods)
    return lambda port, lr: cls(factory(lr) if factory else lr)


def momentum(mu, nesterov=False):
    def direction(self, name, param, grad):
        v = self.state[name] = mu * self.state.get(name, 0) + grad
        return grad + mu * v if nesterov else v

    return dict(direction=direction)


def decay(wd, biases=True):
    def direction(self, name, param, grad):
        return grad + wd * param if biases or name[0] == 'W' else grad

    return dict(direction=direction)


def _adam(self, name, param, grad):
    m, v = self.state.get(name, (0, 0))
    m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad * grad
    self.state[name] = m, v
    m, v = m / (1 - 0.9**self.k), v / (1 - 0.999**self.k)
    return m / (np.sqrt(v) + 1e-8)


def _adagrad(self, name, param, grad):
    self.state[name] = self.state.get(name, 0) + grad * grad
    return grad / (np.sqrt(self.state[name]) + 1e-10)


def _dampened(self, name, param, grad):
    v = self.state[name] = 0.9 * self.state.get(name, 0) + 0.1 * grad
    return v


def _lion(self, name, param, grad):
    m = self.state.get(name, 0)
    self.state[name] = 0.99 * m + 0.01 * grad
    return np.sign(0.9 * m + 0.1 * grad)


for _name, _cause, _make in [
    ('lr-.1', 'a learning rate of 0.1 in place', optimizer(lambda lr: 0.1)),
    ('lr-.37', 'a learning rate of 0.37 in place', optimizer(lambda lr: 0.37)),
    ('lr-.05', 'a learning rate of 0.05 in place', optimizer(lambda lr: 0.05)),
    ('ascent', 'added in place of subtracted', optimizer(lambda lr: -lr)),
    ('momentum-.9', 'SGD with momentum 0.9', optimizer(**momentum(0.9))),
    ('momentum-.5', 'SGD with momentum 0.5', optimizer(**momentum(0.5))),
    ('nesterov-.9', 'Nesterov momentum 0.9', optimizer(**momentum(0.9, True))),
    (
        'dampened-momentum',
        'momentum 0.9 and dampening',
        optimizer(direction=_dampened),
    ),
    ('wd-.01', '0.01 times the parameter', optimizer(**decay(0.01))),
    ('wd-.0005', '0.0005 times the parameter', optimizer(**decay(0.0005))),
    ('wd-.1-weights', '0.1 times each weight', optimizer(**decay(0.1, False))),
    (
        'adam-.001',
        'Adam with a learning rate of 0.001',
        optimizer(lambda lr: 0.001, direction=_adam),
    ),
    ('adam-.5', 'Adam with a learning rate of 0.5', optimizer(direction=_adam)),
    (
        'adagrad-.01',
        'Adagrad with a learning rate of 0.01',
        optimizer(lambda lr: 0.01, direction=_adagrad),
    ),
    ('lion', None, optimizer(lambda lr: 0.01, direction=_lion)),
    ('schedule-.9', 'a schedule', optimizer(rate=lambda s: s.lr * 0.9 ** (s.k - 1))),
    (
        'schedule-linear',
        'a schedule',
        optimizer(rate=lambda s: s.lr * (1 - (s.k - 1) / 5)),
    ),
    ('schedule-1/k', 'a schedule', optimizer(rate=lambda s: s.lr / s.k)),
    (
        'schedule-halved-at-3',
        'a schedule',
        optimizer(rate=lambda s: s.lr * 0.5 ** ((s.k - 1) // 2)),
    ),
    ('warm-up-4', 'warm-up', optimizer(rate=lambda s: s.lr * min(1, s.k / 4))),
    (
        'cosine-10',
        'as a cosine',
        optimizer(rate=lambda s: s.lr * (1 + np.cos(np.pi * (s.k - 1) / 10)) / 2),
    ),
    (
        'odd-schedule',
        'a schedule',
        optimizer(rate=lambda s: s.lr * (1, 0.3, 1.4, 0.8, 0.6, 1)[s.k - 1]),
    ),
    (
        'lr-of-biases',
        'gradients of the biases are 2 times',
        optimizer(direction=lambda s, n, p, g: g * (2 if n[0] == 'b' else 1)),
    ),
]:
    plant(_name, _cause, make_optimizer=_make)


def _frozen(*names):
    def update(port, k, grads):
        grads = {n: g * (n not in names) for n, g in grads.items()}
        SmallPort.update(port, k, grads)

    return update


def _stale(port, k, grads):
    if k > 1:
        SmallPort.update(port, k, port.kept)
    port.kept = grads


def _accumulated(port, k, grads):
    kept = getattr(port, 'kept', {})
    port.kept = {n: g + kept.get(n, 0) for n, g in grads.items()}
    SmallPort.update(port, k, port.kept)


def _every_other(port, k, grads):
    kept = getattr(port, 'kept', {})
    port.kept = {n: g + kept.get(n, 0) for n, g in grads.items()}
    if k % 2 == 0:
        SmallPort.update(port, k, port.kept)
        port.kept = {}


def _twice_updated(port, k, grads):
    SmallPort.update(port, k, grads)
    SmallPort.update(port, k, grads)


def _not_at(*steps):
    def update(port, k, grads):
        if k not in steps:
            SmallPort.update(port, k, grads)

    return update


for _name, _cause, _update in [
    ('frozen-layer-1', 'the first layer is never updated', _frozen('W1', 'b1')),
    ('frozen-layer-2', 'the second layer is never updated', _frozen('W2', 'b2')),
    ('frozen-output', 'the output layer is never updated', _frozen('W3', 'b3')),
    ('frozen-biases', 'the biases are never updated', _frozen('b1', 'b2', 'b3')),
    ('frozen-b3', 'b3 is never updated', _frozen('b3')),
    ('stale', 'of the mini-batch before (stale', _stale),
    ('accumulated', 'are not cleared between updates', _accumulated),
    ('every-other', 'two mini-batches are added up', _every_other),
    ('updated-twice', 'each gradient is subtracted twice', _twice_updated),
    ('first-lost', 'the first update is not made', _not_at(1)),
    ('third-lost', 'update 3 is not made', _not_at(3)),
]:
    plant(_name, _cause, update=_update)


class UpdatedOnTheWay(SmallPort):
    def backward(self, g):
        rate = self.settings.lr / self.batch_size
        for layer, _ in reversed(self.layers):
            if isinstance(layer, Dense):
                weight = layer.weight.copy()
                layer.weight -= rate * (layer.x.T @ g)
                g, updated = layer.backward(g), layer.weight
                layer.weight = weight
                self.kept = updated
            else:
                g = layer.backward(g)


PLANTED['updated-on-the-way'] = 'updated before the gradient goes on', UpdatedOnTheWay


class Restarting(SmallPort):
    def step(self, k):
        if k == 2:
            self.dense[:] = [SmallPort.make_dense(self, n) for n in (1, 2, 3)]
            self.layers = self.make_layers()
        SmallPort.step(self, k)


PLANTED['restart'] = 'starts from the initial parameters', Restarting

"""Mistakes planted in `small_port`, each with what `compare` should say of it.

The first part of each entry is a text that one of the causes must contain, or several
of which one is enough; None if `compare` knows no such mistake and must name none.
"""

import numpy as np
from small_port import SGD, Activation, Dense, Dropout, SmallPort, cross_entropy

#: Name -> (text of the right cause, texts or None; class of the port).
PLANTED = {}


def plant(name, cause, **methods):
    """Add a mistake: a port some of whose methods are replaced."""
    PLANTED[name] = cause, type('Planted', (SmallPort,), methods)


# Activations


def _activations(first, second=None):
    def make_activations(port):
        return [Activation(*(first or ())), Activation(*((second or first) or ()))]

    return make_activations


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


IDENTITY = (lambda z: z, np.ones_like)
RELU = Activation().function, Activation().slope
SIGMOID = _sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))
TANH = np.tanh, lambda z: 1 - np.tanh(z) ** 2
LEAKY = lambda z: np.where(z > 0, z, z / 100), lambda z: np.where(z > 0, 1, 0.01)
LEAKY3 = lambda z: np.where(z > 0, z, z * 0.3), lambda z: np.where(z > 0, 1, 0.3)
ELU = (
    lambda z: np.where(z > 0, z, np.exp(z) - 1),
    lambda z: np.where(z > 0, 1, np.exp(z)),
)
SOFTPLUS = lambda z: np.log(1 + np.exp(z)), _sigmoid
SWISH = (
    lambda z: z * _sigmoid(z),
    lambda z: _sigmoid(z) + z * _sigmoid(z) * (1 - _sigmoid(z)),
)
SQUARED = lambda z: np.where(z > 0, z * z, 0), lambda z: np.where(z > 0, 2 * z, 0)

for _name, _cause, _first, _second in [
    ('identity-1', 'the first hidden layer has no ReLU', IDENTITY, RELU),
    ('identity-2', 'the second hidden layer has no ReLU', RELU, IDENTITY),
    ('identity-both', 'neither hidden layer has a ReLU', IDENTITY, IDENTITY),
    ('sigmoid-both', 'both hidden layers have sigmoid', SIGMOID, SIGMOID),
    ('tanh-both', 'both hidden layers have tanh', TANH, TANH),
    ('tanh-2', 'the second hidden layer has tanh', RELU, TANH),
    ('leaky-both', 'leaky ReLU with slope 0.01', LEAKY, LEAKY),
    ('leaky-1', 'leaky ReLU with slope 0.3', LEAKY3, RELU),
    ('elu-both', 'both hidden layers have ELU', ELU, ELU),
    ('softplus-both', 'both hidden layers have softplus', SOFTPLUS, SOFTPLUS),
    ('swish-both', 'both hidden layers have SiLU', SWISH, SWISH),
    ('squared-relu', None, SQUARED, SQUARED),
    ('relu-slope-lost', 'does not go through the ReLUs', (RELU[0], np.ones_like), None),
    ('relu-slope-lost-1', 'through the first ReLU', (RELU[0], np.ones_like), RELU),
]:
    plant(_name, _cause, make_activations=_activations(_first, _second))


# Dropout


def _dropouts(probs=lambda p1, p2: (p1, p2), cls=Dropout, only=(1, 2)):
    def make_dropouts(port):
        pair = zip((1, 2), probs(port.p1, port.p2))
        return [(cls if n in only else Dropout)(p) for n, p in pair]

    return make_dropouts


def _drop(**methods):
    return type('Drop', (Dropout,), methods)


def _random_mask(self, x):
    rng = np.random.RandomState(int(abs(x).sum() * 1e4) % 2**31)
    return (rng.rand(*x.shape) >= self.p) / np.float32(1 - self.p)


def _no_scale(self, x):
    return self.mask


def _keep(self, x):
    return 1 - self.p


def _identity(self, x):
    return np.ones_like(x)


def _straight(self, g):
    return g


def _gaussian(self, x):
    rng = np.random.RandomState(3)
    return 1 + np.sqrt(self.p / (1 - self.p)) * rng.randn(*x.shape)


_OFF = _drop(scales=_identity)
_LAST_MASK = _drop(predict_scales=lambda s, x: np.resize(s.mask, x.shape) / (1 - s.p))
for _name, _cause, _make in [
    (
        'no-scale',
        'is not divided by 1 - drop_prob',
        _dropouts(cls=_drop(scales=_no_scale)),
    ),
    (
        'no-scale-1',
        'what dropout 1 keeps is not divided',
        _dropouts(cls=_drop(scales=_no_scale), only=(1,)),
    ),
    (
        'scale-at-test-only',
        'multiplied by it in predict mode instead',
        _dropouts(cls=_drop(scales=_no_scale, predict_scales=_keep)),
    ),
    (
        'scale-at-test-too',
        'multiplied by 1 - drop_prob in predict mode, on top',
        _dropouts(cls=_drop(predict_scales=_keep)),
    ),
    (
        'times-keep',
        'multiplied by 1 - drop_prob in place of divided',
        _dropouts(cls=_drop(scales=lambda s, x: s.mask * (1 - s.p))),
    ),
    (
        'over-p',
        'divided by drop_prob in place of 1 - drop_prob',
        _dropouts(cls=_drop(scales=lambda s, x: s.mask / s.p)),
    ),
    (
        'inverted-mask',
        'units to be dropped, not for those kept',
        _dropouts(cls=_drop(scales=lambda s, x: (1 - s.mask) / (1 - s.p))),
    ),
    (
        'keep-prob',
        'drop_prob is taken for the probability of keeping',
        _dropouts(cls=_drop(scales=lambda s, x: (1 - s.mask) / s.p)),
    ),
    (
        'mask-of-first-example',
        'all examples have the mask of the first',
        _dropouts(
            cls=_drop(scales=lambda s, x: np.tile(s.mask[:1], (len(x), 1)) / (1 - s.p))
        ),
    ),
    (
        'mask-of-first-unit',
        'all units of an example have the mask of the first unit',
        _dropouts(cls=_drop(scales=lambda s, x: s.mask[:, :1] / (1 - s.p))),
    ),
    (
        'rolled-masks',
        'does not use the exported masks',
        _dropouts(
            cls=_drop(scales=lambda s, x: np.roll(s.mask, 1, axis=1) / (1 - s.p))
        ),
    ),
    ('swapped-probs', 'are swapped', _dropouts(lambda p1, p2: (p2, p1))),
    (
        'both-p1',
        'both dropout layers have drop_prob1',
        _dropouts(lambda p1, p2: (p1, p1)),
    ),
    (
        'both-p2',
        'both dropout layers have drop_prob2',
        _dropouts(lambda p1, p2: (p2, p2)),
    ),
    ('p1-.3', 'divided by 1 - 0.3', _dropouts(lambda p1, p2: (0.3, p2))),
    ('p2-.35', 'divided by 1 - 0.35', _dropouts(lambda p1, p2: (p1, 0.35))),
    ('no-dropout', 'no dropout in training mode', _dropouts(cls=_OFF)),
    (
        'identity-for-dropout-2',
        'no dropout after the second',
        _dropouts(cls=_OFF, only=(2,)),
    ),
    (
        'identity-for-dropout-1',
        'no dropout after the first',
        _dropouts(cls=_OFF, only=(1,)),
    ),
    ('left-on', 'dropout is left on in predict mode', _dropouts(cls=_LAST_MASK)),
    (
        'left-on-2',
        'dropout 2 is left on in predict mode',
        _dropouts(cls=_LAST_MASK, only=(2,)),
    ),
    (
        'left-on-own-masks',
        'dropout is left on in predict mode',
        _dropouts(cls=_drop(predict_scales=_random_mask)),
    ),
    (
        'own-masks',
        'does not use the exported masks',
        _dropouts(cls=_drop(scales=_random_mask)),
    ),
    (
        'own-masks-2',
        'does not use the exported masks',
        _dropouts(cls=_drop(scales=_random_mask), only=(2,)),
    ),
    (
        'straight-through',
        'goes on as without dropout',
        _dropouts(cls=_drop(backward=_straight)),
    ),
    (
        'straight-through-2',
        'does not go through the mask of dropout 2',
        _dropouts(cls=_drop(backward=_straight), only=(2,)),
    ),
    (
        'unscaled-backward',
        'is not divided by 1 - drop_prob',
        _dropouts(cls=_drop(backward=lambda s, g: g * s.mask)),
    ),
    ('gaussian', None, _dropouts(cls=_drop(scales=_gaussian))),
]:
    plant(_name, _cause, make_dropouts=_make)


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
    return _drop(scales=_random_mask)(0.2)


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
    'the input is dropped as well',
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


# The loss


def _loss(function):
    return lambda port, scores, y: function(scores, y)


def _softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _one_hot(y):
    return np.eye(10, dtype='float32')[y]


def _twice(scores, y):
    q = _softmax(scores)
    losses, g = cross_entropy(q, y)
    return losses, q * (g - (g * q).sum(axis=1, keepdims=True))


def _smoothed(eps):
    def loss(scores, y):
        target = _one_hot(y) * (1 - eps) + eps / 10
        q = _softmax(scores)
        return -(target * np.log(q)).sum(axis=1), q - target

    return loss


def _mse(scores, y):
    error = scores - _one_hot(y)
    return (error**2).mean(axis=1), 2 * error / 10


def _brier(scores, y):
    q = _softmax(scores)
    error = q - _one_hot(y)
    g = 2 * error
    return (error**2).sum(axis=1), q * (g - (g * q).sum(axis=1, keepdims=True))


def _bce(scores, y):
    s, t = _sigmoid(scores), _one_hot(y)
    return -(t * np.log(s) + (1 - t) * np.log(1 - s)).mean(axis=1), (s - t) / 10


def _scaled_loss(c):
    return lambda scores, y: tuple(c * value for value in cross_entropy(scores, y))


def _focal(scores, y):
    losses, g = cross_entropy(scores, y)
    weight = (1 - np.exp(-losses)) ** 2
    return weight * losses, weight[:, None] * g


def _class_weights(scores, y):
    weight = np.where(y < 5, 2, 1)
    losses, g = cross_entropy(scores, y)
    return weight * losses, weight[:, None] * g


def _hot(scores, y):
    losses, g = cross_entropy(scores / 2, y)
    return losses, g / 2


for _name, _cause, _function in [
    ('softmax-twice', 'softmax before a loss that has', _twice),
    ('smoothing-.1', 'label smoothing of 0.1', _smoothed(0.1)),
    ('smoothing-.03', 'label smoothing of 0.03', _smoothed(0.03)),
    ('mse', 'mean squared error of the scores', _mse),
    ('brier', 'squared error of the probabilities', _brier),
    ('bce', 'binary cross-entropy, averaged', _bce),
    ('mean-over-classes', 'a tenth of the loss', _scaled_loss(0.1)),
    ('log-2', 'the logarithm of base 2', _scaled_loss(1 / np.log(2))),
    ('focal', None, _focal),
    ('class-weights', None, _class_weights),
    ('temperature', 'divided by 2 in the loss', _hot),
]:
    plant(_name, _cause, loss=_loss(_function))


def _l2(coefficient):
    def subtracted(port, grads, n):
        grads = SmallPort.subtracted(port, grads, n)
        return {
            name: g + 2 * coefficient * port.params()[name] * (name[0] == 'W')
            for name, g in grads.items()
        }

    def recorded(port, grads, n):
        return port.subtracted(grads, n)

    def mean_loss(port, losses):
        return losses.mean() + coefficient * port.penalty

    def step(port, k):
        port.penalty = sum(
            (p**2).sum() for n, p in port.params().items() if n[0] == 'W'
        )
        SmallPort.step(port, k)

    return dict(
        subtracted=subtracted, recorded=recorded, mean_loss=mean_loss, step=step
    )


plant('l2-.001', 'an L2 penalty in the loss: 0.001', **_l2(0.001))
plant('l2-.02', 'an L2 penalty in the loss: 0.02', **_l2(0.02))


# Gradients


def _grads(change):
    """Return a `gradients` that changes those of the sum of the losses."""

    def gradients(port, n):
        return change(SmallPort.gradients(port, n), n)

    return gradients


def _zeros(*names):
    return lambda grads, n: {k: g * (k not in names) for k, g in grads.items()}


def _clip_norm(bound):
    def change(grads, n):
        norm = np.sqrt(sum(((g / n) ** 2).sum() for g in grads.values()))
        return {k: g * min(1, bound / norm) for k, g in grads.items()}

    return change


def _clip_each(bound):
    def change(grads, n):
        norms = {k: np.sqrt(((g / n) ** 2).sum()) for k, g in grads.items()}
        return {k: g * min(1, bound / norms[k]) for k, g in grads.items()}

    return change


for _name, _cause, _change in [
    (
        'no-mean',
        'sum of the losses',
        lambda grads, n: {k: g * n for k, g in grads.items()},
    ),
    (
        'mean-twice',
        'divided by the batch size twice',
        lambda grads, n: {k: g / n for k, g in grads.items()},
    ),
    (
        'half-gradient',
        '0.5 times as large',
        lambda grads, n: {k: g / 2 for k, g in grads.items()},
    ),
    (
        'double-gradient',
        'as large',
        lambda grads, n: {k: g * 2 for k, g in grads.items()},
    ),
    (
        'bias-means',
        'gradients of the biases are means',
        lambda grads, n: {k: g / (n if k[0] == 'b' else 1) for k, g in grads.items()},
    ),
    ('detached-1', 'no gradient reaches the first layer', _zeros('W1', 'b1')),
    ('detached-2', 'no gradient reaches the first two', _zeros('W1', 'b1', 'W2', 'b2')),
    (
        'clip-norm-.5',
        'norm of all gradients together is clipped to 0.5',
        _clip_norm(0.5),
    ),
    ('clip-each-.2', 'clipped (or scaled) to 0.2', _clip_each(0.2)),
    (
        'clip-value-.05',
        'element of the gradients is clipped to 0.05',
        lambda grads, n: {k: np.clip(g, -0.05 * n, 0.05 * n) for k, g in grads.items()},
    ),
    (
        'rounded-gradient',
        None,
        lambda grads, n: {k: np.round(g, 1) for k, g in grads.items()},
    ),
    (
        'normalized-gradient',
        'clipped (or scaled)',
        lambda grads, n: {
            k: g / np.sqrt((g**2).sum() + 1e-9) for k, g in grads.items()
        },
    ),
    (
        'W2-gradient-negated',
        None,
        lambda grads, n: {k: -g if k == 'W2' else g for k, g in grads.items()},
    ),
]:
    plant(_name, _cause, gradients=_grads(_change))


def _directions(change):
    """Return a `subtracted` that changes the gradients only where they are applied."""

    def subtracted(port, grads, n):
        return change(SmallPort.subtracted(port, grads, n), n)

    return subtracted


plant(
    'clip-norm-1-unrecorded',
    'norm of all gradients together is clipped to 1',
    subtracted=_directions(lambda grads, n: _clip_norm(1)(grads, 1)),
)
plant(
    'divided-twice',
    'divided by the batch size once more',
    subtracted=_directions(lambda grads, n: {k: g / n for k, g in grads.items()}),
)


# Updates


def _optimizer(factory=None, **methods):
    cls = type('Planted', (SGD,), methods)
    return lambda port, lr: cls(factory(lr) if factory else lr)


def _momentum(mu, nesterov=False):
    def direction(self, name, param, grad):
        v = self.state[name] = mu * self.state.get(name, 0) + grad
        return grad + mu * v if nesterov else v

    return dict(direction=direction)


def _decay(wd, biases=True):
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
    ('lr-.1', 'a learning rate of 0.1 in place', _optimizer(lambda lr: 0.1)),
    ('lr-.37', 'a learning rate of 0.37 in place', _optimizer(lambda lr: 0.37)),
    ('lr-.05', 'a learning rate of 0.05 in place', _optimizer(lambda lr: 0.05)),
    ('ascent', 'added in place of subtracted', _optimizer(lambda lr: -lr)),
    ('momentum-.9', 'SGD with momentum 0.9', _optimizer(**_momentum(0.9))),
    ('momentum-.5', 'SGD with momentum 0.5', _optimizer(**_momentum(0.5))),
    ('nesterov-.9', 'Nesterov momentum 0.9', _optimizer(**_momentum(0.9, True))),
    (
        'dampened-momentum',
        'momentum 0.9 and dampening',
        _optimizer(direction=_dampened),
    ),
    ('wd-.01', '0.01 times the parameter', _optimizer(**_decay(0.01))),
    ('wd-.0005', '0.0005 times the parameter', _optimizer(**_decay(0.0005))),
    ('wd-.1-weights', '0.1 times each weight', _optimizer(**_decay(0.1, False))),
    (
        'adam-.001',
        'Adam with a learning rate of 0.001',
        _optimizer(lambda lr: 0.001, direction=_adam),
    ),
    ('adam-.5', 'Adam with a learning rate of 0.5', _optimizer(direction=_adam)),
    (
        'adagrad-.01',
        'Adagrad with a learning rate of 0.01',
        _optimizer(lambda lr: 0.01, direction=_adagrad),
    ),
    ('lion', None, _optimizer(lambda lr: 0.01, direction=_lion)),
    ('schedule-.9', 'a schedule', _optimizer(rate=lambda s: s.lr * 0.9 ** (s.k - 1))),
    (
        'schedule-linear',
        'a schedule',
        _optimizer(rate=lambda s: s.lr * (1 - (s.k - 1) / 5)),
    ),
    ('schedule-1/k', 'a schedule', _optimizer(rate=lambda s: s.lr / s.k)),
    (
        'schedule-halved-at-3',
        'a schedule',
        _optimizer(rate=lambda s: s.lr * 0.5 ** ((s.k - 1) // 2)),
    ),
    ('warm-up-4', 'warm-up', _optimizer(rate=lambda s: s.lr * min(1, s.k / 4))),
    (
        'cosine-10',
        'as a cosine',
        _optimizer(rate=lambda s: s.lr * (1 + np.cos(np.pi * (s.k - 1) / 10)) / 2),
    ),
    (
        'odd-schedule',
        'a schedule',
        _optimizer(rate=lambda s: s.lr * (1, 0.3, 1.4, 0.8, 0.6, 1)[s.k - 1]),
    ),
    (
        'lr-of-biases',
        'gradients of the biases are 2 times',
        _optimizer(direction=lambda s, n, p, g: g * (2 if n[0] == 'b' else 1)),
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


# Inputs

_RNG = np.random.RandomState(11)
_CLASSES = _RNG.permutation(10)


_NOT_COPIED = 'not the exported initial parameters'  # if they are given


def _scaled_weight(c):
    return lambda port, name, value: c * SmallPort.copied_weight(port, name, value)


def _own_weight(port, name, value):
    value = SmallPort.copied_weight(port, name, value)
    return np.random.RandomState(int(name[1])).normal(0, 0.5, value.shape)


def _reshaped(*names):
    def copied_weight(port, name, value):
        right = SmallPort.copied_weight(port, name, value)
        return right.T.reshape(right.shape) if name in names else right

    return copied_weight


plant('labels+1', 'off by one (y + 1', labels=lambda port, y: (y + 1) % 10)
plant('labels-1', 'off by one (y - 1', labels=lambda port, y: (y - 1) % 10)
plant('labels-reversed', 'in reverse order', labels=lambda port, y: y[::-1])
plant('labels-sorted', 'the labels are permuted', labels=lambda port, y: np.sort(y))
plant(
    'classes-permuted', 'the classes are numbered', labels=lambda port, y: _CLASSES[y]
)
plant('labels-zero', 'the classes are numbered', labels=lambda port, y: 0 * y)
plant('images/255', 'divided by 255 once more', images=lambda port, X: X / 255)
plant('images-centred', 'scaled to [-1, 1]', images=lambda port, X: 2 * X - 1)
plant(
    'images/256',
    'the images are multiplied by 0.9961',
    images=lambda port, X: X * 255 / 256,
)
plant('images-rolled', None, images=lambda port, X: np.roll(X, 1, axis=1))
plant('same-batch', 'images and labels of the first', batch_of=lambda port, k: 1)
plant('same-masks', 'takes the masks of the first', masks_of=lambda port, k: 1)
plant(
    'own-init',
    ('initial parameters are not the exported', _NOT_COPIED),
    copied_weight=_own_weight,
)
plant(
    'small-init',
    ('initial weights are multiplied by 0.02', _NOT_COPIED),
    copied_weight=_scaled_weight(0.02),
)
plant(
    'bias-init-.1',
    ('the biases are initially 0.1', _NOT_COPIED),
    copied_bias=lambda port, n, v: v + 0.1,
)
plant(
    'reshaped',
    ('reshaped in place of transposed', _NOT_COPIED),
    copied_weight=_reshaped('W1', 'W2', 'W3'),
)
plant(
    'reshaped-W2',
    ('W2 is reshaped in place of transposed', _NOT_COPIED),
    copied_weight=_reshaped('W2'),
)


# What is recorded


def _recorded(change):
    """Return an `after_step` that changes the outputs of each step."""

    def after_step(port, outputs, X, y, k):
        return {**outputs, **change(port, outputs, X, y, k)}

    return after_step


def _again(training):
    def change(port, outputs, X, y, k):
        scores = port.forward(X, training)
        losses, _ = port.loss(scores, y)
        right = np.float32((scores.argmax(axis=1) == y).mean())
        return {'loss': losses, 'mean_loss': losses.mean(), 'train_acc': right}

    return change


def _only_first(**changes):
    def change(port, outputs, X, y, k):
        if k > 1:
            return {}
        return {name: of(outputs) for name, of in changes.items()}

    return change


def _running(port, outputs, X, y, k):
    port.seen = [*getattr(port, 'seen', []), outputs['mean_loss']]
    return {'mean_loss': np.mean(port.seen)}


def _gradients_only(factor):
    return lambda port, grads, n: {
        k: g * factor for k, g in SmallPort.recorded(port, grads, n).items()
    }


for _name, _cause, _change in [
    ('loss-after-update', 'computed after the update', _again(True)),
    (
        'probabilities',
        'holds probabilities',
        _only_first(scores=lambda o: _softmax(o['scores'])),
    ),
    (
        'log-probabilities',
        'logarithms of the probabilities',
        _only_first(scores=lambda o: np.log(_softmax(o['scores']))),
    ),
    ('Z1-in-place', 'recorded as Z1 is H1', _only_first(Z1=lambda o: o['H1'])),
    (
        'H1-in-place',
        'recorded as H1 is H1_dropped',
        _only_first(H1=lambda o: o['H1_dropped']),
    ),
    (
        'acc-percent',
        'in percent',
        lambda port, o, X, y, k: {'train_acc': 100 * o['train_acc']},
    ),
    (
        'acc-count',
        'counts the examples',
        lambda port, o, X, y, k: {'train_acc': len(y) * o['train_acc']},
    ),
    (
        'loss-sum',
        'the sum over the mini-batch',
        lambda port, o, X, y, k: {'mean_loss': o['loss'].sum()},
    ),
    ('running-loss', 'mean over all steps so far', _running),
]:
    plant(_name, _cause, after_step=_recorded(_change))
plant(
    'gradient-of-sum',
    'those of the sum of the losses; the updates',
    recorded=lambda port, grads, n: grads,
)
plant('cleared-gradient', 'after they had been cleared', recorded=_gradients_only(0))
plant('negative-gradient', 'have the opposite sign', recorded=_gradients_only(-1))


def _aliased(port, out):
    last = {f'/{n}': out[f'step{port.num_steps}/{n}'] for n in port.params()}
    return {k: last.get(k[5:], v) if k[:4] == 'step' else v for k, v in out.items()}


plant('aliased', 'one and the same array', at_the_end=_aliased)


def _predicting_with(which):
    def step(port, k):
        if which == 'previous' or k == 1:
            port.kept = {n: value.copy() for n, value in port.params().items()}
        SmallPort.step(port, k)

    def predict(port):
        for name, value in port.params().items():
            value[...] = port.kept[name]
        return SmallPort.predict(port)

    return dict(step=step, predict=predict)


plant('predicts-previous', 'before the last update', **_predicting_with('previous'))
plant('predicts-initial', 'by the initial parameters', **_predicting_with('initial'))
plant(
    'predicts-probabilities',
    'predict/scores holds probabilities',
    predict=lambda port: _softmax(SmallPort.predict(port)),
)


def _in_half(kind):
    def at_the_end(port, out):
        return {n: _rounded(np.float32(v), kind) for n, v in out.items()}

    return at_the_end


def _rounded(value, kind):
    if kind == 'float16':
        return value.astype('float16')
    bits = np.atleast_1d(value).view('uint32') + 0x8000 >> 16
    return bits.astype('uint16').view('V2').reshape(np.shape(value))


plant('float16', 'lower precision', at_the_end=_in_half('float16'))
plant('bfloat16', 'lower precision', at_the_end=_in_half('bfloat16'))


# Two at once: no single cause explains them.
plant(
    'lr-and-swapped',
    None,
    make_optimizer=_optimizer(lambda lr: 0.1),
    make_dropouts=_dropouts(lambda p1, p2: (p2, p1)),
)
plant(
    'wd-and-smoothing',
    None,
    make_optimizer=_optimizer(**_decay(0.01)),
    loss=_loss(_smoothed(0.1)),
)
plant(
    'momentum-and-labels',
    None,
    make_optimizer=_optimizer(**_momentum(0.9)),
    labels=lambda port, y: (y + 1) % 10,
)

"""Mistakes in what is copied and in what is recorded."""

import numpy as np
from planted_losses import softmax
from planting import plant
from small_port import SmallPort

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
        _only_first(scores=lambda o: softmax(o['scores'])),
    ),
    (
        'log-probabilities',
        'logarithms of the probabilities',
        _only_first(scores=lambda o: np.log(softmax(o['scores']))),
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
    predict=lambda port: softmax(SmallPort.predict(port)),
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

"""A port of the chapter in float32, written as frameworks are: layers, loss, optimizer.

It shares no code with `replay`. Each part can be replaced, which is how `planted_bugs`
makes mistakes.
"""

import numpy as np

NAMES = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')


class Dense:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def forward(self, x, training):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, g):
        self.grad_weight, self.grad_bias = self.x.T @ g, g.sum(axis=0)
        return g @ self.weight.T


class Activation:
    """By its function and its derivative; ReLU by default."""

    def __init__(
        self,
        function=lambda z: np.where(z > 0, z, 0),
        slope=lambda z: np.where(z > 0, 1, 0),
    ):
        self.function, self.slope = function, slope

    def forward(self, x, training):
        self.x = x
        return self.function(x).astype('float32')

    def backward(self, g):
        return (g * self.slope(self.x)).astype('float32')


class Dropout:
    """With the mask that is set from outside."""

    mask = None

    def __init__(self, p):
        self.p = p

    def forward(self, x, training):
        self.scale = self.scales(x) if training else self.predict_scales(x)
        return (x * self.scale).astype('float32')

    def scales(self, x):
        return self.mask / np.float32(1 - self.p)

    def predict_scales(self, x):
        return np.ones_like(x)

    def backward(self, g):
        return (g * self.scale).astype('float32')


def cross_entropy(scores, y):
    """Return the loss of each example, and the gradient of their sum by the scores."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    q = e / e.sum(axis=1, keepdims=True)
    picked = np.arange(len(y)), y
    losses = -np.log(q[picked])
    q[picked] -= 1
    return losses, q


class SGD:
    def __init__(self, lr):
        self.lr, self.k, self.state = lr, 0, {}

    def step(self, params, grads):
        """Change the parameters, which are named in both dicts, in place."""
        self.k += 1
        for name, param in params.items():
            param -= (self.rate() * self.direction(name, param, grads[name])).astype(
                'float32'
            )

    def rate(self):
        return self.lr

    def direction(self, name, param, grad):
        return grad


class SmallPort:
    """The net, the training loop and what is recorded; methods are made to be replaced.

    Parameters
    ----------
    given : dict of str to ndarray
        The inputs of a case.
    settings : ports.tensors.Settings
    """

    def __init__(self, given, settings):
        self.given, self.settings, self.out = given, settings, {}
        self.p1, self.p2 = settings.drop_prob1, settings.drop_prob2
        self.batch_size = getattr(settings, 'batch_size', None) or given['step1/y'].size
        self.dense = [self.make_dense(number) for number in (1, 2, 3)]
        self.dropouts = self.make_dropouts()
        self.layers = self.make_layers()
        self.optimizer = self.make_optimizer(settings.lr)
        self.initial = {n: value.copy() for n, value in self.params().items()}

    # The net

    def make_dense(self, number):
        weight = self.copied_weight(f'W{number}', self.given[f'init/W{number}'])
        bias = self.copied_bias(f'b{number}', self.given[f'init/b{number}'])
        return Dense(weight.astype('float32').copy(), bias.astype('float32').copy())

    def copied_weight(self, name, value):
        return value.T if self.settings.model == 'gluon' else value

    def copied_bias(self, name, value):
        return value

    def make_dropouts(self):
        return [Dropout(self.p1), Dropout(self.p2)]

    def make_activations(self):
        return [Activation(), Activation()]

    def make_layers(self):
        """Return (layer, the name under which its output is recorded) in order."""
        (first, second), (drop1, drop2) = self.make_activations(), self.dropouts
        return [
            (self.dense[0], 'Z1'),
            (first, 'H1'),
            (drop1, 'H1_dropped'),
            (self.dense[1], 'Z2'),
            (second, 'H2'),
            (drop2, 'H2_dropped'),
            (self.dense[2], 'scores'),
        ]

    def make_optimizer(self, lr):
        return SGD(lr)

    # What a step takes

    def images(self, X):
        return X

    def labels(self, y):
        return y

    def batch_of(self, k):
        return k

    def masks_of(self, k):
        return k

    # Training

    def loss(self, scores, y):
        return cross_entropy(scores, y)

    def gradients(self, n):
        """Return the gradients of the sum of the losses by name."""
        grads = {}
        for number, dense in enumerate(self.dense, 1):
            grads[f'W{number}'] = dense.grad_weight
            grads[f'b{number}'] = dense.grad_bias
        return grads

    def recorded(self, grads, n):
        return {name: grad / n for name, grad in grads.items()}

    def subtracted(self, grads, n):
        return {name: grad / self.batch_size for name, grad in grads.items()}

    def params(self):
        values = {}
        for number, dense in enumerate(self.dense, 1):
            values[f'W{number}'], values[f'b{number}'] = dense.weight, dense.bias
        return values

    def forward(self, X, training, outputs=None):
        for layer, name in self.layers:
            X = layer.forward(X, training)
            if outputs is not None:
                outputs[name] = X
        return X

    def backward(self, g):
        for layer, _ in reversed(self.layers):
            g = layer.backward(g)

    def size_of(self, k):
        return len(self.given[f'step{k}/y'])  # fewer in a short last mini-batch

    def set_masks(self, k):
        for dropout, name in zip(self.dropouts, ('mask1', 'mask2')):
            mask = self.given[f'step{self.masks_of(k)}/{name}']
            dropout.mask = mask[: self.size_of(k)].astype('float32')

    def step(self, k):
        X, y = (self.given[f'step{self.batch_of(k)}/{n}'] for n in 'Xy')
        X, y = self.images(X[: self.size_of(k)]), self.labels(y[: self.size_of(k)])
        self.set_masks(k)
        outputs = {}
        scores = self.forward(X.astype('float32'), True, outputs)
        losses, g = self.loss(scores, y)
        self.backward(g.astype('float32'))
        grads = self.gradients(len(y))
        if k == 1:
            recorded = self.recorded(grads, len(y))
            outputs.update({f'grad/{n}': g.copy() for n, g in recorded.items()})
        else:
            outputs = {}
        self.update(k, self.subtracted(grads, len(y)))
        outputs.update({n: value.copy() for n, value in self.params().items()})
        outputs.update(loss=losses, mean_loss=self.mean_loss(losses))
        outputs['train_acc'] = np.float32((scores.argmax(axis=1) == y).mean())
        outputs = self.after_step(outputs, X, y, k)
        self.out.update({f'step{k}/{n}': value for n, value in outputs.items()})

    def update(self, k, grads):
        self.optimizer.step(self.params(), grads)

    def mean_loss(self, losses):
        return losses.mean()

    def after_step(self, outputs, X, y, k):
        """Change what is recorded of a step."""
        return outputs

    # Predict mode

    def predict(self):
        X = self.images(self.given['predict/X']).astype('float32')
        return self.forward(X, False)

    def run(self):
        """Return all tensors by their exported names."""
        with np.errstate(all='ignore'):
            k = 1
            while f'step{k}/X' in self.given:
                self.step(k)
                k += 1
            self.num_steps = k - 1
            scores = self.predict()
        self.out.update({f'init/{n}': value for n, value in self.initial.items()})
        right = scores.argmax(axis=1) == self.labels(self.given['predict/y'])
        self.out['predict/scores'] = scores
        self.out['predict/test_acc'] = np.float32(right.mean())
        return self.at_the_end(self.out)

    def at_the_end(self, out):
        """Change what is recorded of all."""
        return out


def thin(out):
    """Return what Keras' `train_on_batch` gives: no layers, losses or gradients."""
    last = max(int(name[4 : name.index('/')]) for name in out if name[:4] == 'step')
    return {
        name: value
        for name, value in out.items()
        if name.endswith('/mean_loss')
        or name in {f'step{last}/{n}' for n in NAMES}
        or name == 'predict/scores'
        or name.startswith('init/')
    }

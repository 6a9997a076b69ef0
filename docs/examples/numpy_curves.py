"""An example of what `compare-curve` reads: ten epochs of the chapter in NumPy.

    python docs/examples/numpy_curves.py mine.csv --seeds 0 1 2
    d2l-dropout compare-curve mine.csv

A run takes half a minute. `--bug` makes a mistake; docs/power.md says who notices it.
"""

import argparse
import csv

import numpy as np

from d2l_dropout import fashion_mnist

LR, BATCH_SIZE, SIZES = 0.5, 256, (784, 256, 256, 10)
BUGS = (
    *('last-mini-batch', 'test-time', 'swapped', 'no-rescaling', 'wide-init'),
    *('one-shuffle', 'frozen-masks'),
)


class Dropout:
    """Both layers of dropout, with the bug that was asked for."""

    def __init__(self, rng, bug):
        self.rng, self.bug, self.frozen = rng, bug, {}
        self.drop_probs = (0.5, 0.2) if bug == 'swapped' else (0.2, 0.5)

    def factors(self, layer, n):
        """Return what the units are multiplied by, shape (n, 256)."""
        if self.bug == 'frozen-masks' and layer in self.frozen:
            return self.frozen[layer][:n]
        drop_prob, size = self.drop_probs[layer], SIZES[layer + 1]
        mask = self.rng.random((n, size), dtype='float32') > drop_prob
        scale = 1 if self.bug == 'no-rescaling' else 1 / (1 - drop_prob)
        self.frozen[layer] = mask * np.float32(scale)
        return self.frozen[layer]


def forward(params, X, factors):
    W1, b1, W2, b2, W3, b3 = params
    H1 = np.maximum(X @ W1 + b1, 0) * factors[0]
    H2 = np.maximum(H1 @ W2 + b2, 0) * factors[1]
    return H1, H2, H2 @ W3 + b3


def update(params, X, y, dropout, divisor):
    """Update the parameters in place; return the sum of losses and of correct ones."""
    factors = [dropout.factors(layer, len(X)) for layer in (0, 1)]
    H1, H2, scores = forward(params, X, factors)
    num_correct = (scores.argmax(axis=1) == y).sum()
    scores -= scores.max(axis=1, keepdims=True)
    log_probs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    g = np.exp(log_probs)
    g[rows, y] -= 1
    g /= divisor
    grads = [H2.T @ g, g.sum(axis=0)]
    # A unit that is not above 0 after dropout has no gradient before it either.
    g = (g @ params[4].T) * factors[1] * (H2 > 0)
    grads = [H1.T @ g, g.sum(axis=0), *grads]
    g = (g @ params[2].T) * factors[0] * (H1 > 0)
    grads = [X.T @ g, g.sum(axis=0), *grads]
    for param, grad in zip(params, grads):
        param -= np.float32(LR) * grad
    return -log_probs[rows, y].sum(dtype='float64'), num_correct


def epochs(train, test, seed, bug=None, num_epochs=10):
    """Yield loss, train acc and test acc of each epoch; the data are (X, y)."""
    rng = np.random.default_rng(seed)
    dropout, sd = Dropout(rng, bug), 0.1 if bug == 'wide-init' else 0.01
    params = []
    for shape in zip(SIZES, SIZES[1:]):
        weight = rng.normal(0, sd, shape).astype('float32')
        params += [weight, np.zeros(shape[1], 'float32')]
    n = len(train[1])
    order = rng.permutation(n)
    for _ in range(num_epochs):
        if bug != 'one-shuffle':
            order = rng.permutation(n)
        sums = np.zeros(2)
        for start in range(0, n, BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            divisor = len(batch) if bug == 'last-mini-batch' else BATCH_SIZE
            sums += update(params, train[0][batch], train[1][batch], dropout, divisor)
        factors = 1, 1
        if bug == 'test-time':
            factors = [dropout.factors(layer, len(test[1])) for layer in (0, 1)]
        scores = forward(params, test[0], factors)[2]
        yield (*sums / n, (scores.argmax(axis=1) == test[1]).mean())


def prepared(images, labels):
    X = images.reshape(len(images), -1).astype('float32') / 255
    return X, labels.astype('int64')


def on_fresh_split(train, test, seed):
    """Return the pooled examples, split anew: of each class 1,000 are for the test."""
    X, y = (np.concatenate(pair) for pair in zip(train, test))
    rng, chosen = np.random.default_rng(seed + 10_000), np.ones(len(y), dtype=bool)
    for label in range(10):
        chosen[rng.permutation(np.flatnonzero(y == label))[:1000]] = False
    return (X[chosen], y[chosen]), (X[~chosen], y[~chosen])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('mine', help='the CSV to write the metrics to')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0], metavar='N')
    parser.add_argument('--bug', choices=BUGS, help='the mistake to make')
    parser.add_argument('--fresh-splits', action='store_true', help='one for each seed')
    args = parser.parse_args()
    data = fashion_mnist.load()
    train = prepared(data.train_images, data.train_labels)
    test = prepared(data.test_images, data.test_labels)
    with open(args.mine, 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['run', 'epoch', 'loss', 'train_acc', 'test_acc'])
        for seed in args.seeds:
            data = train, test
            if args.fresh_splits:
                data = on_fresh_split(train, test, seed)
            for i, metrics in enumerate(epochs(*data, seed, args.bug), 1):
                writer.writerow([seed, i, *(f'{metric:.5g}' for metric in metrics)])
                file.flush()


if __name__ == '__main__':
    main()

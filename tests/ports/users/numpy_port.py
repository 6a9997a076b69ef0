"""A port as a user writes it: the chapter's net in NumPy."""

import numpy as np

DROP_PROB1, DROP_PROB2, LR = 0.2, 0.5, 0.5


class Net:
    """Keeps the layers and the gradients of the last update, for tests to see."""

    def __init__(self, num_inputs=784, num_hiddens1=256, num_hiddens2=256, seed=0):
        self.rng = np.random.RandomState(seed)
        sizes = (num_inputs, num_hiddens1, num_hiddens2, 10)
        self.params, self.layers, self.grads = {}, {}, {}
        for i in (1, 2, 3):
            self.params[f'W{i}'] = self.rng.normal(0, 0.01, (sizes[i - 1], sizes[i]))
            self.params[f'b{i}'] = np.zeros(sizes[i])

    def draw_mask(self, shape, drop_prob):
        return (self.rng.rand(*shape) > drop_prob).astype('float64')

    def dropout(self, H, drop_prob, training):
        if not training:
            return H, 1.0
        factors = self.draw_mask(H.shape, drop_prob) / (1 - drop_prob)
        return H * factors, factors

    def forward(self, X, training):
        p, t = self.params, self.layers
        t['Z1'] = X @ p['W1'] + p['b1']
        t['H1'] = np.maximum(t['Z1'], 0)
        t['H1_dropped'], self.factors1 = self.dropout(t['H1'], DROP_PROB1, training)
        t['Z2'] = t['H1_dropped'] @ p['W2'] + p['b2']
        t['H2'] = np.maximum(t['Z2'], 0)
        t['H2_dropped'], self.factors2 = self.dropout(t['H2'], DROP_PROB2, training)
        t['scores'] = t['H2_dropped'] @ p['W3'] + p['b3']
        return t['scores']

    def train_step(self, X, y, batch_size=256):
        scores, p, t = self.forward(X, training=True), self.params, self.layers
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        rows = np.arange(len(y))
        d_scores = np.exp(log_probs)
        d_scores[rows, y] -= 1
        d_scores /= batch_size
        d_Z2 = d_scores @ p['W3'].T * self.factors2 * (t['Z2'] > 0)
        d_Z1 = d_Z2 @ p['W2'].T * self.factors1 * (t['Z1'] > 0)
        inputs = (X, t['H1_dropped'], t['H2_dropped'])
        for i, (H, d_Z) in enumerate(zip(inputs, (d_Z1, d_Z2, d_scores)), 1):
            self.grads[f'W{i}'], self.grads[f'b{i}'] = H.T @ d_Z, d_Z.sum(axis=0)
        for name in p:
            p[name] -= LR * self.grads[name]
        return -log_probs[rows, y]

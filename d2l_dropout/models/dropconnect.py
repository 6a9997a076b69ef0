"""DropConnect, for problem 7: weights are dropped in place of hidden units.

Training draws one mask for each weight matrix, either for the mini-batch as a whole or
for each example. The weights that are kept are divided by 1 - drop_prob, so that the
expected value of each weight is the weight itself and predict mode can use the weights
as they are. Wan et al. (2013) draw a mask for each example, and sample the activations
in predict mode.

Source: chapter 3.13.10, problem 7.
"""

import numpy as np

from d2l_dropout import compat
from d2l_dropout.models.dropout import dropout
from d2l_dropout.models.mlp import ScratchMLP

compat.import_mxnet()
from mxnet import autograd, gluon, init, nd  # noqa: E402
from mxnet.gluon import nn  # noqa: E402


class DropConnectMLP(ScratchMLP):
    """The chapter's scratch net, with dropout on W2 and W3 in place of H1 and H2.

    Dropping a hidden unit amounts to dropping all weights of its outgoing connections.
    Here each of these weights is dropped independently: those of W2 with probability
    `drop_prob1`, those of W3 with `drop_prob2`.

    Parameters
    ----------
    per_example : bool
        Draw a mask for each example instead of one for the mini-batch. Training then
        takes about five times as long.
    **settings
        Those of `ScratchMLP`; `noise` is not used.

    The attributes are those of `ScratchMLP`.
    """

    def __init__(self, per_example=False, **settings):
        super().__init__(**settings)
        self._dot = dot_per_example if per_example else _dot_with_one_mask

    def __call__(self, X):
        """Return the scores of each class.

        Parameters
        ----------
        X : NDArray of float32, shape (n, ...) with num_inputs elements an example

        Returns
        -------
        NDArray of float32, shape (n, num_outputs)
            Weights are dropped in training mode only.
        """
        dot = self._dot if autograd.is_training() else _dot_without_mask
        X = X.reshape((-1, self.num_inputs))
        H1 = (nd.dot(X, self.W1) + self.b1).relu()
        H2 = (dot(H1, self.W2, self.drop_prob1) + self.b2).relu()
        return dot(H2, self.W3, self.drop_prob2) + self.b3


def _dot_without_mask(H, W, drop_prob):
    return nd.dot(H, W)


def _dot_with_one_mask(H, W, drop_prob):
    return nd.dot(H, dropout(W, drop_prob))


def dot_per_example(H, W, drop_prob):
    """Multiply each row of `H` by `W` with dropout on `W`, one mask per row.

    Parameters
    ----------
    H : NDArray of float32, shape (n, in)
        The output of ReLU. Elements that are 0 get the gradient 0, because ReLU would
        not pass it on.
    W : NDArray of float32, shape (in, out)
    drop_prob : float in [0, 1)
        Probability of each weight being zeroed, independently for each row.

    Returns
    -------
    NDArray of float32, shape (n, out)
    """
    return _DotPerExample(drop_prob)(H, W)


class _DotPerExample(autograd.Function):
    """The product and its gradients, computed with NumPy row by row.

    `nd.batch_dot` with all n masks at once is several times slower, because they are n
    times as large as `W` and do not fit into the processor's cache. No masks are drawn
    for weights whose input is 0.
    """

    def __init__(self, drop_prob):
        super().__init__()
        self._drop_prob = drop_prob
        # Drawn from MXNet's generator, so that its seed determines the masks too.
        self._seed = int(nd.random.randint(0, 2**31 - 1).asscalar())

    def _masked_rows(self, H, W):
        """Yield, for each row of `H`, its nonzero places, the mask and masked `W`."""
        rng = np.random.Generator(np.random.PCG64(self._seed))
        for h in H:
            live = np.flatnonzero(h)
            drawn = rng.random((len(live), W.shape[1]), dtype='float32')
            mask = (drawn >= self._drop_prob) * np.float32(1 / (1 - self._drop_prob))
            yield live, mask, W[live] * mask

    def forward(self, H, W):
        self._H, self._W = H.asnumpy(), W.asnumpy()
        self._kept = list(self._masked_rows(self._H, self._W))
        pairs = zip(self._H, self._kept)
        out = np.stack([h[live] @ masked for h, (live, _, masked) in pairs])
        return nd.array(out, ctx=H.context)

    def backward(self, d_out):
        d_H, d_W = np.zeros_like(self._H), np.zeros_like(self._W)
        rows = zip(self._H, d_H, d_out.asnumpy(), self._kept)
        for h, d_h, d, (live, mask, masked) in rows:
            d_h[live] = masked @ d
            d_W[live] += mask * np.outer(h[live], d)
        return nd.array(d_H, ctx=d_out.context), nd.array(d_W, ctx=d_out.context)


class DropConnectDense(gluon.HybridBlock):
    """A fully connected layer with dropout on its weights in training mode.

    Parameters
    ----------
    units : int >= 1
    drop_prob : float in [0, 1)
        Probability of a weight being zeroed; the bias is never dropped.
    activation : str, optional
        The name of an activation, as for `gluon.nn.Dense`.

    Attributes
    ----------
    weight, bias : gluon.Parameter
        Shapes (units, number of inputs) and (units,). The number of inputs is inferred
        from the first mini-batch.
    """

    def __init__(self, units, drop_prob, activation=None, prefix=None, params=None):
        super().__init__(prefix=prefix, params=params)
        self._units, self._drop_prob = units, drop_prob
        self._activation = activation
        with self.name_scope():
            self.weight = self.params.get(
                'weight', shape=(units, 0), allow_deferred_init=True
            )
            self.bias = self.params.get('bias', shape=(units,), init='zeros')

    def infer_shape(self, X, *_):
        """Set the number of inputs from the first mini-batch; Gluon calls this."""
        self.weight.shape = (self._units, X.size // X.shape[0])

    def hybrid_forward(self, F, X, weight, bias):
        """Return activation(X W^T + b); in training mode dropout is applied to W."""
        kept = F.Dropout(weight, p=self._drop_prob)
        y = F.FullyConnected(X, kept, bias, num_hidden=self._units)
        return F.Activation(y, act_type=self._activation) if self._activation else y


def gluon_dropconnect_mlp(
    num_outputs=10,
    num_hiddens1=256,
    num_hiddens2=256,
    drop_prob1=0.2,
    drop_prob2=0.5,
    sigma=0.01,
    ctx=None,
):
    """Return the Gluon counterpart of `DropConnectMLP`, initialised.

    Parameters are those of `mlp.gluon_mlp`.

    Returns
    -------
    mxnet.gluon.nn.Sequential
        Dense, DropConnectDense, DropConnectDense. Weights have shape (out, in).
    """
    net = nn.Sequential()
    net.add(
        nn.Dense(num_hiddens1, activation='relu'),
        DropConnectDense(num_hiddens2, drop_prob1, activation='relu'),
        DropConnectDense(num_outputs, drop_prob2),
    )
    net.initialize(init.Normal(sigma=sigma), ctx=ctx)
    return net

"""DropConnect, for problem 7: weights are dropped in place of hidden units.

Training draws one mask for each weight matrix and mini-batch, which all examples of the
mini-batch share. The weights that are kept are divided by 1 - drop_prob, so that the
expected value of each weight is the weight itself and predict mode can use the weights
as they are. Wan et al. (2013) draw a mask for each example instead, and sample the
activations in predict mode.

Source: chapter 3.13.10, problem 7.
"""

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

    Parameters and attributes are those of `ScratchMLP`; `noise` is not used.
    """

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
        W2, W3 = self.W2, self.W3
        if autograd.is_training():
            W2, W3 = dropout(W2, self.drop_prob1), dropout(W3, self.drop_prob2)
        X = X.reshape((-1, self.num_inputs))
        H1 = (nd.dot(X, self.W1) + self.b1).relu()
        H2 = (nd.dot(H1, W2) + self.b2).relu()
        return nd.dot(H2, W3) + self.b3


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

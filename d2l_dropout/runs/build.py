"""The net that a RunSpec names, its seeds, and its parameters."""

import hashlib
import random

import numpy as np

from d2l_dropout import compat
from d2l_dropout.models.dropconnect import DropConnectMLP, gluon_dropconnect_mlp
from d2l_dropout.models.dropout import (
    dropout,
    gaussian_dropout,
    three_valued_dropout,
    unscaled_dropout,
)
from d2l_dropout.models.mlp import ScratchMLP, gluon_mlp

mx = compat.import_mxnet()
from mxnet import autograd, gluon  # noqa: E402

_NOISES = {
    'dropout': dropout,
    'unscaled': unscaled_dropout,
    'three_valued': three_valued_dropout,
    'gaussian': gaussian_dropout,
}


def seed_all(seed):
    """Seed `random`, NumPy and MXNet.

    Parameters
    ----------
    seed : int in [0, 2**32)
    """
    random.seed(seed)
    np.random.seed(seed)
    mx.random.seed(seed)


def make_net(spec, ctx=None):
    """Return the net that a specification names, untrained.

    Parameters
    ----------
    spec : RunSpec
    ctx : mxnet.Context, optional
        The default context unless given; for a net in Gluon also a list of them.

    Returns
    -------
    ScratchMLP or mxnet.gluon.nn.Sequential
        Gluon draws its weights when the net meets its first mini-batch.
    """
    settings = {
        'num_hiddens1': spec.num_hiddens1,
        'num_hiddens2': spec.num_hiddens2,
        'drop_prob1': spec.drop_prob1,
        'drop_prob2': spec.drop_prob2,
        'ctx': ctx,
    }
    dropconnect = spec.noise == 'dropconnect'
    if spec.model == 'gluon':
        return (gluon_dropconnect_mlp if dropconnect else gluon_mlp)(**settings)
    if dropconnect:
        return DropConnectMLP(**settings)
    return ScratchMLP(**settings, noise=_NOISES[spec.noise])


def as_tested(spec, net):
    """Return what is called with the test images: the net, or what a fault makes of it.

    Parameters
    ----------
    spec : RunSpec
    net : callable

    Returns
    -------
    callable
    """

    def in_training_mode(X):
        with autograd.train_mode():
            return net(X)

    return in_training_mode if spec.dropout_at_test else net


def parameters(net):
    """Return the parameters of a net, on its first device.

    Parameters
    ----------
    net : ScratchMLP or mxnet.gluon.Block

    Returns
    -------
    list of NDArray
        W1, b1, ..., b3; a net in Gluon has weights of shape (out, in).
    """
    if isinstance(net, gluon.Block):
        return [param.list_data()[0] for param in net.collect_params().values()]
    return net.params


def in_scratch_layout(spec, params):
    """Return W1, b1, ..., b3 with each weight as (in, out), whichever the net.

    Parameters
    ----------
    spec : RunSpec
    params : list of NDArray
        As `parameters` returns them.

    Returns
    -------
    list of NDArray
    """
    if spec.model == 'scratch':
        return params
    return [param.T if param.ndim == 2 else param for param in params]


def digest(params):
    """Return the SHA-256 of the parameters' bytes.

    Parameters
    ----------
    params : list of NDArray

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    sha = hashlib.sha256()
    for param in params:
        sha.update(param.asnumpy().tobytes())
    return sha.hexdigest()

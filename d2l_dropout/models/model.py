"""One interface to the chapter's net, from scratch or in Gluon.

Whatever trains, saves or looks into a net does it through `Model`: which kind of net it
is, is asked in this file and nowhere else. MXNet is imported where it is used, because
the command line reads `KINDS` also on machines where MXNet does not import.
"""

import hashlib
from abc import ABC, abstractmethod
from typing import Dict, Tuple, Type

from d2l_dropout import compat

#: The parameters by name, in the order in which both nets have them.
PARAMS = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')


class Model(ABC):
    """The chapter's net on one device or on several, with its update.

    Parameters
    ----------
    ctxs : list of mxnet.Context
    noise : str, one of `noises`
        What training does to the hidden units, or to the weights.
    **sizes
        `num_inputs`, `num_hiddens1`, `num_hiddens2`, `drop_prob1`, `drop_prob2` and
        `sigma`, as `mlp.ScratchMLP` has them.

    Attributes
    ----------
    nets : list of callable
        One for each device. A net in Gluon is on all of them, and here as often.
    """

    #: What `noise` may be, and whether the update knows weight decay.
    noises: Tuple[str, ...] = ()
    has_weight_decay = False

    @abstractmethod
    def __init__(self, ctxs, noise='dropout', **sizes):
        self.ctxs = list(ctxs)

    @abstractmethod
    def draw_weights(self):
        """Draw the initial weights now, unless that is done.

        Gluon would wait for the first mini-batch.
        """

    @abstractmethod
    def copies(self):
        """Return each parameter on every device, and its gradients there.

        Returns
        -------
        list of (list of NDArray, list of NDArray)
            In the order of `PARAMS`, as this net lays them out.
        """

    @abstractmethod
    def set_params(self, params):
        """Put parameters on every device.

        Parameters
        ----------
        params : list of NDArray
            As `params` returns them.
        """

    @abstractmethod
    def prepare(self, lr, wd=0.0):
        """Get ready to be updated by mini-batch stochastic gradient descent.

        Parameters
        ----------
        lr : float
            Learning rate.
        wd : float
            Weight decay; 0 where the model has none.
        """

    @abstractmethod
    def update(self, batch_size):
        """Take one step on every device with the gradients that are there.

        Parameters
        ----------
        batch_size : int
            What the gradients, sums over the mini-batch, are divided by.
        """

    @abstractmethod
    def wrap_dropout(self, wrapper):
        """Have each dropout layer called through a function of yours in training mode.

        Parameters
        ----------
        wrapper : callable
            `wrapper(H, layer)` returns what the next layer gets; `layer(H)` is what it
            would have got.
        """

    #: The names under which the parameters are saved, in the order of `PARAMS`.
    saved_names = PARAMS
    #: Whether a weight has shape (in, out) as in the chapter's formulas.
    in_scratch_layout = True

    def params(self):
        """Return the parameters on the first device, as this net lays them out.

        Returns
        -------
        list of NDArray
            In the order of `PARAMS`.
        """
        return [params[0] for params, _ in self.copies()]

    def grads(self):
        """Return the gradients on the first device, as this net lays them out.

        Returns
        -------
        list of NDArray
            In the order of `PARAMS`.
        """
        return [grads[0] for _, grads in self.copies()]

    def scratch_params(self):
        """Return the parameters by name with each weight of shape (in, out).

        Returns
        -------
        dict of str to NDArray
            On the first device, whichever the net.
        """
        params = self.params()
        if not self.in_scratch_layout:
            params = [param.T if param.ndim == 2 else param for param in params]
        return dict(zip(PARAMS, params))

    def digest(self):
        """Return the SHA-256 of the parameters' bytes, as this net lays them out.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        sha = hashlib.sha256()
        for param in self.params():
            sha.update(param.asnumpy().tobytes())
        return sha.hexdigest()

    def state(self):
        """Return the parameters by the names under which they are saved.

        Returns
        -------
        dict of str to NDArray
            A net in Gluon: what its own `load_parameters` reads.
        """
        return dict(zip(self.saved_names, self.params()))

    def load_state(self, state):
        """Put saved parameters on every device.

        Parameters
        ----------
        state : dict of str to NDArray
            As `state` returns it.

        Raises
        ------
        ValueError
            If they are not those of this net.
        """
        self.draw_weights()
        shapes = {name: param.shape for name, param in self.state().items()}
        given = {name: param.shape for name, param in state.items()}
        if shapes != given:
            raise ValueError(f'the parameters are {given}; the net needs {shapes}.')
        self.set_params([state[name] for name in shapes])


class ScratchModel(Model):
    """The chapter's net from scratch, updated by the book's `sgd`."""

    noises = ('dropout', 'unscaled', 'three_valued', 'gaussian', 'dropconnect')

    def __init__(self, ctxs, noise='dropout', **sizes):
        super().__init__(ctxs)
        self.nets = [_scratch_net(noise, ctx=ctx, **sizes) for ctx in ctxs]
        self.set_params(self.nets[0].params)

    def draw_weights(self):
        """Do nothing: they are drawn when the net is made."""

    def copies(self):
        """Return each parameter on every device, and its gradients there."""
        copies = [list(params) for params in zip(*(net.params for net in self.nets))]
        return [(params, [param.grad for param in params]) for params in copies]

    def set_params(self, params):
        """Put parameters on every device."""
        for net in self.nets:
            for given, param in zip(params, net.params):
                if given is not param:
                    given.copyto(param)

    def prepare(self, lr, wd=0.0):
        """Get ready to be updated; the book's `sgd` has no weight decay."""
        if wd:
            raise ValueError(f"wd is {wd}; the scratch net's sgd has no weight decay.")
        self._lr = lr

    def update(self, batch_size):
        """Take one step on every device with the gradients that are there."""
        from d2l_dropout.d2l import sgd

        for net in self.nets:
            sgd(net.params, self._lr, batch_size)

    def wrap_dropout(self, wrapper):
        """Have each dropout layer called through a function of yours."""
        for net in self.nets:
            net.noise = _wrapped(net.noise, wrapper)


def _wrapped(noise, wrapper):
    return lambda H, drop_prob: wrapper(H, lambda H: noise(H, drop_prob))


def _scratch_net(noise, **settings):
    compat.import_mxnet()
    from d2l_dropout.models import noises
    from d2l_dropout.models.dropconnect import DropConnectMLP
    from d2l_dropout.models.mlp import ScratchMLP

    if noise == 'dropconnect':
        return DropConnectMLP(**settings)
    return ScratchMLP(**settings, noise=noises.BY_NAME[noise])


class GluonModel(Model):
    """The chapter's net in Gluon, updated by a `gluon.Trainer`."""

    noises = ('dropout', 'dropconnect')
    has_weight_decay = True
    in_scratch_layout = False

    def __init__(self, ctxs, noise='dropout', num_inputs=784, **sizes):
        super().__init__(ctxs)
        self._num_inputs = num_inputs
        self._net = _gluon_net(noise, ctx=list(ctxs), **sizes)
        self.nets = [self._net] * len(ctxs)

    @property
    def saved_names(self):
        """The names that `gluon.Block.load_parameters` reads."""
        return list(self._net._collect_params_with_prefix())

    def _parameters(self):
        return list(self._net.collect_params().values())

    def draw_weights(self):
        """Draw the initial weights now, by a first example of zeros."""
        from mxnet import nd

        self._net(nd.zeros((1, self._num_inputs), ctx=self.ctxs[0]))

    def copies(self):
        """Return each parameter on every device, and its gradients there."""
        return [(param.list_data(), param.list_grad()) for param in self._parameters()]

    def set_params(self, params):
        """Put parameters on every device."""
        for param, given in zip(self._parameters(), params):
            param.set_data(given)

    def prepare(self, lr, wd=0.0):
        """Get ready to be updated."""
        from mxnet import gluon

        # The devices' gradients are summed before: the trainer is to sum nothing.
        settings = {'learning_rate': lr, 'wd': wd}
        params = self._net.collect_params()
        self._trainer = gluon.Trainer(params, 'sgd', settings, kvstore=None)

    def update(self, batch_size):
        """Take one step on every device with the gradients that are there."""
        self._trainer.step(batch_size)

    def wrap_dropout(self, wrapper):
        """Have each dropout layer called through a function of yours."""
        from mxnet import gluon

        for layer in self._net:
            if isinstance(layer, gluon.nn.Dropout):
                layer.forward = _in_training(layer.forward, wrapper)


def _in_training(forward, wrapper):
    from mxnet import autograd

    return lambda H: wrapper(H, forward) if autograd.is_training() else forward(H)


def _gluon_net(noise, **settings):
    compat.import_mxnet()
    from d2l_dropout.models.dropconnect import gluon_dropconnect_mlp
    from d2l_dropout.models.mlp import gluon_mlp

    make = gluon_dropconnect_mlp if noise == 'dropconnect' else gluon_mlp
    return make(**settings)


#: What `make` makes, by name.
KINDS: Dict[str, Type[Model]] = {'scratch': ScratchModel, 'gluon': GluonModel}


def make(kind, ctxs=None, noise='dropout', **sizes):
    """Return a model of one kind, untrained.

    Parameters
    ----------
    kind : str, a key of `KINDS`
    ctxs : list of mxnet.Context, optional
        The default context unless given.
    noise : str
        One of what this kind has.
    **sizes
        As of `Model`.

    Returns
    -------
    Model
    """
    mx = compat.import_mxnet()
    return KINDS[kind](ctxs or [mx.current_context()], noise, **sizes)

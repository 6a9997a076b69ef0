"""One interface to the chapter's net, from scratch or in Gluon.

Everything that trains, saves or inspects a net goes through `Model`. Only this file
distinguishes the two kinds of net; to train a third, no other has to change.

MXNet is imported inside the functions, because the command line builds its options from
`KINDS` and `--help` has to work on machines where MXNet cannot be imported.
"""

import hashlib
from abc import ABC, abstractmethod
from typing import Dict, Tuple, Type

from d2l_dropout import compat

#: The names of the parameters, in the order that both kinds of net use.
PARAMS = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')


class Model(ABC):
    """The chapter's net on one or several devices, and its optimiser.

    Parameters
    ----------
    ctxs : list of mxnet.Context
    noise : str, one of `noises`
        The noise that is applied in training mode: dropout or a variant of it.
    **sizes
        `num_inputs`, `num_hiddens1`, `num_hiddens2`, `drop_prob1`, `drop_prob2` and
        `sigma`, as in `mlp.ScratchMLP`.

    Attributes
    ----------
    nets : list of callable
        One for each device. A Gluon net has copies of its parameters on all devices, so
        that all entries are the same net.
    """

    #: The values of `noise` that this kind of net supports.
    noises: Tuple[str, ...] = ()
    #: Whether the optimiser supports weight decay.
    has_weight_decay = False
    #: The names under which the parameters are saved, in the order of `PARAMS`.
    saved_names = PARAMS
    #: Whether weights have shape (in, out), as in the chapter's formulas.
    in_scratch_layout = True

    @abstractmethod
    def __init__(self, ctxs, noise='dropout', **sizes):
        self.ctxs = list(ctxs)

    @abstractmethod
    def draw_weights(self):
        """Draw the initial weights now; Gluon would wait for the first mini-batch."""

    @abstractmethod
    def copies(self):
        """Return the copies of each parameter and of its gradient on all devices.

        Returns
        -------
        list of (list of NDArray, list of NDArray)
            One pair for each of `PARAMS`, one entry for each device, in this layout.
        """

    @abstractmethod
    def set_params(self, params):
        """Copy parameters, a list like that of `params()`, to every device."""

    @abstractmethod
    def prepare(self, lr, wd=0.0):
        """Set up mini-batch SGD; weight decay `wd` needs `has_weight_decay`."""

    @abstractmethod
    def update(self, batch_size):
        """Take one optimiser step on every device, with the gradients stored there.

        The gradients, which are sums over examples, are divided by `batch_size`.
        """

    @abstractmethod
    def wrap_dropout(self, wrapper):
        """Replace each dropout layer, in training mode, by a call of `wrapper`.

        It is called as `wrapper(H, layer)`, where `layer(H)` applies the layer itself,
        and returns the input of the next layer.
        """

    def params(self):
        """Return the parameters on the first device, in the order of `PARAMS`."""
        return [params[0] for params, _ in self.copies()]

    def grads(self):
        """Return the gradients on the first device, in the order of `PARAMS`."""
        return [grads[0] for _, grads in self.copies()]

    def scratch_params(self):
        """Return the parameters by name, with weights of shape (in, out)."""
        params = self.params()
        if not self.in_scratch_layout:
            params = [param.T if param.ndim == 2 else param for param in params]
        return dict(zip(PARAMS, params))

    def digest(self):
        """Return the SHA-256 of the parameters' bytes in hexadecimal.

        Weights are hashed in the layout of this net, in the order of `PARAMS`.
        """
        sha = hashlib.sha256()
        for param in self.params():
            sha.update(param.asnumpy().tobytes())
        return sha.hexdigest()

    def state(self):
        """Return the parameters by the names under which they are saved."""
        return dict(zip(self.saved_names, self.params()))

    def load_state(self, state):
        """Copy the parameters that `state` returned to every device.

        Raises
        ------
        ValueError
            If the names or shapes are not those of this net.
        """
        self.draw_weights()
        shapes = {name: param.shape for name, param in self.state().items()}
        given = {name: param.shape for name, param in state.items()}
        if shapes != given:
            raise ValueError(f'the saved shapes are {given}; this net needs {shapes}.')
        self.set_params([state[name] for name in shapes])


class ScratchModel(Model):
    """The chapter's net from scratch, trained by the book's `sgd`."""

    noises = (
        'dropout',
        'unscaled',
        'three_valued',
        'gaussian',
        'additive',
        'dropconnect',
        'dropconnect_per_example',
    )

    def __init__(self, ctxs, noise='dropout', **sizes):
        super().__init__(ctxs)
        self.nets = [_scratch_net(noise, ctx=ctx, **sizes) for ctx in ctxs]
        # Each net has drawn weights of its own; those of the first one are used.
        self.set_params(self.nets[0].params)

    def draw_weights(self):
        """Do nothing: `ScratchMLP` draws them when it is created."""

    def copies(self):
        copies = [list(params) for params in zip(*(net.params for net in self.nets))]
        return [(params, [param.grad for param in params]) for params in copies]

    def set_params(self, params):
        for net in self.nets:
            for given, param in zip(params, net.params):
                if given is not param:  # MXNet warns of a copy to itself
                    given.copyto(param)

    def prepare(self, lr, wd=0.0):
        if wd:
            raise ValueError(
                f'wd is {wd}; the scratch net has no weight decay, because the sgd of '
                'the book has none: leave wd at 0, or use the Gluon net.'
            )
        self._lr = lr

    def update(self, batch_size):
        from d2l_dropout.d2l import sgd

        for net in self.nets:
            sgd(net.params, self._lr, batch_size)

    def wrap_dropout(self, wrapper):
        for net in self.nets:
            net.noise = _wrapped(net.noise, wrapper)


def _wrapped(noise, wrapper):
    return lambda H, drop_prob: wrapper(H, lambda H: noise(H, drop_prob))


def _scratch_net(noise, **settings):
    compat.import_mxnet()
    from d2l_dropout.models import noises
    from d2l_dropout.models.dropconnect import DropConnectMLP
    from d2l_dropout.models.mlp import ScratchMLP

    if isinstance(noise, str) and noise.startswith('dropconnect'):
        return DropConnectMLP(**settings, per_example=noise.endswith('per_example'))
    return ScratchMLP(**settings, noise=noises.function(noise))


class GluonModel(Model):
    """The chapter's net in Gluon, trained by a `gluon.Trainer`."""

    noises = ('dropout', 'three_valued', 'gaussian', 'additive', 'dropconnect')
    has_weight_decay = True
    in_scratch_layout = False

    def __init__(self, ctxs, noise='dropout', num_inputs=784, **sizes):
        super().__init__(ctxs)
        self._num_inputs = num_inputs
        self._net = _gluon_net(noise, ctx=list(ctxs), **sizes)
        self.nets = [self._net] * len(ctxs)

    @property
    def saved_names(self):
        """The names that `gluon.Block.load_parameters` expects, such as '0.weight'."""
        return list(self._net._collect_params_with_prefix())

    def _parameters(self):
        return list(self._net.collect_params().values())

    def draw_weights(self):
        from mxnet import nd

        # Deferred initialisation ends at the first forward pass. In predict mode that
        # draws no masks, so that the weights are all that comes from the generator.
        self._net(nd.zeros((1, self._num_inputs), ctx=self.ctxs[0]))

    def copies(self):
        return [(param.list_data(), param.list_grad()) for param in self._parameters()]

    def set_params(self, params):
        for param, given in zip(self._parameters(), params):
            param.set_data(given)

    def prepare(self, lr, wd=0.0):
        from mxnet import gluon

        # kvstore=None: the run's communicator has already summed the gradients of all
        # devices when `update` is called, and the trainer must not sum them again.
        settings = {'learning_rate': lr, 'wd': wd}
        params = self._net.collect_params()
        self._trainer = gluon.Trainer(params, 'sgd', settings, kvstore=None)

    def update(self, batch_size):
        self._trainer.step(batch_size)

    def wrap_dropout(self, wrapper):
        from mxnet import gluon

        from d2l_dropout.models.mlp import Noise

        for layer in self._net:
            if isinstance(layer, (gluon.nn.Dropout, Noise)):
                layer.forward = _in_training(layer.forward, wrapper)


def _in_training(forward, wrapper):
    from mxnet import autograd

    return lambda H: wrapper(H, forward) if autograd.is_training() else forward(H)


def _gluon_net(noise, **settings):
    compat.import_mxnet()
    from d2l_dropout.models import noises
    from d2l_dropout.models.dropconnect import gluon_dropconnect_mlp
    from d2l_dropout.models.mlp import gluon_mlp

    if noise == 'dropconnect':
        return gluon_dropconnect_mlp(**settings)
    other = None if noise == 'dropout' else noises.function(noise)
    return gluon_mlp(**settings, noise=other)


#: The kinds of net that `make` can create, by name.
KINDS: Dict[str, Type[Model]] = {'scratch': ScratchModel, 'gluon': GluonModel}


def make(kind, ctxs=None, noise='dropout', **sizes):
    """Return an untrained model.

    Parameters
    ----------
    kind : str, a key of `KINDS`
    ctxs : list of mxnet.Context, optional
        By default the current context.
    noise : str or callable
        One of `KINDS[kind].noises`, or a function such as those of `models.noises`.
    **sizes
        As in `Model`.

    Returns
    -------
    Model
    """
    mx = compat.import_mxnet()
    return KINDS[kind](ctxs or [mx.current_context()], noise, **sizes)

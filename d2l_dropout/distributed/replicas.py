"""A net on one device or several, its gradients summed through MXNet's KVStore."""

from d2l_dropout import compat
from d2l_dropout.d2l import sgd
from d2l_dropout.runs.build import make_net, parameters

mx = compat.import_mxnet()
from mxnet import gluon, nd  # noqa: E402

_NAMES = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')
_FIRST_FREE_KEY = len(_NAMES)  # the parameters have the keys before


class Replicas:
    """What all workers and devices together train: a net, once on each device.

    Parameters
    ----------
    spec : RunSpec
    ctxs : list of mxnet.Context
    kvstore : mxnet.kvstore.KVStore, optional
        None for a single device.

    Attributes
    ----------
    nets : list of callable
        For each device; a net in Gluon is on all of them, and here as often.
    """

    def __init__(self, spec, ctxs, kvstore=None):
        self._spec, self._ctxs, self._kvstore = spec, ctxs, kvstore
        self._next_key = _FIRST_FREE_KEY
        self._asynchronous = kvstore is not None and 'async' in kvstore.type
        self._in_cluster = kvstore is not None and 'dist' in kvstore.type
        # Asynchronously, each worker's gradient is a step of its own.
        together = kvstore.num_workers if kvstore and not self._asynchronous else 1
        self._batch_size = spec.batch_size * together
        if spec.model == 'gluon':
            self.nets = [make_net(spec, list(ctxs))] * len(ctxs)
        else:
            self.nets = [make_net(spec, ctx) for ctx in ctxs]
            for net in self.nets[1:]:
                _copy(self.nets[0].params, net.params)
        if kvstore is not None:
            self._draw_weights()  # before the workers go on with seeds of their own

    def _draw_weights(self):
        """Let a net in Gluon draw its weights, which it does at the first example."""
        if self._spec.model == 'gluon':
            self.nets[0](nd.zeros((1, 784), ctx=self._ctxs[0]))

    def prepare(self):
        """Make the parameters of all workers those of the first, and the optimizer."""
        if self._in_cluster:
            params = [self.from_first(param) for param in parameters(self.nets[0])]
            self._set(params)
        if self._kvstore is not None:
            for key, param in enumerate(parameters(self.nets[0])):
                self._kvstore.init(key, param)
        if self._asynchronous:
            # The servers step: no worker has the others' gradients.
            self._kvstore.set_optimizer(
                mx.optimizer.SGD(**self._settings(), rescale_grad=1 / self._batch_size)
            )
        elif self._spec.model == 'gluon':
            params = self.nets[0].collect_params()
            self._trainer = gluon.Trainer(params, 'sgd', self._settings(), kvstore=None)

    def _settings(self):
        return {'learning_rate': self._spec.lr, 'wd': self._spec.wd}

    def step(self):
        """Take one step of all workers and devices with the gradients they have."""
        if self._kvstore is not None:
            self.exchange()
        if self._asynchronous:
            return
        if self._spec.model == 'gluon':
            self._trainer.step(self._batch_size)
        else:
            for net in self.nets:
                sgd(net.params, self._spec.lr, self._batch_size)

    def exchange(self):
        """Bring the sums of the gradients, or what the servers made of them.

        By push and pull. With MXNet 1.9.1's pushpull, which Gluon's Trainer takes,
        a worker now and then gets what the server had before the sum (measured: half
        of the runs of two workers and 8 steps ended in other bits than they should).
        """
        for key, (params, grads) in enumerate(self._arrays()):
            self._kvstore.push(key, grads, priority=-key)
            out = params if self._asynchronous else grads
            self._kvstore.pull(key, out=out, priority=-key)

    def _arrays(self):
        """Yield the copies of each parameter, and of its gradient, on all devices."""
        if self._spec.model == 'gluon':
            for param in self.nets[0].collect_params().values():
                yield param.list_data(), param.list_grad()
        else:
            for params in zip(*(net.params for net in self.nets)):
                yield list(params), [param.grad for param in params]

    def from_first(self, array):
        """Return what the first worker has where this one has `array`.

        Parameters
        ----------
        array : NDArray
            Of the same shape on all workers, which all call this in the same order.

        Returns
        -------
        NDArray
        """
        if not self._in_cluster:
            return array
        key, result = self._new_key(), nd.zeros_like(array)
        self._kvstore.init(key, array)  # takes the first worker's
        self._kvstore.pull(key, out=result)
        return result

    def sum_of_all(self, numbers):
        """Return the sums over all workers.

        Parameters
        ----------
        numbers : list of float
            Rounded to float32 on the way where there are several workers.

        Returns
        -------
        list of float
            `numbers` themselves in asynchronous training, where the servers take
            whatever they are sent for a gradient.
        """
        if not self._in_cluster or self._asynchronous:
            return list(numbers)
        key, array = self._new_key(), nd.array(numbers)
        self._kvstore.init(key, array)
        self._kvstore.push(key, array)
        self._kvstore.pull(key, out=array)
        return array.asnumpy().tolist()

    def _new_key(self):
        self._next_key += 1
        return self._next_key - 1

    def params(self):
        """Return the parameters to be saved, by name.

        Returns
        -------
        dict of str to NDArray
            As `checkpoint.Checkpoint` has them.
        """
        names = _NAMES
        if self._spec.model == 'gluon':
            names = self.nets[0]._collect_params_with_prefix()
        return dict(zip(names, parameters(self.nets[0])))

    def set_params(self, params):
        """Put saved parameters on every device.

        Parameters
        ----------
        params : dict of str to NDArray

        Raises
        ------
        ValueError
            If they are not those of this net.
        """
        self._draw_weights()
        mine = self.params()
        shapes = {name: value.shape for name, value in mine.items()}
        theirs = {name: value.shape for name, value in params.items()}
        if shapes != theirs:
            raise ValueError(f'the parameters are {theirs}; the net needs {shapes}.')
        self._set([params[name] for name in mine])

    def _set(self, params):
        if self._spec.model == 'gluon':
            for mine, theirs in zip(self.nets[0].collect_params().values(), params):
                mine.set_data(theirs)
        else:
            for net in self.nets:
                _copy(params, net.params)


def _copy(params, to):
    for theirs, mine in zip(params, to):
        theirs.copyto(mine)

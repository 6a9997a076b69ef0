"""The exchange of gradients between devices and workers through MXNet's KVStore."""

from d2l_dropout import compat

mx = compat.import_mxnet()
from mxnet import nd  # noqa: E402


class KVStoreCommunicator:
    """The exchange of gradients, parameters and sums in one run.

    Parameters
    ----------
    kvstore : mxnet.kvstore.KVStore

    Attributes
    ----------
    kind : str
        The type of the KVStore, such as 'device' or 'dist_sync'.
    rank, num_workers : int
    batches_in_step : int
        The number of workers whose mini-batches contribute to one step: 1 in
        asynchronous training, where each worker's gradient is a step of its own.
    """

    def __init__(self, kvstore):
        self._kvstore, self.kind = kvstore, kvstore.type
        self.rank, self.num_workers = kvstore.rank, kvstore.num_workers
        self._asynchronous = 'async' in self.kind
        self._in_cluster = 'dist' in self.kind
        self.batches_in_step = 1 if self._asynchronous else self.num_workers
        self._next_key = 0

    def start(self, model, spec):
        """Copy the first worker's parameters to all workers and set up the optimiser.

        Parameters
        ----------
        model : models.model.Model
        spec : RunSpec
        """
        if self._in_cluster:
            model.set_params([self.from_first(param) for param in model.params()])
        self._keys = [self._new_key() for _ in model.params()]
        for key, param in zip(self._keys, model.params()):
            self._kvstore.init(key, param)
        if self._asynchronous:
            # The servers run the optimiser, because no worker ever has the gradients of
            # the others.
            rescale = 1 / (spec.batch_size * self.batches_in_step)
            settings = {'learning_rate': spec.lr, 'wd': spec.wd}
            self._kvstore.set_optimizer(
                mx.optimizer.SGD(**settings, rescale_grad=rescale)
            )
        else:
            model.prepare(spec.lr, spec.wd)

    def step(self, model, batch_size):
        """Exchange the gradients and take one optimiser step on all devices.

        Parameters
        ----------
        model : models.model.Model
        batch_size : int
            The sum of all gradients is divided by it.
        """
        self.exchange(model)
        if not self._asynchronous:
            model.update(batch_size)

    def exchange(self, model):
        """Replace the gradients by their sums or, if asynchronous, pull the parameters.

        This uses push and pull rather than `pushpull`, which Gluon's Trainer uses: in
        MXNet 1.9.1 a worker that calls `pushpull` occasionally receives the value that
        the server had before the sum (docs/devices.md has the measurement).
        """
        # Higher priorities go first: the next forward pass needs the first layer first.
        for place, (key, copies) in enumerate(zip(self._keys, model.copies())):
            params, grads = copies
            self._kvstore.push(key, grads, priority=-place)
            out = params if self._asynchronous else grads
            self._kvstore.pull(key, out=out, priority=-place)

    def from_first(self, array):
        """Return the first worker's `array` on all workers (broadcast).

        Parameters
        ----------
        array : NDArray
            Must have the same shape on all workers. All workers must make these calls
            in the same order, because each call uses the next key of the KVStore.

        Returns
        -------
        NDArray
        """
        if not self._in_cluster:
            return array
        key, result = self._new_key(), nd.zeros_like(array)
        # `init` ignores the values of all workers except the first.
        self._kvstore.init(key, array)
        self._kvstore.pull(key, out=result)
        return result

    def sum_of_all(self, numbers):
        """Return the sums of `numbers` over all workers.

        Parameters
        ----------
        numbers : list of float
            Rounded to float32 for the exchange if there are several workers.

        Returns
        -------
        list of float
            In asynchronous training `numbers` themselves: the servers would treat
            whatever they receive as a gradient and run the optimiser on it.
        """
        if not self._in_cluster or self._asynchronous:
            return list(numbers)
        key, array = self._new_key(), nd.array(numbers)
        # Synchronous servers replace the initial value by the sum of what is pushed.
        self._kvstore.init(key, array)
        self._kvstore.push(key, array)
        self._kvstore.pull(key, out=array)
        return array.asnumpy().tolist()

    def _new_key(self):
        self._next_key += 1
        return self._next_key - 1

"""Several devices and workers that train one net, through MXNet's KVStore."""

from d2l_dropout import compat

mx = compat.import_mxnet()
from mxnet import nd  # noqa: E402


class KVStoreCommunicator:
    """What the devices and workers of a run exchange: gradients, parameters, sums.

    Parameters
    ----------
    kvstore : mxnet.kvstore.KVStore

    Attributes
    ----------
    kind : str
        Of the KVStore.
    rank, num_workers : int
    batches_in_step : int
        How many workers' mini-batches one step is made of: asynchronously, each
        worker's gradient is a step of its own.
    """

    def __init__(self, kvstore):
        self._kvstore, self.kind = kvstore, kvstore.type
        self.rank, self.num_workers = kvstore.rank, kvstore.num_workers
        self._asynchronous = 'async' in self.kind
        self._in_cluster = 'dist' in self.kind
        self.batches_in_step = 1 if self._asynchronous else self.num_workers
        self._next_key = 0

    def start(self, model, spec):
        """Give all workers the first one's parameters; get ready for updates.

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
            # The servers step: no worker has the others' gradients.
            rescale = 1 / (spec.batch_size * self.batches_in_step)
            settings = {'learning_rate': spec.lr, 'wd': spec.wd}
            self._kvstore.set_optimizer(
                mx.optimizer.SGD(**settings, rescale_grad=rescale)
            )
        else:
            model.prepare(spec.lr, spec.wd)

    def step(self, model, batch_size):
        """Take one step of all workers and devices with the gradients they have.

        Parameters
        ----------
        model : models.model.Model
        batch_size : int
            What the sum of all gradients is divided by.
        """
        self.exchange(model)
        if not self._asynchronous:
            model.update(batch_size)

    def exchange(self, model):
        """Bring the sums of the gradients, or what the servers made of them.

        By push and pull. With MXNet 1.9.1's pushpull, which Gluon's Trainer takes,
        a worker now and then gets what the server had before the sum (measured: half
        of the runs of two workers and 8 steps ended in other bits than they should).
        """
        for place, (key, copies) in enumerate(zip(self._keys, model.copies())):
            params, grads = copies
            self._kvstore.push(key, grads, priority=-place)
            out = params if self._asynchronous else grads
            self._kvstore.pull(key, out=out, priority=-place)

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

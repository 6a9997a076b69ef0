"""The training driver of every run: on one device, on several, or on many workers.

The state of MXNet's random number generator cannot be saved. A resumed run therefore
repeats the forward passes of the finished epochs, which draw the same random numbers
again, and continues with the same bits as a run that was never interrupted.
"""

import math
import zlib

from d2l_dropout import compat
from d2l_dropout.compat import environment
from d2l_dropout.d2l.evaluation import count_correct
from d2l_dropout.d2l.training import train_epoch, warn_if_not_finite
from d2l_dropout.metrics import EpochStats
from d2l_dropout.models import model as models
from d2l_dropout.runs.measures import measure
from d2l_dropout.runs.mini_batches import Shard, load, mini_batches
from d2l_dropout.runs.result import Checkpoint
from d2l_dropout.runs.seeds import seed_all, worker_seed

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402


class Alone:
    """The communicator of a single worker on a single device, which exchanges nothing.

    It has the interface of `distributed.kvstore.KVStoreCommunicator`, which is for
    several devices or workers.
    """

    kind = None
    rank, num_workers, batches_in_step = 0, 1, 1

    def start(self, model, spec):
        """Set up the model's optimiser."""
        model.prepare(spec.lr, spec.wd)

    def step(self, model, batch_size):
        """Take one optimiser step."""
        model.update(batch_size)

    def from_first(self, array):
        """Return the first worker's `array`; there is only one worker."""
        return array

    def sum_of_all(self, numbers):
        """Return the sums of `numbers` over all workers; there is only one."""
        return list(numbers)


class Training:
    """A training run on one or several devices of one or several workers.

    Parameters
    ----------
    spec : RunSpec
        `batch_size` is the size of each worker's mini-batch, which is split over the
        worker's devices.
    ctxs : list of mxnet.Context, optional
        The default context unless given.
    communicator : Alone or distributed.kvstore.KVStoreCommunicator, optional
        Needed for several devices or workers.
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given.
    noise : callable, optional
        `noise(H, drop_prob)` in place of the noise that `spec` names.

    Attributes
    ----------
    model : models.model.Model
    is_first : bool
        Whether this is the first worker, the one that evaluates and saves.

    Raises
    ------
    ValueError
        If the data are not those that `spec` names, or the last mini-batch has fewer
        examples than there are devices.
    fashion_mnist.DataError
        If the data cannot be loaded.
    """

    def __init__(self, spec, ctxs=None, communicator=None, data=None, noise=None):
        self._spec, self._ctxs = spec, ctxs or [mx.current_context()]
        self._communicator = communicator or Alone()
        self._shard = Shard(self._communicator.rank, self._communicator.num_workers)
        self.is_first = self._shard.rank == 0
        data = load(spec, data)
        self._data_digest = data.digest
        seed_all(spec.seed)
        iters = mini_batches(spec, data, self._shard, noise)
        self._train_iter, self._test_iter = iters
        _check_last_batch(self._train_iter, spec.batch_size, len(self._ctxs))
        self.model = make_model(spec, self._ctxs, noise)
        if communicator is not None:
            # A KVStore needs the parameters now. Drawn before the workers switch to
            # seeds of their own, they are those of a single process.
            self.model.draw_weights()
        if self._shard.num_workers > 1:
            seed_all(worker_seed(spec.seed, self._shard))
        self._epochs = []

    def about(self):
        """Return the devices, workers, threads, versions and machine of this run.

        Equal values and specifications give equal bits, if training is synchronous.
        """
        return {
            'devices': ', '.join(map(str, self._ctxs)),
            'kvstore': self._communicator.kind,
            'workers': self._shard.num_workers,
            'threads': environment.num_threads(),
            **environment.versions(),
            'machine': environment.machine(),
        }

    def epochs(self, resume=None, wrap=lambda train_iter: train_iter):
        """Train, and yield the metrics of each epoch as it ends.

        Parameters
        ----------
        resume : Checkpoint, optional
            Continue after its last epoch. Only the first worker needs it: the others
            get the number of epochs and the parameters from the first.
        wrap : callable
            Called with the mini-batches of an epoch, returns the iterable to use in
            their place; for a progress bar.

        Yields
        ------
        EpochStats
            Of each epoch that is trained now. The test accuracy is nan on all workers
            except the first. In asynchronous training the loss and the training
            accuracy are those of the worker's own shard.

        Raises
        ------
        ValueError
            If this worker's settings differ from those of the first, or the data from
            those of the run to resume.
        """
        if resume:
            resume.check_data(self._data_digest)
        self._epochs = list(resume.epochs) if resume else []
        num_done = self._agree_on_epochs_done()
        for _ in range(num_done):
            self._draw_again(wrap(self._train_iter))
        if resume:
            self.model.load_state(resume.params)
        self._communicator.start(self.model, self._spec)
        finite = True
        for epoch in range(num_done + 1, self._spec.num_epochs + 1):
            stats = self._train_epoch(epoch, wrap(self._train_iter))
            finite = warn_if_not_finite(stats.loss, epoch, finite)
            self._epochs.append(stats)
            yield stats

    def _agree_on_epochs_done(self):
        """Return the first worker's number of finished epochs; check the settings."""
        # The CRC is sent as two 16-bit halves, because the exchange is in float32 and
        # that represents integers exactly only up to 2**24.
        settings = zlib.crc32(self._spec.to_json().encode())
        mine = [len(self._epochs), settings >> 16, settings & 0xFFFF]
        first = self._communicator.from_first(nd.array(mine))
        num_done, *settings_of_first = first.asnumpy().astype(int).tolist()
        if settings_of_first != mine[1:]:
            raise ValueError(
                f'the settings of worker {self._shard.rank} differ from those of '
                'worker 0; start all workers with the same arguments.'
            )
        return num_done

    def _draw_again(self, train_iter):
        """Advance the generators as one epoch of training does, without training."""
        for k, (X, _) in enumerate(train_iter):
            with autograd.train_mode():
                for net, X_part in zip(self.model.nets, self._split(X)):
                    net(X_part)
            if k % 4 == 3:
                # MXNet is asynchronous: without a wait now and then the whole epoch
                # would be queued and held in memory.
                nd.waitall()
        # With this fault the evaluation after each epoch draws masks too.
        if self._spec.dropout_at_test and self.is_first:
            self._count_correct()

    def _split(self, X):
        return gluon.utils.split_and_load(X, self._ctxs, even_split=False)

    def _train_epoch(self, epoch, train_iter):
        loss = gluon.loss.SoftmaxCrossEntropyLoss()
        nets = [as_tested(self._spec, net) for net in self.model.nets]
        sums = train_epoch(nets, train_iter, loss, self._step, self._ctxs)
        l_sum, correct, n = self._communicator.sum_of_all(sums)
        test_acc = math.nan
        if self.is_first and epoch in self._spec.evaluated_epochs():
            test_correct, num_test = self._count_correct()
            test_acc = test_correct / num_test
        return EpochStats(epoch, l_sum / n, correct / n, test_acc)

    def _step(self):
        num_batches = self._communicator.batches_in_step
        self._communicator.step(self.model, self._spec.batch_size * num_batches)

    def _count_correct(self):
        net = as_tested(self._spec, self.model.nets[0])
        return count_correct(self._test_iter, net, self._ctxs[0])

    def checkpoint(self):
        """Return the Checkpoint of the run after the last finished epoch."""
        return Checkpoint(
            self._spec,
            list(self._epochs),
            self.model.state(),
            self.about(),
            self._data_digest,
        )

    def measure(self):
        """Return what `runs.measures.measure` measures of the trained net."""
        params = self.model.scratch_params().values()
        params = [param.as_in_context(mx.cpu()) for param in params]
        return measure(self._spec, params, self._train_iter, self._test_iter)


def make_model(spec, ctxs=None, noise=None):
    """Return the untrained `Model` of a specification; arguments as of `Training`."""
    sizes = ('num_hiddens1', 'num_hiddens2', 'drop_prob1', 'drop_prob2')
    sizes = {name: getattr(spec, name) for name in sizes}
    return models.make(spec.model, ctxs, noise or spec.noise, **sizes)


def as_tested(spec, net):
    """Return `net` as it is evaluated, with the fault `dropout_at_test` if set."""

    def in_training_mode(X):
        with autograd.train_mode():
            return net(X)

    return in_training_mode if spec.dropout_at_test else net


def evaluate(checkpoint, ctx, data=None):
    """Return the test accuracy of the net in a checkpoint.

    Parameters
    ----------
    checkpoint : Checkpoint
    ctx : mxnet.Context
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If the data are not those that the net was trained on.
    fashion_mnist.DataError
        If the data cannot be loaded.
    """
    spec = checkpoint.spec
    data = load(spec, data)
    checkpoint.check_data(data.digest)
    _, test_iter = mini_batches(spec, data)
    model = make_model(spec, [ctx])
    model.load_state(checkpoint.params)
    correct, n = count_correct(test_iter, as_tested(spec, model.nets[0]), ctx)
    return correct / n


def _check_last_batch(train_iter, batch_size, num_devices):
    num_examples = len(train_iter.labels)
    if num_examples == 0:
        raise ValueError(
            'there are fewer training examples than workers; start fewer workers.'
        )
    last = num_examples % batch_size or batch_size
    if min(last, num_examples) < num_devices:
        raise ValueError(
            f'the last mini-batch of each epoch has {last} of the {num_examples} '
            f'examples, too few for {num_devices} devices; choose another batch_size.'
        )

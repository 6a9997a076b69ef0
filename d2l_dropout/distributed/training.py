"""Training as a RunSpec says, epoch by epoch: it can be left and taken up again.

MXNet's generator cannot be saved. A run that is taken up again therefore draws the
random numbers of the finished epochs once more, by the forward passes alone, and goes
on with the same bits as one that was never interrupted; so does `runs.run`.
"""

import zlib

import numpy as np

from d2l_dropout import compat
from d2l_dropout.compat import environment
from d2l_dropout.d2l.training import count_correct, train_epoch, warn_if_not_finite
from d2l_dropout.distributed.checkpoint import Checkpoint
from d2l_dropout.distributed.replicas import Replicas
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.build import as_tested, in_scratch_layout, parameters, seed_all
from d2l_dropout.runs.measures import measure
from d2l_dropout.runs.mini_batches import Shard, load, mini_batches

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402


class Training:
    """A training run on one or several devices of one or several workers.

    Parameters
    ----------
    spec : RunSpec
        `batch_size` is that of each worker; its devices share it.
    ctxs : list of mxnet.Context
    kvstore : mxnet.kvstore.KVStore, optional
        None for a single device.
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given.

    Attributes
    ----------
    is_first : bool
        Whether this worker is the one that evaluates and saves.

    Raises
    ------
    ValueError
        If the data are not those that `spec` names, or the last mini-batch has fewer
        examples than there are devices.
    fashion_mnist.DataError
        If they cannot be loaded.
    """

    def __init__(self, spec, ctxs, kvstore=None, data=None):
        self._spec, self._ctxs, self._kvstore = spec, ctxs, kvstore
        rank, num_workers = (kvstore.rank, kvstore.num_workers) if kvstore else (0, 1)
        self._shard = Shard(rank, num_workers)
        self.is_first = rank == 0
        seed_all(spec.seed)
        self._train_iter, self._test_iter = mini_batches(
            spec, load(spec, data), self._shard
        )
        _check_last_batch(self._train_iter, spec.batch_size, len(ctxs))
        self._replicas = Replicas(spec, ctxs, kvstore)
        if num_workers > 1:
            seed_all(worker_seed(spec.seed, self._shard))
        self._epochs = []

    def about(self):
        """Return where this run is trained.

        Returns
        -------
        dict
            The same values give the same bits.
        """
        return {
            'devices': ', '.join(map(str, self._ctxs)),
            'kvstore': self._kvstore.type if self._kvstore else None,
            'workers': self._shard.num_workers,
            'threads': environment.num_threads(),
            **environment.versions(),
            'machine': environment.machine(),
        }

    def epochs(self, resume=None, wrap=lambda train_iter: train_iter):
        """Train, and yield the figures of each epoch as it ends.

        Parameters
        ----------
        resume : Checkpoint, optional
            Go on after the last epoch of it. What the first worker has decides.
        wrap : callable
            Returns what is iterated over in place of the mini-batches it is given,
            such as a progress bar.

        Yields
        ------
        EpochStats
            Of the epochs that were not done. The test accuracy is nan on other workers
            than the first. In asynchronous training loss and training accuracy are
            those of the worker's own examples.

        Raises
        ------
        ValueError
            If the workers' settings differ.
        """
        self._epochs = list(resume.epochs) if resume else []
        self._agree()
        for _ in range(self._num_done):
            self._draw_again(wrap(self._train_iter))
        if resume:
            self._replicas.set_params(resume.params)
        self._replicas.prepare()
        finite = True
        for epoch in range(self._num_done + 1, self._spec.num_epochs + 1):
            stats = self._train_epoch(epoch, wrap(self._train_iter))
            finite = warn_if_not_finite(stats.loss, epoch, finite)
            self._epochs.append(stats)
            yield stats

    def _agree(self):
        """Learn from the first worker how many epochs are done; check the settings."""
        settings = zlib.crc32(self._spec.to_json().encode())
        mine = [len(self._epochs), settings >> 16, settings & 0xFFFF]
        first = self._replicas.from_first(nd.array(mine)).asnumpy().astype(int).tolist()
        if first[1:] != mine[1:]:
            raise ValueError(
                f'the settings of worker {self._shard.rank} are not those of worker 0; '
                'start all with the same arguments.'
            )
        self._num_done = first[0]

    def _draw_again(self, train_iter):
        for k, (X, _) in enumerate(train_iter):
            with autograd.train_mode():
                for net, X_part in zip(self._replicas.nets, self._split(X)):
                    net(X_part)
            if k % 4 == 3:
                nd.waitall()  # not to queue a whole epoch
        if self._spec.dropout_at_test:
            self._count_correct()

    def _split(self, X):
        return gluon.utils.split_and_load(X, self._ctxs, even_split=False)

    def _train_epoch(self, epoch, train_iter):
        replicas = self._replicas
        loss = gluon.loss.SoftmaxCrossEntropyLoss()
        nets = [as_tested(self._spec, net) for net in replicas.nets]
        l_sum, correct, n = replicas.sum_of_all(
            train_epoch(nets, train_iter, loss, replicas.step, self._ctxs)
        )
        test_acc = float('nan')
        if self.is_first:
            test_correct, num_test = self._count_correct()
            test_acc = test_correct / num_test
        return EpochStats(epoch, l_sum / n, correct / n, test_acc)

    def _count_correct(self):
        net = as_tested(self._spec, self._replicas.nets[0])
        return count_correct(self._test_iter, net, self._ctxs[0])

    def checkpoint(self):
        """Return the run as far as it has come.

        Returns
        -------
        Checkpoint
        """
        return Checkpoint(
            self._spec, list(self._epochs), self._replicas.params(), self.about()
        )

    def parameters(self):
        """Return W1, b1, ..., b3, on the first device.

        Returns
        -------
        list of NDArray
        """
        return parameters(self._replicas.nets[0])

    def measure(self):
        """Return what the specification asks to be measured of the trained net.

        Returns
        -------
        dict or None
            As `runs.measures.measure`.
        """
        params = [param.as_in_context(mx.cpu()) for param in self.parameters()]
        params = in_scratch_layout(self._spec, params)
        return measure(self._spec, params, self._train_iter, self._test_iter)


def evaluate(checkpoint, ctx, data=None):
    """Return the test accuracy of a saved run.

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
        If the data are not those that it was trained on.
    fashion_mnist.DataError
        If they cannot be loaded.
    """
    spec = checkpoint.spec
    _, test_iter = mini_batches(spec, load(spec, data))
    replicas = Replicas(spec, [ctx])
    replicas.set_params(checkpoint.params)
    correct, n = count_correct(test_iter, as_tested(spec, replicas.nets[0]), ctx)
    return correct / n


def worker_seed(seed, shard):
    """Return the seed of one worker of several, after all drew the same weights.

    Parameters
    ----------
    seed : int in [0, 2**32)
        That of the run.
    shard : Shard

    Returns
    -------
    int in [0, 2**32)
        Its own for each worker: all of them follow from the one seed
        (`numpy.random.SeedSequence`).
    """
    sequence = np.random.SeedSequence([seed, shard.num_workers, shard.rank])
    return int(sequence.generate_state(1)[0])


def _check_last_batch(train_iter, batch_size, num_devices):
    num_examples = len(train_iter.labels)
    if num_examples == 0:
        raise ValueError('there are fewer training examples than workers.')
    last = num_examples % batch_size or batch_size
    if min(last, num_examples) < num_devices:
        raise ValueError(
            f'the last mini-batch of each epoch has {last} of the {num_examples} '
            f'examples, too few for {num_devices} devices; choose another batch_size.'
        )

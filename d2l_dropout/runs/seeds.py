"""The seeds of a run, and of each of its workers."""

import random

import numpy as np

from d2l_dropout import compat

mx = compat.import_mxnet()


def seed_all(seed):
    """Seed `random`, NumPy and MXNet.

    Parameters
    ----------
    seed : int in [0, 2**32)
    """
    random.seed(seed)
    np.random.seed(seed)
    mx.random.seed(seed)


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

"""Seeding of the three random number generators that a run draws from."""

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
    """Return the seed that one of several workers uses after the initial weights.

    The workers draw the same initial weights from the seed of the run, and then order
    their examples and draw their masks independently of each other.

    Parameters
    ----------
    seed : int in [0, 2**32)
        The seed of the run.
    shard : Shard

    Returns
    -------
    int in [0, 2**32)
        A different one for each worker and each number of workers, derived from `seed`
        by `numpy.random.SeedSequence`.
    """
    sequence = np.random.SeedSequence([seed, shard.num_workers, shard.rank])
    return int(sequence.generate_state(1)[0])

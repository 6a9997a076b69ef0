"""The results that ship with the package: the spread to set one run against.

Twenty seeded runs of each model, plain and on fresh splits, as `d2l-dropout reproduce
--seeds 20` left them in its store; each names its seed, data revision, threads,
versions and machine.
"""

from pathlib import Path

import numpy as np

from d2l_dropout.fashion_mnist import BOOK_REVISION, REVISIONS
from d2l_dropout.metrics import as_array
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

#: The file, a store.
PATH = Path(__file__).with_name('shipped.jsonl')


def results(model, resplit):
    """Return the shipped results of one model.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    resplit : bool
        Those of the control, on fresh splits of the pooled images.

    Returns
    -------
    list of RunResult
        By seed.
    """
    kept = Store(PATH).results().values()
    found = [r for r in kept if (r.spec.model, r.spec.resplit) == (model, resplit)]
    return sorted(found, key=lambda result: result.spec.seed)


def like(model, spec):
    """Return the shipped results whose runs differ from `spec` in nothing that counts.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    spec : RunSpec
        Its revision and `resplit` are looked at: the pooled images of either revision
        are the same but for 44.

    Returns
    -------
    list of RunResult
        Empty if there are none.
    """
    if spec.resplit:
        return results(model, resplit=True) if spec.revision in REVISIONS else []
    return [
        result
        for result in results(model, resplit=False)
        if result.spec.revision == spec.revision
    ]


def comparable(model, revision):
    """Return the shipped results that a run on a revision is one more draw of.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    revision : str

    Returns
    -------
    list of RunResult
        Runs on the same data; for the book's revision, of which none is shipped, those
        on fresh splits; empty for data that are not Fashion-MNIST.
    """
    on_fresh_splits = revision == BOOK_REVISION
    return like(model, RunSpec(revision=revision, resplit=on_fresh_splits))


def deviations(epochs, runs):
    """Return how far a run lies from others, in their standard deviations.

    Parameters
    ----------
    epochs : sequence of EpochStats
        At most as many epochs as those of `runs`.
    runs : sequence of sequence of EpochStats
        At least two.

    Returns
    -------
    ndarray of float64, shape (epochs, 3)
        (run - mean) / s.d., in the order of `epoch_stats.DECIMALS`.
    """
    others = as_array(runs)[:, : len(epochs)]
    return (as_array([epochs])[0] - others.mean(axis=0)) / others.std(axis=0, ddof=1)


def farthest_of_each(runs):
    """Return how far each run lies from the others where it does so most.

    Parameters
    ----------
    runs : sequence of sequence of EpochStats
        At least three.

    Returns
    -------
    ndarray of float64, shape (runs,)
        max |deviation|, each run against all others.
    """
    return np.array(
        [
            abs(deviations(run, [*runs[:i], *runs[i + 1 :]])).max()
            for i, run in enumerate(runs)
        ]
    )

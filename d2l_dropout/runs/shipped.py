"""The results of training runs that ship with the package, for comparison.

They are twenty seeded runs of each model on the original split of the data and twenty
on fresh splits, as `d2l-dropout reproduce --seeds 20` stored them. They show how far
runs that differ only in their seed lie apart, so that another run can be judged without
training any more. Each result records its seed, data revision, threads, versions and
machine.
"""

from pathlib import Path

import numpy as np

from d2l_dropout.fashion_mnist import BOOK_REVISION, REVISIONS
from d2l_dropout.metrics import as_array
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

#: The file with the results, in the format of `Store`.
PATH = Path(__file__).with_name('shipped.jsonl')


def results(model, resplit):
    """Return the shipped results of one model.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    resplit : bool
        Whether to return the runs on fresh splits of the pooled images (the control)
        or those on the original split.

    Returns
    -------
    list of RunResult
        In the order of their seeds.
    """
    kept = Store(PATH).results().values()
    found = [r for r in kept if (r.spec.model, r.spec.resplit) == (model, resplit)]
    return sorted(found, key=lambda result: result.spec.seed)


def like(model, spec):
    """Return the shipped results on data of the same distribution as those of `spec`.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    spec : RunSpec
        Only its `revision` and `resplit` matter. On fresh splits either revision will
        do, because their pooled images are the same except for 44.

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
    """Return the shipped results that a run on the original split can be compared with.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    revision : str
        The revision that the run was trained on.

    Returns
    -------
    list of RunResult
        The runs on the same revision. None are shipped for the book's own revision; its
        split is treated as one more random split, and the runs on fresh splits are
        returned. Empty for data that are not Fashion-MNIST.
    """
    on_fresh_splits = revision == BOOK_REVISION
    return like(model, RunSpec(revision=revision, resplit=on_fresh_splits))


def deviations(epochs, runs):
    """Return how far a run lies from the mean of others, in their standard deviations.

    Parameters
    ----------
    epochs : sequence of EpochStats
        The run; at most as many epochs as those of `runs`.
    runs : sequence of sequence of EpochStats
        The others, at least two.

    Returns
    -------
    ndarray of float64, shape (epochs, 3)
        (run - mean) / s.d. of loss, train acc and test acc.
    """
    others = as_array(runs)[:, : len(epochs)]
    return (as_array([epochs])[0] - others.mean(axis=0)) / others.std(axis=0, ddof=1)


def farthest_of_each(runs):
    """Return the largest deviation of each run from all other runs.

    Parameters
    ----------
    runs : sequence of sequence of EpochStats
        At least three.

    Returns
    -------
    ndarray of float64, shape (runs,)
        max |deviation| over epochs and metrics, as `deviations` defines it.
    """
    return np.array(
        [
            abs(deviations(run, [*runs[:i], *runs[i + 1 :]])).max()
            for i, run in enumerate(runs)
        ]
    )

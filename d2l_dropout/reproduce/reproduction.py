"""Train the runs that a reproduction lacks, and compare all of them with the book."""

import os
import subprocess
import sys
from typing import Dict, List, Optional, Sequence

from d2l_dropout import fashion_mnist
from d2l_dropout.book import chapter
from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.intervals import require_scipy
from d2l_dropout.metrics import EpochStats
from d2l_dropout.reproduce.against_shipped import differences
from d2l_dropout.reproduce.comparison import compare
from d2l_dropout.reproduce.groups import Group, Reproduction
from d2l_dropout.runs import shipped
from d2l_dropout.runs.faults import with_fault
from d2l_dropout.runs.result import RunFailure, RunResult
from d2l_dropout.runs.spec import MODELS, RunSpec
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep

_CELLS_1_AND_2 = (
    'import contextlib, io, sys\n'
    'from d2l_dropout.book import chapter\n'
    'with contextlib.redirect_stdout(io.StringIO()):\n'
    '    printed = chapter.run_cells(2)[1]\n'
    'sys.stdout.write(printed)'
)


def make_specs(models, num_seeds, num_epochs, revision, resplit, fault=None):
    """Return the specifications of one group's runs, seed by seed.

    Parameters
    ----------
    models : sequence of str
    num_seeds : int >= 2
        The seeds are 0, 1, ...
    num_epochs : int in [1, 10]
    revision : str
    resplit : bool
        Whether they are those of the control.
    fault : str, optional
        A key of `faults.FAULTS`: what is wrong in a deliberately wrong port.

    Returns
    -------
    list of RunSpec
    """
    specs = [
        RunSpec(
            model=model,
            seed=seed,
            num_epochs=num_epochs,
            revision=revision,
            resplit=resplit,
        )
        for seed in range(num_seeds)
        for model in models
    ]
    return [with_fault(spec, fault) for spec in specs] if fault else specs


def reproduce(
    store: Store,
    num_seeds: int = 10,
    num_epochs: int = 10,
    models: Sequence[str] = MODELS,
    jobs: Optional[int] = None,
    control_only: bool = False,
    fault: Optional[str] = None,
) -> Reproduction:
    """Train the runs that `store` lacks, and compare all of them with the book.

    Parameters
    ----------
    store : Store
    num_seeds : int >= 2
    num_epochs : int in [1, 10]
    models : sequence of str
    jobs : int, optional
        How many runs at a time; see `sweep`.
    control_only : bool
        Leave out the runs on the official split.
    fault : str, optional
        See `make_specs`.

    Returns
    -------
    Reproduction

    Raises
    ------
    fashion_mnist.DataError
        If there are no data.
    ImportError
        If SciPy is missing.
    OSError
        If the store cannot be written.
    """
    require_scipy()
    origin = fashion_mnist.load().origin
    settings = (models, num_seeds, num_epochs, origin.revision)
    specs = {
        resplit: [spec.on(origin) for spec in make_specs(*settings, resplit, fault)]
        for resplit in _resplits(control_only)
    }
    _report_stored(store, [spec for group in specs.values() for spec in group])
    # Both groups grow together, so that what an interrupted sweep leaves is of use.
    sweep([spec for pair in zip(*specs.values()) for spec in pair], store, jobs)
    return from_store(store, specs, origin)


def _resplits(control_only):
    return [True] if control_only else [False, True]


def _report_stored(store, specs):
    there = store.results()
    num_stored = sum(spec in there for spec in specs)
    if num_stored:
        print(
            f'{num_stored} of {len(specs)} runs are in {store.path} already and are '
            'not trained again. After a change of code or versions, name another store '
            'or remove this one.',
            file=sys.stderr,
        )


def from_shipped(
    num_seeds: Optional[int] = None,
    models: Sequence[str] = MODELS,
    control_only: bool = False,
) -> Reproduction:
    """Compare the results that ship with this package with the book.

    Parameters
    ----------
    num_seeds : int, optional
        How many of the shipped seeds to use, from 0 on; all unless given.
    models : sequence of str
    control_only : bool
        Leave out the runs on the official split.

    Returns
    -------
    Reproduction
    """
    results = shipped.results(models[0], resplit=True)
    first = results[0].spec
    settings = (models, num_seeds or len(results), first.num_epochs, first.revision)
    return from_store(
        Store(shipped.PATH),
        {way: make_specs(*settings, way) for way in _resplits(control_only)},
        fashion_mnist.Origin(first.revision, 'the results that ship with this package'),
        against_shipped=False,
    )


def from_store(store, specs, origin, against_shipped=True):
    """Compare stored runs with the book, without training any.

    Cells 1 and 2 of the chapter are run all the same, to see which masks they print.

    Parameters
    ----------
    store : Store
    specs : dict of bool to list of RunSpec
        By `resplit`: the control under True, the runs on the official split under
        False if they are wanted.
    origin : fashion_mnist.Origin
        The data that the runs used.
    against_shipped : bool
        Whether to compare them with the runs that ship with this package too.

    Returns
    -------
    Reproduction
    """
    kept = store.read()
    groups = {way: _group(kept, specs[way], against_shipped) for way in specs}
    return Reproduction(origin, _masks_exact(), groups.get(False), groups[True])


def _group(kept, specs, against_shipped):
    found = [kept[spec] for spec in specs if spec in kept]
    results = [entry for entry in found if isinstance(entry, RunResult)]
    failures = [entry for entry in found if isinstance(entry, RunFailure)]
    models = dict.fromkeys(spec.model for spec in specs)
    runs: Dict[str, List[List[EpochStats]]] = {model: [] for model in models}
    for result in results:
        runs[result.spec.model].append(result.epochs)
    if any(len(epochs) < 2 for epochs in runs.values()):
        return Group(specs, results, failures, [], [], [])
    rows, averages = compare(runs, EPOCHS)
    if not against_shipped:
        return Group(specs, results, failures, rows, averages, [])
    like = {model: shipped.like(model, specs[0]) for model in runs}
    here = {result.digest for result in results}
    # The same seed gives the same bits on a like machine: those runs are not evidence.
    others = {
        model: [result.epochs for result in found if result.digest not in here]
        for model, found in like.items()
    }
    identical = len(here & {r.digest for found in like.values() for r in found})
    enough = all(len(found) >= 2 for found in others.values())
    differing = differences(runs, others) if enough else []
    return Group(specs, results, failures, rows, averages, differing, identical)


def _masks_exact():
    """Run cells 1 and 2 in a fresh process: only there do the book's masks come out."""
    if os.environ.get('D2L_CONTEXT', '').startswith('gpu'):
        return None
    done = subprocess.run(
        [sys.executable, '-c', _CELLS_1_AND_2], stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise ValueError(
            'cells 1 and 2 of the chapter could not be run; the reason stands above, '
            'and `d2l-dropout doctor` says what works here.'
        )
    return chapter.masks_are_the_books(done.stdout)

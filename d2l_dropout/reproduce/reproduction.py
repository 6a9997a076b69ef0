"""Are the book's figures what this code would print? Runs, control and verdicts.

The *plain* runs train on the data as the revision splits them. The *control* draws a
fresh stratified split of the same pooled images for each seed: the book's own revision
is one such split, so that the book's figures should be one draw from the control
whichever revision is at hand.
"""

import os
import subprocess
import sys
from typing import Dict, List, Optional, Sequence

from d2l_dropout import fashion_mnist
from d2l_dropout.book import chapter
from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import EpochStats
from d2l_dropout.reproduce.against_shipped import differences
from d2l_dropout.reproduce.comparison import compare
from d2l_dropout.reproduce.parts import Part, Reproduction
from d2l_dropout.runs import shipped as shipped_runs
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
    """Return the runs of one part, seed by seed.

    Parameters
    ----------
    models : sequence of str
    num_seeds : int >= 2
        The seeds are 0, 1, ...
    num_epochs : int in [1, 10]
    revision : str
    resplit : bool
        Whether they are the control's.
    fault : str, optional
        A key of `faults.FAULTS`: what a deliberately wrong port does.

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
    plain: bool = True,
    fault: Optional[str] = None,
) -> Reproduction:
    """Run what `store` lacks of the plain runs and the control; compare with the book.

    Parameters
    ----------
    store : Store
    num_seeds : int >= 2
    num_epochs : int in [1, 10]
    models : sequence of str
    jobs : int, optional
        See `sweep`.
    plain : bool
        False for the control alone.
    fault : str, optional
        See `make_specs`.

    Returns
    -------
    Reproduction

    Raises
    ------
    fashion_mnist.DataError
        If there are no data.
    OSError
        If the store cannot be written.
    """
    data = fashion_mnist.load()
    origin = fashion_mnist.Origin(data.revision, data.source)
    settings = (models, num_seeds, num_epochs, origin.revision)
    ways = [False, True] if plain else [True]
    specs = {resplit: make_specs(*settings, resplit, fault) for resplit in ways}
    _say_what_is_stored(store, [spec for part in specs.values() for spec in part])
    # Both parts grow together, so that what an interrupted sweep leaves is of use.
    sweep([spec for pair in zip(*specs.values()) for spec in pair], store, jobs)
    return from_store(store, specs, origin)


def _say_what_is_stored(store, specs):
    there = store.results()
    num_stored = sum(spec in there for spec in specs)
    if num_stored:
        print(
            f'{num_stored} of {len(specs)} runs are in {store.path} already. Name '
            'another store, or remove it, after a change of code or versions.',
            file=sys.stderr,
        )


def shipped(
    num_seeds: Optional[int] = None,
    models: Sequence[str] = MODELS,
    plain: bool = True,
) -> Reproduction:
    """Compare the results that ship with this package with the book.

    Parameters
    ----------
    num_seeds : int, optional
        The first so many; all there are unless given.
    models : sequence of str
    plain : bool
        False for the control alone.

    Returns
    -------
    Reproduction
    """
    results = shipped_runs.results(models[0], resplit=True)
    revision = results[0].spec.revision
    settings = (models, num_seeds or len(results), results[0].spec.num_epochs, revision)
    return from_store(
        Store(shipped_runs.PATH),
        {
            way: make_specs(*settings, way)
            for way in ([False, True] if plain else [True])
        },
        fashion_mnist.Origin(revision, 'the results that ship with this package'),
        against_shipped=False,
    )


def from_store(store, specs, origin, against_shipped=True):
    """Compare stored runs with the book; run nothing but cells 1 and 2.

    Parameters
    ----------
    store : Store
    specs : dict of bool to list of RunSpec
        By `resplit`: the control under True, the plain runs under False if wanted.
    origin : fashion_mnist.Origin
        The data that they were run on.
    against_shipped : bool
        Whether to compare them with the runs that ship with this package too.

    Returns
    -------
    Reproduction
    """
    kept = store.read()
    parts = {way: _part(kept, specs[way], against_shipped) for way in specs}
    return Reproduction(origin, _masks_exact(), parts.get(False), parts[True])


def _part(kept, specs, against_shipped):
    found = [kept[spec] for spec in specs if spec in kept]
    results = [entry for entry in found if isinstance(entry, RunResult)]
    failures = [entry for entry in found if isinstance(entry, RunFailure)]
    models = dict.fromkeys(spec.model for spec in specs)
    runs: Dict[str, List[List[EpochStats]]] = {model: [] for model in models}
    for result in results:
        runs[result.spec.model].append(result.epochs)
    if any(len(epochs) < 2 for epochs in runs.values()):
        return Part(specs, results, failures, [], [], [])
    rows, averages = compare(runs, EPOCHS)
    if not against_shipped:
        return Part(specs, results, failures, rows, averages, [])
    like = {model: shipped_runs.like(model, specs[0]) for model in runs}
    here = {result.digest for result in results}
    # The same seed gives the same bits on a like machine: those runs are not evidence.
    others = {
        model: [result.epochs for result in found if result.digest not in here]
        for model, found in like.items()
    }
    same = len(here & {r.digest for found in like.values() for r in found})
    enough = all(len(found) >= 2 for found in others.values())
    differing = differences(runs, others) if enough else []
    return Part(specs, results, failures, rows, averages, differing, same)


def _masks_exact():
    """Run cells 1 and 2 in a fresh process: only there MXNet draws the book's masks."""
    if os.environ.get('D2L_CONTEXT', '').startswith('gpu'):
        return None
    done = subprocess.run(
        [sys.executable, '-c', _CELLS_1_AND_2], stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise ValueError('cells 1 and 2 could not be run; see `d2l-dropout doctor`')
    return chapter.masks_are_the_books(done.stdout)

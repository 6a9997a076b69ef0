"""Are the book's figures what this code would print? Runs, control and verdicts.

The *plain* runs train on the data as the revision splits them. The *control* draws a
fresh stratified split of the same pooled images for each seed: the book's own revision
is one such split, so that the book's figures should be one draw from the control
whichever revision is at hand.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence

from d2l_dropout import book, chapter, fashion_mnist
from d2l_dropout.comparison import LEVEL, Row, compare
from d2l_dropout.epoch_stats import EpochStats
from d2l_dropout.faults import with_fault
from d2l_dropout.run_result import RunFailure, RunResult
from d2l_dropout.run_spec import MODELS, RunSpec
from d2l_dropout.store import Store
from d2l_dropout.sweep import sweep

_CELLS_1_AND_2 = (
    'import contextlib, io, sys\n'
    'from d2l_dropout import chapter\n'
    'with contextlib.redirect_stdout(io.StringIO()):\n'
    '    printed = chapter.run_cells(2)[1]\n'
    'sys.stdout.write(printed)'
)


@dataclass(frozen=True)
class Part:
    """The plain runs, or those of the control, against the book.

    Attributes
    ----------
    specs : list of RunSpec
        What was asked for.
    results : list of RunResult
        What there is of it.
    failures : list of RunFailure
        Why some of it is missing.
    rows : list of Row
        One a figure; empty if a model has fewer than two results.
    """

    specs: List[RunSpec]
    results: List[RunResult]
    failures: List[RunFailure]
    rows: List[Row]

    @property
    def complete(self):
        """Whether every run that was asked for is there."""
        return len(self.results) == len(self.specs)

    def outside(self):
        """Return the rows whose interval does not hold the book's figure.

        Returns
        -------
        list of Row
        """
        return [row for row in self.rows if not row.inside]

    def epochs(self, model):
        """Return the figures of one model's runs, by seed.

        Parameters
        ----------
        model : str

        Returns
        -------
        list of list of EpochStats
        """
        return [r.epochs for r in self.results if r.spec.model == model]


@dataclass(frozen=True)
class Reproduction:
    """The book's figures against many seeded runs.

    Attributes
    ----------
    origin : fashion_mnist.Origin
        Which data.
    masks_exact : bool or None
        Whether cell 2 prints the book's arrays; None on a GPU, which draws others.
    plain : Part or None
        None if only the control was asked for.
    control : Part
    level : float
        Probability that all intervals of a part together hold one more draw.
    """

    origin: fashion_mnist.Origin
    masks_exact: Optional[bool]
    plain: Optional[Part]
    control: Part
    level: float = LEVEL

    def parts(self):
        """Return the parts there are, by name.

        Returns
        -------
        dict of str to Part
        """
        parts = {'plain': self.plain, 'control': self.control}
        return {name: part for name, part in parts.items() if part is not None}

    def judged(self):
        """Return the part that the code is judged by.

        Returns
        -------
        Part
            The plain runs on the book's own data, else the control.
        """
        on_the_books_data = self.plain is not None and self.origin.is_book_revision
        return self.plain if on_the_books_data else self.control

    def code_agrees(self):
        """Return whether this code would draw the book's figures.

        Returns
        -------
        bool or None
            None if it cannot be judged: runs are missing, or the data are not known
            to be Fashion-MNIST.
        """
        part = self.judged()
        if not self.origin.is_fashion_mnist or not (part.complete and part.rows):
            return None
        return not part.outside() and self.masks_exact is not False


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
    # Both parts grow together, so that what an interrupted sweep leaves is of use.
    sweep([spec for pair in zip(*specs.values()) for spec in pair], store, jobs)
    return from_store(store, specs, origin)


def from_store(store, specs, origin):
    """Compare stored runs with the book; run nothing but cells 1 and 2.

    Parameters
    ----------
    store : Store
    specs : dict of bool to list of RunSpec
        By `resplit`: the control under True, the plain runs under False if wanted.
    origin : fashion_mnist.Origin
        The data that they were run on.

    Returns
    -------
    Reproduction
    """
    kept = store.read()
    parts = {resplit: _part(kept, specs[resplit]) for resplit in specs}
    return Reproduction(origin, _masks_exact(), parts.get(False), parts[True])


def _part(kept, specs):
    found = [kept[spec] for spec in specs if spec in kept]
    results = [entry for entry in found if isinstance(entry, RunResult)]
    failures = [entry for entry in found if isinstance(entry, RunFailure)]
    models = dict.fromkeys(spec.model for spec in specs)
    runs: Dict[str, List[List[EpochStats]]] = {model: [] for model in models}
    for result in results:
        runs[result.spec.model].append(result.epochs)
    enough = all(len(epochs) >= 2 for epochs in runs.values())
    return Part(specs, results, failures, compare(runs, book.EPOCHS) if enough else [])


def _masks_exact():
    """Run cells 1 and 2 in a fresh process: only there MXNet draws the book's masks."""
    if os.environ.get('D2L_CONTEXT', '').startswith('gpu'):
        return None
    done = subprocess.run(
        [sys.executable, '-c', _CELLS_1_AND_2], stdout=subprocess.PIPE, text=True
    )
    return done.returncode == 0 and chapter.masks_are_the_books(done.stdout)

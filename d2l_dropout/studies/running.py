"""Running what a study needs, and how long that will take."""

from pathlib import Path
from typing import Dict, List, Optional

from d2l_dropout import fashion_mnist
from d2l_dropout.compat import environment
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep
from d2l_dropout.studies.study import Kept, Scale, Study

RESULTS = Path(__file__).with_name('results')


class RunsFailed(ValueError):
    """Runs of a study failed; the message names the first error."""


def shipped(study: Study) -> Kept:
    """Return the results of a study's full runs that ship with the package.

    Parameters
    ----------
    study : Study

    Returns
    -------
    dict of RunSpec to RunResult
        Empty if it needs no runs.
    """
    return Store(shipped_path(study)).results()


def shipped_path(study: Study) -> Path:
    """Return the store of the results of a study that ship with the package.

    Parameters
    ----------
    study : Study

    Returns
    -------
    pathlib.Path
    """
    module = study.__name__  # type: ignore[attr-defined]
    name = getattr(study, 'SHIPPED', module.rpartition('.')[2])  # or another study's
    return RESULTS / (name + '.jsonl')


def on_the_data_here(study: Study, scale: Scale) -> Scale:
    """Return a scale for the revision of the data that this machine has.

    Parameters
    ----------
    study : Study
    scale : Scale
        Left as it is if the study needs no runs.

    Returns
    -------
    Scale

    Raises
    ------
    fashion_mnist.DataError
        If there are none.
    """
    if not study.specs(scale, {}):
        return scale
    spec = RunSpec().on(fashion_mnist.locate())
    return scale._replace(revision=spec.revision, data_digest=spec.data_digest)


def missing(study: Study, scale: Scale, kept: Kept) -> List[RunSpec]:
    """Return the runs that a study needs next and that are not kept.

    Parameters
    ----------
    study : Study
    scale : Scale
    kept : dict of RunSpec to RunResult

    Returns
    -------
    list of RunSpec
        Empty if nothing is missing. Those of a later stage, which others decide, are
        not among them yet. By seed: what is compared seed by seed is run at about the
        same time, so that the seconds can be compared too.
    """
    specs = dict.fromkeys(study.specs(scale, kept))
    return sorted((s for s in specs if s not in kept), key=lambda spec: spec.seed)


def run(study: Study, scale: Scale, store: Store, jobs: Optional[int] = None) -> Kept:
    """Run what a study needs and a store lacks.

    Parameters
    ----------
    study : Study
    scale : Scale
    store : Store
    jobs : int >= 1, optional
        As `sweep`.

    Returns
    -------
    dict of RunSpec to RunResult
        All that the store holds.

    Raises
    ------
    RunsFailed
        If runs failed; the others are kept.
    """
    while True:
        kept = store.results()
        specs = missing(study, scale, kept)
        if not specs:
            return kept
        failed = sweep(specs, store, jobs)
        if failed:
            spec, error = next(iter(failed.items()))
            raise RunsFailed(
                f'{len(failed)} of {len(specs)} runs failed; the others are kept in '
                f'{store.path}. The first: {spec.to_json()}: {error}'
            )


def expected_seconds(
    specs: List[RunSpec], known: Dict[RunSpec, RunResult], jobs: Optional[int] = None
) -> Optional[float]:
    """Return how long runs will take, going by what shipped runs took.

    Parameters
    ----------
    specs : list of RunSpec
    known : dict of RunSpec to RunResult
        Where the same runs, or others of the same study, say how long they took.
    jobs : int, optional
        Runs at a time; as many as there are processors unless given.

    Returns
    -------
    float or None
        Seconds on a machine like that of the shipped runs; None if none is known.
    """
    if not known:
        return None
    start = 3.0  # of each process: it imports MXNet and reads the data
    mean = sum(result.seconds for result in known.values()) / len(known)
    total = sum(
        start + (known[spec].seconds if spec in known else mean) for spec in specs
    )
    return total / (jobs or environment.num_processors())

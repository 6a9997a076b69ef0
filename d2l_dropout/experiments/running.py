"""Results of runs: those that ship, those in the user's store, and new ones."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Optional, Union

import numpy as np

from d2l_dropout import fashion_mnist
from d2l_dropout.compat import environment
from d2l_dropout.experiments.grid import quick as make_quick
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep

#: The folder of the stores that ship with the package.
SHIPPED = Path(__file__).with_name('shipped')
#: Where new results are kept unless another store is named.
STORE = 'results/experiments.jsonl'
#: The environment variables that name another store, and the number of runs at a time.
STORE_VARIABLE, JOBS_VARIABLE = 'D2L_STORE', 'D2L_JOBS'
#: The environment variable that has every run trained here, also those that ship.
TRAIN_ANEW = 'D2L_TRAIN_ANEW'
#: The folder, beside the others' stores, of those of runs with a reader's own noise.
OWN_NOISE = 'own_noise'
# A worker imports MXNet and reads the data first.
_START_SECONDS = 3.0

Specs = List[RunSpec]
Results = Union[List[RunResult], Dict[str, List[RunResult]]]


class RunsFailed(ValueError):
    """Some runs failed; the message gives the first error."""


def run(
    specs: Union[Specs, Dict[str, Specs]],
    quick: bool = False,
    store: Optional[str] = None,
    jobs: Optional[int] = None,
    shipped: Optional[bool] = None,
    noise: Optional[Callable] = None,
) -> Results:
    """Return the results of some runs; train those that are not kept anywhere.

    Missing runs are trained side by side. Each result is kept in the store as soon as
    its run finishes, so that an interrupted call continues where it stopped. What all
    results were made with is printed: seeds, data, versions, threads and machine.

    Parameters
    ----------
    specs : list of RunSpec, or dict of str to list of RunSpec
        Such as `grid` returns; the names of a dict become a column of the table.
    quick : bool
        Train with little data, few epochs and two seeds: to see that everything works,
        not to learn anything from the numbers.
    store : path, optional
        The file of the user's own results, created if necessary; by default what the
        environment variable D2L_STORE names, or results/experiments.jsonl.
    jobs : int >= 1, optional
        Number of runs at a time; by default what D2L_JOBS says, or the number of
        processors.
    shipped : bool, optional
        Whether to use the results that ship with the package; by default they are used
        unless the environment variable D2L_TRAIN_ANEW is set.
    noise : function, optional
        `noise(H, drop_prob)` in place of dropout, as `runs.own_noise.OwnNoise` takes
        it. Its results have a store of their own, in the folder `own_noise` beside
        `store`, which a change of the function's source changes.

    Returns
    -------
    list of RunResult, or dict of str to list of RunResult
        In the order of `specs`. A run that has measured more than was asked for counts
        as the same run.

    Raises
    ------
    RunsFailed
        If runs failed; the other results are kept.
    runs.own_noise.NoiseError
        If `noise` cannot be used; the message says why.
    fashion_mnist.DataError
        If data are needed and there are none.
    """
    named = specs if isinstance(specs, dict) else {'': specs}
    store = store or os.environ.get(STORE_VARIABLE) or STORE
    if quick:
        origin = fashion_mnist.locate()
        named = {name: make_quick(some, origin) for name, some in named.items()}
    wanted = list(dict.fromkeys(spec for some in named.values() for spec in some))
    if shipped is None:
        shipped = not os.environ.get(TRAIN_ANEW)
    own = _own_noise(noise)
    if own:
        store = str(Path(store).parent / OWN_NOISE / f'{own.name}-{own.key}.jsonl')
    paths = _paths(store, shipped, own)
    found = _find(wanted, paths)
    missing = [spec for spec in wanted if spec not in found]
    if missing:
        if own:
            own.check(missing)
        _train(missing, len(wanted), Store(store), jobs, own)
        found = _find(wanted, paths)
    print(_made_with([found[spec] for spec in wanted], len(missing)), flush=True)
    results = {name: [found[spec] for spec in some] for name, some in named.items()}
    return results if isinstance(specs, dict) else results['']


def _own_noise(noise):
    if noise is None:
        return None
    from d2l_dropout.runs.own_noise import OwnNoise  # which needs MXNet

    return OwnNoise(noise)


def _paths(store, shipped, own=None) -> List[Path]:
    # The user's own come last and win: they are of this machine.
    name = f'{OWN_NOISE}/*-{own.key}.jsonl' if own else '*.jsonl'
    return [*(sorted(SHIPPED.glob(name)) if shipped else ()), Path(store)]


def _made_with(results: List[RunResult], num_new: int) -> str:
    """Say what the metrics depend on: seeds, data, versions, threads and machine."""
    seeds = sorted({result.spec.seed for result in results})
    texts = [
        f'{len(results)} runs, {num_new} of them trained now; '
        f'seeds {", ".join(map(str, seeds))}.'
    ]
    for revision, versions, threads, machine in sorted(
        {
            (
                result.spec.revision,
                ', '.join(f'{name} {v}' for name, v in result.versions.items()),
                str(result.threads or 'unknown'),
                result.machine,
            )
            for result in results
        }
    ):
        texts.append(
            f'Data: {revision}. {versions}. OpenMP threads: {threads}; {machine}.'
        )
    return '\n'.join(texts)


def _find(wanted: Specs, paths: List[Path]) -> Dict[RunSpec, RunResult]:
    """Return the results that are kept of the runs that are wanted."""
    alike: Dict[RunSpec, List[RunResult]] = {}
    for result in _kept(paths):
        alike.setdefault(replace(result.spec, measure=None), []).append(result)
    found = {}
    for spec in wanted:
        for result in alike.get(replace(spec, measure=None), ()):
            if set(spec.measures()) <= set(result.spec.measures()):
                found[spec] = result
    return found


def _kept(paths: List[Path]) -> Iterable[RunResult]:
    for path in paths:
        yield from Store(path).results().values()


def _train(
    missing: Specs, num_all: int, store: Store, jobs: Optional[int], own
) -> None:
    jobs = _num_jobs(jobs)
    # Runs to be compared are trained at about the same time.
    missing = sorted(missing, key=lambda spec: spec.seed)
    known = list(_kept(_paths(store.path, shipped=True)))
    seconds = expected_seconds(missing, known, jobs)
    so_long = 'an unknown time' if seconds is None else _in_words(seconds)
    print(
        f'{len(missing)} of {num_all} runs are missing and are trained now, {jobs} at '
        f'a time: {so_long}. They are kept in {store.path}.',
        flush=True,
    )
    failed = sweep(missing, store, jobs, own)
    if failed:
        spec, error = next(iter(failed.items()))
        raise RunsFailed(
            f'{len(failed)} of {len(missing)} runs failed; the others are kept in '
            f'{store.path}. The first error: {error}. Its settings: {spec.to_json()}'
        )


def _num_jobs(jobs: Optional[int]) -> int:
    said = os.environ.get(JOBS_VARIABLE) if jobs is None else str(jobs)
    if not said:
        return environment.num_processors()
    if not re.fullmatch('[1-9][0-9]{0,5}', said):
        raise ValueError(
            f'the number of runs at a time (jobs, or D2L_JOBS) is {said:.20}; it must '
            'be an integer of at least 1.'
        )
    return int(said)


def expected_seconds(
    specs: Specs, known: List[RunResult], jobs: int
) -> Optional[float]:
    """Return about how long some runs will take, judging by similar ones.

    Parameters
    ----------
    specs : list of RunSpec
    known : list of RunResult
    jobs : int >= 1
        Number of runs at a time.

    Returns
    -------
    float or None
        Seconds on a machine like that of the known runs; None if there are none.
    """
    if not known:
        return None
    total = sum(_num_batches(spec) * _seconds_of_batch(spec, known) for spec in specs)
    return _START_SECONDS + total / min(jobs, len(specs))


def _seconds_of_batch(spec: RunSpec, known: List[RunResult]) -> float:
    """Return the time of a mini-batch, test passes included, of the most similar runs.

    Of these the lower quartile: some of the runs that ship had to share the processors.
    """
    cares = ['model', 'batch_size', 'num_hiddens1', 'noise', 'num_examples']
    while True:
        similar = [
            result.seconds / _num_batches(result.spec)
            for result in known
            if all(getattr(result.spec, c) == getattr(spec, c) for c in cares)
        ]
        if similar:
            return float(np.percentile(similar, 25))
        cares.pop()


def _num_batches(spec: RunSpec) -> int:
    return -(-(spec.num_examples or 60000) // spec.batch_size) * spec.num_epochs


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f'about {max(seconds, 1):.0f} seconds'
    return f'about {seconds / 60:.0f} minutes'

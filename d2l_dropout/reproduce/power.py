"""How many seeds does it take until `reproduce` notices a wrong port?

The book's metrics are one run, so that whether a wrong port is noticed depends on what
the book happened to draw. Here every correct run that ships with the package takes the
place of the book in turn. For each, and for many choices of n seeds of the wrong port,
the comparison is made as the command makes it, and the share that notices is reported.
So is the share that tells the wrong port from the shipped runs themselves.
"""

from typing import Dict, List, NamedTuple, Sequence

import numpy as np

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.intervals import pooled_difference, require_scipy
from d2l_dropout.metrics import DECIMALS, as_array
from d2l_dropout.reproduce.comparison import any_outside, late_average
from d2l_dropout.reproduce.reproduction import make_specs
from d2l_dropout.runs import shipped
from d2l_dropout.runs.faults import FAULTS, models_with
from d2l_dropout.runs.spec import MODELS
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep

#: How many choices of n seeds are tried.
NUM_CHOICES = 100
#: The numbers of seeds that are reported.
NUMS_OF_SEEDS = (3, 5, 10, 19)
CORRECT = 'correct'


class Power(NamedTuple):
    """The shares of comparisons in which a port is told from the correct one.

    Attributes
    ----------
    fault : str
        A key of `FAULTS`; or 'correct', for which they are the shares of false alarms.
    group : 'official' or 'control'
    num_seeds : int
        Seeds of the port in each comparison.
    stand_ins : float in [0, 1]
        Of the comparisons with single correct runs in place of the book.
    book : float in [0, 1]
        Of those with the book itself. On the official split this includes what the
        split does, whose test set is harder than the book's.
    shipped : float in [0, 1]
        Of those with all shipped runs.
    """

    fault: str
    group: str
    num_seeds: int
    stand_ins: float
    book: float
    shipped: float


def measure(store: Store, num_seeds: int = 10, jobs=None) -> List[Power]:
    """Train the wrong ports as far as `store` lacks them, and measure what is noticed.

    Parameters
    ----------
    store : Store
    num_seeds : int >= 3
        Runs of each wrong port, model and group.
    jobs : int, optional
        How many runs at a time; see `sweep`.

    Returns
    -------
    list of Power

    Raises
    ------
    ImportError
        If SciPy is missing.
    ValueError
        If runs failed.
    """
    require_scipy()
    specs = {
        (fault, resplit): make_specs(
            models_with(fault), num_seeds, 10, _revision(), resplit, fault
        )
        for fault in FAULTS
        for resplit in (False, True)
    }
    failed = sweep(
        [spec for each in zip(*specs.values()) for spec in each], store, jobs
    )
    if failed:
        raise ValueError(f'{len(failed)} runs failed: {next(iter(failed.values()))}')
    results = store.results()
    powers = []
    for resplit in (False, True):
        correct = _correct_runs(resplit)
        powers += _powers(CORRECT, resplit, correct, correct, MODELS)
        for fault in FAULTS:
            wrong = {
                model: [
                    results[spec].epochs
                    for spec in specs[fault, resplit]
                    if spec.model == model
                ]
                for model in models_with(fault)
            }
            powers += _powers(fault, resplit, wrong, correct, models_with(fault))
    return powers


def _revision():
    return shipped.results('scratch', resplit=False)[0].spec.revision


def _correct_runs(resplit) -> Dict[str, list]:
    """Return the shipped runs, by model and then by seed."""
    return {m: [run.epochs for run in shipped.results(m, resplit)] for m in MODELS}


def _powers(name, resplit, port, correct, names):
    ported, draws = (_draws(runs, names) for runs in (port, correct))
    the_book = _draws({m: [EPOCHS[m]] for m in names}, names)
    printed = _as_printed(draws)
    group = 'control' if resplit else 'official'
    same = port is correct
    powers = []
    for n in NUMS_OF_SEEDS:
        if n <= len(ported) - same:
            powers.append(
                Power(
                    name,
                    group,
                    n,
                    share_outside(ported, printed, n, leave_out=same),
                    share_outside(ported, the_book, n),
                    share_different(ported, draws, n, leave_out=same),
                )
            )
    return powers


def _draws(runs, names):
    """Return an array of shape (runs, models, epochs, 3)."""
    return np.stack([as_array(runs[model]) for model in names], axis=1)


def _as_printed(draws):
    return np.stack(
        [draws[..., j].round(d) for j, d in enumerate(DECIMALS.values())], axis=-1
    )


def share_outside(port, draws, n, leave_out=False):
    """Return the share of comparisons in which something lies outside its interval.

    Parameters
    ----------
    port : ndarray, shape (seeds, models, epochs, 3)
    draws : ndarray, shape (draws, models, epochs, 3)
        Each takes the place of the book, against n seeds of the port.
    n : int
    leave_out : bool
        Whether draw i is seed i of the port, and must not be compared with itself.

    Returns
    -------
    float in [0, 1]
    """
    seen = []
    for draw, chosen in _choices(len(port), len(draws), n, leave_out):
        against = draws[[draw]] if leave_out else draws
        seen.append(any_outside(port[chosen], against))
    return float(np.concatenate(seen).mean())


def share_different(port, reference, n, leave_out=False):
    """Return the share of comparisons in which a late average differs significantly.

    Parameters
    ----------
    port, reference : ndarray, shape (seeds, models, epochs, 3)
        n seeds of the port are compared with all of the reference.
    n : int
    leave_out : bool
        Whether they are the same runs: the n seeds are then left out of the reference.

    Returns
    -------
    float in [0, 1]
        NaN if fewer than two seeds are left to compare with.
    """
    ours, theirs = late_average(port), late_average(reference)
    seen = []
    for _, chosen in _choices(len(port), 1, n, False):
        others = theirs
        if leave_out:
            others = np.delete(theirs, chosen, axis=0)
            if len(others) < 2:
                return float('nan')
        # The two groups share a level, as in `against_shipped`.
        found = pooled_difference(ours[chosen], others, 2 * others[0].size)
        seen.append(found.excludes_zero.any())
    return float(np.mean(seen))


def _choices(num_seeds, num_draws, n, leave_out):
    """Yield `NUM_CHOICES` pairs of a draw and n seeds, the same ones in every call."""
    rng = np.random.RandomState(n)
    for i in range(NUM_CHOICES):
        draw = i % num_draws
        others = np.delete(np.arange(num_seeds), draw if leave_out else [])
        yield draw, rng.permutation(others)[:n]


def markdown(powers: Sequence[Power]) -> str:
    """Return the measurements as a table in Markdown, that of docs/power.md.

    Parameters
    ----------
    powers : sequence of Power

    Returns
    -------
    str
    """
    lines = [
        '| port | seeds | one run, official split | one run, control | '
        'the book, control | shipped runs, official split | shipped runs, control |',
        '|---|---|---|---|---|---|---|',
    ]
    by_key = {(p.fault, p.group, p.num_seeds): p for p in powers}
    for (fault, group, n), official in by_key.items():
        if group == 'official':
            control = by_key[fault, 'control', n]
            shares = (
                official.stand_ins,
                control.stand_ins,
                control.book,
                official.shipped,
                control.shipped,
            )
            cells = ' | '.join(
                '' if share != share else f'{100 * share:.0f} %' for share in shares
            )
            port = FAULTS[fault][0] if fault in FAULTS else 'the correct port'
            lines.append(f'| {port} | {n} | {cells} |')
    return '\n'.join(lines)

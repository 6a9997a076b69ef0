"""How many seeds does it take until `reproduce` notices a wrong port?

The book's figures are one draw, so that a wrong port is noticed by luck of the draw
too. In place of the one book there are as many stand-ins as correct runs ship with the
package: for each, and for many choices of n among the wrong port's seeds, the
comparison is made as the command makes it, and the share that notices is reported. So
is the share that tells the wrong port from the shipped runs themselves.
"""

from typing import Dict, List, NamedTuple, Sequence

import numpy as np

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import DECIMALS, as_array
from d2l_dropout.reproduce.against_shipped import half_widths
from d2l_dropout.reproduce.comparison import late_average, outside
from d2l_dropout.reproduce.reproduction import make_specs
from d2l_dropout.runs import shipped
from d2l_dropout.runs.faults import FAULTS, models_with
from d2l_dropout.runs.spec import MODELS
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep

#: Choices of n seeds that are tried.
NUM_CHOICES = 100
#: The numbers of seeds that are reported.
NUMS = (3, 5, 10, 19)
CORRECT = 'correct'


class Power(NamedTuple):
    """The share of comparisons in which a port is told from the correct one.

    Attributes
    ----------
    fault : str
        A key of `FAULTS`, or 'correct': then it is the share of false alarms.
    part : 'plain' or 'control'
    num_seeds : int
        Seeds of that port.
    stand_ins, book, shipped : float in [0, 1]
        Of the comparisons with correct runs in place of the book; with the book's own
        figures (for the plain part what the split does to them is in it); with all
        shipped runs.
    """

    fault: str
    part: str
    num_seeds: int
    stand_ins: float
    book: float
    shipped: float


def measure(store: Store, num_seeds: int = 10, jobs=None) -> List[Power]:
    """Run the wrong ports as far as `store` lacks them; measure who notices.

    Parameters
    ----------
    store : Store
    num_seeds : int >= 3
        Runs of each wrong port, model and part.
    jobs : int, optional
        See `sweep`.

    Returns
    -------
    list of Power

    Raises
    ------
    ValueError
        If runs failed.
    """
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
        correct = correct_draws(resplit)
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


def correct_draws(resplit: bool) -> Dict[str, list]:
    """Return the shipped runs, by model and then by seed.

    Parameters
    ----------
    resplit : bool

    Returns
    -------
    dict of str to list of list of EpochStats
    """
    return {m: [run.epochs for run in shipped.results(m, resplit)] for m in MODELS}


def _powers(name, resplit, port, correct, names):
    ported, draws = (_draws(runs, names) for runs in (port, correct))
    the_book = _draws({m: [EPOCHS[m]] for m in names}, names)
    printed = _as_printed(draws)
    part = 'control' if resplit else 'plain'
    same = port is correct
    powers = []
    for n in NUMS:
        if n <= len(ported) - same:
            powers.append(
                Power(
                    name,
                    part,
                    n,
                    notices(ported, printed, n, leave_out=same),
                    notices(ported, the_book, n),
                    differs(ported, draws, n, leave_out=same),
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


def notices(port, draws, n, leave_out=False):
    """Return the share of comparisons in which some figure lies outside.

    Parameters
    ----------
    port : ndarray, shape (seeds, models, epochs, 3)
    draws : ndarray, shape (draws, models, epochs, 3)
        Each is set against n seeds of the port.
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
        seen.append(outside(port[chosen], against))
    return float(np.concatenate(seen).mean())


def differs(port, reference, n, leave_out=False):
    """Return the share of comparisons in which some late average differs.

    Parameters
    ----------
    port, reference : ndarray, shape (seeds, models, epochs, 3)
        n seeds of the port are set against all of the reference.
    n : int
    leave_out : bool
        Whether they are the same runs: then half of them is the reference.

    Returns
    -------
    float in [0, 1]
    """
    ours, theirs = late_average(port), late_average(reference)
    seen = []
    for _, chosen in _choices(len(port), 1, n, False):
        others = theirs
        if leave_out:
            others = np.delete(theirs, chosen, axis=0)
            if len(others) < 2:
                return float('nan')  # nobody is left to compare with
        gap = abs(ours[chosen].mean(axis=0) - others.mean(axis=0))
        seen.append((gap > half_widths(ours[chosen], others, 2 * gap.size)).any())
    return float(np.mean(seen))


def _choices(num_seeds, num_draws, n, leave_out):
    """Yield a draw and n seeds to set it against, a hundred times the same way."""
    rng = np.random.RandomState(n)
    for i in range(NUM_CHOICES):
        draw = i % num_draws
        others = np.delete(np.arange(num_seeds), draw if leave_out else [])
        yield draw, rng.permutation(others)[:n]


def markdown(powers: Sequence[Power]) -> str:
    """Return the measurements as a table in Markdown.

    Parameters
    ----------
    powers : sequence of Power

    Returns
    -------
    str
    """
    lines = [
        '| port | seeds | one draw, plain | one draw, control | the book, control | '
        'shipped runs, plain | shipped runs, control |',
        '|---|---|---|---|---|---|---|',
    ]
    by_key = {(p.fault, p.part, p.num_seeds): p for p in powers}
    for (fault, part, n), plain in by_key.items():
        if part == 'plain':
            control = by_key[fault, 'control', n]
            shares = (
                plain.stand_ins,
                control.stand_ins,
                control.book,
                plain.shipped,
                control.shipped,
            )
            cells = ' | '.join(
                '' if share != share else f'{100 * share:.0f} %' for share in shares
            )
            what = FAULTS[fault][0] if fault in FAULTS else 'the correct port'
            lines.append(f'| {what} | {n} | {cells} |')
    return '\n'.join(lines)

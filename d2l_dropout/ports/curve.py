"""Someone's learning curves against the spread of the shipped runs."""

import csv
from typing import Dict, List, NamedTuple, Optional

import numpy as np

from d2l_dropout.metrics import DECIMALS, FIGURES, EpochStats, as_array
from d2l_dropout.reproduce.against_shipped import half_widths
from d2l_dropout.reproduce.comparison import LEVEL
from d2l_dropout.runs import shipped

COLUMNS = ('epoch', *DECIMALS)


class Look(NamedTuple):
    """One figure of one epoch.

    Attributes
    ----------
    epoch : int
    figure : 'loss', 'train_acc' or 'test_acc'
    theirs, ours : float
        Means over the runs.
    low, high : float
        Where theirs would lie if it were more runs of this code.
    """

    epoch: int
    figure: str
    theirs: float
    ours: float
    low: float
    high: float

    @property
    def inside(self):
        """Whether theirs lies within the limits (NaN never does)."""
        return self.low <= self.theirs <= self.high


def read(path) -> List[List[EpochStats]]:
    """Return the runs in a CSV file.

    Parameters
    ----------
    path : path
        With a head: epoch, loss, train_acc, test_acc (accuracies in [0, 1]) and, if
        there are several runs, run.

    Returns
    -------
    list of list of EpochStats
        A list a run, by epoch from 1; all of the same length.

    Raises
    ------
    ValueError
        If the file is not such; with the line and what is wrong.
    """
    runs: Dict[str, Dict[int, EpochStats]] = {}
    with open(path, newline='', encoding='utf-8-sig') as file:
        reader = csv.DictReader(file, skipinitialspace=True)
        names = [
            (name or '').strip().replace(' ', '_') for name in reader.fieldnames or []
        ]
        reader.fieldnames = names
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise ValueError(
                f'{path} has no column {", ".join(missing)}; its first line must name '
                f'{", ".join(COLUMNS)} and, for several runs, run, apart by commas.'
            )
        for line in reader:
            _add(runs, line, f'{path}, line {reader.line_num}')
    if not runs:
        raise ValueError(f'{path} has no epoch: a line each, from epoch 1.')
    lengths = {len(run) for run in runs.values()}
    if len(lengths) > 1:
        raise ValueError(f'{path}: the runs have different numbers of epochs.')
    if any(sorted(run) != list(range(1, len(run) + 1)) for run in runs.values()):
        raise ValueError(f'{path}: the epochs of a run must be 1, 2, 3 and so on.')
    return [[run[epoch] for epoch in sorted(run)] for run in runs.values()]


def _add(runs, line, where):
    try:
        epoch, figures = int(line['epoch']), [float(line[n]) for n in DECIMALS]
    except (TypeError, ValueError) as error:
        raise ValueError(f'{where}: {error}; numbers are wanted.') from error
    if not np.isfinite(figures).all():
        raise ValueError(
            f'{where}: a figure that is not finite: this run diverged, and no code of '
            'the chapter does with its settings.'
        )
    if not all(acc <= 1 for acc in figures[1:]):
        raise ValueError(f'{where}: an accuracy above 1; give shares, not percent.')
    run = runs.setdefault(line.get('run') or '', {})
    if epoch in run:
        raise ValueError(
            f'{where}: epoch {epoch} twice; several runs need a column run.'
        )
    run[epoch] = EpochStats(epoch, *figures)


def compare(runs, model, on_fresh_splits=False, level=LEVEL) -> List[Look]:
    """Set runs against the shipped ones, figure by figure.

    Parameters
    ----------
    runs : list of list of EpochStats
        One or more; at most ten epochs count.
    model : 'scratch' or 'gluon'
    on_fresh_splits : bool
        Against the runs on fresh splits of the images, for data split otherwise than
        in 2017-08-31, such as the book's.
    level : float in (0, 1)
        Probability that all limits together hold, for normal draws.

    Returns
    -------
    list of Look
        By epoch and figure.
    """
    ours = as_array([r.epochs for r in shipped.results(model, on_fresh_splits)])
    theirs = as_array([run[: ours.shape[1]] for run in runs])
    ours = ours[:, : theirs.shape[1]]
    half = half_widths(theirs, ours, ours[0].size, level)
    mean, their_mean = ours.mean(axis=0), theirs.mean(axis=0)
    return [
        Look(
            i + 1,
            figure,
            *(float(a[i, j]) for a in (their_mean, mean, mean - half, mean + half)),
        )
        for i in range(len(mean))
        for j, figure in enumerate(DECIMALS)
    ]


def first_outside(looks: List[Look]) -> Optional[int]:
    """Return the first epoch with a figure outside, or None.

    Parameters
    ----------
    looks : list of Look

    Returns
    -------
    int or None
    """
    return next((look.epoch for look in looks if not look.inside), None)


def report(looks: List[Look], num_runs: int, model: str) -> str:
    """Return every look, then the verdict.

    Parameters
    ----------
    looks : list of Look
    num_runs : int
    model : str

    Returns
    -------
    str
    """
    lines = [f'{"epoch":>5} {"figure":<9} {"theirs":>8} {"ours":>8}  limits']
    for look in looks:
        lines.append(
            f'{look.epoch:>5} {FIGURES[look.figure]:<9} {look.theirs:>8.4f} '
            f'{look.ours:>8.4f}  {look.low:.4f} to {look.high:.4f}'
            + ('' if look.inside else '  OUTSIDE')
        )
    lines.append(
        f'{num_runs} run{"s" * (num_runs > 1)} of theirs, '
        f'{len(shipped.results(model, False))} shipped runs of the model {model}; '
        f"Student's t, two-sided, {100 * LEVEL:g} % for {len(looks)} looks together if "
        'draws were normal (docs/power.md).'
    )
    epoch = first_outside(looks)
    if epoch is None:
        lines.append('CONSISTENT with the shipped runs.')
    else:
        num = sum(not look.inside for look in looks)
        lines.append(
            f'NOT CONSISTENT with the shipped runs, from epoch {epoch} on: {num} of '
            f'{len(looks)} figures lie outside.'
        )
    return '\n'.join(lines)

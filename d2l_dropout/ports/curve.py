"""The learning curves of another implementation against those of the shipped runs."""

import csv
from typing import Dict, List, NamedTuple, Optional

import numpy as np

from d2l_dropout.intervals import LEVEL, pooled_difference
from d2l_dropout.metrics import DECIMALS, LABELS, EpochStats, as_array
from d2l_dropout.runs import shipped

COLUMNS = ('epoch', *DECIMALS)


class Point(NamedTuple):
    """One metric of one epoch.

    Attributes
    ----------
    epoch : int
    metric : 'loss', 'train_acc' or 'test_acc'
    theirs, ours : float
        Means over the runs.
    low, high : float
        Where theirs would lie if their runs were more runs of this code.
    """

    epoch: int
    metric: str
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
        The first line names the columns: epoch, loss, train_acc, test_acc (accuracies
        in [0, 1]) and, if there are several runs, run.

    Returns
    -------
    list of list of EpochStats
        Each run by epoch from 1; all of the same length.

    Raises
    ------
    ValueError
        If the file is not like that; the message names the line and what is wrong.
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
                f'{path} has no column {", ".join(missing)}: its first line must name '
                f'the columns {", ".join(COLUMNS)} and, if there are several runs, '
                'run, with commas between them.'
            )
        for line in reader:
            _add(runs, line, f'{path}, line {reader.line_num}')
    if not runs:
        raise ValueError(f'{path} has no epoch: give each a line, from epoch 1 on.')
    lengths = {len(run) for run in runs.values()}
    if len(lengths) > 1:
        raise ValueError(f'{path}: the runs have different numbers of epochs.')
    if any(sorted(run) != list(range(1, len(run) + 1)) for run in runs.values()):
        raise ValueError(f'{path}: the epochs of a run must be 1, 2, 3 and so on.')
    return [[run[epoch] for epoch in sorted(run)] for run in runs.values()]


def _add(runs, line, where):
    try:
        epoch, metrics = int(line['epoch']), [float(line[n]) for n in DECIMALS]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'{where}: {error}; the epoch must be an integer and each metric a number.'
        ) from error
    if not np.isfinite(metrics).all():
        raise ValueError(
            f"{where}: a metric is not finite. This run diverged, which the chapter's "
            "code never does with the chapter's settings."
        )
    if not all(acc <= 1 for acc in metrics[1:]):
        raise ValueError(f'{where}: an accuracy is above 1; give shares, not percent.')
    run = runs.setdefault(line.get('run') or '', {})
    if epoch in run:
        raise ValueError(
            f'{where}: epoch {epoch} is there twice; several runs need a column run.'
        )
    run[epoch] = EpochStats(epoch, *metrics)


def compare(runs, model, on_fresh_splits=False, level=LEVEL) -> List[Point]:
    """Compare runs with the shipped ones, metric by metric.

    Parameters
    ----------
    runs : list of list of EpochStats
        One or more; epochs after the tenth are left out.
    model : 'scratch' or 'gluon'
    on_fresh_splits : bool
        Compare with the shipped runs on fresh random splits of the images: for data
        that are split otherwise than in revision 2017-08-31, as the book's are.
    level : float in (0, 1)
        Probability that all limits together hold, for normal draws.

    Returns
    -------
    list of Point
        By epoch and metric.
    """
    ours = as_array([r.epochs for r in shipped.results(model, on_fresh_splits)])
    theirs = as_array([run[: ours.shape[1]] for run in runs])
    ours = ours[:, : theirs.shape[1]]
    half = pooled_difference(theirs, ours, ours[0].size, level).half_width
    mean, their_mean = ours.mean(axis=0), theirs.mean(axis=0)
    return [
        Point(
            i + 1,
            metric,
            *(float(a[i, j]) for a in (their_mean, mean, mean - half, mean + half)),
        )
        for i in range(len(mean))
        for j, metric in enumerate(DECIMALS)
    ]


def first_outside(points: List[Point]) -> Optional[int]:
    """Return the first epoch with a metric outside its limits.

    Parameters
    ----------
    points : list of Point

    Returns
    -------
    int or None
        None if all lie inside.
    """
    return next((point.epoch for point in points if not point.inside), None)


def report(points: List[Point], num_runs: int, model: str) -> str:
    """Return a table of all points, then the verdict.

    Parameters
    ----------
    points : list of Point
    num_runs : int
    model : str

    Returns
    -------
    str
    """
    lines = [f'{"epoch":>5} {"metric":<9} {"theirs":>8} {"ours":>8}  limits']
    for point in points:
        lines.append(
            f'{point.epoch:>5} {LABELS[point.metric]:<9} {point.theirs:>8.4f} '
            f'{point.ours:>8.4f}  {point.low:.4f} to {point.high:.4f}'
            + ('' if point.inside else '  OUTSIDE')
        )
    lines.append(
        f'{num_runs} run{"s" * (num_runs > 1)} of theirs, '
        f'{len(shipped.results(model, False))} shipped runs of the model {model}. If '
        'runs were normally distributed, runs of this code would lie inside all of '
        f"these {len(points)} limits (Student's t) with {100 * LEVEL:g} %; "
        'docs/power.md says how often they do.'
    )
    epoch = first_outside(points)
    if epoch is None:
        lines.append('CONSISTENT with the shipped runs.')
    else:
        num = sum(not point.inside for point in points)
        lines.append(
            f'NOT CONSISTENT with the shipped runs, from epoch {epoch} on: {num} of '
            f'{len(points)} points lie outside.'
        )
    return '\n'.join(lines)

"""What the plots of a reproduction show, in sentences computed from its numbers."""

import math
from typing import List

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import DECIMALS, LABELS
from d2l_dropout.reproduce.names import GROUPS, NETS
from d2l_dropout.reproduce.plots import (
    last_row,
    models_of,
    num_epochs,
    runs_by_group,
)


def number(value, metric, extra=0) -> str:
    """Return the value of a metric as text.

    Parameters
    ----------
    value : float
    metric : 'loss', 'train_acc' or 'test_acc'
    extra : int
        Decimals beyond those that the book prints.

    Returns
    -------
    str
        'NaN' or 'infinite' for what a run gave that diverged.
    """
    if math.isnan(value):
        return 'NaN'
    if math.isinf(value):
        return 'infinite'
    return f'{value:.{DECIMALS[metric] + extra}f}'


def of_curves(reproduction, model) -> List[str]:
    """Describe what `plots.learning_curves` draws.

    Parameters
    ----------
    reproduction : groups.Reproduction
    model : 'scratch' or 'gluon'

    Returns
    -------
    list of str
        What is drawn; a sentence for each metric; and for each group, how many of the
        book's points lie inside its intervals.
    """
    last = num_epochs(reproduction)
    what = (
        f'Each line is one run of the {NETS[model]} over {_count(last, "epoch")}, with '
        'a seed of its own; the crosses are what the book printed.'
    )
    changes = [_change(reproduction, model, j, name) for j, name in enumerate(LABELS)]
    inside = [
        _points_inside(group.rows, model, name)
        for name, group in reproduction.groups().items()
    ]
    return [what, *changes, *inside]


def _count(n, noun):
    return f'{n} {noun}{"s" * (n != 1)}'


def _change(reproduction, model, j, metric):
    """Say where one metric starts and ends, on average and in the book."""
    first, last = (EPOCHS[model][i] for i in (0, num_epochs(reproduction) - 1))
    changes = [
        f'{GROUPS[group]} {number(runs[:, 0, j].mean(), metric)} to '
        f'{number(runs[:, -1, j].mean(), metric)} on average'
        for group, runs in runs_by_group(reproduction, model).items()
    ]
    changes.append(
        f'the book {number(getattr(first, metric), metric)} to '
        f'{number(getattr(last, metric), metric)}'
    )
    return f'{_capitalized(LABELS[metric])} from the first epoch to the last: ' + (
        ', '.join(changes) + '.'
    )


def _capitalized(words):
    return words[0].upper() + words[1:]


def _points_inside(rows, model, group):
    rows = [row for row in rows if row.model == model]
    if not rows:
        return f'{_capitalized(GROUPS[group])}: there are too few runs for intervals.'
    inside = sum(row.inside for row in rows)
    return (
        f"{_capitalized(GROUPS[group])}: {inside} of the book's {len(rows)} points lie "
        'inside the intervals.'
    )


def of_spread(reproduction) -> List[str]:
    """Describe what `plots.final_spread` draws.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    list of str
        A sentence for each model and metric.
    """
    return [
        _final(reproduction, model, j, metric)
        for model in models_of(reproduction)
        for j, metric in enumerate(LABELS)
    ]


def _final(reproduction, model, j, metric):
    last = num_epochs(reproduction)
    printed = getattr(EPOCHS[model][last - 1], metric)
    ours = [
        f'{GROUPS[group]} {number(runs[:, -1, j].mean(), metric, 1)} on average '
        f'({_spread(runs[:, -1, j], metric)})'
        for group, runs in runs_by_group(reproduction, model).items()
    ]
    where = [
        _where(last_row(reproduction, group, model, metric), group)
        for group in reproduction.groups()
    ]
    return (
        f'{_capitalized(LABELS[metric])} of the {NETS[model]} after '
        f'{_count(last, "epoch")}: {", ".join(ours) or "no runs"}; the book has '
        f'{number(printed, metric)}, {" and ".join(where)}.'
    )


def _spread(values, metric):
    if len(values) < 2:
        return '1 seed'
    return f's.d. {number(values.std(ddof=1), metric, 1)}, {len(values)} seeds'


def _where(row, group):
    """Say where the book's value lies: 'inside the interval of the control, ...'."""
    if row is None:
        return f'with no interval of the {GROUPS[group]} to compare with'
    side = 'inside' if row.inside else 'OUTSIDE'
    low, high = (number(value, row.metric, 1) for value in (row.low, row.high))
    return f'{side} the interval of the {GROUPS[group]}, {low} to {high}'

"""What the plots of a reproduction show, in sentences computed from the numbers."""

import math
from typing import List

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import DECIMALS, FIGURES
from d2l_dropout.reproduce.plots import (
    PARTS,
    last_row,
    models_of,
    num_epochs,
    runs_by_part,
)
from d2l_dropout.reproduce.verdicts import TITLES


def number(value, figure, more=0) -> str:
    """Return a figure as text.

    Parameters
    ----------
    value : float
    figure : 'loss', 'train_acc' or 'test_acc'
    more : int
        Decimals beyond those that the book prints.

    Returns
    -------
    str
        'NaN' or 'infinite' for what a run that diverged gave.
    """
    if math.isnan(value):
        return 'NaN'
    if math.isinf(value):
        return 'infinite'
    return f'{value:.{DECIMALS[figure] + more}f}'


def of_curves(reproduction, model) -> List[str]:
    """Say what `plots.learning_curves` draws.

    Parameters
    ----------
    reproduction : Reproduction
    model : 'scratch' or 'gluon'

    Returns
    -------
    list of str
        What is drawn; a sentence a figure; how many of the book's points lie inside.
    """
    last = num_epochs(reproduction)
    what = (
        f'A line is one seed of the {TITLES[model]} over {_count(last, "epoch")}, a '
        "cross one of the book's figures."
    )
    changes = [_change(reproduction, model, j, name) for j, name in enumerate(FIGURES)]
    inside = [
        _points_inside(part.rows, model, name)
        for name, part in reproduction.parts().items()
    ]
    return [what, *changes, *inside]


def _count(n, noun):
    return f'{n} {noun}{"s" * (n != 1)}'


def _change(reproduction, model, j, name):
    """Say where one figure starts and ends, on average and in the book."""
    first, last = (EPOCHS[model][i] for i in (0, num_epochs(reproduction) - 1))
    ways = [
        f'{PARTS[part]} {number(runs[:, 0, j].mean(), name)} to '
        f'{number(runs[:, -1, j].mean(), name)} on average'
        for part, runs in runs_by_part(reproduction, model).items()
    ]
    ways.append(
        f'the book {number(getattr(first, name), name)} to '
        f'{number(getattr(last, name), name)}'
    )
    return f'{_sentence(FIGURES[name])} from the first epoch to the last: ' + (
        ', '.join(ways) + '.'
    )


def _sentence(words):
    return words[0].upper() + words[1:]


def _points_inside(rows, model, part):
    rows = [row for row in rows if row.model == model]
    if not rows:
        return f'{_sentence(PARTS[part])}: too few for intervals.'
    inside = sum(row.inside for row in rows)
    return (
        f"{_sentence(PARTS[part])}: {inside} of the book's {len(rows)} points lie "
        'inside the intervals.'
    )


def of_spread(reproduction) -> List[str]:
    """Say what `plots.final_spread` draws.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    list of str
        A sentence a model and figure.
    """
    return [
        _final(reproduction, model, j, name)
        for model in models_of(reproduction)
        for j, name in enumerate(FIGURES)
    ]


def _final(reproduction, model, j, name):
    last = num_epochs(reproduction)
    printed = getattr(EPOCHS[model][last - 1], name)
    ours = [
        f'{PARTS[part]} {number(runs[:, -1, j].mean(), name, 1)} on average '
        f'({_spread(runs[:, -1, j], name)})'
        for part, runs in runs_by_part(reproduction, model).items()
    ]
    where = [
        _where(last_row(reproduction, part, model, name), part)
        for part in reproduction.parts()
    ]
    return (
        f'{_sentence(FIGURES[name])} of the {TITLES[model]} after '
        f'{_count(last, "epoch")}: {", ".join(ours) or "no runs"}; the book has '
        f'{number(printed, name)}, {" and ".join(where)}.'
    )


def _spread(values, name):
    if len(values) < 2:
        return '1 seed'
    return f's.d. {number(values.std(ddof=1), name, 1)}, {len(values)} seeds'


def _where(row, part):
    """Say where the book's figure lies: 'inside the interval of the control, ...'."""
    if row is None:
        return f'with no interval of the {PARTS[part]} to compare with'
    side = 'inside' if row.inside else 'OUTSIDE'
    low, high = (number(value, row.figure, 1) for value in (row.low, row.high))
    return f'{side} the interval of the {PARTS[part]}, {low} to {high}'

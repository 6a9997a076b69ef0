"""What nets, groups of runs and rows are called in text for people."""

from typing import Dict, List, Tuple

from d2l_dropout.metrics import LABELS

#: The nets, by model.
NETS = {'scratch': 'net from scratch', 'gluon': 'net in Gluon'}
#: The groups of runs: see `groups`.
GROUPS = {'official': 'official split', 'control': 'control'}


def epochs_of(row) -> str:
    """Name the epochs of a row: '9', or '6-10' for an average.

    Parameters
    ----------
    row : comparison.Row

    Returns
    -------
    str
    """
    if row.first_epoch == row.epoch:
        return f'{row.epoch}'
    return f'{row.first_epoch}-{row.epoch}'


def listed(rows) -> str:
    """Name rows briefly: 'net from scratch, test acc of epochs 5, 9, 6-10'.

    Parameters
    ----------
    rows : iterable of comparison.Row

    Returns
    -------
    str
    """
    epochs: Dict[Tuple[str, str], List[str]] = {}
    for row in rows:
        epochs.setdefault((row.model, row.metric), []).append(epochs_of(row))
    return '; '.join(
        f'{NETS[model]}, {LABELS[metric]} of {_epochs(numbers)} {", ".join(numbers)}'
        for (model, metric), numbers in epochs.items()
    )


def _epochs(numbers):
    return 'epoch' if len(numbers) == 1 and '-' not in numbers[0] else 'epochs'

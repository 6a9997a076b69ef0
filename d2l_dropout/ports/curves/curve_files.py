"""The learning curves of a port, read from a CSV file."""

import csv
import io
import os
from typing import Dict, List

from d2l_dropout import files
from d2l_dropout.metrics import DECIMALS, EpochStats

COLUMNS = ('epoch', *DECIMALS)
#: Bytes that a file may have: some five thousand runs of ten epochs.
LARGEST = 2_000_000


def read(path) -> List[List[EpochStats]]:
    """Return the runs in a CSV file.

    Parameters
    ----------
    path : path
        The first line names the columns: epoch, loss, train_acc, test_acc (accuracies
        in [0, 1]) and, if there are several runs, run. A metric may be nan or inf, as
        it is in a run that diverged.

    Returns
    -------
    list of list of EpochStats
        Each run by epoch from 1; all of the same length.

    Raises
    ------
    ValueError
        If the file is not like that; the message names the line and what is wrong.
    OSError
        If it cannot be read, or is not a regular file.
    """
    runs: Dict[str, Dict[int, EpochStats]] = {}
    reader = csv.DictReader(io.StringIO(_text(path), newline=''), skipinitialspace=True)
    try:
        reader.fieldnames = _names(path, reader.fieldnames or [])
        for line in reader:
            _add(runs, line, f'{path}, line {reader.line_num}')
    except csv.Error as error:
        raise ValueError(
            f'{path}, line {reader.line_num + 1} is no CSV: {error}.'
        ) from error
    if not runs:
        raise ValueError(f'{path} has no epoch: give each a line, from epoch 1 on.')
    lengths = {len(run) for run in runs.values()}
    if len(lengths) > 1:
        raise ValueError(f'{path}: the runs have different numbers of epochs.')
    if any(sorted(run) != list(range(1, len(run) + 1)) for run in runs.values()):
        raise ValueError(f'{path}: the epochs of a run must be 1, 2, 3 and so on.')
    return [[run[epoch] for epoch in sorted(run)] for run in runs.values()]


def _text(path):
    if os.path.getsize(path) > LARGEST:
        raise ValueError(
            f'{path} has more than {LARGEST:,} bytes, which no table of learning '
            'curves needs: give a line for each epoch.'
        )
    try:
        return files.read(path).decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise ValueError(f'{path} is not text in UTF-8: {error.reason}.') from error


def _names(path, names):
    names = [(name or '').strip().lower().replace(' ', '_') for name in names]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise ValueError(
            f'{path} has no column {", ".join(missing)}: its first line must name '
            f'the columns {", ".join(COLUMNS)} and, if there are several runs, '
            'run, with commas between them.'
        )
    twice = [name for name in (*COLUMNS, 'run') if names.count(name) > 1]
    if twice:
        raise ValueError(f'{path} has several columns {", ".join(twice)}.')
    return names


def _add(runs, line, where):
    epoch, *metrics = [_number(line, name, where) for name in COLUMNS]
    if not epoch.is_integer():
        raise ValueError(f'{where}: epoch is {epoch:g}; it must be an integer.')
    for name, value in zip(DECIMALS, metrics):
        if name != 'loss' and (value < 0 or 1 < value < float('inf')):
            raise ValueError(
                f'{where}: {name} is {value:g}; accuracies must lie in [0, 1]'
                + (': give fractions, not percent.' if 1 < value <= 100 else '.')
            )
    run = runs.setdefault(line.get('run') or '', {})
    if epoch in run:
        raise ValueError(
            f'{where}: epoch {epoch:g} is there twice; several runs need a column run.'
        )
    run[int(epoch)] = EpochStats(int(epoch), *metrics)


def _number(line, name, where):
    text = line[name]
    if text is None:
        raise ValueError(f'{where}: there is no {name}; each line needs all columns.')
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(
            f'{where}: {name} is {text!r:.40}; it must be a number.'
        ) from error

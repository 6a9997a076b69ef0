"""Results of runs as pandas tables, and comparisons between their rows."""

from dataclasses import asdict
from typing import Any, Dict, Iterator, List, Tuple, Union

import numpy as np

try:
    import pandas as pd
except ImportError as error:
    raise ImportError(
        "the experiments need pandas: pip install '.[notebook]' (or pandas)"
    ) from error

from d2l_dropout.experiments.running import Results
from d2l_dropout.intervals import Estimate, confidence, paired_difference
from d2l_dropout.runs.result import RunResult

#: The part of the evaluated epochs, at the end of a run, that counts as late.
LATE = 0.2
# These do not tell settings apart: the seed has its own column, and a run that measures
# more, or tests more often, is no other experiment.
_NOT_SETTINGS = {'seed', 'measure', 'test_every'}

Rows = Union[str, Dict[str, Any]]


def table(results: Results) -> pd.DataFrame:
    """Return one row for each run.

    Parameters
    ----------
    results : list of RunResult, or dict of str to list of RunResult
        What `run` returns.

    Returns
    -------
    pandas.DataFrame
        The columns are

        - `variant`: the name in `results`, if that is a dict;
        - each setting of RunSpec that is not the same in all runs, and `seed`;
        - `loss`, `test_acc`: after the last epoch;
        - `late_test_acc`, `late_median`, `late_lowest`: the mean, the median and the
          lowest of the test accuracies in the last fifth of the evaluated epochs;
        - `best_test_acc`, `best_epoch`: the highest test accuracy and its (first)
          epoch;
        - `broke_down`: whether the test accuracy at the end is below half of the best,
          or the loss is not finite;
        - `seconds`: of training and evaluation;
        - what was measured of the trained net, such as `train_acc`, `weights.W1.norm`;
        - `generalization_gap`: `train_acc` - `test_acc`, both in predict mode after
          the last epoch, if `train_acc` was measured.
    """
    return pd.DataFrame(
        [{**labels, **_metrics(result)} for labels, result in _labelled(results)]
    )


def _labelled(results: Results) -> Iterator[Tuple[Dict[str, Any], RunResult]]:
    """Yield each result with what tells it from the others: name, settings and seed."""
    named = results if isinstance(results, dict) else {'': results}
    specs = [asdict(result.spec) for some in named.values() for result in some]
    varying = [
        name
        for name in (specs[0] if specs else ())
        if name not in _NOT_SETTINGS and len({spec[name] for spec in specs}) > 1
    ]
    for name, some in named.items():
        for result in some:
            labels = {'variant': name} if isinstance(results, dict) else {}
            labels.update((key, getattr(result.spec, key)) for key in varying)
            yield {**labels, 'seed': result.spec.seed}, result


def _metrics(result: RunResult) -> Dict[str, Any]:
    epochs = [e for e in result.epochs if np.isfinite(e.test_acc)]
    accuracies = np.array([e.test_acc for e in epochs])
    late = accuracies[-max(round(LATE * len(accuracies)), 1) :]
    best = int(accuracies.argmax())
    last = result.epochs[-1]
    measured = dict(_flat(result.measured or {}))
    if 'train_acc' in measured:
        measured['generalization_gap'] = measured['train_acc'] - last.test_acc
    return {
        'loss': last.loss,
        'test_acc': last.test_acc,
        'late_test_acc': late.mean(),
        'late_median': np.median(late),
        'late_lowest': late.min(),
        'best_test_acc': accuracies[best],
        'best_epoch': epochs[best].epoch,
        'broke_down': bool(
            last.test_acc < accuracies[best] / 2 or not np.isfinite(last.loss)
        ),
        'seconds': result.seconds,
        **measured,
    }


def _flat(measured: Dict[str, Any], prefix: str = '') -> Iterator[Tuple[str, float]]:
    """Yield the numbers in nested dicts under the keys that lead to them."""
    for key, value in measured.items():
        if isinstance(value, dict):
            yield from _flat(value, f'{prefix}{key}.')
        elif isinstance(value, (int, float)):
            yield prefix + key, value


def curves(results: Results) -> pd.DataFrame:
    """Return one row for each evaluated epoch of each run.

    Parameters
    ----------
    results : list of RunResult, or dict of str to list of RunResult
        What `run` returns.

    Returns
    -------
    pandas.DataFrame
        With the columns `variant`, settings and `seed` as in `table`, then `epoch`,
        `loss`, `train_acc` and `test_acc`. Loss and train acc are those of the epoch
        in training mode, as the book prints them.
    """
    return pd.DataFrame(
        [
            {**labels, **epoch._asdict()}
            for labels, result in _labelled(results)
            for epoch in result.epochs
            if np.isfinite(epoch.test_acc)
        ]
    )


def by_seed(table: pd.DataFrame, column: str, rows: Rows) -> pd.Series:
    """Return one column of the runs that differ in their seed only.

    Parameters
    ----------
    table : pandas.DataFrame
        As `table` returns it.
    column : str
    rows : str or dict
        The name of a variant, or values of columns, such as {'wd': 0.001}.

    Returns
    -------
    pandas.Series
        With the seed as its index.

    Raises
    ------
    ValueError
        If there are no such runs, or several with the same seed.
    """
    wanted = {'variant': rows} if isinstance(rows, str) else rows
    unknown = {*wanted, column} - set(table)
    if unknown:
        raise ValueError(
            f'the table has no column {", ".join(sorted(unknown))}; it has '
            f'{", ".join(table)}. A setting that is the same in all runs has none.'
        )
    chosen = np.ones(len(table), dtype=bool)
    for name, value in wanted.items():
        chosen &= (table[name] == value).to_numpy()
    series = table[chosen].set_index('seed')[column]
    if series.empty:
        values = {name: table[name].unique().tolist() for name in wanted}
        raise ValueError(f'no run has {wanted}; the table has {values}.')
    if series.index.has_duplicates:
        raise ValueError(
            f'several runs with {wanted} have the same seed; name more settings.'
        )
    return series.sort_index()


def difference(
    table: pd.DataFrame, column: str, rows: Rows, others: Rows, num_intervals: int = 1
) -> Estimate:
    """Return the mean difference between two groups of runs, paired by seed.

    Parameters
    ----------
    table : pandas.DataFrame
        As `table` returns it.
    column : str
        What is compared, such as 'late_test_acc'.
    rows, others : str or dict
        As in `by_seed`. Seeds that only one group has are left out.
    num_intervals : int >= 1
        The number of intervals that are to hold together.

    Returns
    -------
    Estimate
        Of rows - others, with its 95 % interval by Student's t.

    Raises
    ------
    ValueError
        As in `by_seed`, or if fewer than two seeds are in both groups.
    """
    pairs = pd.concat(
        [by_seed(table, column, rows), by_seed(table, column, others)],
        axis=1,
        join='inner',
    ).to_numpy(dtype='float64')
    return paired_difference(pairs[:, 0], pairs[:, 1], num_intervals)


def summary(
    table: pd.DataFrame, column: str, by: Union[str, List[str]] = 'variant'
) -> pd.DataFrame:
    """Return the mean of a column with its interval, for each group of runs.

    Parameters
    ----------
    table : pandas.DataFrame
        As `table` returns it.
    column : str
        Such as 'late_test_acc'.
    by : str or list of str
        The columns whose values make the groups, in the order of their first rows.

    Returns
    -------
    pandas.DataFrame
        One row for each group: the number of `seeds`, the `mean`, the limits `low` and
        `high` of its 95 % interval by Student's t (nan for a single seed), the
        `median`, and the extreme values, `lowest` and `highest`.
    """
    groups = table.groupby(by, sort=False)[column]
    return groups.agg(
        seeds='count',
        mean='mean',
        low=lambda values: _interval(values).low,
        high=lambda values: _interval(values).high,
        median='median',
        lowest='min',
        highest='max',
    )


def _interval(values: pd.Series) -> Estimate:
    return confidence(values) if len(values) > 1 else Estimate(np.nan, np.nan, 1)

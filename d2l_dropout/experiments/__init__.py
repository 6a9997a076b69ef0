"""Many training runs as one table: what the notebooks of problems and claims use.

    from d2l_dropout import experiments as ex

    results = ex.run({
        'no dropout': ex.grid(ex.SMALL, drop_prob1=0, drop_prob2=0),
        'dropout': ex.grid(ex.SMALL),
    })
    table = ex.table(results)
    ex.difference(table, 'late_test_acc', 'dropout', 'no dropout').signed_percent()

`run` takes the results that ship with the package or are in the user's store, and
trains only what is missing.
"""

from d2l_dropout.experiments.grid import CHAPTER, MEDIUM, SMALL, grid
from d2l_dropout.experiments.running import TRAIN_ANEW, RunsFailed, run
from d2l_dropout.experiments.tables import (
    by_seed,
    curves,
    difference,
    summary,
    table,
)

__all__ = [
    'CHAPTER',
    'MEDIUM',
    'SMALL',
    'TRAIN_ANEW',
    'RunsFailed',
    'by_seed',
    'curves',
    'difference',
    'grid',
    'run',
    'summary',
    'table',
]

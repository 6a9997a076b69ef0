"""Grids of run specifications, and the settings of the common experiments."""

import itertools
from dataclasses import replace
from typing import Any, Dict, Iterable, List, Union

from d2l_dropout.fashion_mnist import Origin
from d2l_dropout.runs.spec import RunSpec

#: The chapter's own settings: 60,000 examples, ten epochs.
CHAPTER: Dict[str, Any] = {'model': 'gluon', 'measure': 'train_acc'}

_BENCH = {
    'model': 'gluon',
    'subset': 'stratified',
    'lr': 0.1,
    'batch_size': 64,
    'measure': 'train_acc+scale+weights',
}
#: Settings at which the net without dropout over-fits, on 1,000 examples and on 10,000.
#: Each seed has a subset of its own.
SMALL = {**_BENCH, 'num_examples': 1000, 'num_epochs': 200, 'test_every': 10}
MEDIUM = {**_BENCH, 'num_examples': 10000, 'num_epochs': 100, 'test_every': 5}

# What quick mode leaves of a run: enough for a net to learn something.
_QUICK_SEEDS = 2
_QUICK = {'num_examples': 500, 'num_epochs': 10, 'batch_size': 20}


def grid(
    base: Dict[str, Any], seeds: Union[int, Iterable[int]] = 10, **settings
) -> List[RunSpec]:
    """Return the specifications of all combinations of some settings.

    Parameters
    ----------
    base : dict
        Settings of RunSpec, such as `SMALL`, `MEDIUM` or `CHAPTER`.
    seeds : int or iterable of int
        An int n stands for the seeds 0 to n - 1.
    **settings
        Further settings, which take precedence over `base`. A list (or tuple) stands
        for each of its values in turn.

    Returns
    -------
    list of RunSpec
        The later settings vary faster, and the seed fastest.

    Raises
    ------
    ValueError
        If a value is out of range, or there are no seeds.
    """
    seeds = list(range(seeds) if isinstance(seeds, int) else seeds)
    if not seeds:
        raise ValueError('seeds is empty; give a number of seeds or a list of them.')
    settings = {**base, **settings}
    lists = [v if isinstance(v, (list, tuple)) else [v] for v in settings.values()]
    return [
        RunSpec(**dict(zip(settings, values)), seed=seed)
        for values in itertools.product(*lists)
        for seed in seeds
    ]


def quick(specs: List[RunSpec], origin: Origin) -> List[RunSpec]:
    """Return a small version of some runs, which takes seconds in place of minutes.

    Parameters
    ----------
    specs : list of RunSpec
    origin : fashion_mnist.Origin
        The data to train on.

    Returns
    -------
    list of RunSpec
        The first two seeds, with few examples, few epochs and small mini-batches; the
        other settings stay.
    """
    seeds = sorted({spec.seed for spec in specs})[:_QUICK_SEEDS]
    return [_quick(spec, origin) for spec in specs if spec.seed in seeds]


def _quick(spec: RunSpec, origin: Origin) -> RunSpec:
    largest = {'num_examples': 60000, 'num_epochs': 0, 'batch_size': 0}
    smaller: Dict[str, Any] = {
        name: min(getattr(spec, name) or largest[name], most)
        for name, most in _QUICK.items()
    }
    # A learning rate for large mini-batches can be too large for small ones.
    lr = min(spec.lr, 0.1)
    return replace(spec, **smaller, lr=lr, test_every=1).on(origin)

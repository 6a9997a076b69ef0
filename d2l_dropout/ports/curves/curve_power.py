"""How many runs does `compare-curve` need to notice a wrong port?

`python -m d2l_dropout.ports.curves.curve_power` prints the table of docs/power.md. The
runs ship: those of docs/examples/numpy_curves.py, whose mistakes are named by their
files, and those of the chapter's problems, in which other settings play the wrong port.
"""

from dataclasses import replace
from pathlib import Path
from typing import Dict, NamedTuple

import numpy as np

from d2l_dropout.ports.curves import curve, curve_limits
from d2l_dropout.runs import shipped
from d2l_dropout.runs.spec import MODELS, RunSpec
from d2l_dropout.runs.store import Store

#: The runs of the ports in NumPy, a file each, as `compare-curve` reads them.
CURVES = Path(__file__).with_name('runs')
_PROBLEMS = Path(__file__).parents[2] / 'experiments' / 'shipped' / 'chapter.jsonl'
NUMS_OF_RUNS = (1, 3, 5)
_NUM_CHOICES = 100

#: The ports of the table: what is wrong, and the file or the settings.
PORTS = {
    'nothing (NumPy)': 'right',
    'nothing (NumPy, both on fresh splits)': 'right-fresh-splits',
    'the last mini-batch divided by its own size': 'last-mini-batch',
    'dropout left on when testing': 'test-time',
    'drop_prob swapped between the layers': 'swapped',
    'drop_prob swapped, in Gluon': {'drop_prob1': 0.5, 'drop_prob2': 0.2},
    'no rescaling by 1 / (1 - drop_prob)': 'no-rescaling',
    'no dropout': {'drop_prob1': 0.0, 'drop_prob2': 0.0},
    'no dropout after the first layer': {'drop_prob1': 0.0},
    'no dropout after the second layer': {'drop_prob2': 0.0},
    'both probabilities 0.5': {'drop_prob1': 0.5},
    'the second probability 0.7': {'drop_prob2': 0.7},
    'half of each probability': {'drop_prob1': 0.1, 'drop_prob2': 0.25},
    'DropConnect, a mask for each mini-batch': {'noise': 'dropconnect'},
    'learning rate 0.1 in place of 0.5': {'lr': 0.1},
    'initial weights of standard deviation 0.1': 'wide-init',
    'weight decay 0.0001': {'wd': 1e-4},
    'Gaussian noise of the same mean and variance': {'noise': 'gaussian'},
    'masks frozen for each place in the mini-batch': 'frozen-masks',
    'one shuffle for all epochs': 'one-shuffle',
    'another split of the data': 'fresh splits',
}


class Power(NamedTuple):
    """How often a port is told from the right one.

    Attributes
    ----------
    wrong : str
        What is wrong with it.
    num : int
        How many runs of it there are.
    shares : dict of int to float in [0, 1]
        Of choices of so many runs, how many are found not consistent.
    """

    wrong: str
    num: int
    shares: Dict[int, float]


def measure():
    """Return how often each of `PORTS` is noticed.

    Returns
    -------
    list of Power
        First for our own runs, each choice of them set against the others.
    """
    ours = curve_limits.reference(False, curve.MOST_EPOCHS)
    shares = {n: _share(len(ours), n, _left_out(ours)) for n in NUMS_OF_RUNS}
    powers = [Power('nothing (ours, left out)', len(ours), shares)]
    results = Store(_PROBLEMS).results()
    for wrong, source in PORTS.items():
        runs = _runs(source, results)
        shares = {
            n: _share(len(runs), n, _by_compare(runs, source == 'right-fresh-splits'))
            for n in NUMS_OF_RUNS
        }
        powers.append(Power(wrong, len(runs), shares))
    return powers


def _runs(source, results):
    if source == 'fresh splits':
        return [r.epochs for model in MODELS for r in shipped.results(model, True)]
    if isinstance(source, str):
        return curve.read(CURVES / f'{source}.csv')
    found = {}  # by digest: what was run again with other measures counts once
    for spec, result in results.items():
        same = replace(spec, model='gluon', seed=0, measure=None)
        if same == RunSpec(model='gluon', **source):
            found[result.digest] = result.epochs
    return list(found.values())


def _by_compare(runs, on_fresh_splits):
    def noticed(chosen):
        comparison = curve.compare([runs[i] for i in chosen], on_fresh_splits)
        return not comparison.consistent

    return noticed


def _left_out(ours):
    def noticed(chosen):
        factor = curve_limits.calibrated(len(chosen), ours.shape[1])
        others = np.delete(ours, chosen, axis=0)
        return curve_limits.deviation(ours[chosen], others) > factor

    return noticed


def _share(num_runs, n, noticed):
    """Return the share of choices of n runs that are noticed."""
    if n == 1:
        choices = [[i] for i in range(num_runs)]
    else:
        rng = np.random.RandomState(n)
        choices = [rng.permutation(num_runs)[:n] for _ in range(_NUM_CHOICES)]
    return float(np.mean([noticed(chosen) for chosen in choices]))


def markdown(powers) -> str:
    """Return the measurements as a table in Markdown, that of docs/power.md.

    Parameters
    ----------
    powers : list of Power

    Returns
    -------
    str
    """
    lines = [
        '| what is wrong | runs made | one run | three runs | five runs |',
        '|---|---|---|---|---|',
    ]
    for power in powers:
        cells = ' | '.join(f'{100 * power.shares[n]:.0f} %' for n in NUMS_OF_RUNS)
        lines.append(f'| {power.wrong} | {power.num} | {cells} |')
    return '\n'.join(lines)


if __name__ == '__main__':
    print(markdown(measure()))

"""Runs the contenders side by side and says who is how much faster."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Dict, List, NamedTuple, Optional

from d2l_dropout.bench.memory import PeakMemory
from d2l_dropout.compat import environment


class Target(NamedTuple):
    """A ratio of two contenders' medians, and what it should at most be.

    Attributes
    ----------
    what : str
    ours, against : str
        Names of functions in `contenders`.
    most : float
    quantity : 'seconds' or 'peak_mib'
    """

    what: str
    ours: str
    against: str
    most: float
    quantity: str = 'seconds'


TARGETS = (
    Target("epoch, Gluon net, to the book's way", 'ours_gluon', 'books_gluon', 1 / 3),
    Target(
        "epoch, scratch net, to the book's way", 'ours_scratch', 'books_scratch', 1 / 3
    ),
    Target('epoch, Gluon net, to PyTorch', 'ours_gluon', 'torch', 1.0),
    Target('epoch, scratch net, to PyTorch', 'ours_scratch', 'torch', 1.0),
    Target('epoch, Gluon net, to its products', 'ours_gluon', 'limit', 2.0),
    Target('epoch, scratch net, to its products', 'ours_scratch', 'limit', 2.0),
    Target(
        "loading to the first mini-batch, to Gluon's",
        'ours_loading',
        'books_loading',
        1 / 2,
    ),
    Target(
        "peak memory, to the book's way", 'ours_gluon', 'books_gluon', 1.0, 'peak_mib'
    ),
    Target('ten times the data, an epoch', 'ten_times_the_data', 'ours_gluon', 11.0),
    Target('ten times the epochs, an epoch', 'ten_times_the_epochs', 'ours_gluon', 1.1),
    Target(
        'ten times the epochs, peak memory',
        'ten_times_the_epochs',
        'ours_gluon',
        1.02,
        'peak_mib',
    ),
    Target('import d2l, to import mxnet', 'import_d2l', 'import_mxnet', 1.15),
)


@dataclass
class Timing:
    """What the rounds of one contender gave.

    Attributes
    ----------
    seconds : list of float
        Of every epoch, or of what else it repeats.
    peak_mib : list of float
        MiB of a process and its children at their highest, a round each.
    """

    seconds: List[float]
    peak_mib: List[float]

    def median(self, quantity):
        """Return the median of `seconds` or `peak_mib`.

        Parameters
        ----------
        quantity : str

        Returns
        -------
        float
        """
        return statistics.median(getattr(self, quantity))


def run(rounds: int = 3, say=None) -> Dict[str, Timing]:
    """Run every contender, one after the other, several times over.

    Parameters
    ----------
    rounds : int >= 1
    say : callable, optional
        Told the name of each contender as it starts.

    Returns
    -------
    dict of str to Timing
        Without PyTorch's where that is not installed.

    Raises
    ------
    ValueError
        If a contender fails; with the last line of its error.
    """
    names = dict.fromkeys(name for t in TARGETS for name in (t.ours, t.against))
    if importlib.util.find_spec('torch') is None:
        del names['torch']
    timings = {name: Timing([], []) for name in names}
    for number in range(1, rounds + 1):
        for name in names:
            if say:
                say(f'round {number} of {rounds}: {name}')
            values = _run_once(name)
            timings[name].seconds += values[0]
            timings[name].peak_mib.append(values[1])
    return timings


def _run_once(name):
    """Return the seconds, and MiB at the highest."""
    env = dict(os.environ)
    if name == 'limit':  # what the processors can do, whatever MXNet's default is
        env.setdefault('OMP_NUM_THREADS', str(environment.num_processors()))
    with subprocess.Popen(
        [sys.executable, '-m', 'd2l_dropout.bench.contenders', name],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process, PeakMemory(process.pid) as peak:
        output, errors = process.communicate()
    if process.returncode:
        lines = errors.strip().splitlines() or ['no message']
        raise ValueError(f'{name} failed: {lines[-1]}')
    return json.loads(output.splitlines()[-1]), peak.mib


def ratio(timings: Dict[str, Timing], target: Target) -> Optional[float]:
    """Return the ratio of two medians.

    Parameters
    ----------
    timings : dict of str to Timing
    target : Target

    Returns
    -------
    float or None
        None if one of them was not measured.
    """
    if not {target.ours, target.against} <= set(timings):
        return None
    ours, against = (timings[name] for name in (target.ours, target.against))
    return ours.median(target.quantity) / against.median(target.quantity)


def report(timings: Dict[str, Timing], rounds: int) -> str:
    """Return the medians, their spread and the ratios as Markdown.

    Parameters
    ----------
    timings : dict of str to Timing
    rounds : int

    Returns
    -------
    str
    """
    lines = ['| contender | median s | least to most | peak MiB |', '|---|---|---|---|']
    for name, timing in timings.items():
        low, high = min(timing.seconds), max(timing.seconds)
        lines.append(
            f'| {name} | {timing.median("seconds"):.2f} | {low:.2f} to {high:.2f} | '
            f'{timing.median("peak_mib"):.0f} |'
        )
    lines += ['', '| ratio of medians | measured | target | |', '|---|---|---|---|']
    for target in TARGETS:
        measured = ratio(timings, target)
        cells = f'not installed | {target.most:.2f} | |'
        if measured is not None:
            verdict = 'met' if measured <= target.most else '**not met**'
            cells = f'{measured:.2f} | {target.most:.2f} | {verdict} |'
        lines.append(f'| {target.what} | {cells}')
    return '\n'.join([*lines, '', f'{rounds} rounds; {environment.describe()}'])


def as_json(timings: Dict[str, Timing], rounds: int) -> str:
    """Return every measurement and ratio as JSON.

    Parameters
    ----------
    timings : dict of str to Timing
    rounds : int

    Returns
    -------
    str
    """
    values = {
        'rounds': rounds,
        'environment': environment.describe(),
        'timings': {name: asdict(timing) for name, timing in timings.items()},
        'ratios': [dict(t._asdict(), measured=ratio(timings, t)) for t in TARGETS],
    }
    return json.dumps(values, indent=1)

"""Run the contenders in turn, and compare their times and memory."""

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
    """A ratio of two contenders' medians, and the largest that is good enough.

    Attributes
    ----------
    what : str
        What is compared, for the report.
    ours, against : str
        Names of functions in `contenders`.
    most : float
        The target: `ours` / `against` should not exceed it.
    quantity : 'seconds' or 'peak_mib'
    """

    what: str
    ours: str
    against: str
    most: float
    quantity: str = 'seconds'


TARGETS = (
    Target("epoch, Gluon net / the book's code", 'ours_gluon', 'books_gluon', 1 / 3),
    Target(
        "epoch, scratch net / the book's code", 'ours_scratch', 'books_scratch', 1 / 3
    ),
    Target('epoch, Gluon net / PyTorch', 'ours_gluon', 'torch', 1.0),
    Target('epoch, scratch net / PyTorch', 'ours_scratch', 'torch', 1.0),
    Target('epoch, Gluon net / its matrix products', 'ours_gluon', 'limit', 2.0),
    Target('epoch, scratch net / its matrix products', 'ours_scratch', 'limit', 2.0),
    Target(
        "loading up to the first mini-batch / the book's code",
        'ours_loading',
        'books_loading',
        1 / 2,
    ),
    Target(
        "peak memory / the book's code", 'ours_gluon', 'books_gluon', 1.0, 'peak_mib'
    ),
    Target(
        'epoch, ten times the data / once', 'ten_times_the_data', 'ours_gluon', 11.0
    ),
    Target('epoch, one of 30 / of 3', 'ten_times_the_epochs', 'ours_gluon', 1.1),
    Target(
        'peak memory, 30 epochs / 3',
        'ten_times_the_epochs',
        'ours_gluon',
        1.02,
        'peak_mib',
    ),
    Target('import d2l / import mxnet', 'import_d2l', 'import_mxnet', 1.15),
)


@dataclass
class Timing:
    """The measurements of one contender, of all rounds.

    Attributes
    ----------
    seconds : list of float
        One for each repetition, such as an epoch.
    peak_mib : list of float
        One for each round: the peak memory of its process and children in MiB.
    """

    seconds: List[float]
    peak_mib: List[float]

    def median(self, quantity):
        """Return the median of `seconds` or `peak_mib`.

        Parameters
        ----------
        quantity : 'seconds' or 'peak_mib'

        Returns
        -------
        float
        """
        return statistics.median(getattr(self, quantity))


def run(rounds: int = 3, say=None) -> Dict[str, Timing]:
    """Run every contender in each of several rounds.

    They take turns so that a disturbance of the machine does not hit only one of them.

    Parameters
    ----------
    rounds : int >= 1
    say : callable, optional
        Called with a line of text when a contender starts.

    Returns
    -------
    dict of str to Timing
        By contender; without PyTorch if that is not installed.

    Raises
    ------
    ValueError
        If a contender fails; the message is the last line of its error.
    """
    names = dict.fromkeys(name for t in TARGETS for name in (t.ours, t.against))
    if importlib.util.find_spec('torch') is None:
        del names['torch']
    timings = {name: Timing([], []) for name in names}
    for number in range(1, rounds + 1):
        for name in names:
            if say:
                say(f'round {number} of {rounds}: {name}')
            seconds, peak_mib = run_once(name)
            timings[name].seconds += seconds
            timings[name].peak_mib.append(peak_mib)
    return timings


def run_once(name):
    """Run one contender in a process of its own.

    Parameters
    ----------
    name : str
        A function in `contenders`.

    Returns
    -------
    seconds : list of float
    peak_mib : float

    Raises
    ------
    ValueError
        If it fails; the message is the last line of its error.
    """
    env = dict(os.environ)
    if name == 'limit':  # all processors, where MXNet would use half of them
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
    """Return the ratio of the two medians that a target compares.

    Parameters
    ----------
    timings : dict of str to Timing
    target : Target

    Returns
    -------
    float or None
        None if one of the two contenders was not run.
    """
    if not {target.ours, target.against} <= set(timings):
        return None
    ours, against = (timings[name] for name in (target.ours, target.against))
    return ours.median(target.quantity) / against.median(target.quantity)


def report(timings: Dict[str, Timing], rounds: int) -> str:
    """Return medians, ranges and ratios as Markdown.

    Parameters
    ----------
    timings : dict of str to Timing
    rounds : int

    Returns
    -------
    str
    """
    lines = ['| contender | median s | range s | peak MiB |', '|---|---|---|---|']
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

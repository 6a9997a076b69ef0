"""What a training run gave: as the line of JSON it is kept as, or on the way."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, NamedTuple, Optional

from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.spec import RunSpec


@dataclass(frozen=True)
class RunResult:
    """What a run gave.

    Attributes
    ----------
    spec : RunSpec
    epochs : list of EpochStats
        Not rounded.
    seconds : float
        Of training and evaluation, data loading excluded.
    digest : str
        SHA-256 of the final parameters' bytes, in the order W1, b1, ..., b3 with
        Gluon's weights as Gluon lays them out, (out, in).
    threads : int or None
        OpenMP threads: the same specification gives the same digest at the same number.
    versions : dict of str to str
    machine : str
        Processor and number of processors.
    measured : dict, optional
        What `spec.measure` asked for, as JSON has it.
    """

    spec: RunSpec
    epochs: List[EpochStats]
    seconds: float
    digest: str
    threads: Optional[int]
    versions: Dict[str, str]
    machine: str
    measured: Optional[dict] = None

    def to_json(self):
        """Return the result as one line of JSON.

        Returns
        -------
        str
        """
        values = dict(asdict(self), epochs=[_row(epoch) for epoch in self.epochs])
        if self.measured is None:
            del values['measured']
        return json.dumps(values)


@dataclass(frozen=True)
class RunFailure:
    """Why a run gave no result.

    Attributes
    ----------
    spec : RunSpec
    error : str
        One line.
    """

    spec: RunSpec
    error: str

    def to_json(self):
        """Return the failure as one line of JSON.

        Returns
        -------
        str
        """
        return json.dumps(asdict(self))


class Checkpoint(NamedTuple):
    """A run as far as it has come.

    Attributes
    ----------
    spec : RunSpec
    epochs : list of EpochStats
        Of the epochs that are done.
    params : dict of str to NDArray
        After the last of them, as `Model.state` returns them.
    about : dict
        Devices, workers, threads and versions.
    """

    spec: RunSpec
    epochs: List[EpochStats]
    params: Dict[str, Any]
    about: Dict[str, Any]


def _row(stats):
    """Return an epoch for JSON, with null for a test accuracy not evaluated."""
    test_acc = None if math.isnan(stats.test_acc) else stats.test_acc
    return [*stats[:-1], test_acc]


def _stats(row):
    *others, test_acc = row
    return EpochStats(*others, math.nan if test_acc is None else test_acc)


def parse(line):
    """Return what one line of JSON holds.

    Parameters
    ----------
    line : str

    Returns
    -------
    RunResult or RunFailure

    Raises
    ------
    ValueError
        If it is neither, such as a line that was cut off.
    """
    try:
        values = json.loads(line)
        values['spec'] = RunSpec(**values['spec'])
        if 'error' in values:
            return RunFailure(**values)
        values['epochs'] = [_stats(row) for row in values['epochs']]
        return RunResult(**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f'not the result of a run: {error}') from error

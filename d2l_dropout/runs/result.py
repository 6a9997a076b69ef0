"""What a training run gave: as the line of JSON it is kept as, or on the way."""

import json
import math
import re
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, NamedTuple, Optional

from d2l_dropout.messages import printable_values
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
    data_digest : str
        Of the data that it is trained on, whatever their revision.
    """

    spec: RunSpec
    epochs: List[EpochStats]
    params: Dict[str, Any]
    about: Dict[str, Any]
    data_digest: str

    def check_data(self, digest):
        """Refuse other data than those that the run was trained on.

        Parameters
        ----------
        digest : str
            Of the data at hand.

        Raises
        ------
        ValueError
            If they are others.
        """
        if digest != self.data_digest:
            raise ValueError(
                f'the data here have the SHA-256 {digest[:12]}..., those that the '
                f'saved run was trained on {self.data_digest[:12]}.... Point D2L_DATA '
                'to the latter.'
            )


def _row(stats):
    """Return an epoch for JSON, with null for a test accuracy not evaluated."""
    test_acc = None if math.isnan(stats.test_acc) else stats.test_acc
    return [*stats[:-1], test_acc]


def parse_json(text):
    """Return what a text of JSON says, whoever has written it.

    Parameters
    ----------
    text : str
        Of at most `MAX_JSON` characters.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it is none, or one that takes too long to read.
    """
    if len(text) > MAX_JSON:
        raise ValueError(f'it has more than {MAX_JSON:,} characters')
    if _LONG_NUMBER.search(text):  # Python before 3.11 takes minutes for a million
        raise ValueError('it holds a number of more than 400 digits')
    try:
        return printable_values(json.loads(text))
    except RecursionError as error:
        raise ValueError('it is nested too deeply') from error


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
        values = parse_json(line)
        values['spec'] = RunSpec(**values['spec'])
        if 'error' in values:
            return _checked(RunFailure(**values))
        spec, epochs = values['spec'], values['epochs']
        # The short form in which results ship has only epochs with a test accuracy.
        short = epochs and epochs[0][0] != 1
        numbers = spec.evaluated_epochs() if short else range(1, spec.num_epochs + 1)
        values['epochs'] = parse_epochs(epochs, numbers)
        return _checked(RunResult(**values))
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f'not the result of a run: {error!r}') from error


#: Of a line of a store, or a `run.json`; the longest that ships has 32,000.
MAX_JSON = 8_000_000
_LONG_NUMBER = re.compile(r'\d{401}')

_TYPES = {
    'error': (str,),
    'seconds': (int, float),
    'digest': (str,),
    'threads': (int, type(None)),
    'versions': (dict,),
    'machine': (str,),
    'measured': (dict, type(None)),
}


def _checked(entry):
    for name, types in _TYPES.items():
        value = getattr(entry, name, None)
        if hasattr(entry, name) and not isinstance(value, types):
            raise ValueError(f'{name} is {value!r:.40}')
    if isinstance(entry, RunResult) and entry.spec.measure and not entry.measured:
        raise ValueError(f'nothing is measured, but {entry.spec.measure} was to be')
    return entry


def parse_epochs(values, numbers=None):
    """Return the metrics of a run's epochs as JSON has them.

    Parameters
    ----------
    values : list of list
        Of each epoch from the first: its number, loss, train acc and test acc, the last
        null or nan where the test set was not evaluated.
    numbers : list of int, optional
        Which epochs they are, by default 1, 2, ...

    Returns
    -------
    list of EpochStats

    Raises
    ------
    ValueError
        If they are not that, or an accuracy is outside [0, 1].
    """
    numbers = range(1, len(values) + 1) if numbers is None else numbers
    if len(values) != len(numbers):
        raise ValueError(f'there are {len(values)} epochs, not {len(numbers)}')
    epochs = []
    for number, value in zip(numbers, values):
        try:
            epoch, loss, train_acc, test_acc = value
            test_acc = math.nan if test_acc is None else float(test_acc)
            stats = EpochStats(number, float(loss), float(train_acc), test_acc)
        except (OverflowError, TypeError, ValueError) as error:
            raise ValueError(f'epoch {number} is {value!r:.40}') from error
        possible = 0 <= stats.train_acc <= 1 and not (test_acc < 0 or test_acc > 1)
        if epoch != number or not possible:
            raise ValueError(f'epoch {number} is {value!r:.40}')
        epochs.append(stats)
    return epochs

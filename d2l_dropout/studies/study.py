"""What a study consists of, and the scale it is run at."""

from typing import Any, Dict, List, NamedTuple, Optional, Protocol

import numpy as np

from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.studies.text import Table, Text

Kept = Dict[RunSpec, RunResult]


_SCALES_KO = {'quick': '빠른 모드', 'full': '전체 실행'}


class Scale(NamedTuple):
    """How much a study trains.

    Attributes
    ----------
    name : 'quick' or 'full'
    num_seeds : int >= 2
        Each setting is run with the seeds 0, 1, ...
    settings : dict
        Of RunSpec, where they are not the chapter's.
    revision : str
        Of the data.
    data_digest : str or None
        As RunSpec has it.
    """

    name: str
    num_seeds: int
    settings: Dict[str, object]
    revision: str = '2017-08-31'
    data_digest: Optional[str] = None

    def specs(self, num_seeds=None, **settings) -> List[RunSpec]:
        """Return one specification a seed.

        Parameters
        ----------
        num_seeds : int, optional
            The scale's unless given.
        **settings
            Of RunSpec; they win over those of the scale.

        Returns
        -------
        list of RunSpec
        """
        data = {'revision': self.revision, 'data_digest': self.data_digest}
        settings = {**self.settings, **data, **settings}
        seeds = range(num_seeds or self.num_seeds)
        return [RunSpec(seed=seed, **settings) for seed in seeds]

    def describe(self) -> Text:
        """Return what was trained, for below a figure."""
        settings = ', '.join(f'{k} {v}' for k, v in self.settings.items())
        settings = f'; {settings}' if settings else ''
        digest = f', SHA-256 {self.data_digest[:12]}...' if self.data_digest else ''
        return Text(
            f'{self.name}: {self.num_seeds} seeds{settings}; data '
            f'{self.revision}{digest}',
            f'{_SCALES_KO[self.name]}: 시드 {self.num_seeds}개{settings}; '
            f'데이터 {self.revision}{digest}',
        )


class Study(Protocol):
    """A module that asks a question and answers it by runs."""

    #: In a few words; the question in a sentence; how it was tested.
    TITLE: Text
    QUESTION: Text
    METHOD: Text
    #: By name, 'quick' and 'full'.
    SCALES: Dict[str, Scale]

    def specs(self, scale: Scale, kept: Kept) -> List[RunSpec]:
        """Return the runs that are needed, as far as those kept decide.

        What a first stage found may decide the second: this is asked again when all
        that it returned are kept.
        """

    def tables(self, scale: Scale, kept: Kept) -> List[Table]:
        """Return the numbers."""

    def figure(self, scale: Scale, kept: Kept):
        """Return a Matplotlib figure; its labels are English."""

    def verdict(self, scale: Scale, kept: Kept) -> Text:
        """Return the answer in a sentence or two, for those who read no further."""

    def answer(self, scale: Scale, kept: Kept) -> List[Text]:
        """Return what else the numbers say, one thing an item, and no more."""


def values(kept: Kept, specs: List[RunSpec], figure: str = 'test_acc'):
    """Return one figure of the last epoch of several runs.

    Parameters
    ----------
    kept : dict of RunSpec to RunResult
    specs : list of RunSpec
    figure : 'loss', 'train_acc' or 'test_acc'

    Returns
    -------
    list of float
        In the order of `specs`.
    """
    return [getattr(kept[spec].epochs[-1], figure) for spec in specs]


def measured(kept: Kept, specs: List[RunSpec], *names: str):
    """Return one number that was measured of several trained nets.

    Parameters
    ----------
    kept : dict of RunSpec to RunResult
    specs : list of RunSpec
    *names : str
        The keys that lead to it.

    Returns
    -------
    list of float
        In the order of `specs`.
    """
    found = []
    for spec in specs:
        value: Any = kept[spec].measured
        for name in names:
            value = value[name]
        found.append(value)
    return found


def gaps(kept: Kept, specs: List[RunSpec]):
    """Return how much better trained nets are on what they were trained on.

    Parameters
    ----------
    kept : dict of RunSpec to RunResult
    specs : list of RunSpec
        With the measure 'train_acc'.

    Returns
    -------
    ndarray
        Accuracy on the training set less that on the test set, both in predict mode
        after the last epoch, in the order of `specs`.
    """
    return np.subtract(measured(kept, specs, 'train_acc'), values(kept, specs))

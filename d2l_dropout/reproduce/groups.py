"""The two groups of runs of a reproduction, and which of them judges the code.

- *official*: runs on the official split of the revision at hand, into 60,000 training
  and 10,000 test images.
- *control*: each seed pools the 70,000 images and draws a fresh random split of them,
  with as many of each class on either side as the official one has. The images of both
  revisions are the same but for 44, so that the control can stand in for the book's
  data where they are not at hand. `control` says what that presumes.
"""

from dataclasses import dataclass
from typing import List, Optional

from d2l_dropout import fashion_mnist
from d2l_dropout.intervals import LEVEL
from d2l_dropout.reproduce.against_shipped import Difference
from d2l_dropout.reproduce.comparison import Row
from d2l_dropout.reproduce.enough import too_little
from d2l_dropout.runs.result import RunFailure, RunResult
from d2l_dropout.runs.spec import RunSpec


@dataclass(frozen=True)
class Group:
    """The runs on the official split, or those of the control, against the book.

    Attributes
    ----------
    specs : list of RunSpec
        The runs that were asked for.
    results : list of RunResult
        Those of them that gave a result.
    failures : list of RunFailure
        Those that failed, with the reason.
    rows, averages : list of Row
        A row for each metric of each epoch, and for each late average; empty if a
        model has fewer than two results.
    differences : list of Difference
        From the runs that ship with this package; empty if none of these is like them.
    num_identical : int
        How many results are bit for bit those of a shipped run. `differences` leaves
        those shipped runs out.
    """

    specs: List[RunSpec]
    results: List[RunResult]
    failures: List[RunFailure]
    rows: List[Row]
    averages: List[Row]
    differences: List[Difference]
    num_identical: int = 0

    @property
    def complete(self):
        """Whether every run that was asked for has a result."""
        return len(self.results) == len(self.specs)

    def outside(self):
        """Return the rows whose interval does not hold the book's metric.

        Returns
        -------
        list of Row
        """
        return [row for row in [*self.rows, *self.averages] if not row.inside]

    def differing(self):
        """Return the late averages that differ from those of the shipped runs.

        Returns
        -------
        list of Difference
        """
        return [each for each in self.differences if each.excludes_zero]

    def epochs(self, model):
        """Return the metrics of one model's runs, by seed.

        Parameters
        ----------
        model : 'scratch' or 'gluon'

        Returns
        -------
        list of list of EpochStats
        """
        return [r.epochs for r in self.results if r.spec.model == model]


@dataclass(frozen=True)
class Reproduction:
    """The book's metrics against many seeded runs.

    Attributes
    ----------
    origin : fashion_mnist.Origin
        Which data the runs used, and where they came from.
    masks_exact : bool or None
        Whether cell 2 prints the book's arrays; None on a GPU, whose generator draws
        others.
    official : Group or None
        None if only the control was asked for.
    control : Group
    level : float in (0, 1)
        Probability that all intervals of a group together hold one more run.
    """

    origin: fashion_mnist.Origin
    masks_exact: Optional[bool]
    official: Optional[Group]
    control: Group
    level: float = LEVEL

    def groups(self):
        """Return the groups there are.

        Returns
        -------
        dict of str to Group
            By 'official' and 'control'.
        """
        groups = {'official': self.official, 'control': self.control}
        return {name: group for name, group in groups.items() if group is not None}

    @property
    def judged(self):
        """The name of the group that judges the code.

        'official' where the data are the book's, since the book's run is then one more
        of that group; else 'control'.
        """
        on_the_books_data = self.official is not None and self.origin.is_book_revision
        return 'official' if on_the_books_data else 'control'

    def code_agrees(self):
        """Return whether this code might have printed the book's metrics.

        Returns
        -------
        bool or None
            None if it cannot be judged: runs of a group are missing, the data are not
            known to be Fashion-MNIST, or `enough.too_little` has a reason against
            agreement.
        """
        groups = self.groups()
        judge = groups[self.judged]
        complete = all(group.complete for group in groups.values())
        if not (self.origin.is_fashion_mnist and complete and judge.rows):
            return None
        differing = any(group.differing() for group in groups.values())
        if judge.outside() or differing or self.masks_exact is False:
            return False
        return None if too_little(self) else True

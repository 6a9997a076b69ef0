"""What a reproduction consists of: the plain runs, the control, and who is judged."""

from dataclasses import dataclass
from typing import List, Optional

from d2l_dropout import fashion_mnist
from d2l_dropout.reproduce.against_shipped import Difference
from d2l_dropout.reproduce.comparison import LEVEL, Row
from d2l_dropout.runs.result import RunFailure, RunResult
from d2l_dropout.runs.spec import RunSpec


@dataclass(frozen=True)
class Part:
    """The plain runs, or those of the control, against the book.

    Attributes
    ----------
    specs : list of RunSpec
        What was asked for.
    results : list of RunResult
        What there is of it.
    failures : list of RunFailure
        Why some of it is missing.
    rows, averages : list of Row
        One a figure, and one a late average; empty if a model has fewer than two
        results.
    differences : list of Difference
        From the runs that ship with this package; empty if there are none like these.
    num_same : int
        How many of the results are shipped ones, to the bit; those are left out of
        what `differences` compares with.
    """

    specs: List[RunSpec]
    results: List[RunResult]
    failures: List[RunFailure]
    rows: List[Row]
    averages: List[Row]
    differences: List[Difference]
    num_same: int = 0

    @property
    def complete(self):
        """Whether every run that was asked for is there."""
        return len(self.results) == len(self.specs)

    def outside(self):
        """Return the rows whose interval does not hold the book's figure.

        Returns
        -------
        list of Row
        """
        return [row for row in [*self.rows, *self.averages] if not row.inside]

    def differing(self):
        """Return in what these runs differ from those that ship with this package.

        Returns
        -------
        list of Difference
        """
        return [each for each in self.differences if not each.none]

    def epochs(self, model):
        """Return the figures of one model's runs, by seed.

        Parameters
        ----------
        model : str

        Returns
        -------
        list of list of EpochStats
        """
        return [r.epochs for r in self.results if r.spec.model == model]


@dataclass(frozen=True)
class Reproduction:
    """The book's figures against many seeded runs.

    Attributes
    ----------
    origin : fashion_mnist.Origin
        Which data.
    masks_exact : bool or None
        Whether cell 2 prints the book's arrays; None on a GPU, which draws others.
    plain : Part or None
        None if only the control was asked for.
    control : Part
    level : float
        Probability that all intervals of a part together hold one more draw.
    """

    origin: fashion_mnist.Origin
    masks_exact: Optional[bool]
    plain: Optional[Part]
    control: Part
    level: float = LEVEL

    def parts(self):
        """Return the parts there are, by name.

        Returns
        -------
        dict of str to Part
        """
        parts = {'plain': self.plain, 'control': self.control}
        return {name: part for name, part in parts.items() if part is not None}

    def judged(self):
        """Return the part that the code is judged by.

        Returns
        -------
        Part
            The plain runs on the book's own data, else the control.
        """
        on_the_books_data = self.plain is not None and self.origin.is_book_revision
        return self.plain if on_the_books_data else self.control

    def code_agrees(self):
        """Return whether this code would draw the book's figures.

        Returns
        -------
        bool or None
            None if it cannot be judged: runs of some part are missing, or the data
            are not known to be Fashion-MNIST.
        """
        part = self.judged()
        complete = all(each.complete for each in self.parts().values())
        if not (self.origin.is_fashion_mnist and complete and part.rows):
            return None
        differing = any(each.differing() for each in self.parts().values())
        return not (part.outside() or differing or self.masks_exact is False)

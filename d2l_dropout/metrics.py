"""The metrics of one epoch of training, and the line in which the book prints them."""

import re
from typing import NamedTuple

import numpy as np

#: The metrics of an epoch, and how many decimals of each the book prints.
DECIMALS = {'loss': 4, 'train_acc': 3, 'test_acc': 3}
#: What the book's line calls them.
LABELS = {'loss': 'loss', 'train_acc': 'train acc', 'test_acc': 'test acc'}

_LINE = re.compile(r'epoch (\d+), loss (\S+), train acc (\S+), test acc (\S+)')


class EpochStats(NamedTuple):
    """The metrics that `train_ch3` prints of an epoch.

    Attributes
    ----------
    epoch : int
        From 1.
    loss : float
        Mean over the training examples, in training mode, collected while the epoch
        changes the parameters.
    train_acc, test_acc : float in [0, 1]
        `train_acc` is collected like the loss; `test_acc` is computed after the epoch,
        in predict mode.
    """

    epoch: int
    loss: float
    train_acc: float
    test_acc: float

    def __str__(self):
        """Return the book's line, to the character (d2l v0.5.0, utils.py:686)."""
        return 'epoch %d, loss %.4f, train acc %.3f, test acc %.3f' % self

    @classmethod
    def parse(cls, text):
        """Return the `EpochStats` of each line in `text` that the book's loop printed.

        Parameters
        ----------
        text : str
            May hold other lines too, as the output of a notebook cell does.

        Returns
        -------
        list of EpochStats
            In the order of the lines, rounded as printed: to 4 and 3 decimals.
        """
        return [
            cls(int(epoch), float(loss), float(train_acc), float(test_acc))
            for epoch, loss, train_acc, test_acc in _LINE.findall(text)
        ]


def as_array(runs):
    """Return the metrics of several runs as one array.

    Parameters
    ----------
    runs : sequence of sequence of EpochStats
        Equally many epochs each.

    Returns
    -------
    ndarray of float64, shape (runs, epochs, 3)
        The metrics in the order of `DECIMALS`.
    """
    return np.array([[epoch[1:] for epoch in epochs] for epochs in runs])

"""The figures of one epoch of training, and the line that the book prints of them."""

import re
from typing import NamedTuple

import numpy as np

#: The figures of an epoch, and the decimals that the book prints of each.
DECIMALS = {'loss': 4, 'train_acc': 3, 'test_acc': 3}
#: As the book's line names them.
FIGURES = {'loss': 'loss', 'train_acc': 'train acc', 'test_acc': 'test acc'}

_LINE = re.compile(r'epoch (\d+), loss (\S+), train acc (\S+), test acc (\S+)')


class EpochStats(NamedTuple):
    """What `train_ch3` prints of an epoch.

    Attributes
    ----------
    epoch : int
        From 1.
    loss : float
        Mean over the training examples, as seen during the epoch.
    train_acc, test_acc : float in [0, 1]
        `train_acc` in training mode during the epoch, `test_acc` in predict
        mode after it.
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
        """Return the `EpochStats` of each such line in `text`, in order.

        Parameters
        ----------
        text : str
            Anything, such as all that a notebook cell printed.

        Returns
        -------
        list of EpochStats
            The figures as printed, that is rounded to 4 and 3 decimals.
        """
        return [
            cls(int(epoch), float(loss), float(train_acc), float(test_acc))
            for epoch, loss, train_acc, test_acc in _LINE.findall(text)
        ]


def as_array(runs):
    """Return the figures of several runs as one array.

    Parameters
    ----------
    runs : sequence of sequence of EpochStats
        Equally many epochs each.

    Returns
    -------
    ndarray of float64, shape (runs, epochs, 3)
        In the order of `DECIMALS`.
    """
    return np.array([[epoch[1:] for epoch in epochs] for epochs in runs])

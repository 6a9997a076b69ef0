"""The figures of one epoch of training, and the line that the book prints of them."""

import re
from typing import NamedTuple

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

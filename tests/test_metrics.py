"""The metrics of an epoch: the book's line, written and read."""

import numpy as np

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import DECIMALS, LABELS, EpochStats, as_array


def test_a_line_that_is_written_is_read_as_it_was_rounded():
    stats = EpochStats(3, 0.496349, 0.81849, 0.8)
    assert str(stats) == 'epoch 3, loss 0.4963, train acc 0.818, test acc 0.800'
    text = f'[7]\n{stats}\nand more\n{stats}'
    assert EpochStats.parse(text) == [EpochStats(3, 0.4963, 0.818, 0.8)] * 2


def test_the_lines_of_the_book_are_read_and_written_to_the_character():
    for epochs in EPOCHS.values():
        assert EpochStats.parse('\n'.join(map(str, epochs))) == list(epochs)


def test_an_array_has_the_metrics_in_the_order_of_the_line():
    values = as_array([EPOCHS['scratch'], EPOCHS['gluon']])
    assert values.shape == (2, 10, 3)
    for j, metric in enumerate(DECIMALS):
        assert values[1, 4, j] == getattr(EPOCHS['gluon'][4], metric)
    line = str(EPOCHS['gluon'][4])
    assert [line.index(label) for label in LABELS.values()] == sorted(
        line.index(label) for label in LABELS.values()
    )
    assert values.dtype == np.float64

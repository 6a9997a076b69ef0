"""Curves by epoch: a run with its gaps, and the band that holds all runs."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from d2l_dropout.plots import curves


@pytest.fixture
def ax():
    return plt.Figure().subplots()


def test_a_run_is_a_line_over_its_epochs_with_a_gap_where_it_diverged(ax):
    curves.draw_run(ax, [1.0, np.inf, np.nan, 0.5], gid='a', linewidth=3)
    (line,) = ax.lines
    assert (line.get_gid(), line.get_linewidth()) == ('a', 3)
    assert list(line.get_xdata()) == [1, 2, 3, 4]
    np.testing.assert_equal(line.get_ydata(), [1.0, np.nan, np.nan, 0.5])


def test_the_band_reaches_from_the_lowest_run_to_the_highest(ax):
    runs = np.random.RandomState(0).rand(5, 3)
    curves.draw_band(ax, runs, 'black', '--', label='five runs')
    (line,), (band,) = ax.lines, ax.collections
    np.testing.assert_array_equal(line.get_ydata(), runs.mean(axis=0))
    assert line.get_label() == 'five runs'
    corners = band.get_paths()[0].vertices
    for epoch in (1, 2, 3):
        here = corners[corners[:, 0] == epoch, 1]
        assert (here.min(), here.max()) == pytest.approx(
            (runs[:, epoch - 1].min(), runs[:, epoch - 1].max())
        )


@pytest.mark.parametrize(
    'num_epochs, ticks',
    [(1, [1]), (5, [1, 2, 3, 4, 5]), (10, [1, 2, 4, 6, 8, 10])],
)
def test_whole_epochs_are_labelled(num_epochs, ticks, ax):
    curves.set_epoch_ticks(ax, num_epochs)
    assert list(ax.get_xticks()) == ticks


def test_a_logarithmic_loss_is_labelled_in_decimals(ax):
    ax.plot([0.35, 1.2])
    curves.make_loss_logarithmic(ax)
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert '0.4' in labels and '1' in labels

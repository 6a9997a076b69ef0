"""Metrics by epoch: a line a run, or the band in which all runs lie."""

import numpy as np


def draw_run(ax, values, **look):
    """Draw one run, with a gap where it diverged and its values are not finite.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : sequence of float
        One for each epoch, from the first on.
    **look
        Of the line, as Matplotlib calls it: `color`, `linestyle`, `gid` and so on.
    """
    finite = np.where(np.isfinite(values), values, np.nan)
    ax.plot(range(1, len(values) + 1), finite, **look)


def draw_band(ax, runs, color, linestyle='-', label=None, first_epoch=1):
    """Draw several runs as a band from the lowest to the highest, and their mean.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    runs : ndarray, shape (runs, epochs)
    color, linestyle : Matplotlib's
        Of the line at the mean; the band has the colour, faintly.
    label : str, optional
        Of the line, for a legend.
    first_epoch : int
        Of the first column of `runs`.
    """
    epochs = range(first_epoch, first_epoch + runs.shape[1])
    mean = {'color': color, 'linestyle': linestyle, 'linewidth': 1, 'label': label}
    ax.plot(epochs, runs.mean(axis=0), **mean)
    band = runs.min(axis=0), runs.max(axis=0)
    ax.fill_between(epochs, *band, color=color, alpha=0.15, linewidth=0)


def set_epoch_ticks(ax, num_epochs):
    """Label whole epochs on the x axis: all of a few, else the first and the even ones.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    num_epochs : int >= 1
    """
    epochs = range(1, num_epochs + 1)
    ax.set_xticks([n for n in epochs if num_epochs < 6 or n % 2 == 0 or n == 1])


def make_loss_logarithmic(ax):
    """Make the y axis logarithmic, labelled with plain decimals.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With losses between 0.3 and 2.3, the loss of a net that knows nothing, drawn.
    """
    ax.set_yscale('log')
    ticks = [0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.6, 2.3]
    low, high = ax.get_ylim()
    ax.set_yticks([t for t in ticks if low <= t <= high], minor=False)
    ax.set_yticks([], minor=True)
    ax.yaxis.set_major_formatter('{x:g}')
    ax.set_title('loss (logarithmic)')

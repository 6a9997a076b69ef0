"""A plot of a port's learning curves in the band of the shipped runs."""

from matplotlib import pyplot as plt

from d2l_dropout.metrics import LABELS, as_array
from d2l_dropout.plots import curves, style
from d2l_dropout.plots.style import COLOURS
from d2l_dropout.ports.curves import curve_limits
from d2l_dropout.ports.curves.curve import MOST_EPOCHS, CurveComparison

_OUTSIDE = {
    'color': COLOURS['ink'],
    'linestyle': 'none',
    'marker': 'x',
    'markersize': 7,
    'markeredgewidth': 1.5,
    'zorder': 3,
}
_THEIRS = {'color': COLOURS['second'], 'linestyle': '--'}
_LIMITS = {'color': COLOURS['first'], 'linestyle': ':', 'linewidth': 1}


def draw(runs, comparison: CurveComparison):
    """Draw the three metrics by epoch: their runs, and the band and the limits of ours.

    Parameters
    ----------
    runs : list of list of EpochStats
        Theirs, as they were compared.
    comparison : CurveComparison
        Of at least three epochs.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. Each line of theirs has a `gid` such as
        `theirs-loss-0`; epochs outside the limits are marked, by `outside-loss`.
    """
    theirs = as_array([run[:MOST_EPOCHS] for run in runs])
    num_epochs = theirs.shape[1]
    ours = curve_limits.reference(comparison.on_fresh_splits, num_epochs)
    with style.context():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        for j, (ax, metric) in enumerate(zip(figure.subplots(1, 3), LABELS)):
            curves.draw_band(ax, ours[..., j], COLOURS['first'])
            _draw_limits(ax, comparison, metric)
            for i, run in enumerate(theirs[..., j]):
                gid = f'theirs-{metric}-{i}'
                curves.draw_run(ax, run, gid=gid, linewidth=1.2, **_THEIRS)
            curves.set_epoch_ticks(ax, num_epochs)
            ax.set(title=LABELS[metric], xlabel='epoch')
            if metric == 'loss':
                curves.make_loss_logarithmic(ax)
            _name_averages(ax, comparison, metric)
        keys = _keys(comparison)
        figure.legend(handles=keys, loc='outside upper center', ncols=len(keys))
        return figure


def _draw_limits(ax, comparison, metric):
    points = [p for p in comparison.points if p.metric == metric and not p.is_average]
    epochs = [point.epoch for point in points]
    ax.plot(epochs, [point.low for point in points], gid=f'low-{metric}', **_LIMITS)
    ax.plot(epochs, [point.high for point in points], gid=f'high-{metric}', **_LIMITS)
    outside = [(p.epoch, p.theirs) for p in points if not p.inside]
    if outside:
        ax.plot(*zip(*outside), gid=f'outside-{metric}', **_OUTSIDE)


def _name_averages(ax, comparison, metric):
    for point in comparison.outside:
        if point.is_average and point.metric == metric:
            ax.set_title(f'{ax.get_title()}, average {point.when} OUTSIDE')


def _keys(comparison):
    """Return what the legend shows."""
    runs = f'{comparison.num_runs} run{"s" * (comparison.num_runs > 1)} of theirs'
    keys = [
        plt.Line2D([], [], label=runs, **_THEIRS),
        plt.Line2D(
            [],
            [],
            color=COLOURS['first'],
            label=f'mean and range of our {comparison.num_ours} runs',
        ),
        plt.Line2D([], [], label='limits of single epochs', **_LIMITS),
    ]
    if any(not p.is_average for p in comparison.outside):
        keys.append(plt.Line2D([], [], label='outside', **_OUTSIDE))
    return keys

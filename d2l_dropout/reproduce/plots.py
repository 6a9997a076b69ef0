"""Plots of a reproduction: every run's curves, and the spread of the last epoch.

The official split is blue and solid, the control vermilion and dashed, the book ink.
Lines and markers alone tell them apart too. `captions` says the same in words.
"""

import numpy as np
from matplotlib import pyplot as plt

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import LABELS, as_array
from d2l_dropout.plots import curves, style
from d2l_dropout.plots.style import COLOURS
from d2l_dropout.reproduce.names import GROUPS, NETS

_COLOURS = {'official': COLOURS['first'], 'control': COLOURS['second']}
_LINES = {'official': '-', 'control': (0, (4, 2))}
_MARKERS = {'official': 'o', 'control': '^'}
_BOOK_POINTS = {
    'color': COLOURS['ink'],
    'linestyle': 'none',
    'marker': 'x',
    'markersize': 6,
    'markeredgewidth': 1.5,
    'zorder': 3,
}
_BOOK_LINE = {'color': COLOURS['ink'], 'linestyle': (0, (1, 1)), 'linewidth': 1.5}


def models_of(reproduction):
    """Return the models that were asked for.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    list of str
    """
    return list(dict.fromkeys(spec.model for spec in reproduction.control.specs))


def num_epochs(reproduction):
    """Return how many epochs were asked for.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    int
    """
    return reproduction.control.specs[0].num_epochs


def runs_by_group(reproduction, model):
    """Return one model's runs as arrays.

    Parameters
    ----------
    reproduction : groups.Reproduction
    model : 'scratch' or 'gluon'

    Returns
    -------
    dict of str to ndarray, shape (runs, epochs, 3)
        By group; groups without a run of the model are left out.
    """
    runs = {name: group.epochs(model) for name, group in reproduction.groups().items()}
    return {name: as_array(epochs) for name, epochs in runs.items() if epochs}


def last_row(reproduction, group, model, metric):
    """Return the row of one metric of the last epoch.

    Parameters
    ----------
    reproduction : groups.Reproduction
    group : 'official' or 'control'
    model : 'scratch' or 'gluon'
    metric : 'loss', 'train_acc' or 'test_acc'

    Returns
    -------
    comparison.Row or None
        None if the group has no rows.
    """
    key = (model, num_epochs(reproduction), metric)
    rows = reproduction.groups()[group].rows
    return next((r for r in rows if (r.model, r.epoch, r.metric) == key), None)


def learning_curves(reproduction, model):
    """Draw the three metrics by epoch: a line for each run, a cross for the book.

    Parameters
    ----------
    reproduction : groups.Reproduction
    model : 'scratch' or 'gluon'

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. Each line has a `gid` such as `official-loss-0`,
        the last number counting the runs, or `book-loss`.
    """
    last = num_epochs(reproduction)
    with style.context():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        for j, (ax, metric) in enumerate(zip(figure.subplots(1, 3), LABELS)):
            for group, runs in runs_by_group(reproduction, model).items():
                _draw_runs(ax, group, runs[:, :, j], f'{group}-{metric}')
            printed = [getattr(epoch, metric) for epoch in EPOCHS[model][:last]]
            curves.draw_run(ax, printed, gid=f'book-{metric}', **_BOOK_POINTS)
            curves.set_epoch_ticks(ax, last)
            ax.set(title=LABELS[metric], xlabel='epoch')
            if metric == 'loss':
                curves.make_loss_logarithmic(ax)
        keys = _curve_keys(reproduction, model)
        figure.legend(handles=keys, loc='outside upper center', ncols=3)
        return figure


def _draw_runs(ax, group, runs, gid):
    look = {'color': _COLOURS[group], 'linestyle': _LINES[group]}
    for i, run in enumerate(runs):
        curves.draw_run(ax, run, gid=f'{gid}-{i}', linewidth=0.8, alpha=0.55, **look)


def _curve_keys(reproduction, model):
    """Return what the legend shows: a line for each group, and the book's marker."""
    keys = []
    for group, runs in runs_by_group(reproduction, model).items():
        label = f'{GROUPS[group]}, {len(runs)} seed{"s" * (len(runs) > 1)}'
        look = {'color': _COLOURS[group], 'linestyle': _LINES[group]}
        keys.append(plt.Line2D([], [], label=label, **look))
    return [*keys, plt.Line2D([], [], label='the book', **_BOOK_POINTS)]


def final_spread(reproduction):
    """Draw the metrics of the last epoch: each run, the intervals, and the book.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; a row of panels for each model, a panel for each
        metric. What is drawn has a `gid` such as `scratch-loss-official-seeds`,
        `...-mean`, `...-interval` or `scratch-loss-book`.
    """
    models = models_of(reproduction)
    with style.context():
        figure = plt.Figure(figsize=(9, 0.6 + 2.7 * len(models)), layout='constrained')
        axes = figure.subplots(len(models), 3, squeeze=False)
        for model, panels in zip(models, axes):
            for j, (ax, metric) in enumerate(zip(panels, LABELS)):
                _draw_panel(ax, reproduction, model, j, metric)
            panels[0].set_ylabel(NETS[model], fontsize=10)
        figure.legend(handles=_spread_keys(), loc='outside upper center', ncols=4)
        return figure


def _draw_panel(ax, reproduction, model, j, metric):
    """Draw one metric of one net: a column for each group, the book's value across."""
    gid = f'{model}-{metric}'
    runs = runs_by_group(reproduction, model)
    groups = list(reproduction.groups())
    for x, group in enumerate(groups):
        if group in runs:
            _draw_seeds(ax, x, group, runs[group][:, -1, j], gid)
        row = last_row(reproduction, group, model, metric)
        if row is not None and np.isfinite([row.mean, row.low, row.high]).all():
            _draw_interval(ax, x, group, row, gid)
    value = getattr(EPOCHS[model][num_epochs(reproduction) - 1], metric)
    ax.axhline(value, gid=f'{gid}-book', **_BOOK_LINE)
    ax.set_xticks(range(len(groups)))
    ax.set_xticklabels([GROUPS[group] for group in groups])
    ax.set_xlim(-0.6, len(groups) - 0.4)
    ax.grid(False, axis='x')
    ax.set_title(LABELS[metric])


def _draw_seeds(ax, x, group, values, gid):
    """Draw a dot for each run, side by side in the order of the seeds."""
    ax.plot(
        x + np.linspace(-0.33, 0.07, len(values)),
        np.where(np.isfinite(values), values, np.nan),
        color=_COLOURS[group],
        marker=_MARKERS[group],
        markersize=4,
        alpha=0.7,
        linestyle='none',
        gid=f'{gid}-{group}-seeds',
    )


def _draw_interval(ax, x, group, row, gid):
    """Draw the interval as a bar beside the runs, the mean as a square on it."""
    ax.plot(
        [x + 0.25] * 2,
        [row.low, row.high],
        color=_COLOURS[group],
        linewidth=2,
        marker='_',
        markersize=10,
        markeredgewidth=2,
        gid=f'{gid}-{group}-interval',
    )
    ax.plot(
        [x + 0.25],
        [row.mean],
        color=_COLOURS[group],
        marker='s',
        gid=f'{gid}-{group}-mean',
    )


def _spread_keys():
    """Return what the legend shows; the groups are named on the axes."""
    ink = {'color': COLOURS['ink']}
    return [
        plt.Line2D([], [], linestyle='none', marker='o', label='one run', **ink),
        plt.Line2D([], [], linestyle='none', marker='s', label='mean', **ink),
        plt.Line2D([], [], linewidth=2, label='interval for one more run', **ink),
        plt.Line2D([], [], label='the book', **_BOOK_LINE),
    ]

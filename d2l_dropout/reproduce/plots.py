"""Plots of a reproduction: every seed's curve and the spread of the last epoch.

Blue solid is the plain runs, vermilion dashed the control, ink the book: colours after
Okabe and Ito, and apart by line and marker alone. `captions` says the same in words.
"""

import numpy as np

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.d2l.plotting import plt
from d2l_dropout.metrics import FIGURES, as_array
from d2l_dropout.plots import style
from d2l_dropout.plots.style import COLOURS
from d2l_dropout.reproduce.verdicts import TITLES

#: What the parts are called.
PARTS = {'plain': 'plain runs', 'control': 'control'}
_LINES = {'plain': '-', 'control': (0, (4, 2))}
_MARKERS = {'plain': 'o', 'control': '^'}


def models_of(reproduction):
    """Return the models that runs were asked of.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    list of str
    """
    return list(dict.fromkeys(spec.model for spec in reproduction.control.specs))


def num_epochs(reproduction):
    """Return how many epochs were asked for.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    int
    """
    return reproduction.control.specs[0].num_epochs


def learning_curves(reproduction, model):
    """Draw the three figures of each epoch: a line a seed, the book's points on them.

    Parameters
    ----------
    reproduction : Reproduction
    model : 'scratch' or 'gluon'

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to pyplot. Each line carries a `gid` such as `plain-loss-0`, the last
        number counting the runs, or `book-loss`.
    """
    with style.style():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        for j, (ax, name) in enumerate(zip(figure.subplots(1, 3), FIGURES)):
            for part, runs in runs_by_part(reproduction, model).items():
                for i, run in enumerate(runs):
                    _draw_run(ax, part, run[:, j], f'{part}-{name}-{i}')
            _draw_book_points(ax, reproduction, model, name)
            ax.set(title=FIGURES[name], xlabel='epoch')
            if name == 'loss':
                _make_logarithmic(ax)
        figure.legend(
            handles=_curve_keys(reproduction, model),
            loc='outside upper center',
            ncols=3,
        )
        return figure


def runs_by_part(reproduction, model):
    """Return one model's runs as arrays.

    Parameters
    ----------
    reproduction : Reproduction
    model : 'scratch' or 'gluon'

    Returns
    -------
    dict of str to ndarray, shape (runs, epochs, 3)
        By part, without those that have no run of the model.
    """
    runs = {name: part.epochs(model) for name, part in reproduction.parts().items()}
    return {name: as_array(epochs) for name, epochs in runs.items() if epochs}


def _draw_run(ax, part, values, gid):
    """Draw one seed's curve; what is not finite, of a run that diverged, is a gap."""
    ax.plot(
        range(1, len(values) + 1),
        np.where(np.isfinite(values), values, np.nan),
        color=COLOURS[part],
        linestyle=_LINES[part],
        linewidth=0.8,
        alpha=0.55,
        gid=gid,
    )


def _draw_book_points(ax, reproduction, model, name):
    epochs = range(1, num_epochs(reproduction) + 1)
    ax.plot(
        epochs,
        [getattr(printed, name) for printed in EPOCHS[model][: len(epochs)]],
        gid=f'book-{name}',
        **_BOOK_POINTS,
    )
    ax.set_xticks([n for n in epochs if len(epochs) < 6 or n % 2 == 0 or n == 1])


_BOOK_POINTS = {
    'color': COLOURS['ink'],
    'linestyle': 'none',
    'marker': 'x',
    'markersize': 6,
    'markeredgewidth': 1.5,
    'zorder': 3,
}


def _make_logarithmic(ax):
    """Make y logarithmic, with plain decimals where it is labelled."""
    ax.set_yscale('log')
    ticks = [0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.6, 2.3]
    low, high = ax.get_ylim()
    ax.set_yticks([t for t in ticks if low <= t <= high], minor=False)
    ax.set_yticks([], minor=True)
    ax.yaxis.set_major_formatter('{x:g}')
    ax.set_title('loss (logarithmic)')


def _curve_keys(reproduction, model):
    """Return what the legend shows: a line a part, and the book's marker."""
    keys = []
    for part, runs in runs_by_part(reproduction, model).items():
        label = f'{PARTS[part]}, {len(runs)} seed{"s" * (len(runs) > 1)}'
        look = {'color': COLOURS[part], 'linestyle': _LINES[part]}
        keys.append(plt.Line2D([], [], label=label, **look))
    return [*keys, plt.Line2D([], [], label='the book', **_BOOK_POINTS)]


def final_spread(reproduction):
    """Draw each seed's figures of the last epoch, the intervals, and the book's.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to pyplot; a row of panels a model, a panel a figure. What is drawn
        carries a `gid` such as `scratch-loss-plain-seeds`, `...-mean`, `...-interval`
        or `scratch-loss-book`.
    """
    models = models_of(reproduction)
    with style.style():
        figure = plt.Figure(figsize=(9, 0.6 + 2.7 * len(models)), layout='constrained')
        axes = figure.subplots(len(models), 3, squeeze=False)
        for model, panels in zip(models, axes):
            for j, (ax, name) in enumerate(zip(panels, FIGURES)):
                _draw_panel(ax, reproduction, model, j, name)
            panels[0].set_ylabel(TITLES[model], fontsize=10)
        figure.legend(handles=_spread_keys(), loc='outside upper center', ncols=4)
        return figure


def _draw_panel(ax, reproduction, model, j, name):
    """Draw one figure of one model: a column a part, the book's value across."""
    gid = f'{model}-{name}'
    runs = runs_by_part(reproduction, model)
    for x, part in enumerate(reproduction.parts()):
        if part in runs:
            _draw_seeds(ax, x, part, runs[part][:, -1, j], gid)
        row = last_row(reproduction, part, model, name)
        if row is not None and np.isfinite([row.mean, row.low, row.high]).all():
            _draw_interval(ax, x, part, row, gid)
    value = getattr(EPOCHS[model][num_epochs(reproduction) - 1], name)
    ax.axhline(value, gid=f'{gid}-book', **_BOOK_LINE)
    ax.set_xticks(range(len(reproduction.parts())))
    ax.set_xticklabels([PARTS[part] for part in reproduction.parts()])
    ax.set_xlim(-0.6, len(reproduction.parts()) - 0.4)
    ax.grid(False, axis='x')
    ax.set_title(FIGURES[name])


_BOOK_LINE = {'color': COLOURS['ink'], 'linestyle': (0, (1, 1)), 'linewidth': 1.5}


def last_row(reproduction, part, model, name):
    """Return the row of one figure of the last epoch.

    Parameters
    ----------
    reproduction : Reproduction
    part : 'plain' or 'control'
    model : 'scratch' or 'gluon'
    name : 'loss', 'train_acc' or 'test_acc'

    Returns
    -------
    Row or None
        None if the part has no rows.
    """
    key = (model, num_epochs(reproduction), name)
    rows = reproduction.parts()[part].rows
    return next((r for r in rows if (r.model, r.epoch, r.figure) == key), None)


def _draw_seeds(ax, x, part, values, gid):
    """Draw a dot a seed, side by side in the order of the seeds."""
    ax.plot(
        x + np.linspace(-0.33, 0.07, len(values)),
        np.where(np.isfinite(values), values, np.nan),
        color=COLOURS[part],
        marker=_MARKERS[part],
        markersize=4,
        alpha=0.7,
        linestyle='none',
        gid=f'{gid}-{part}-seeds',
    )


def _draw_interval(ax, x, part, row, gid):
    """Draw the interval as a bar beside the seeds, the mean as a square on it."""
    ax.plot(
        [x + 0.25] * 2,
        [row.low, row.high],
        color=COLOURS[part],
        linewidth=2,
        marker='_',
        markersize=10,
        markeredgewidth=2,
        gid=f'{gid}-{part}-interval',
    )
    ax.plot(
        [x + 0.25],
        [row.mean],
        color=COLOURS[part],
        marker='s',
        gid=f'{gid}-{part}-mean',
    )


def _spread_keys():
    """Return what the legend shows; the parts are named on the axes."""
    ink = {'color': COLOURS['ink']}
    return [
        plt.Line2D([], [], linestyle='none', marker='o', label='a seed each', **ink),
        plt.Line2D([], [], linestyle='none', marker='s', label='mean', **ink),
        plt.Line2D([], [], linewidth=2, label='interval for one more draw', **ink),
        plt.Line2D([], [], label='the book', **_BOOK_LINE),
    ]

"""One run beside the book and the runs that ship: as a table, a plot and a verdict."""

import numpy as np

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.book.words import WORDS
from d2l_dropout.metrics import DECIMALS, LABELS, as_array
from d2l_dropout.runs import shipped

TITLES = {'scratch': 'Net from scratch (cell 5)', 'gluon': 'Net in Gluon (cell 7)'}


def table(model, here, revision):
    """Return each metric of a run beside the book's.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    here : list of EpochStats
        The run's epochs.
    revision : str
        That of its data, as `train_iter.revision` has it.

    Returns
    -------
    str
        A line for each epoch. `s.d.` is how far the run lies from the mean of the runs
        that ship for such data, in their standard deviations; there is none for data
        that are not Fashion-MNIST.
    """
    others = _others(model, revision)
    columns = ['book    here    s.d.  ' if others else 'book    here          ']
    lines = [
        'epoch  ' + '   '.join(f'{LABELS[name]:22}' for name in DECIMALS).rstrip(),
        '       ' + '   '.join(columns * len(DECIMALS)).rstrip(),
    ]
    far = shipped.deviations(here, others) if others else None
    for i, (book, ours) in enumerate(zip(EPOCHS[model], here)):
        cells = [f'{book.epoch:5}']
        for j, (name, decimals) in enumerate(DECIMALS.items()):
            metrics = (f'{getattr(epoch, name):.{decimals}f}' for epoch in (book, ours))
            cells.append(
                '{:7} {:7} {:6}'.format(*metrics, '' if far is None else _sd(far[i, j]))
            )
        lines.append('  '.join(cells).rstrip())
    return '\n'.join(lines)


def _others(model, revision):
    return [run.epochs for run in shipped.comparable(model, revision)]


def _sd(number):
    """Return a number of standard deviations as text: never '-0.0'."""
    return f'{round(number, 1) + 0.0:+.1f}'


def verdict(here, revision, language='en'):
    """Say whether a run of both nets is an ordinary one among those that ship.

    Parameters
    ----------
    here : dict of str to list of EpochStats
        By model.
    revision : str
        That of the data.
    language : 'en' or 'ko'

    Returns
    -------
    str
        Two sentences or three; '' for data that are not Fashion-MNIST.
    """
    words = WORDS[language]
    others = {model: _others(model, revision) for model in here}
    if not all(others.values()):
        return ''
    far, where = _farthest_of_all(here, others, words)
    each = np.max([shipped.farthest_of_each(others[model]) for model in here], axis=0)
    as_far = int((each >= far).sum())
    text = words['ordinary' if as_far else 'strange'].format(
        metrics=sum(as_array([epochs]).size for epochs in here.values()),
        runs=len(each),
        where=where,
        far=far,
        as_far=as_far,
        one_in=len(each) + 1,
    )
    return f'{text} {_of_the_book(others, words)}'


def _of_the_book(others, words):
    book = {model: EPOCHS[model] for model in others}
    far, where = _farthest_of_all(book, others, words)
    random_splits = {
        model: [run.epochs for run in shipped.results(model, resplit=True)]
        for model in others
    }
    random, _ = _farthest_of_all(book, random_splits, words)
    return words['book'].format(far=far, where=where, random=random)


def _farthest_of_all(runs, others, words):
    """Return the largest deviation in a run of each net, and the name of its metric."""
    return max(_farthest(runs[m], others[m], words, m) for m in runs)


def _farthest(epochs, others, words, model):
    far = abs(shipped.deviations(epochs, others))
    epoch, column = divmod(int(far.argmax()), far.shape[1])
    metric = LABELS[list(DECIMALS)[column]]
    where = words['metric'].format(metric=metric, epoch=epoch + 1, net=words[model])
    return far.max(), where


def plot(model, here, revision):
    """Draw a run within the band of the runs that ship, with the book's points.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    here : list of EpochStats
        The run's epochs.
    revision : str
        That of its data.

    Returns
    -------
    plots.style.Shown
        Three panels: loss, train acc and test acc. The first epoch is left out, whose
        range would hide the others.
    """
    from matplotlib.figure import Figure

    from d2l_dropout.plots import curves, style

    others = _others(model, revision)
    with style.context():
        figure = Figure(figsize=(7, 2.8), layout='constrained')
        for j, (ax, name) in enumerate(zip(figure.subplots(1, 3), LABELS)):
            if others:
                label = f'{len(others)} runs that ship'
                band = as_array(others)[:, 1:, j]
                curves.draw_band(ax, band, style.COLOURS['first'], '-', label, 2)
            for epochs, look in (
                (here, {'color': style.COLOURS['second'], 'label': 'this run'}),
                (EPOCHS[model], {'marker': 'x', 'linestyle': 'none', 'color': 'black'}),
            ):
                values = [getattr(epoch, name) for epoch in epochs[1:]]
                look = {'label': 'the book', **look}
                ax.plot(range(2, len(epochs) + 1), values, **look)
            ax.set(title=LABELS[name], xlabel='epoch', xticks=range(2, 11, 2))
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc='outside upper center', ncols=3)
    return style.Shown(figure, _seen(model, here, others))


def _seen(model, here, others):
    text = (
        f'{TITLES[model]}, epochs 2 to {len(here)}: loss, train acc and test acc of '
        "this run and the book's."
    )
    if not others:
        return text
    values = as_array([here])[0][1:]
    low, high = (
        as_array(others)[:, 1:].min(axis=0),
        as_array(others)[:, 1:].max(axis=0),
    )
    inside = int(((low <= values) & (values <= high)).sum())
    return (
        f'{text} {inside} of the {values.size} points of this run lie within the band '
        f'of the {len(others)} runs that ship.'
    )

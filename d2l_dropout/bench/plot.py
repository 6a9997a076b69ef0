"""The benchmark as a figure: every epoch that was timed, a row a contender."""

from matplotlib import pyplot as plt

from d2l_dropout.compat import environment
from d2l_dropout.plots import style

#: The contenders that take an epoch, and what they are.
EPOCHS = {
    'limit': 'its matrix products alone, all processors',
    'torch': 'PyTorch, eager, all processors',
    'ours_gluon': 'ours, Gluon net',
    'ours_scratch': 'ours, scratch net',
    'books_gluon': "the book's way, Gluon net",
    'books_scratch': "the book's way, scratch net",
}


def draw(timings, rounds):
    """Draw the seconds of each epoch and their medians.

    Parameters
    ----------
    timings : dict of str to bench.run.Timing
    rounds : int

    Returns
    -------
    matplotlib.figure.Figure
        Unknown to pyplot.
    """
    names = [name for name in EPOCHS if name in timings]
    with style.context():
        figure = plt.Figure(figsize=(7, 0.9 + 0.4 * len(names)), layout='constrained')
        ax = figure.subplots()
        for y, name in enumerate(names):
            seconds, median = timings[name].seconds, timings[name].median('seconds')
            ours = name.startswith('ours')
            colour = style.COLOURS['first' if ours else 'ink']
            ax.barh(y, median, color=colour, alpha=0.3, height=0.7)
            ax.plot(seconds, [y] * len(seconds), '|', color=colour, markersize=11)
            ax.text(max(seconds), y, f'  {median:.2f} s', va='center')
        ax.set_yticks(range(len(names)))
        ax.set_yticklabels([EPOCHS[name] for name in names])
        ax.invert_yaxis()
        ax.grid(False, axis='y')
        ax.margins(x=0.1)
        ax.set_xlabel(
            f'seconds an epoch, its test pass included: median (bar), each (|); '
            f'{rounds} rounds,\n{environment.num_processors()} processors, '
            f"{environment.num_threads()} OpenMP thread(s) for ours and the book's way"
        )
        return figure

"""Plot the benchmark: every epoch that was timed, one row per contender."""

from matplotlib import pyplot as plt

from d2l_dropout.compat import environment
from d2l_dropout.plots import style

#: The contenders that train epochs, and their labels.
EPOCHS = {
    'limit': 'matrix products alone, all processors',
    'torch': 'PyTorch, eager, all processors',
    'ours_gluon': 'this package, Gluon net',
    'ours_scratch': 'this package, scratch net',
    'books_gluon': "the book's code, Gluon net",
    'books_scratch': "the book's code, scratch net",
}


def draw(timings, rounds):
    """Plot the seconds of each epoch and their medians.

    Parameters
    ----------
    timings : dict of str to bench.run.Timing
    rounds : int
        How often each contender was run.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot, which would display it.
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
            f'seconds per epoch with its test pass: median (bar) and each epoch (|); '
            f'{rounds} rounds,\n{environment.num_processors()} processors, OpenMP '
            f"threads of this package and the book's code: {environment.num_threads()}"
        )
        return figure

"""The chapter itself: run its seven cells and set the book's figures beside ours."""

import contextlib
import io
import os
import random
import re
import sys
import time

import numpy as np

from d2l_dropout import fashion_mnist
from d2l_dropout.book.cells import chapter_cells, find
from d2l_dropout.book.printed import CELL_2, EPOCHS
from d2l_dropout.compat import environment
from d2l_dropout.metrics import DECIMALS, FIGURES, EpochStats
from d2l_dropout.runs import shipped

HOW_TO_READ = (
    'How to read it: each book figure is one unseeded run on the 2017-08-26 revision '
    'of the data, and so is a run here one draw, which differs from the next by a few '
    'units of the third decimal at the end and by more at the start; '
)
_ON_REVISION = {
    fashion_mnist.BOOK_REVISION: 'this run used the same data as the book.',
    '2017-08-31': (
        'this run used the 2017-08-31 revision, whose test set is about 0.8 points '
        'harder than a random split of the same images: expect the late test '
        "accuracies to lie about one point below the book's, in this code as in any "
        'other.'
    ),
    fashion_mnist.SYNTHETIC: (
        'this run used synthetic data made by code, NOT Fashion-MNIST: its metrics are '
        'not comparable with the book.'
    ),
    'unknown': (
        'this run used data of unknown revision, so that nothing can be said about '
        'differences from the book.'
    ),
}


class _Tee(io.TextIOBase):
    """Writes through to a stream and keeps a copy."""

    def __init__(self, stream):
        self.stream, self.copy = stream, io.StringIO()

    def write(self, text):
        self.copy.write(text)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()


@contextlib.contextmanager
def _working_directory(path):
    before, path_before = os.getcwd(), list(sys.path)
    os.chdir(str(path))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path_before  # the chapter's first cell adds to it


def run_cells(num_cells=7):
    """Run the cells as they stand in the notebook, in its folder.

    What they print goes to standard output as it comes.

    Parameters
    ----------
    num_cells : int in [1, 7]
        The first so many.

    Returns
    -------
    list of str
        What each of them printed.
    """
    notebook = find()
    fashion_mnist.make_settings_absolute()
    namespace = {'__name__': '__main__'}
    outputs = []
    with _working_directory(notebook.parent):
        cells = chapter_cells(notebook)[:num_cells]
        for i, source in enumerate(cells, 1):
            tee = _Tee(sys.stdout)
            print('[%d]' % i, flush=True)
            with contextlib.redirect_stdout(tee):
                exec(compile(source, '<cell %d>' % i, 'exec'), namespace)
            outputs.append(tee.copy.getvalue())
    return outputs


def run(seed=None):
    """Run the chapter and print the book's figures beside those of this run.

    MXNet's generator keeps the fixed state that a fresh process starts from, so that
    cell 2 prints the book's masks: call this before anything else draws from it.

    Parameters
    ----------
    seed : int, optional
        Of NumPy's generator, which shuffles the training examples. Unseeded, as the
        book was, unless given.

    Returns
    -------
    dict of str to list of EpochStats
        By model: 'scratch' and 'gluon'.
    """
    if seed is not None:
        random.seed(seed)
        np.random.seed(seed)
    start = time.perf_counter()
    outputs = run_cells()
    seconds = time.perf_counter() - start
    here = {
        'scratch': EpochStats.parse(outputs[4]),
        'gluon': EpochStats.parse(outputs[6]),
    }
    data = fashion_mnist.last_loaded()
    print('\n' + report(here, masks_are_the_books(outputs[1]), data, seed, seconds))
    return here


def masks_are_the_books(printed):
    """Return whether cell 2 printed the book's arrays, on whatever context.

    Parameters
    ----------
    printed : str

    Returns
    -------
    bool
    """
    return re.sub(r'@[cg]pu\(\d+\)', '@cpu(0)', printed) == CELL_2


def report(here, masks_equal, data, seed, seconds):
    """Return the table of one run against the book, and how to read it.

    Parameters
    ----------
    here : dict of str to list of EpochStats
        By model: 'scratch' and 'gluon'.
    masks_equal : bool
        Whether cell 2 printed the book's arrays.
    data : object with `revision` and `description`
        Which data the run used (`fashion_mnist.last_loaded()`).
    seed : int or None
    seconds : float

    Returns
    -------
    str
    """
    lines = []
    spreads = {
        model: [run.epochs for run in shipped.comparable(model, data.revision)]
        for model in here
    }
    if data.revision == fashion_mnist.SYNTHETIC:
        lines += [data.description, '']
    for model, title in [
        ('scratch', 'Net from scratch (cell 5)'),
        ('gluon', 'Net in Gluon (cell 7)'),
    ]:
        lines += [title, *_table(EPOCHS[model], here[model], spreads[model]), '']
    if all(spreads.values()):
        lines += [_place(here, spreads), '']
    lines += [
        "cell 2: the book's masks, %s"
        % (
            'exactly'
            if masks_equal
            else 'NOT reproduced (a GPU draws other numbers; on a CPU see '
            '`d2l-dropout doctor`)'
        ),
        'data: %s' % data.description,
        'shuffling: %s'
        % ('unseeded, as in the book' if seed is None else 'NumPy seed %d' % seed),
        'with: %s' % environment.describe(),
        'time: %.0f seconds' % seconds,
        '',
        HOW_TO_READ + _ON_REVISION[data.revision],
    ]
    return '\n'.join(lines)


def _table(book_epochs, here, spread):
    """The rows of one model; `at` is how far from the shipped runs this one lies."""
    columns = list(DECIMALS)
    lines = [
        'epoch  ' + '   '.join(f'{FIGURES[name]:22}' for name in columns).rstrip(),
        '       ' + '   '.join(['book    here    at    '] * len(columns)).rstrip(),
    ]
    at = shipped.deviations(here, spread) if spread else None
    for i, (b, h) in enumerate(zip(book_epochs, here)):
        cells = [f'{b.epoch:5}']
        for j, (name, decimals) in enumerate(DECIMALS.items()):
            figures = (f'{getattr(e, name):.{decimals}f}' for e in (b, h))
            place = '' if at is None else f'{at[i, j]:+.1f}'
            cells.append('{:7} {:7} {:6}'.format(*figures, place))
        lines.append('  '.join(cells).rstrip())
    return lines


def _place(here, spreads):
    """Say how far this run lies from the shipped ones, and how far those do."""
    model, at = max(
        ((m, shipped.deviations(here[m], spreads[m])) for m in here),
        key=lambda pair: abs(pair[1]).max(),
    )
    epoch, figure = divmod(int(abs(at).argmax()), at.shape[1])
    each = np.max([shipped.farthest_of_each(spreads[m]) for m in here], axis=0)
    return (
        f'at: s.d. from the mean of {len(each)} seeded runs that ship with this '
        f'package (`d2l-dropout reproduce --shipped`). This run is farthest off in '
        f'{FIGURES[list(DECIMALS)[figure]]} of epoch {epoch + 1}, {model}, at '
        f'{at[epoch, figure]:+.1f}. Each of those runs, set against the others, is at '
        f'{each.min():.1f} to {each.max():.1f} where it is farthest off.'
    )

"""Run the chapter's seven cells and print each metric beside the book's."""

import contextlib
import io
import random
import re
import shutil
import sys
import time
import unicodedata

import numpy as np

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.book import beside
from d2l_dropout.book.cells import chapter_cells, find, in_folder
from d2l_dropout.book.printed import CELL_2
from d2l_dropout.book.words import WORDS
from d2l_dropout.compat import environment
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs import shipped


class _Tee(io.TextIOBase):
    """A stream that writes to another one and keeps a copy."""

    def __init__(self, stream):
        self.stream, self.copy = stream, io.StringIO()

    def write(self, text):
        self.copy.write(text)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()


def run_cells(num_cells=7):
    """Run the chapter's cells unchanged, in the folder of the notebook.

    Their output appears on standard output as it is printed.

    Parameters
    ----------
    num_cells : int in [1, 7]
        How many of them, from the first.

    Returns
    -------
    list of str
        The output of each.

    Raises
    ------
    ImportError
        If `import d2l` finds another package.
    """
    notebook = find()
    fashion_mnist.make_settings_absolute()
    namespace = {'__name__': '__main__'}
    outputs = []
    with in_folder(notebook.parent):
        sys.path.insert(0, '..')  # as the first cell does
        compat.check_d2l()
        cells = chapter_cells(notebook)[:num_cells]
        for i, source in enumerate(cells, 1):
            tee = _Tee(sys.stdout)
            print('[%d]' % i, flush=True)
            with contextlib.redirect_stdout(tee):
                exec(compile(source, '<cell %d>' % i, 'exec'), namespace)
            outputs.append(tee.copy.getvalue())
    return outputs


def run(seed=None, language='en'):
    """Run the chapter and print each metric of this run beside the book's.

    Call this before anything else draws from MXNet's generator: cell 2 prints the
    book's masks only from the state in which every process starts.

    Parameters
    ----------
    seed : int, optional
        Seed of NumPy's generator, which shuffles the training examples. Unseeded
        unless given, as the book's run was.
    language : 'en' or 'ko'
        Of the sentences; the tables are the same.

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
    exact = masks_are_the_books(outputs[1])
    print('\n' + report(here, exact, data, seed, seconds, language))
    return here


def masks_are_the_books(printed):
    """Return whether cell 2 printed the book's arrays, on any context.

    Parameters
    ----------
    printed : str
        The output of cell 2.

    Returns
    -------
    bool
    """
    return re.sub(r'@[cg]pu\(\d+\)', '@cpu(0)', printed) == CELL_2


def report(here, masks_equal, data, seed, seconds, language='en'):
    """Return one run beside the book: the verdict, the tables, how to read them.

    Parameters
    ----------
    here : dict of str to list of EpochStats
        The epochs of this run by model: 'scratch' and 'gluon'.
    masks_equal : bool
        Whether cell 2 printed the book's arrays.
    data : object with `revision` and `description`
        Which data the run used (`fashion_mnist.last_loaded()`).
    seed : int or None
        Seed of NumPy's generator.
    seconds : float
        How long the run took.
    language : 'en' or 'ko'

    Returns
    -------
    str
    """
    words, lines = WORDS[language], []
    if data.revision == fashion_mnist.SYNTHETIC:
        lines += [data.description, '']
    verdict = beside.verdict(here, data.revision, language)
    if verdict:
        lines += [verdict, '']
    for model, title in beside.TITLES.items():
        lines += [title, beside.table(model, here[model], data.revision), '']
    if verdict:
        lines += [words['s.d.'], '']
    of_the_data = words[data.revision].format(**_points_lost_to_the_split())
    lines += [
        words['masks' if masks_equal else 'no masks'],
        words['data'].format(data=data.description),
        words['unseeded' if seed is None else 'seeded'].format(seed=seed),
        words['with'].format(versions=environment.describe()),
        words['time'].format(seconds=seconds),
        '',
        f'{words["how to read"]} {of_the_data}',
    ]
    return '\n'.join(_wrapped(line) for line in lines)


def _wrapped(text):
    """Return prose within the width of the terminal; tables are left as they are."""
    if '\n' in text:
        return text
    columns = min(shutil.get_terminal_size().columns, 100)
    lines, width = [''], 0
    for word in text.split(' '):
        width += 1 + _columns(word)
        if lines[-1] and width > columns + 1:
            lines.append('')
            width = 1 + _columns(word)
        lines[-1] += f' {word}' if lines[-1] else word
    return '\n'.join(lines)


def _columns(text):
    """Return how many columns of a terminal a text takes: two for a Korean letter."""
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def _points_lost_to_the_split():
    """Return what the control says of the 2017-08-31 test set, in points by model."""
    points = {}
    for model in beside.TITLES:
        official, random_splits = (
            np.mean(
                [run.epochs[-1].test_acc for run in shipped.results(model, resplit)]
            )
            for resplit in (False, True)
        )
        points[model] = 100 * (random_splits - official)
    return points

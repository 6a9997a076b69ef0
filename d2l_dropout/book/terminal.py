"""A notebook in the terminal: its text printed, its cells run, its plots returned."""

import ast
import linecache
import re
from pathlib import Path

from d2l_dropout import fashion_mnist
from d2l_dropout.book.cells import in_folder, read


def run(path, settings=None):
    """Print the text of a notebook, run its code cells and print their values.

    The cells run in this process, in the notebook's folder, from top to bottom.

    Parameters
    ----------
    path : path
    settings : dict of str to str, optional
        By name, what a line such as `QUICK = False` assigns instead, as Python source.

    Returns
    -------
    list of matplotlib.figure.Figure
        The plots that are the value of a cell, in order.

    Raises
    ------
    Exception
        Whatever a cell raises.
    """
    fashion_mnist.make_settings_absolute()
    namespace, plots = {'__name__': '__main__'}, []
    cells = read(path)
    with in_folder(Path(path).parent):
        for number, cell in enumerate(cells, 1):
            source = ''.join(cell['source'])
            if cell['cell_type'] == 'markdown':
                # As it stands: what sets Markdown in terminals, such as rich, takes the
                # underscores of formulas for italics and their plus signs for lists.
                print(source, end='\n\n', flush=True)
                continue
            value = _run(_assigned(source, settings or {}), number, namespace)
            if hasattr(value, 'savefig'):
                plots.append(value)
            elif value is not None:
                print(value, end='\n\n', flush=True)
    return plots


def _assigned(source, settings):
    for name, value in settings.items():
        pattern = rf'^{name} = \w+'
        source = re.sub(pattern, f'{name} = {value}', source, flags=re.MULTILINE)
    return source


def _run(source, number, namespace):
    """Run one cell and return the value of its last line, as a front end shows it."""
    name = f'<cell {number}>'
    # For tracebacks, and for whoever asks a function for its source.
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    tree = ast.parse(source, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.endswith(';'):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, name, 'exec'), namespace)
    return eval(compile(last, name, 'eval'), namespace) if last else None

"""The project's notebooks: where they are, and the chapter's cells in them."""

import contextlib
import json
import os
import sys
from importlib import metadata
from pathlib import Path

CHAPTER = 'dropout.ipynb'
_CHECKOUT = Path(__file__).resolve().parents[2] / 'notebooks'


def find(name=CHAPTER):
    """Return the path of one of the project's notebooks.

    Parameters
    ----------
    name : str
        The file's name in `notebooks/`, or its path below that.

    Returns
    -------
    pathlib.Path
        In the checkout, or where the installed package keeps it.

    Raises
    ------
    FileNotFoundError
        If it is in neither place.
    """
    if (_CHECKOUT / name).is_file():
        return _CHECKOUT / name
    try:
        files = metadata.files('d2l-dropout') or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.as_posix().endswith(f'/notebooks/{name}'):
            return Path(file.locate()).resolve()
    raise FileNotFoundError(
        f'The notebook {name} is neither in {_CHECKOUT} nor among the files of the '
        'installed package d2l-dropout; install the package again, or run from a '
        'checkout.'
    )


def read(path):
    """Return the cells of a notebook.

    Parameters
    ----------
    path : path

    Returns
    -------
    list of dict
        As the notebook format (nbformat 4) has them.
    """
    return json.loads(Path(path).read_text(encoding='utf-8'))['cells']


@contextlib.contextmanager
def in_folder(folder):
    """Work in another folder for as long as the block lasts.

    The module search path is restored as well: the cells of a notebook add to it.

    Parameters
    ----------
    folder : path
    """
    before, path_before = os.getcwd(), list(sys.path)
    os.chdir(str(folder))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path_before


def chapter_cells(path=None):
    """Return the chapter's seven code cells.

    Parameters
    ----------
    path : path, optional
        The English notebook unless given.

    Returns
    -------
    list of str
        The source of the cells tagged `cell-1` to `cell-7`, in that order, without
        a trailing newline.
    """
    sources = {
        tag: ''.join(cell['source'])
        for cell in read(path or find())
        for tag in cell['metadata'].get('tags', [])
    }
    return [sources[f'cell-{i}'] for i in range(1, 8)]

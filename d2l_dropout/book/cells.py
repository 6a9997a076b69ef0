"""The project's notebooks: where they are, and the chapter's cells in them."""

import json
from importlib import metadata
from pathlib import Path

CHAPTER = 'dropout.ipynb'
_CHECKOUT = Path(__file__).resolve().parents[2] / 'notebooks'


def find(name=CHAPTER):
    """Return the path of one of the project's notebooks.

    Parameters
    ----------
    name : str
        The file's name.

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
        if file.name == name:
            return Path(file.locate()).resolve()
    raise FileNotFoundError(
        f'The notebook {name} is neither in {_CHECKOUT} nor among the files of the '
        'installed package d2l-dropout; install the package again, or run from a '
        'checkout.'
    )


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
    notebook = json.loads(Path(path or find()).read_text(encoding='utf-8'))
    sources = {
        tag: ''.join(cell['source'])
        for cell in notebook['cells']
        for tag in cell['metadata'].get('tags', [])
    }
    return [sources[f'cell-{i}'] for i in range(1, 8)]

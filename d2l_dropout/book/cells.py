"""The project's notebooks: where they are, their cells, and executing them.

`python -m d2l_dropout.book.cells FILE ...` executes each file from top to bottom in
a kernel of its own and writes the outputs into it (`make notebooks`).
"""

import json
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from d2l_dropout import fashion_mnist

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
        'The notebook %s is neither in %s nor among the files of the installed '
        'package d2l-dropout; install the package again, or run from a checkout.'
        % (name, _CHECKOUT)
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
    return [sources['cell-%d' % i] for i in range(1, 8)]


def execute(path, timeout=1800):
    """Execute a notebook from top to bottom in a fresh kernel.

    Parameters
    ----------
    path : path
        Executed in the folder it is in, by the Python that runs this.
    timeout : float
        Seconds allowed to each cell.

    Returns
    -------
    nbformat.NotebookNode
        With its outputs, and without the times of execution.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    import nbformat
    from nbclient import NotebookClient

    fashion_mnist.make_settings_absolute()
    notebook = nbformat.read(str(path), as_version=4)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name='python3',
        resources={'metadata': {'path': str(Path(path).resolve().parent)}},
        record_timing=False,
    )
    client.execute()
    # What the kernel adds about itself would change with each Python.
    notebook.metadata.language_info = {'name': 'python'}
    return notebook


def execute_in_place(path):
    """Execute a notebook and put its outputs into the file, all or nothing.

    Parameters
    ----------
    path : path
    """
    import nbformat

    text = nbformat.writes(execute(path)) + '\n'
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=str(path.parent), suffix='.part')
    try:
        with os.fdopen(handle, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(temporary, path.stat().st_mode)
        os.replace(temporary, str(path))
    except BaseException:
        os.unlink(temporary)
        raise


if __name__ == '__main__':
    for argument in sys.argv[1:]:
        print('executing', argument, flush=True)
        execute_in_place(argument)

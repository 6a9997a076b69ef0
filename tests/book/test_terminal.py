"""A notebook in the terminal: what is printed, what is changed, what comes back."""

import json

import pytest

from d2l_dropout.book import terminal


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook of code cells under one of text."""

    def write(*sources):
        cells = [{'cell_type': 'markdown', 'source': ['# A question\n', 'in words']}]
        cells += [{'cell_type': 'code', 'source': [source]} for source in sources]
        path = tmp_path / 'question.ipynb'
        path.write_text(json.dumps({'cells': cells}))
        return path

    return write


def test_text_and_the_last_value_of_each_cell_are_printed(notebook, capsys):
    path = notebook('x = 1\nprint("so")', 'x + 1', 'x + 2;', 'None')
    assert terminal.run(path) == []
    assert capsys.readouterr().out == '# A question\nin words\n\nso\n2\n\n'


def test_a_setting_is_assigned_otherwise_where_its_line_stands(notebook, capsys):
    path = notebook('QUICK = False  # or True\nNOT_QUICK = 1', 'QUICK, NOT_QUICK')
    terminal.run(path, {'QUICK': 'True'})
    assert '(True, 1)' in capsys.readouterr().out


def test_cells_run_in_the_notebooks_folder_and_nothing_stays_changed(
    notebook, tmp_path, monkeypatch
):
    import os
    import sys

    before = os.getcwd(), list(sys.path)
    path = notebook('import os, sys\nsys.path.insert(0, "..")\nprint(os.getcwd())')
    terminal.run(path)
    assert (os.getcwd(), sys.path) == before


def test_plots_are_returned_and_not_printed(notebook, capsys):
    source = 'from matplotlib.figure import Figure\nFigure()'
    plots = terminal.run(notebook(source))
    assert len(plots) == 1 and hasattr(plots[0], 'savefig')
    assert 'Figure' not in capsys.readouterr().out


def test_a_function_of_a_cell_has_its_source(notebook, capsys):
    source = 'import inspect\ndef f(x):\n    return x + 1\nprint(inspect.getsource(f))'
    terminal.run(notebook(source))
    assert 'return x + 1' in capsys.readouterr().out

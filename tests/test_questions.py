"""The notebooks of problems and claims: both languages, outputs, what they assert."""

import json
import re
from pathlib import Path

import pytest

from d2l_dropout import cli
from d2l_dropout.book import terminal
from d2l_dropout.book.cells import read
from d2l_dropout.commands.questions import CLAIMS, PROBLEMS

NOTEBOOKS = Path(__file__).resolve().parents[1] / 'notebooks'
pytestmark = pytest.mark.skipif(not NOTEBOOKS.exists(), reason='not a checkout')
ENGLISH = sorted(
    path
    for folder in ('problems', 'claims')
    for path in (NOTEBOOKS / folder).glob('*.ipynb')
    if not path.name.endswith('.ko.ipynb')
)


def korean(path):
    """The Korean twin of a notebook."""
    return path.with_name(path.name.replace('.ipynb', '.ko.ipynb'))


def code_cells(path):
    """The code cells of a notebook."""
    return [cell for cell in read(path) if cell['cell_type'] == 'code']


def name(path):
    """What the tests call a notebook."""
    return f'{path.parent.name}/{path.stem}'


def test_each_is_known_to_the_command_line():
    known = {'problems': PROBLEMS, 'claims': CLAIMS}
    assert ENGLISH
    assert [p for p in ENGLISH if p.stem not in known[p.parent.name]] == []


@pytest.mark.parametrize('path', ENGLISH, ids=name)
def test_the_code_is_the_same_in_both_languages(path):
    sources = [[c['source'] for c in code_cells(p)] for p in (path, korean(path))]
    assert sources[0] == sources[1]


@pytest.mark.parametrize('path', ENGLISH, ids=name)
def test_mxnet_is_imported_after_what_lets_it_import(path):
    """Where the package is installed by pip, nothing else does."""
    source = '\n'.join(''.join(cell['source']) for cell in code_cells(path))
    ours, mxnets = (
        re.search(rf'^(from|import) {name}', source, re.MULTILINE)
        for name in ('d2l', 'mxnet')
    )
    assert not mxnets or ours.start() < mxnets.start()


@pytest.mark.parametrize('path', ENGLISH, ids=name)
def test_every_cell_was_executed_from_top_to_bottom_without_an_error(path):
    for notebook in (path, korean(path)):
        cells = code_cells(notebook)
        counts = [cell['execution_count'] for cell in cells]
        assert counts == list(range(1, len(cells) + 1))
        outputs = [output for cell in cells for output in cell['outputs']]
        assert 'error' not in {output['output_type'] for output in outputs}


@pytest.mark.parametrize('path', ENGLISH, ids=name)
def test_plots_are_png_with_a_text_as_wide_as_a_page_at_most(path):
    outputs = [o for cell in code_cells(path) for o in cell['outputs']]
    plots = [o for o in outputs if 'image/png' in o.get('data', {})]
    assert plots
    for plot in plots:
        metadata = plot['metadata']['image/png']
        assert metadata['width'] <= 720 and len(metadata['alt']) > 20
    assert not [o for o in outputs if 'image/svg+xml' in o.get('data', {})]


@pytest.mark.parametrize('path', ENGLISH, ids=name)
def test_links_lead_somewhere(path):
    for notebook in (path, korean(path)):
        text = ''.join(''.join(cell['source']) for cell in read(notebook))
        links = re.findall(r'\]\(([^)#]+\.ipynb)\)', text)
        assert links
        assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.slow
@pytest.mark.parametrize('path', ENGLISH, ids=name)
def test_it_runs_from_results_that_ship_and_its_sentences_hold(
    path, monkeypatch, tmp_path
):
    from d2l_dropout.experiments import running

    def sweep(missing, *_):
        raise AssertionError(f'{len(missing)} runs do not ship: {missing[0]}')

    monkeypatch.setattr(running, 'sweep', sweep)
    plots = terminal.run(path)
    assert plots
    sources = '\n'.join(''.join(cell['source']) for cell in code_cells(path))
    assert 'assert ' in sources and 'QUICK = False' in sources


def test_a_plot_is_written_where_the_command_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(terminal, 'run', lambda *_: [_plot(), _plot()])
    path = tmp_path / 'plot.png'
    assert cli.main(['problem', '3', '--plot', str(path)]) == 0
    assert path.read_bytes().startswith(b'\x89PNG')
    assert (tmp_path / 'plot-2.png').exists()


def _plot():
    from matplotlib.figure import Figure

    return Figure()


def test_quick_mode_is_said_to_the_notebook(monkeypatch):
    said = []
    monkeypatch.setattr(terminal, 'run', lambda path, settings: said.append(settings))
    cli.main(['problem', '3', '--quick'])
    assert said == [{'QUICK': 'True', 'SHIPPED': 'True'}]


def test_the_shipped_results_are_stores_in_short_form():
    from d2l_dropout.experiments import running
    from d2l_dropout.experiments.prepare_shipped import compact
    from d2l_dropout.runs.result import parse

    for path in sorted(running.SHIPPED.glob('*.jsonl')):
        for line in path.read_text().splitlines():
            assert compact(parse(line)) == line
            assert json.loads(line)['digest']

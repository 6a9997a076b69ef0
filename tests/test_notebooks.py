"""The notebooks hold the book's cells, equal code, and outputs from a real run."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from d2l_dropout.book import cells as book_cells
from d2l_dropout.book.printed import CELL_2, CELL_5, CELL_7
from d2l_dropout.book.words import WORDS

NOTEBOOKS = Path(__file__).resolve().parents[1] / 'notebooks'
NAMES = ['dropout.ipynb', 'dropout.ko.ipynb']

# SHA-256 of the source of the chapter's seven code cells, with a final newline.
CELLS_OF_THE_BOOK = [
    '68926d9c9bbaebdd04b84fbad868694928703d04cdec699f9e5649983f53e112',
    'aa8938a2a03ae75e24c4a5f64c571003ba28be186d46bf24002ad62f40f9170b',
    'b535a316670bc6a671b8349dea8d852a5504dfa653c7e9fa53c08f02fff590f3',
    '623a1a042073c036cf50a5d8342776ab636759d2b1845c9ac15b977c04123b70',
    'f181d4855d122a41fa4f8a9bfb933bd234c92391f5e12a1ba89b1fae3fc6ccc7',
    '14960e8a63b4f3c45d93a87e41c72ec89c0954c36ae6ea419ae70504bcd4ccfe',
    '2f0535090318e284f563bdfd86a7a839dbb211c9533e108d1ae45ef879232a9a',
]


def executed(path):
    """Execute a notebook in a fresh kernel and return its code cells."""
    nbformat, nbclient = map(pytest.importorskip, ('nbformat', 'nbclient'))
    notebook = nbformat.read(str(path), as_version=4)
    folder = {'metadata': {'path': str(path.parent)}}
    nbclient.NotebookClient(notebook, timeout=1800, resources=folder).execute()
    return [cell for cell in notebook.cells if cell.cell_type == 'code']


def read(name):
    return json.loads(book_cells.find(name).read_text(encoding='utf-8'))


def code_cells(name):
    return [cell for cell in read(name)['cells'] if cell['cell_type'] == 'code']


def printed(cell):
    return ''.join(
        ''.join(output['text'])
        for output in cell['outputs']
        if output['output_type'] == 'stream' and output['name'] == 'stdout'
    )


def cell_tagged(cells, tag):
    return next(cell for cell in cells if tag in cell['metadata'].get('tags', []))


@pytest.mark.parametrize('name', NAMES)
def test_the_seven_cells_are_the_books_byte_for_byte(name):
    hashes = [
        hashlib.sha256((source + '\n').encode()).hexdigest()
        for source in book_cells.chapter_cells(book_cells.find(name))
    ]
    assert hashes == CELLS_OF_THE_BOOK


def test_both_notebooks_have_the_same_code():
    english, korean = [
        [''.join(cell['source']) for cell in code_cells(name)] for name in NAMES
    ]
    assert english == korean and len(english) == 10


@pytest.mark.parametrize('name', NAMES)
def test_the_outputs_in_the_file_are_those_of_one_whole_run(name):
    cells = code_cells(name)
    assert [cell['execution_count'] for cell in cells] == list(range(1, len(cells) + 1))
    check_outputs(cells)


@pytest.mark.parametrize('name', NAMES)
def test_every_plot_is_seen_where_the_notebook_is_not_trusted(name):
    """An untrusting front end shows no SVG: a PNG is there, with a text for it."""
    outputs = [o for cell in code_cells(name) for o in cell['outputs']]
    plots = [
        o for o in outputs if {'image/png', 'image/svg+xml'} & {*o.get('data', {})}
    ]
    assert len(plots) == 3  # the diagram, and both nets beside the book
    for plot in plots:
        metadata = plot['metadata']['image/png']
        assert metadata['width'] <= 720 and len(metadata['alt']) > 20


def check_outputs(cells):
    """Cell 2 as in the book; cells 5 and 7 in the book's form; no word besides."""
    assert printed(cell_tagged(cells, 'cell-2')) == CELL_2
    for tag, theirs in [('cell-5', CELL_5), ('cell-7', CELL_7)]:
        form = re.sub(r'\\?\d', r'\\d', re.escape(theirs))
        assert re.fullmatch(form, printed(cell_tagged(cells, tag)))
    for cell in cells:
        for output in cell['outputs']:
            assert output['output_type'] != 'error' and output.get('name') != 'stderr'


@pytest.mark.parametrize('name', NAMES)
def test_no_path_of_a_machine_is_in_the_file(name):
    text = book_cells.find(name).read_text(encoding='utf-8')
    assert not re.search(r'/(home|root|work|tmp|Users)/', text)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_the_notebook_runs_in_a_real_kernel(name, real_data):
    check_outputs(executed(book_cells.find(name)))


@pytest.mark.filterwarnings('ignore')  # of the kernel's client, not ours
def test_a_real_kernel_runs_the_first_cells(tmp_path):
    nbformat = pytest.importorskip('nbformat')
    notebook = nbformat.read(str(book_cells.find()), as_version=4)
    notebook.cells = [cell_tagged(notebook.cells, f'cell-{i}') for i in (1, 2)]
    path = tmp_path / 'first.ipynb'
    nbformat.write(notebook, str(path))
    assert printed(cell_tagged(executed(path), 'cell-2')) == CELL_2


def test_a_notebook_that_is_nowhere_is_a_clear_error():
    with pytest.raises(FileNotFoundError, match='nobody.ipynb is neither in'):
        book_cells.find('nobody.ipynb')


def korean_texts():
    """The Korean texts: of the notebooks without their code, the README, messages."""
    root = Path(__file__).resolve().parents[1]
    for path in sorted((root / 'notebooks').rglob('*.ko.ipynb')):
        cells = json.loads(path.read_text(encoding='utf-8'))['cells']
        text = [''.join(c['source']) for c in cells if c['cell_type'] == 'markdown']
        yield path.name, '\n'.join(text)
    yield 'README.ko.md', (root / 'README.ko.md').read_text(encoding='utf-8')
    yield 'words.py', '\n'.join(WORDS['ko'].values())


def glossary():
    path = Path(__file__).resolve().parents[1] / 'docs' / 'glossary.ko.md'
    rows = re.findall(r'^\| .*? \| (.*?) \| (.*?) \|$', path.read_text('utf-8'), re.M)
    return [(term, other.split(', ')) for term, other in rows[2:]]


@pytest.mark.skipif(not NOTEBOOKS.exists(), reason='not a checkout')
def test_korean_texts_use_the_terms_of_the_glossary_and_one_register():
    assert len(glossary()) > 15
    for name, text in korean_texts():
        wrong = [word for _, others in glossary() for word in others if word in text]
        assert wrong == [], name
        # 합니다체: every sentence that ends in 다 ends in 니다, or in 시다.
        assert re.findall(r'\S*[^니시\s]다\.', text) == [], name

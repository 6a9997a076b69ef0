"""The page says everything, stands alone, and is there whole or not at all."""

import csv
import html.parser
import re

import fake_reproductions
import pytest
from test_plots import CASES, diverged, make  # noqa: F401  (make is a fixture)

from d2l_dropout.reproduce import report
from d2l_dropout.runs.result import RunFailure

VOID = {'meta', 'br', 'link', 'img', 'hr'}


class Page(html.parser.HTMLParser):
    """The elements, texts and attributes of a page; fails where it is ill nested."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data.strip())

    def values(self, name):
        return [value for key, value in self.attributes if key == name]


@pytest.fixture
def page(tmp_path, make, monkeypatch):  # noqa: F811
    """A function that writes the report of a reproduction and returns the page."""
    monkeypatch.setattr(report.style, 'as_png', lambda figure: SIGNS['png'])

    def write(**kwargs):
        report.write(make(**kwargs), tmp_path / 'out.html')
        return Page((tmp_path / 'out.html').read_text(encoding='utf-8'))

    return write


@pytest.fixture
def without_plots(monkeypatch):
    """Leave the plots out, which take most of the time."""
    monkeypatch.setattr(report, '_plots', lambda reproduction: [])


@pytest.fixture(scope='module')
def usual(tmp_path_factory):
    """The reproduction, the page and the folder of one report, plots and all."""
    folder = tmp_path_factory.mktemp('usual')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_reproductions.reproduction, '_masks_exact', lambda: True)
        reproduction = fake_reproductions.make(folder)
    report.write(reproduction, folder / 'one' / 'out.html')
    text = (folder / 'one' / 'out.html').read_text(encoding='utf-8')
    return reproduction, Page(text), folder / 'one'


@pytest.mark.usefixtures('without_plots')
@pytest.mark.parametrize('case', CASES)
def test_the_page_is_well_nested_and_its_headings_in_order(page, case):
    made = page(**CASES[case])
    levels = [int(tag[1]) for tag in made.tags if re.fullmatch('h[1-6]', tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:]))
    assert made.values('lang') == ['en']


def test_the_page_needs_no_network(usual):
    _, made, folder = usual
    assert not {'script', 'link', 'img', 'iframe', 'object'} & set(made.tags)
    links = made.values('href') + made.values('xlink:href') + made.values('src')
    assert links and all(link.startswith('#') for link in links)
    text = (folder / 'out.html').read_text(encoding='utf-8')
    assert '@import' not in text
    assert all(target.startswith('#') for target in re.findall(r'url\(([^)]*)', text))


def test_ids_are_unique_and_what_is_pointed_at_is_there(usual):
    made = usual[1]
    ids = made.values('id')
    assert len(ids) == len(set(ids))
    pointers = ' '.join(made.values('aria-labelledby')).split()
    pointers += [link[1:] for link in made.values('xlink:href')]
    assert pointers and set(pointers) <= set(ids)


def test_each_plot_has_a_text(usual):
    made = usual[1]
    assert made.tags.count('svg') == made.tags.count('figcaption') == 3
    assert made.values('role').count('img') == 3
    for name in PLOTS:
        assert f'{name}-title {name}-text' in made.values('aria-labelledby')


def test_every_row_is_in_the_tables(usual):
    reproduction, made, folder = usual
    groups = reproduction.groups().values()
    rows = [row for group in groups for row in [*group.rows, *group.averages]]
    differences = [d for group in groups for d in group.differences]
    assert made.tags.count('table') == made.tags.count('caption') == 4
    for row in rows:
        assert report.captions.number(row.mean, row.metric, 1) in made.texts
    outside = [text for text in made.texts if text.startswith('OUTSIDE')]
    assert len(outside) == sum(not row.inside for row in rows) > 0
    assert made.texts.count('inside') == len(rows) - len(outside)
    num_different = sum(d.excludes_zero for d in differences)
    assert made.texts.count('DIFFERENT') == num_different > 0
    assert made.texts.count('not told apart') == len(differences) - num_different
    with open(folder / 'out_files' / 'table.csv', newline='') as file:
        lines = list(csv.DictReader(file))
    assert [float(line['mean']) for line in lines] == [row.mean for row in rows]
    assert [line['metric'] for line in lines] == [row.metric for row in rows]


def test_every_epoch_of_every_run_is_in_a_file(usual):
    with open(usual[2] / 'out_files' / 'runs.csv', newline='') as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 2 * 2 * 4 * 10
    names = 'group model seed epoch loss train_acc test_acc'
    assert list(lines[0]) == names.split()


def test_each_plot_is_a_file_too(usual):
    folder = usual[2] / 'out_files'
    names = {path.name for path in folder.iterdir()}
    plots_there = {f'{n}.{end}' for n in PLOTS for end in SIGNS}
    assert names == {'table.csv', 'runs.csv'} | plots_there
    for name in plots_there:
        data = (folder / name).read_bytes()
        assert data.startswith(SIGNS[name[-3:]])


PLOTS = ('curves-scratch', 'curves-gluon', 'spread')
SIGNS = {'png': b'\x89PNG', 'svg': b'<?xml'}


def test_the_same_reproduction_gives_the_same_bytes(usual, tmp_path):
    report.write(usual[0], tmp_path / 'out.html')
    one, two = (sorted(folder.rglob('*.*')) for folder in (usual[2], tmp_path))
    assert [p.name for p in one] == [p.name for p in two] and len(one) == 9
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


@pytest.mark.usefixtures('without_plots')
def test_a_machine_or_an_error_cannot_write_into_the_page(page):
    def entry(spec):
        if spec.seed == 3:
            return RunFailure(spec, '<script>alert(1)</script>')
        return fake_reproductions.result(spec)

    made = page(entry=entry)
    assert 'script' not in made.tags and any(
        text.endswith('a <machine>') for text in made.texts
    )
    said = ' '.join(made.texts)
    assert 'net from scratch, seed 3: <script>alert(1)</script>' in said
    assert '6 of 8 runs have a result: net from scratch, seeds 0 to 2;' in said


@pytest.mark.usefixtures('without_plots')
def test_what_is_missing_is_said(page):
    said = ' '.join(page(**CASES['one result']).texts)
    assert 'No intervals of the official split' in said
    assert 'No intervals of the control' in said
    assert 'Neither a result nor an error: net from scratch, seeds 1 to 3;' in said
    assert 'OUTSIDE, NaN' in page(entry=diverged).texts


@pytest.mark.usefixtures('without_plots')
def test_a_wrong_port_is_named_at_the_top(page, make, monkeypatch):  # noqa: F811
    specs = fake_reproductions.reproduction.make_specs
    assert "Not the chapter's settings:" not in page().texts
    monkeypatch.setattr(
        fake_reproductions.reproduction,
        'make_specs',
        lambda *args: specs(*args, 'test-time'),
    )
    assert 'dropout_at_test is True. The verdicts are about' in ' '.join(page().texts)


@pytest.mark.usefixtures('without_plots')
def test_a_failed_write_leaves_nothing_behind(make, tmp_path, monkeypatch):  # noqa: F811
    reproduction = make()
    before = sorted(tmp_path.rglob('*'))
    write, number = report.files.os.write, iter(range(99))

    def full(handle, data):
        if next(number) == 1:
            raise OSError(28, 'No space left on device')
        return write(handle, data)

    monkeypatch.setattr(report.files.os, 'write', full)
    with pytest.raises(OSError, match='the report cannot be written: No space left'):
        report.write(reproduction, tmp_path / 'new' / 'out.html')
    assert sorted(tmp_path.rglob('*')) == before


@pytest.mark.usefixtures('without_plots')
def test_a_folder_in_the_pages_place_is_a_clear_error(make, tmp_path):  # noqa: F811
    (tmp_path / 'out.html').mkdir()
    with pytest.raises(OSError, match='cannot be written: it is a folder.*out.html'):
        report.write(make(), tmp_path / 'out.html')
    assert not (tmp_path / 'out_files').exists()


@pytest.mark.usefixtures('without_plots')
def test_a_report_is_written_over(page, tmp_path):
    (tmp_path / 'out_files').mkdir()
    (tmp_path / 'out_files' / 'mine.txt').write_text('kept')
    (tmp_path / 'out.html').write_text('old')
    assert page().tags[0] == 'html'
    assert (tmp_path / 'out_files' / 'mine.txt').read_text() == 'kept'
    assert not [p for p in tmp_path.rglob('*.part')]


@pytest.mark.usefixtures('without_plots')
def test_how_to_read_it_has_the_numbers(page):
    said = ' '.join(page(ways=(True,), models=('scratch',)).texts)
    assert 'Control: 4 runs of each model (seeds 0 to 3).' in said
    assert '30 of single epochs with 97.5 %, that is 99.917 % each' in said
    assert 'Official split:' not in said


def test_without_jinja2_the_error_says_what_to_install(python):
    code = (
        "import sys; sys.modules['jinja2'] = None; import d2l_dropout.reproduce.report"
    )
    done = python(code)
    assert "ImportError: the report needs Jinja2: pip install '.[rep" in (done.stderr)

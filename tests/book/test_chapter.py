"""`chapter`: the cells run unchanged, and each metric stands beside the book's."""

import os
import re
import sys
from types import SimpleNamespace

import pytest

from d2l_dropout import cli, compat
from d2l_dropout.book import beside, chapter
from d2l_dropout.book.cells import chapter_cells, find
from d2l_dropout.book.printed import CELL_2, EPOCHS
from d2l_dropout.book.words import WORDS
from d2l_dropout.compat import environment
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs import shipped

mx = compat.import_mxnet()


@pytest.fixture(scope='module')
def fresh_process(python):
    """What `chapter --seed 1` prints in a fresh process whose default is cpu(1)."""
    done = python(
        'import sys; from d2l_dropout.cli import main; '
        'sys.exit(main(["chapter", "--seed", "1"]))',
        env={
            'D2L_DATA': 'synthetic:600',
            'D2L_CONTEXT': 'cpu(1)',
            'OMP_NUM_THREADS': str(environment.num_threads()),
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def printed(small_data, monkeypatch, capsys):
    """A function that runs the command in this process and returns what it prints."""

    def run(*arguments):
        mx.random.seed(0)  # the state in which every process starts
        assert cli.main(['chapter', *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_it_runs_the_cells_and_prints_every_row(printed):
    out = printed()
    assert len(EpochStats.parse(out)) == 20
    for stats in EPOCHS['scratch'] + EPOCHS['gluon']:
        assert '%5d  %.4f' % stats[:2] in out
    assert 'NOT Fashion-MNIST' in out and 'not comparable' in out


def test_a_fresh_process_prints_the_books_masks_on_a_second_context_too(fresh_process):
    assert 'NDArray 2x8 @cpu(1)' in fresh_process
    assert "the book's masks, exactly" in fresh_process


def test_the_same_seed_gives_the_same_metrics_and_another_does_not(
    printed, fresh_process
):
    first, *others = (EpochStats.parse(printed('--seed', seed)) for seed in '112')
    assert len(first) == 20 and first == others[0] != others[1]
    assert first == EpochStats.parse(fresh_process)


def data_of(revision):
    return SimpleNamespace(revision=revision, description='described: ' + revision)


@pytest.mark.parametrize(
    'revision, sentence',
    [
        ('2017-08-26', 'the same data as the book'),
        ('2017-08-31', '0.8 (scratch) and 1.0 (Gluon) points below'),
        ('unknown', 'unknown revision'),
        ('synthetic', 'NOT Fashion-MNIST'),
    ],
)
def test_the_report_says_what_the_data_explain(revision, sentence):
    text = chapter.report(EPOCHS, True, data_of(revision), None, 1.0)
    text = ' '.join(text.split())
    assert sentence in text and 'described: ' + revision in text
    assert 'unseeded' in text and 'OpenMP threads' in text and 'MXNet 1.9.1' in text


@pytest.mark.parametrize('revision', ['2017-08-26', '2017-08-31'])
def test_the_report_gives_the_deviations_from_the_shipped_runs(revision):
    text = chapter.report(EPOCHS, True, data_of(revision), None, 1.0)
    runs = [run.epochs for run in shipped.comparable('scratch', revision)]
    z = shipped.deviations(EPOCHS['scratch'], runs)[9]
    (line,) = [x for x in text.splitlines() if x.startswith('   10  0.3554')]
    assert line.split()[3::3] == [f'{value:+.1f}' for value in z]
    text = ' '.join(text.split())
    assert 'the 20 runs that ship' in text and 'standard deviations' in text


def test_data_that_are_not_fashion_mnist_are_not_compared_with_them():
    text = chapter.report(EPOCHS, True, data_of('unknown'), None, 1.0)
    assert 'runs that ship' not in text and '+' not in text.split('cell 2')[0]


def test_the_report_begins_with_a_verdict_that_a_strange_run_changes():
    (ordinary, *_), (strange, *_) = (
        chapter.report(here, True, data_of('2017-08-31'), None, 1.0).splitlines()
        for here in (one_of_the_shipped(), far_from_the_shipped())
    )
    assert ordinary.startswith('This run is an ordinary one among ours')
    assert strange.startswith('This run lies farther from ours than they')


def test_the_korean_report_has_every_number_of_the_english_one():
    for here in (one_of_the_shipped(), far_from_the_shipped()):
        for revision in ('2017-08-26', '2017-08-31', 'unknown', 'synthetic'):
            texts = [
                chapter.report(here, True, data_of(revision), 7, 1.0, language)
                for language in ('en', 'ko')
            ]
            numbers = [sorted(re.findall(r'\d+\.\d+', text)) for text in texts]
            assert numbers[0] == numbers[1]
            tables = [
                beside.table('gluon', here['gluon'], revision) in t for t in texts
            ]
            assert all(tables)


def test_both_languages_have_the_same_places_for_numbers():
    fields = [
        {key: sorted(re.findall(r'{(\w+)', text)) for key, text in words.items()}
        for words in WORDS.values()
    ]
    for english, korean in zip(fields, fields[1:]):
        assert set(english) == set(korean)
        for key in english:
            assert set(english[key]) == set(korean[key]), key


def one_of_the_shipped(seed=3):
    return {m: shipped.results(m, resplit=False)[seed].epochs for m in EPOCHS}


def far_from_the_shipped():
    here = one_of_the_shipped()
    here['gluon'] = [epoch._replace(test_acc=0.7) for epoch in here['gluon']]
    return here


def test_the_share_of_ordinary_runs_is_that_of_the_shipped_ones():
    """Counted here by hand: how many of twenty lie as far as the run does."""
    here, others = one_of_the_shipped(), {}
    for model in here:
        others[model] = [r.epochs for r in shipped.results(model, resplit=False)]
    far = max(abs(shipped.deviations(here[m], others[m])).max() for m in here)
    each = [
        max(
            abs(shipped.deviations(o[i], o[:i] + o[i + 1 :])).max()
            for o in others.values()
        )
        for i in range(20)
    ]
    text = beside.verdict(here, '2017-08-31')
    assert f'by {far:.1f} standard deviations' in text
    assert f'{sum(e >= far for e in each)} of these 20 lie as far' in text


def test_the_plot_shows_the_run_the_book_and_the_band():
    here = one_of_the_shipped()['gluon']
    shown = beside.plot('gluon', here, '2017-08-31')
    assert 'within the band of the 20 runs' in shown.text
    for ax, name in zip(shown.figure.axes, ('loss', 'train_acc', 'test_acc')):
        drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
        assert list(drawn['this run']) == [getattr(e, name) for e in here[1:]]
        book = [getattr(e, name) for e in EPOCHS['gluon'][1:]]
        assert list(drawn['the book']) == book


def test_no_deviation_is_minus_zero():
    assert beside._sd(-0.04) == '+0.0' and beside._sd(-0.06) == '-0.1'


def test_the_report_says_when_the_masks_differ_and_which_seed_it_was():
    text = chapter.report(EPOCHS, False, data_of('2017-08-26'), 7, 1.0)
    assert 'NOT reproduced' in text and 'NumPy seed 7' in text


def test_masks_that_differ_are_told_from_the_books():
    assert chapter.masks_are_the_books(CELL_2.replace('cpu(0)', 'gpu(0)'))
    assert not chapter.masks_are_the_books(CELL_2.replace('30', '28'))


def test_running_leaves_folder_and_path_as_they_were(monkeypatch, capsys):
    before = os.getcwd(), list(sys.path)
    monkeypatch.setattr(
        chapter,
        'chapter_cells',
        lambda path: ['import sys\nsys.path.insert(0, "..")\nprint("here")', '1 / 0'],
    )
    with pytest.raises(ZeroDivisionError):
        chapter.run_cells()
    assert (os.getcwd(), sys.path) == before
    assert 'here' in capsys.readouterr().out


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    'ctx', [pytest.param('cpu(0)', marks=pytest.mark.every_python), 'cpu(1)']
)
def test_the_concatenated_cells_run_from_the_notebooks_folder(python, real_data, ctx):
    done = python(
        '\n'.join(chapter_cells()),
        cwd=str(find().parent),
        env={'D2L_DATA': real_data.source, 'D2L_CONTEXT': ctx},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ''
    lines = done.stdout.splitlines(keepends=True)
    assert chapter.masks_are_the_books(''.join(lines[:-20]))
    assert [str(stats) + '\n' for stats in EpochStats.parse(done.stdout)] == lines[-20:]


@pytest.mark.data
@pytest.mark.slow
def test_a_folder_named_from_where_the_user_is_is_found(python, real_data, tmp_path):
    (tmp_path / 'own').symlink_to(real_data.source)
    code = 'from d2l_dropout.cli import main; main(["chapter", "--seed", "1"])'
    done = python(code, cwd=str(tmp_path), env={'D2L_DATA': 'own'})
    assert 'revision ' + real_data.revision in done.stdout, done.stderr

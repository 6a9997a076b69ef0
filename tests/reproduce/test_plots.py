"""The plots show every run and the book; their texts say the same in words."""

import math

import fake_reproductions
import numpy as np
import pytest
from matplotlib import pyplot as plt

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import DECIMALS
from d2l_dropout.plots import style
from d2l_dropout.reproduce import captions, plots, reproduction
from d2l_dropout.reproduce.names import GROUPS, NETS


@pytest.fixture
def make(tmp_path, monkeypatch):
    """`fake_reproductions.make` with a store of its own, and exact masks."""
    monkeypatch.setattr(reproduction, '_masks_exact', lambda: True)
    return lambda *args, **kwargs: fake_reproductions.make(tmp_path, *args, **kwargs)


def lines(figure):
    """The lines of a plot, by the name each was given."""
    return {line.get_gid(): line for ax in figure.axes for line in ax.lines}


def on_page(figure):
    return style.as_inline_svg(style.as_svg(figure, 'name'), 'name')


def diverged(spec):
    return fake_reproductions.result(spec, math.nan if spec.seed == 1 else None)


CASES = {
    'usual': {},
    'control alone': {'ways': (True,)},
    'one model': {'models': ('gluon',)},
    'one epoch': {'epochs': 1},
    'diverged': {'entry': diverged},
    'no result': {'entry': lambda spec: None},
    'one result': {
        'entry': lambda s: fake_reproductions.result(s) if s.seed == 0 else None
    },
}


def test_every_seed_is_a_line_and_the_book_is_on_them(make):
    reproduction = make()
    drawn = lines(plots.learning_curves(reproduction, 'gluon'))
    assert len(drawn) == 3 * (4 + 4 + 1)
    for j, metric in enumerate(DECIMALS):
        for group, made in reproduction.groups().items():
            for i, epochs in enumerate(made.epochs('gluon')):
                ours = drawn[f'{group}-{metric}-{i}'].get_ydata()
                assert list(ours) == [epoch[1 + j] for epoch in epochs]
        printed = [getattr(epoch, metric) for epoch in EPOCHS['gluon']]
        assert list(drawn[f'book-{metric}'].get_ydata()) == printed


def test_the_spread_shows_seeds_mean_interval_and_book(make):
    reproduction = make(epochs=7)
    drawn = lines(plots.final_spread(reproduction))
    for group, made in reproduction.groups().items():
        for row in [row for row in made.rows if row.epoch == 7]:
            name = f'{row.model}-{row.metric}'
            assert list(drawn[f'{name}-{group}-mean'].get_ydata()) == [row.mean]
            interval = drawn[f'{name}-{group}-interval'].get_ydata()
            assert list(interval) == [row.low, row.high]
            assert len(drawn[f'{name}-{group}-seeds'].get_ydata()) == 4
            assert set(drawn[f'{name}-book'].get_ydata()) == {row.book}


def test_the_groups_are_told_apart_without_colour(make):
    drawn = lines(plots.learning_curves(make(), 'scratch'))
    styles = {drawn[f'{group}-loss-0'].get_linestyle() for group in GROUPS}
    spread = lines(plots.final_spread(make()))
    markers = {spread[f'scratch-loss-{p}-seeds'].get_marker() for p in GROUPS}
    assert len(styles) == len(markers) == 2


@pytest.mark.parametrize('case', CASES)
def test_each_plot_is_drawn_and_has_a_text(make, case):
    reproduction = make(**CASES[case])
    models = plots.models_of(reproduction)
    for model in models:
        figure = plots.learning_curves(reproduction, model)
        assert on_page(figure).startswith('<svg role="img"')
        said = captions.of_curves(reproduction, model)
        assert len(said) == 4 + len(reproduction.groups())
        assert NETS[model] in said[0]
    figure = plots.final_spread(reproduction)
    assert on_page(figure).startswith('<svg role="img"')
    assert len(captions.of_spread(reproduction)) == 3 * len(models)


def test_the_text_is_computed_from_the_numbers(make):
    reproduction = make()
    row = plots.last_row(reproduction, 'official', 'scratch', 'test_acc')
    said = captions.of_spread(reproduction)[2]
    assert said.startswith(
        'Test acc of the net from scratch after 10 epochs: official split '
        f'{row.mean:.4f} on average (s.d. {row.sd:.4f}, 4 seeds), control '
    )
    assert (
        'the book has 0.881, OUTSIDE the interval of the official split, '
        f'{row.low:.4f} to {row.high:.4f} and inside the interval of the control'
        in said
    )


def test_a_run_that_diverged_is_said_to_be_so_and_leaves_a_gap(make):
    reproduction = make(entry=diverged)
    drawn = lines(plots.learning_curves(reproduction, 'scratch'))
    assert np.isnan(drawn['official-loss-1'].get_ydata()).tolist() == 9 * [False] + [
        True
    ]
    assert 'scratch-loss-official-interval' not in lines(
        plots.final_spread(reproduction)
    )
    assert 'official split NaN on average' in captions.of_spread(reproduction)[0]


def test_no_colour_of_the_page_is_left_fixed(make):
    reproduction = make()
    for figure in (
        plots.learning_curves(reproduction, 'scratch'),
        plots.final_spread(reproduction),
    ):
        svg = on_page(figure)
        assert '#000' not in svg and '#fff' not in svg and 'black' not in svg
        assert not any(colour in svg for colour in style.COLOURS.values())
        assert all(f'var(--{name})' in svg for name in style.COLOURS)


def test_matplotlib_is_left_as_it_was(make):
    settings, figures = plt.rcParams.copy(), plt.get_fignums()
    style.as_svg(plots.final_spread(make()), 'name')
    assert plt.rcParams.copy() == settings
    assert plt.get_fignums() == figures


def test_the_settings_of_the_user_do_not_change_the_plots(make):
    reproduction = make()
    usual = style.as_svg(plots.final_spread(reproduction), 'name')
    with plt.rc_context({'lines.linewidth': 9, 'axes.facecolor': 'red'}):
        assert style.as_svg(plots.final_spread(reproduction), 'name') == usual

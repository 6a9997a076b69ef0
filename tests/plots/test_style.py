"""Plots look the same for everyone, and as bytes they are the same each time."""

import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib import pyplot as plt

from d2l_dropout.plots import style


@pytest.fixture
def draw():
    """A function that draws a plot with every colour of the style."""

    def make():
        with style.context():
            figure = plt.Figure(figsize=(3, 2))
            ax = figure.subplots()
            for i, (colour, line) in enumerate(style.LINES):
                ax.plot([0, 1], [i, i + 1], line, color=colour)
            ax.set_title('a title')
            return figure

    return make


def test_the_users_settings_neither_count_nor_change(draw):
    usual = style.as_svg(draw(), 'a')
    with plt.rc_context({'lines.linewidth': 9, 'font.size': 20}):
        settings = plt.rcParams.copy()
        assert style.as_svg(draw(), 'a') == usual
        assert plt.rcParams.copy() == settings


def test_the_same_plot_is_the_same_bytes(draw):
    assert style.as_png(draw()) == style.as_png(draw())
    assert style.as_svg(draw(), 'a') == style.as_svg(draw(), 'a')


def test_text_in_an_svg_stays_text(draw):
    root = ElementTree.fromstring(style.as_svg(draw(), 'a'))
    assert 'a title' in [''.join(each.itertext()) for each in root.iter()]


def test_on_a_page_the_colours_are_the_pages_and_the_ids_have_the_plots_name(draw):
    text = style.as_inline_svg(style.as_svg(draw(), 'a'), 'a')
    assert text.startswith('<svg role="img" aria-labelledby="a-title a-text"')
    for name, colour in style.COLOURS.items():
        assert colour not in text and f'var(--{name})' in text
    ids = [each.get('id') for each in ElementTree.fromstring(text).iter()]
    assert all(each.startswith('a-') for each in ids if each) and any(ids)


def test_a_plot_in_a_notebook_has_twice_the_pixels_and_an_alternative_text(draw):
    data, about = style.Shown(draw(), 'Three lines rise.')._repr_mimebundle_()
    width_of_png = int.from_bytes(data['image/png'][16:20], 'big')
    assert about['image/png'] == {'width': 300, 'alt': 'Three lines rise.'}
    assert width_of_png == 600 and data['text/plain'] == 'Three lines rise.'


def test_a_plot_of_a_notebook_is_written_as_the_plot_itself(draw):
    figure = draw()
    assert style.as_svg(style.Shown(figure, '-'), 'a') == style.as_svg(figure, 'a')

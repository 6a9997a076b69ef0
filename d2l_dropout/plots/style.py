"""How figures look, and figures as bytes: for files, and SVG in a page's colours."""

import io
import re

from d2l_dropout.d2l.plotting import plt

#: Every colour of the plots, by what it stands for; after Okabe and Ito.
COLOURS = {
    'ink': '#222222',
    'grid': '#dcdcdc',
    'plain': '#0072b2',
    'control': '#d55e00',
}
#: Colour and line style of a first, a second and a third thing on the same axes.
LINES = (
    (COLOURS['plain'], '-'),
    (COLOURS['control'], '--'),
    (COLOURS['ink'], ':'),
)
_WHITE = '#ffffff'
_STYLE = {
    'font.family': 'DejaVu Sans',  # comes with Matplotlib: the same on every machine
    'font.size': 9,
    'axes.titlesize': 10,
    'axes.edgecolor': COLOURS['ink'],
    'axes.labelcolor': COLOURS['ink'],
    'axes.spines.top': False,
    'axes.spines.right': False,
    'axes.grid': True,
    'axes.axisbelow': True,
    'axes.formatter.useoffset': False,
    'grid.color': COLOURS['grid'],
    'legend.frameon': False,
    'text.color': COLOURS['ink'],
    'xtick.color': COLOURS['ink'],
    'ytick.color': COLOURS['ink'],
    'figure.facecolor': 'none',
    'axes.facecolor': 'none',
    'svg.fonttype': 'none',  # text stays text
}


def style():
    """Return a context in which no one's settings but these decide.

    Returns
    -------
    context manager
    """
    return plt.style.context(['default', _STYLE])


def as_png(figure) -> bytes:
    """Return a figure as PNG, on white.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    bytes
        The same for the same figure: neither date nor version is in it.
    """
    file = io.BytesIO()
    figure.savefig(
        file, format='png', dpi=150, facecolor=_WHITE, metadata={'Software': None}
    )
    return file.getvalue()


def as_svg(figure, name) -> bytes:
    """Return a figure as SVG whose text is text, on white.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Makes its ids other than those of another figure.

    Returns
    -------
    bytes
        The same for the same figure: neither date nor version is in it.
    """
    file = io.BytesIO()
    nothing = dict.fromkeys(('Creator', 'Date', 'Format', 'Type'))
    with plt.rc_context({'svg.fonttype': 'none', 'svg.hashsalt': name}):
        figure.savefig(file, format='svg', facecolor=_WHITE, metadata=nothing)
    return file.getvalue()


def for_page(svg, name) -> str:
    """Return the SVG of a figure as an element for the middle of a page.

    Its colours are the page's variables (`--ink`, ...), so that it follows light and
    dark; its ids begin with `name`, so that no two on the page are the same. The page
    has its title under the id `name`-title and its text under `name`-text.

    Parameters
    ----------
    svg : bytes
        As `as_svg` returns it.
    name : str

    Returns
    -------
    str
    """
    text = svg.decode()
    text = text[text.index('<svg') :].rstrip()  # without the prolog of a file
    text = text.replace(_WHITE, 'none')
    for variable, colour in COLOURS.items():
        text = text.replace(colour, f'var(--{variable})')
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = text.replace('url(#', f'url(#{name}-')
    named = f'<svg role="img" aria-labelledby="{name}-title {name}-text"'
    return text.replace('<svg', named, 1)

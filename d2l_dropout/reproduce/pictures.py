"""Figures as bytes: pictures for files, and SVG for a page, in the page's colours."""

import io
import re

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.reproduce.plots import COLOURS

_WHITE = '#ffffff'


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

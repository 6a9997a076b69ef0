"""The look that all plots share, and plots as bytes: PNG and SVG."""

import io
import re

from matplotlib import pyplot as plt

#: Every colour of the plots: text and axes, the grid, and the first and the second of
#: the things compared. Blue and vermilion after Okabe and Ito, which colour-blind
#: readers can tell apart too.
COLOURS = {
    'ink': '#222222',
    'grid': '#dcdcdc',
    'first': '#0072b2',
    'second': '#d55e00',
}
#: The same for plots on a dark ground.
DARK_COLOURS = {
    'ink': '#e8e6e3',
    'grid': '#3a3e44',
    'first': '#56b4e9',
    'second': '#e69f00',
}
#: Colour and line style of the first, the second and the third thing compared.
LINES = (
    (COLOURS['first'], '-'),
    (COLOURS['second'], '--'),
    (COLOURS['ink'], ':'),
)
_WHITE = '#ffffff'
_STYLE = {
    'font.family': 'DejaVu Sans',  # part of Matplotlib, so the same on every machine
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
    'svg.fonttype': 'none',  # text stays text: it can be searched, read out and copied
}


def context():
    """Return a context in which plots get this look, whatever the user has set.

    Returns
    -------
    context manager
        It restores the user's settings of Matplotlib.
    """
    return plt.style.context(['default', _STYLE])


def as_png(figure) -> bytes:
    """Return a plot as PNG, on a white ground.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    bytes
        The same for the same plot: it holds neither a date nor a version.
    """
    return _png(figure, dpi=150)


def _png(figure, dpi):
    file = io.BytesIO()
    with context():  # Matplotlib makes ticks, in the look of the moment, when it draws
        figure.savefig(
            file, format='png', dpi=dpi, facecolor=_WHITE, metadata={'Software': None}
        )
    return file.getvalue()


class Shown:
    """A plot as the value of a notebook's cell: a PNG, and its text for who listens.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    text : str
        Says what is seen. Front ends that know alternative texts have it as such.
    """

    def __init__(self, figure, text):
        self.figure, self.text = figure, text

    def savefig(self, *args, **kwargs):
        """Write the plot to a file, as Matplotlib's `Figure.savefig` does."""
        self.figure.savefig(*args, **kwargs)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Twice the pixels of its width on the page, for screens that have them.
        width = round(100 * self.figure.get_figwidth())
        data = {'image/png': _png(self.figure, dpi=200), 'text/plain': self.text}
        return data, {'image/png': {'width': width, 'alt': self.text}}


def as_svg(figure, name) -> bytes:
    """Return a plot as an SVG file whose text stays text, on a white ground.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Keeps its ids apart from those of plots with other names.

    Returns
    -------
    bytes
        The same for the same plot: it holds neither a date nor a version.
    """
    file = io.BytesIO()
    nothing = dict.fromkeys(('Creator', 'Date', 'Format', 'Type'))
    with context(), plt.rc_context({'svg.hashsalt': name}):
        figure.savefig(file, format='svg', facecolor=_WHITE, metadata=nothing)
    return file.getvalue()


def as_inline_svg(svg, name) -> str:
    """Return the SVG of a plot as an element to stand within an HTML page.

    It takes its colours from the page's CSS variables (`--ink`, `--first`, ...), so
    that it follows light and dark. Its ids begin with `name`, so that no two on a page
    are the same. The page must have the plot's title under the id `name`-title and its
    description under `name`-text, for those who listen to it.

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
    text = text[text.index('<svg') :].rstrip()  # without the prolog of an XML file
    text = text.replace(_WHITE, 'none')
    for variable, colour in COLOURS.items():
        text = text.replace(colour, f'var(--{variable})')
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = text.replace('url(#', f'url(#{name}-')
    named = f'<svg role="img" aria-labelledby="{name}-title {name}-text"'
    return text.replace('<svg', named, 1)

"""A diagram of one update of the chapter's net, in which each place has a state."""

from matplotlib import pyplot as plt

from d2l_dropout.plots import style
from d2l_dropout.plots.style import COLOURS

SAME, DIFFERS, MISSING = 'same', 'differs', 'missing'

_COLUMNS = ('X', 'Z1', 'H1', 'H1_dropped', 'Z2', 'H2', 'H2_dropped', 'scores', 'loss')
_LAST = ('step2', 'step3', 'step4', 'step5', 'step6', 'epochs', 'predict')
_INPUTS = {'images': 0, 'mask1': 3, 'mask2': 6, 'y': 8}
#: Not every computation has these: they are drawn where they have a state.
OPTIONAL = {'images', 'step6', 'epochs'}
_HEIGHTS = {'inputs': 4, 'forward': 3, 'gradients': 2, 'updates': 1, 'later': 0}
_LABELS = {'H1_dropped': 'H1\ndropped', 'H2_dropped': 'H2\ndropped'}
_LABELS.update({name: f'step {name[-1]}' for name in _LAST[:5]})


def _places():
    """Return the centre (column, row) of each place, by the name of its tensor."""
    places = {name: (x, _HEIGHTS['forward']) for x, name in enumerate(_COLUMNS)}
    places.update({name: (x, _HEIGHTS['inputs']) for name, x in _INPUTS.items()})
    for i, column in ((1, 1), (2, 4), (3, 7)):
        for row, before in (
            ('inputs', 'init/'),
            ('gradients', 'grad/'),
            ('updates', ''),
        ):
            places[f'{before}W{i}'] = column - 0.25, _HEIGHTS[row]
            places[f'{before}b{i}'] = column + 0.25, _HEIGHTS[row]
    later = enumerate(_LAST)
    places.update({name: (8 * x / 6, _HEIGHTS['later']) for x, name in later})
    return places


#: The places by name: tensors of the first step, later steps, and predict mode.
PLACES = _places()
_LOOKS = {
    SAME: {'facecolor': '#d6e8f5', 'edgecolor': COLOURS['first'], 'linewidth': 1},
    DIFFERS: {
        'facecolor': '#fbe3d3',
        'edgecolor': COLOURS['second'],
        'linewidth': 1.5,
        'hatch': '////',
    },
    MISSING: {
        'facecolor': 'white',
        'edgecolor': '#808080',
        'linewidth': 1,
        'linestyle': (0, (3, 2)),
    },
}
_WORDS = {SAME: 'agrees', DIFFERS: 'differs', MISSING: 'not given'}
_ROWS = {
    'inputs': 'given',
    'forward': 'forward',
    'gradients': 'gradients',
    'updates': 'updated',
    'later': 'then',
}


def draw(states, first=None):
    """Draw where a computation agrees with another one, and where it first does not.

    Parameters
    ----------
    states : dict of str to str
        `SAME`, `DIFFERS` or `MISSING` of names in `PLACES`. Of the others those in
        `OPTIONAL` are not drawn, and the rest is missing.
    first : str, optional
        The place of the first difference: it has a thick frame and an arrow to it.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. Each place has a `gid` such as `place-H1`; the mark
        has `first`.

    Raises
    ------
    ValueError
        If a name is no place.
    """
    unknown = (set(states) | {first or 'X'}) - set(PLACES)
    if unknown:
        raise ValueError(f'{sorted(unknown)[0]} is no place of the diagram.')
    with style.context():
        figure = plt.Figure(figsize=(9, 4.6), facecolor='white')
        ax = figure.add_axes([0, 0, 1, 0.92])
        ax.set(xlim=(-1.3, 8.6), ylim=(-0.5, 4.75))
        ax.set_axis_off()
        for name, y in _HEIGHTS.items():
            ax.text(-1.25, y, _ROWS[name], va='center', fontstyle='italic')
        for start, end in zip(_COLUMNS, _COLUMNS[1:]):
            _arrow(ax, PLACES[start], PLACES[end])
        for name in [name for name in PLACES if name in states or name not in OPTIONAL]:
            _draw_place(ax, name, states.get(name, MISSING), name == first)
        keys = [
            plt.Rectangle((0, 0), 1, 1, label=_WORDS[state], **look)
            for state, look in _LOOKS.items()
        ]
        figure.legend(handles=keys, loc='upper center', ncols=len(keys))
        return figure


def _half_width(name):
    return 0.22 if name[-2:] in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3') else 0.38


def _arrow(ax, start, end):
    ax.annotate(
        '',
        xy=(end[0] - 0.38, end[1]),
        xytext=(start[0] + 0.38, start[1]),
        arrowprops={'arrowstyle': '-|>', 'color': COLOURS['ink'], 'linewidth': 0.8},
    )


def _draw_place(ax, name, state, is_first):
    (x, y), half = PLACES[name], _half_width(name)
    look = dict(_LOOKS[state])
    if is_first:
        look.update(linewidth=3.5, edgecolor=COLOURS['second'])
    box = plt.Rectangle(
        (x - half, y - 0.25), 2 * half, 0.5, gid=f'place-{name}', zorder=2, **look
    )
    ax.add_patch(box)
    label = _LABELS.get(name, name.rpartition('/')[2])
    paper = {'facecolor': look['facecolor'], 'edgecolor': 'none', 'pad': 0.8}
    ax.text(x, y, label, ha='center', va='center', fontsize=8, zorder=3, bbox=paper)
    if is_first:
        ax.annotate(
            'first difference',
            xy=(x, y + 0.25),
            xytext=(x, y + 0.62),
            ha='center',
            va='center',
            color=COLOURS['ink'],
            fontweight='bold',
            zorder=4,
            gid='first',
            arrowprops={'arrowstyle': '-|>', 'color': COLOURS['second']},
            bbox={'facecolor': 'white', 'edgecolor': 'none', 'pad': 1},
        )

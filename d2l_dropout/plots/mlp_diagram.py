"""The chapter's diagram: a multilayer perceptron before and after dropout."""

from matplotlib import pyplot as plt

from d2l_dropout.d2l.plotting import use_svg_display

__all__ = ['draw_mlp_dropout']

# In units of the distance between neighbouring units of one layer.
_RADIUS = 0.35
_LAYER_GAP = 1.6
_PANEL_GAP = 1.7
_MARGIN = 0.5

# Blue, orange and vermilion after Okabe and Ito, which colour-blind readers can tell
# apart too. The ground is white, so that the diagram can be read on a dark theme.
_INK, _FADED, _EDGE = '#222222', '#5f5f5f', '#808080'
_FILL = {'x': '#eeeeee', 'h': '#d6e8f5', 'o': '#ffe9c7'}
_OUTLINE = {'x': '#555555', 'h': '#0072b2', 'o': '#b26b00'}
_CROSS = '#f0a878'


def draw_mlp_dropout(
    dropped=(2, 5), num_inputs=4, num_hiddens=5, num_outputs=3, figsize=(6.2, 2.4)
):
    """Draw an MLP with one hidden layer before (left) and after (right) dropout.

    A dropped hidden unit is crossed out and has no edges: in this pass it neither
    feeds the outputs nor receives a gradient. The inputs are at the bottom.

    Parameters
    ----------
    dropped : iterable of int, default (2, 5)
        The hidden units to drop, counted from 1 as in the formulas.
    num_inputs, num_hiddens, num_outputs : int, default 4, 5 and 3
        Units in each layer, at least 1.
    figsize : (float, float), default (6.2, 2.4)
        Width and height in inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot, so that Jupyter shows it once, as the value of the
        cell. Each unit and edge has a `gid` such as `before-h2` or `after-x1-h3`.

    Raises
    ------
    ValueError
        If a layer has no unit, or a dropped index is no hidden unit.
    """
    sizes = {'x': num_inputs, 'h': num_hiddens, 'o': num_outputs}
    _check_sizes(sizes)
    dropped = _check_dropped(dropped, num_hiddens)
    use_svg_display()
    figure, axes, scale = _blank_page(sizes, figsize)
    shift = max(sizes.values()) - 1 + _PANEL_GAP
    _draw_mlp(axes, 'before', _layer_positions(sizes, -shift / 2), set(), scale)
    _draw_mlp(axes, 'after', _layer_positions(sizes, shift / 2), dropped, scale)
    _draw_arrow(axes, scale)
    return figure


def _check_sizes(sizes):
    """Raise ValueError if a layer in `sizes` has no unit."""
    names = {'x': 'num_inputs', 'h': 'num_hiddens', 'o': 'num_outputs'}
    for layer, size in sizes.items():
        if size < 1:
            raise ValueError(
                f'{names[layer]} is {size}: each layer needs at least 1 unit.'
            )


def _check_dropped(dropped, num_hiddens):
    """Return `dropped` as a set; raise ValueError if an index is no hidden unit."""
    dropped = set(dropped)
    strangers = sorted(dropped.difference(range(1, num_hiddens + 1)))
    if strangers:
        raise ValueError(
            f'dropped contains {strangers[0]}, but the hidden units are counted '
            f'from 1 to num_hiddens = {num_hiddens}.'
        )
    return dropped


def _blank_page(sizes, figsize):
    """Return an empty diagram, its axes, and the points that a unit of length takes."""
    half_width = max(sizes.values()) - 1 + _PANEL_GAP / 2 + _MARGIN
    half_height = _LAYER_GAP + _MARGIN
    figure = plt.Figure(figsize=figsize, facecolor='white')
    axes = figure.add_axes([0, 0, 1, 1], aspect='equal')
    axes.set(xlim=(-half_width, half_width), ylim=(-half_height, half_height))
    axes.set_axis_off()
    scale = 36 * min(figsize[0] / half_width, figsize[1] / half_height)
    return figure, axes, scale


def _layer_positions(sizes, center):
    """Return {layer: [(x, y), ...]}, each layer centred on the abscissa `center`."""
    heights = {'x': -_LAYER_GAP, 'h': 0, 'o': _LAYER_GAP}
    return {
        layer: [(center + i - (size - 1) / 2, heights[layer]) for i in range(size)]
        for layer, size in sizes.items()
    }


def _draw_mlp(axes, panel, positions, dropped, scale):
    """Draw one network; the hidden units in `dropped` stay without edges."""
    for lower, upper in ('xh', 'ho'):
        for i, start in enumerate(positions[lower], 1):
            for j, end in enumerate(positions[upper], 1):
                if (i if lower == 'h' else j) not in dropped:
                    gid = f'{panel}-{lower}{i}-{upper}{j}'
                    _draw_edge(axes, start, end, gid, scale)
    for layer, centers in positions.items():
        for i, center in enumerate(centers, 1):
            is_dropped = layer == 'h' and i in dropped
            _draw_unit(axes, center, layer, i, panel, is_dropped, scale)


def _draw_edge(axes, start, end, gid, scale):
    """Draw the edge between the units at `start` and `end`."""
    axes.plot(
        *zip(start, end),
        color=_EDGE,
        linewidth=0.022 * scale,
        zorder=1,
        marker='',
        linestyle='-',
        clip_on=False,
        gid=gid,
    )


def _draw_unit(axes, center, layer, i, panel, is_dropped, scale):
    """Draw unit `i` of `layer`, labelled; dashed, faded and crossed if dropped."""
    gid = f'{panel}-{layer}{i}'
    axes.add_patch(
        plt.Circle(
            center,
            _RADIUS,
            facecolor='white' if is_dropped else _FILL[layer],
            edgecolor=_FADED if is_dropped else _OUTLINE[layer],
            linestyle=(0, (3, 2)) if is_dropped else '-',
            linewidth=0.04 * scale,
            zorder=2,
            clip_on=False,
            gid=gid,
        )
    )
    if is_dropped:
        _draw_cross(axes, center, gid, scale)
    axes.text(
        *center,
        f'${layer}_{{{i}}}$',
        fontsize=0.4 * scale,
        zorder=4,
        color=_FADED if is_dropped else _INK,
        math_fontfamily='cm',
        horizontalalignment='center',
        verticalalignment='center',
    )


def _draw_cross(axes, center, gid, scale):
    """Cross out the unit at `center`."""
    reach = 0.9 * _RADIUS
    for name, slope in (('rise', 1), ('fall', -1)):
        axes.plot(
            [center[0] - reach, center[0] + reach],
            [center[1] - slope * reach, center[1] + slope * reach],
            color=_CROSS,
            linewidth=0.045 * scale,
            zorder=3,
            marker='',
            linestyle='-',
            solid_capstyle='round',
            clip_on=False,
            gid=f'{gid}-{name}',
        )


def _draw_arrow(axes, scale):
    """Draw the arrow that leads from the left network to the right one."""
    reach = _PANEL_GAP / 2 - _RADIUS - 0.15
    axes.annotate(
        '',
        xy=(reach, 0),
        xytext=(-reach, 0),
        annotation_clip=False,
        arrowprops={
            'arrowstyle': '-|>',
            'color': _INK,
            'linewidth': 0.045 * scale,
            'shrinkA': 0,
            'shrinkB': 0,
            'mutation_scale': 0.35 * scale,
        },
    )

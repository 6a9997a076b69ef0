"""The diagram shows what dropout removes, and leaves Matplotlib as it was."""

import io
import re
import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib import pyplot as plt

from d2l_dropout.plots.mlp_diagram import draw_mlp_dropout

UNIT = r'[xho]\d+'
EDGE = r'(x\d+-h\d+|h\d+-o\d+)'


def drawn(figure, panel, kind):
    """The names, without the panel's, of what `kind` matches in one panel."""
    gids = [artist.get_gid() or '' for artist in figure.axes[0].get_children()]
    matches = [re.fullmatch(f'{panel}-({kind})', gid) for gid in gids]
    return [match.group(1) for match in matches if match]


def saved(figure, format):
    file = io.BytesIO()
    figure.savefig(file, format=format)
    return file.getvalue()


def test_the_default_is_the_books_five_hidden_units_without_the_second_and_fifth():
    figure = draw_mlp_dropout()
    hidden_with_edges = {
        unit
        for edge in drawn(figure, 'after', EDGE)
        for unit in edge.split('-')
        if unit.startswith('h')
    }
    assert hidden_with_edges == {'h1', 'h3', 'h4'}
    assert sorted(drawn(figure, 'before', r'h\d+')) == ['h1', 'h2', 'h3', 'h4', 'h5']


@pytest.mark.parametrize(
    'dropped, num_inputs, num_hiddens, num_outputs',
    [((2, 5), 4, 5, 3), ((), 1, 1, 1), ((1,), 1, 1, 1), ({7, 1, 3}, 12, 7, 10)],
)
def test_dropped_units_stay_and_their_edges_go(
    dropped, num_inputs, num_hiddens, num_outputs
):
    figure = draw_mlp_dropout(dropped, num_inputs, num_hiddens, num_outputs)
    num_units = num_inputs + num_hiddens + num_outputs
    for panel, kept in [('before', num_hiddens), ('after', num_hiddens - len(dropped))]:
        units, edges = drawn(figure, panel, UNIT), drawn(figure, panel, EDGE)
        assert len(units) == len(set(units)) == num_units
        assert len(edges) == len(set(edges)) == (num_inputs + num_outputs) * kept


def test_only_dropped_units_are_crossed_out_and_dashed():
    figure = draw_mlp_dropout((2, 5))
    assert drawn(figure, 'before', f'{UNIT}-(rise|fall)') == []
    assert len(drawn(figure, 'after', 'h[25]-(rise|fall)')) == 4
    assert len(drawn(figure, 'after', f'{UNIT}-(rise|fall)')) == 4
    dashed = [
        patch.get_gid()
        for patch in figure.axes[0].patches
        if patch.get_linestyle() not in ('solid', '-')
    ]
    assert dashed == ['after-h2', 'after-h5']


def test_an_edge_joins_the_two_units_it_is_named_after():
    axes = draw_mlp_dropout().axes[0]
    centers = {patch.get_gid(): tuple(patch.center) for patch in axes.patches}
    for line in axes.lines:
        panel, start, end = line.get_gid().split('-')
        if end not in ('rise', 'fall'):
            ends = [centers[f'{panel}-{start}'], centers[f'{panel}-{end}']]
            assert [tuple(point) for point in line.get_xydata()] == ends


def test_left_is_before_and_right_is_after():
    axes = draw_mlp_dropout().axes[0]
    for patch in axes.patches:
        assert (patch.center[0] < 0) == patch.get_gid().startswith('before')


def test_everything_is_inside_the_page():
    figure = draw_mlp_dropout(num_inputs=9, num_outputs=2)
    saved(figure, 'png')
    page = figure.bbox
    for artist in figure.axes[0].patches + figure.axes[0].texts:
        box = artist.get_window_extent()
        assert page.x0 <= box.x0 and box.x1 <= page.x1
        assert page.y0 <= box.y0 and box.y1 <= page.y1


def test_the_only_words_are_the_symbols_of_the_units():
    texts = [text.get_text() for text in draw_mlp_dropout().axes[0].texts]
    assert all(re.fullmatch(r'(\$[xho]_\{\d+\}\$)?', text) for text in texts)
    assert len([text for text in texts if text]) == 2 * (4 + 5 + 3)


@pytest.mark.parametrize('index', [0, 6, -1])
def test_a_dropped_index_that_is_no_hidden_unit_is_a_clear_error(index):
    sentence = (
        f'dropped contains {index}, but the hidden units are counted from 1 to '
        'num_hiddens = 5.'
    )
    with pytest.raises(ValueError, match=f'^{re.escape(sentence)}$'):
        draw_mlp_dropout(dropped=(2, index))


@pytest.mark.parametrize('name', ['num_inputs', 'num_hiddens', 'num_outputs'])
def test_a_layer_without_units_is_a_clear_error(name):
    with pytest.raises(ValueError, match=f'^{name} is 0: each layer needs at least 1'):
        draw_mlp_dropout(dropped=(), **{name: 0})


def test_the_same_call_draws_the_same_picture():
    assert saved(draw_mlp_dropout(), 'png') == saved(draw_mlp_dropout(), 'png')


def test_matplotlib_is_left_as_it_was():
    settings, figures = plt.rcParams.copy(), plt.get_fignums()
    saved(draw_mlp_dropout(), 'svg')
    assert plt.rcParams.copy() == settings
    assert plt.get_fignums() == figures  # so that Jupyter does not show it twice


def test_the_svg_is_a_picture_with_one_group_for_each_unit():
    root = ElementTree.fromstring(saved(draw_mlp_dropout(), 'svg'))
    ids = [element.get('id') for element in root.iter() if element.get('id')]
    assert root.tag.endswith('svg')
    assert {'before-x1', 'before-h2', 'after-h2', 'after-o3'} <= set(ids)

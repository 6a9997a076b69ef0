"""The diagram of an update: every place once, none that is not there."""

import itertools

import pytest

from d2l_dropout.plots import computation


def test_no_two_places_overlap():
    for (a, at), (b, to) in itertools.combinations(computation.PLACES.items(), 2):
        reach = computation._half_width(a) + computation._half_width(b)
        assert at[1] != to[1] or abs(at[0] - to[0]) > reach, (a, b)


def test_without_a_difference_nothing_is_marked():
    (ax,) = computation.draw({'Z1': computation.SAME}).axes
    assert not [text for text in ax.texts if text.get_gid() == 'first']
    labels = [text.get_text() for text in ax.texts]
    assert labels.count('W1') == 3 and 'H1\ndropped' in labels and 'step 5' in labels


def test_what_not_every_computation_has_is_drawn_where_it_has_a_state():
    for states in ({}, {'epochs': computation.SAME}):
        (ax,) = computation.draw(states).axes
        drawn = {patch.get_gid() for patch in ax.patches}
        assert 'place-predict' in drawn and 'place-step6' not in drawn
        assert ('place-epochs' in drawn) == bool(states)


def test_what_is_no_place_is_refused():
    for states, first in (({'H3': computation.SAME}, None), ({}, 'H3')):
        with pytest.raises(ValueError, match='H3 is no place'):
            computation.draw(states, first)

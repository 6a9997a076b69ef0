"""`compare` as a diagram of the net, with the first wrong place marked."""

import numpy as np
import pytest

from d2l_dropout import cli
from d2l_dropout.plots import computation
from d2l_dropout.ports import compare, compare_plot, files
from d2l_dropout.ports.tensors import COMPUTED, GIVEN


def test_the_diagram_marks_the_first_wrong_place(wrong):
    figure = compare_plot.draw(compare.compare(wrong))
    (ax,) = figure.axes
    (mark,) = [t for t in ax.texts if t.get_gid() == 'first']
    assert mark.get_text() == 'first difference'
    assert mark.xy[0] == computation.PLACES['H1_dropped'][0]
    looks = {p.get_gid(): p for p in ax.patches}
    assert looks['place-H1_dropped'].get_linewidth() > 3
    assert looks['place-scores'].get_hatch() and not looks['place-Z1'].get_hatch()
    assert looks['place-loss'].get_linestyle() != looks['place-Z1'].get_linestyle()


def test_every_tensor_has_a_place_in_the_diagram():
    places = {compare_plot._place(name) for name in [*GIVEN, *COMPUTED]}
    assert places >= set(computation.PLACES) - computation.OPTIONAL
    assert places <= set(computation.PLACES)


def test_a_later_step_differs_if_any_of_its_tensors_does():
    case = files.load(files.SHIPPED / 'tiny-gluon.npz')
    theirs = dict(case.tensors, **{'step3/b2': case.tensors['step3/b2'] + 1})
    (ax,) = compare_plot.draw(compare.compare(theirs)).axes
    hatched = [p.get_gid() for p in ax.patches if p.get_hatch()]
    assert hatched == ['place-step3']


@pytest.mark.parametrize('name, start', [('a.svg', b'<?xml'), ('a.png', b'\x89PNG')])
def test_the_diagram_is_written(name, start, wrong, tmp_path, capsys):
    np.savez(str(tmp_path / 'a.npz'), **wrong)
    path = tmp_path / 'made' / name
    assert cli.main(['compare', str(tmp_path / 'a.npz'), '--plot', str(path)]) == 1
    assert path.read_bytes().startswith(start)
    assert 'DIFFERS' in capsys.readouterr().out


@pytest.mark.parametrize('command', ['compare', 'compare-curve'])
def test_another_kind_of_plot_is_wrong_usage(command, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, 'a', '--plot', str(tmp_path / 'a.pdf')])
    assert ended.value.code == 2
    assert 'ends neither in .svg nor in .png' in capsys.readouterr().err

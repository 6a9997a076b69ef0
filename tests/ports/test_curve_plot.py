"""Theirs in the band of ours: every run a line, every epoch outside marked."""

import numpy as np
import pytest
from test_curve_files import write

from d2l_dropout import cli
from d2l_dropout.ports.curves import curve, curve_limits, curve_plot
from d2l_dropout.runs import shipped

RUNS = [result.epochs for result in shipped.results('gluon', False)[:2]]


def lines_of(ax):
    return {line.get_gid(): line for line in ax.lines}


def test_their_runs_are_lines_in_the_band_of_ours():
    figure = curve_plot.draw(RUNS, curve.compare(RUNS))
    ours = curve_limits.reference(False, 10)
    for j, (ax, metric) in enumerate(
        zip(figure.axes, ('loss', 'train_acc', 'test_acc'))
    ):
        lines = lines_of(ax)
        for i, run in enumerate(RUNS):
            drawn = lines[f'theirs-{metric}-{i}'].get_ydata()
            np.testing.assert_array_equal(drawn, [epoch[1 + j] for epoch in run])
        (band,) = ax.collections
        corners = band.get_paths()[0].vertices
        assert corners[:, 1].min() == pytest.approx(ours[..., j].min())
        assert f'outside-{metric}' not in lines
        assert (lines[f'low-{metric}'].get_ydata() < ours[..., j].mean(axis=0)).all()


def test_epochs_outside_are_marked_and_averages_named():
    wrong = [[e._replace(test_acc=0.5) if e.epoch == 7 else e for e in RUNS[0]]]
    figure = curve_plot.draw(wrong, curve.compare(wrong))
    loss, _, test_acc = figure.axes
    mark = lines_of(test_acc)['outside-test_acc']
    assert (list(mark.get_xdata()), list(mark.get_ydata())) == ([7], [0.5])
    assert test_acc.get_title() == 'test acc, average 6-10 OUTSIDE'
    assert 'OUTSIDE' not in loss.get_title()
    assert 'outside' in [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize('num_epochs', [1, 10])
def test_a_run_that_diverged_is_drawn_with_a_gap(num_epochs, tmp_path, capsys):
    runs = [[e._replace(loss=np.nan) for e in RUNS[0][:num_epochs]]]
    path, drawn = write(tmp_path / 'a.csv', runs), tmp_path / 'a.png'
    assert cli.main(['compare-curve', path, '--plot', str(drawn)]) == 1
    assert drawn.read_bytes().startswith(b'\x89PNG')

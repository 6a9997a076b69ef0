"""What is said of a comparison of curves: the same as a table and as JSON."""

import json

from test_curve_files import write

from d2l_dropout import cli
from d2l_dropout.ports.curves import curve, curve_report
from d2l_dropout.runs import shipped

RUNS = [result.epochs for result in shipped.results('gluon', False)[:2]]


def test_the_json_is_as_the_page_describes_it(tmp_path, capsys):
    wrong = [[e._replace(loss=e.loss + 0.5) for e in RUNS[0]]]
    path = write(tmp_path / 'a.csv', wrong)
    assert cli.main(['compare-curve', path, '--fresh-splits', '--json']) == 1
    values = json.loads(capsys.readouterr().out)
    comparison = curve.compare(wrong, on_fresh_splits=True)
    assert values.pop('points') == [
        {**p._asdict(), 'inside': p.inside} for p in comparison.points
    ]
    assert values == {
        'consistent': False,
        'first_epoch': 1,
        'num_runs': 1,
        'num_ours': 40,
        'on_fresh_splits': True,
        'diverged': [],
        'hints': comparison.hints,
    }


def test_the_report_says_how_many_lie_outside():
    wrong = [[e._replace(test_acc=e.test_acc - 0.2) for e in RUNS[0]]]
    comparison = curve.compare(wrong)
    text = curve_report.report(comparison)
    assert text.count('OUTSIDE') == len(comparison.outside) == 12
    assert '12 of 35 points lie outside' in text

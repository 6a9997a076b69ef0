"""The Python interface: arrays of any framework or a path in, a report out."""

import re
from pathlib import Path

import numpy as np
import pytest

from d2l_dropout.ports import check, compare_tensors, load_case
from d2l_dropout.ports.arrays import as_array
from d2l_dropout.ports.causes.replay import BUGS, replay
from d2l_dropout.ports.tensors import COMPUTED, formula_number


@pytest.fixture
def case():
    return load_case('tiny-gluon')


@pytest.fixture
def wrong(case):
    return replay(case.tensors, case.settings, 'no-rescaling')


class Arrayish:
    """What a framework's array is to NumPy."""

    def __init__(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype=dtype)


class OnlyDLPack:
    def __init__(self, value):
        self.value = value

    def __dlpack__(self, **options):
        return self.value.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.value.__dlpack_device__()


def test_a_right_port_is_true_and_prints_as_the_table(case):
    report = compare_tensors(case.tensors, 'tiny-gluon')
    assert report and check(case.tensors, 'tiny-gluon') == report
    assert report.first is None and report.causes == []
    assert 'step1/H1_dropped' in str(report) and 'tiny-gluon' in repr(report)


def test_a_wrong_port_is_false_and_says_where_and_why(wrong, case):
    report = compare_tensors(wrong, 'tiny-gluon')
    assert not report
    assert report.first.name == 'step1/H1_dropped'
    assert BUGS['no-rescaling'] in report.causes
    assert 'step1/H1_dropped' in repr(report) and BUGS['no-rescaling'] in repr(report)
    with pytest.raises(AssertionError, match='step1/H1_dropped .* DIFFERS'):
        check(wrong, case)


def test_inputs_alone_are_no_right_port(case):
    given = {'init/W1': case.tensors['init/W1']}
    assert not compare_tensors(given, case)
    with pytest.raises(AssertionError):
        check(given, case)


@pytest.mark.parametrize('kind', [Arrayish, np.ndarray.tolist])
def test_whatever_numpy_can_read_is_an_array(kind, case):
    theirs = {name: kind(np.asarray(v)) for name, v in case.tensors.items()}
    assert compare_tensors(theirs, case)


@pytest.mark.skipif(not hasattr(np, 'from_dlpack'), reason='NumPy before 1.23')
def test_dlpack_is_enough(case):
    assert compare_tensors(
        {name: OnlyDLPack(value.copy()) for name, value in case.tensors.items()}, case
    )


def test_pytorch_tensors_may_require_a_gradient(case):
    torch = pytest.importorskip('torch')
    theirs = {
        'step1/W1': torch.tensor(case.tensors['step1/W1'], requires_grad=True),
        'step1/loss': torch.tensor(case.tensors['step1/loss']),
    }
    assert compare_tensors(theirs, case).same
    coarse = as_array(torch.tensor([1.5], dtype=torch.bfloat16))
    assert coarse.dtype == np.float32 and coarse[0] == 1.5


def test_a_path_is_read(tmp_path, wrong):
    np.savez(str(tmp_path / 'mine.npz'), **wrong)
    assert compare_tensors(tmp_path / 'mine.npz').first.name == 'step1/H1_dropped'
    assert not compare_tensors(str(tmp_path / 'mine.npz'))


@pytest.mark.parametrize(
    'theirs, error, said',
    [
        ([1, 2], TypeError, 'a dict of arrays by name, or the path of a file'),
        ({'step1/H1': 'many'}, ValueError, 'step1/H1 has dtype <U4, not numbers'),
        ({'step1/H1': object()}, ValueError, 'step1/H1 has dtype object'),
        ({'H1': np.zeros(3)}, ValueError, 'none of the names'),
    ],
)
def test_what_is_no_set_of_tensors_is_refused_in_a_sentence(theirs, error, said):
    with pytest.raises(error, match=said):
        compare_tensors(theirs)


class TestTolerance:
    @pytest.fixture
    def coarse(self, case):
        theirs = dict(case.tensors)
        for name in ('step1/H1', 'step1/W1'):
            theirs[name] = theirs[name] * np.float32(1.001)
        return theirs

    def test_it_is_per_tensor(self, coarse, case):
        assert compare_tensors(coarse, case).first.name == 'step1/H1'
        report = compare_tensors(coarse, case, tolerance={'step1/H1': 0.01})
        assert report.first.name == 'step1/W1'
        assert 'same (tolerance 0.01)' in str(report)

    def test_it_is_by_pattern_or_for_all(self, coarse, case):
        patterns = {'step?/W*': 0.01, 'step1/H1': 0.01}
        assert compare_tensors(coarse, case, tolerance=patterns)
        assert compare_tensors(coarse, case, tolerance=0.01)
        assert not compare_tensors(coarse, case, tolerance=1e-4)

    @pytest.mark.parametrize(
        'tolerance, said',
        [({'step1/Q': 1}, 'no tensor has the name step1/Q'), (0, 'has to be > 0')],
    )
    def test_a_tolerance_that_does_nothing_is_refused(self, tolerance, said, case):
        with pytest.raises(ValueError, match=said):
            compare_tensors(case.tensors, case, tolerance=tolerance)


def test_each_formula_has_the_number_of_the_specification(case):
    page = (Path(__file__).resolve().parents[2] / 'docs' / 'ports.md').read_text()
    for name in COMPUTED:
        number = formula_number(name)
        (line,) = re.findall(rf'^(?:.* \({number}\)|- \({number}\).*)$', page, re.M)
        what = name.rpartition('/')[2]
        sought = {16: 'parameter', 9: 'loss_i', 17: 'loss'}.get(number)
        sought = sought or (
            f'd_{what}' if 'grad' in name else what.replace('_acc', ' acc')
        )
        assert f'{sought} = ' in line or f'`{sought}`' in line, (name, line)


def test_the_report_names_the_formula(wrong, case):
    assert 'formula (4) of docs/ports.md' in str(compare_tensors(wrong, case))

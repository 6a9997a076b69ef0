"""Cases of the chapter's sizes, made by NumPy: `compare` works with them."""

import numpy as np
import pytest

from d2l_dropout import cli
from d2l_dropout.ports import compare, files, full_size
from d2l_dropout.ports.causes.replay import BUGS, replay
from d2l_dropout.ports.checks.checks import check_init
from d2l_dropout.ports.reading.valid import fault_of
from d2l_dropout.ports.tensors import COMPUTED, ORDER, PARAMS


@pytest.fixture(scope='module', params=full_size.CASES)
def case(request):
    return full_size.make(request.param)


def test_the_sizes_are_the_chapters_and_nothing_is_missing(case):
    assert fault_of(case) is None
    assert set(case.tensors) == set(ORDER)
    sizes = [len(case.tensors[f'step{k}/y']) for k in range(1, 7)]
    assert sizes == [256, 256, 96] * 2
    assert sum(case.tensors[f'init/{name}'].size for name in PARAMS) == 269_322
    check_init({name: case.tensors[f'init/{name}'] for name in PARAMS})


def test_the_same_case_is_made_again(case):
    again = full_size.make(f'full-size-{case.settings.model}')
    assert all((again.tensors[n] == v).all() for n, v in case.tensors.items())


def test_mxnet_predicts_the_same_by_the_last_parameters(case):
    from d2l_dropout import compat

    compat.import_mxnet()
    from mxnet import nd

    from d2l_dropout.models import model as models

    model = models.make(case.settings.model)
    model.draw_weights()
    model.set_params([nd.array(case.tensors[f'step6/{name}']) for name in PARAMS])
    X, y = case.tensors['predict/X'], case.tensors['predict/y']
    scores = model.nets[0](nd.array(X)).asnumpy()
    theirs = {
        'predict/scores': scores,
        'predict/test_acc': (scores.argmax(1) == y).mean(),
    }
    assert compare.compare(theirs, case).same


def test_what_is_wrong_is_caught_and_named():
    case = full_size.make('full-size-scratch')  # one is enough: all bugs are replayed
    theirs = replay(case.tensors, case.settings, 'mean-loss')
    assert BUGS['mean-loss'] in compare.compare(theirs, case).causes
    images = case.tensors['images/bytes'].transpose(0, 2, 1).reshape(10, -1) / 255
    comparison = compare.compare({'images/X': images}, case)
    assert comparison.first.name == 'images/X'
    assert 'column by column' in comparison.causes[0]


def test_it_is_exported_and_compared_by_name(tmp_path, capsys):
    assert cli.main(['export', '--full-size', str(tmp_path)]) == 0
    path = tmp_path / 'full-size-gluon.npz'
    assert path.stat().st_size < 16e6
    theirs = {n: v for n, v in np.load(str(path)).items() if n in COMPUTED}
    np.savez(str(tmp_path / 'a.npz'), **theirs)
    for reference in ('full-size-gluon', str(path)):
        arguments = ['--reference', reference, '--require', 'all']
        assert cli.main(['compare', str(tmp_path / 'a.npz'), *arguments]) == 0
        assert 'full-size-gluon: 76 of 76' in capsys.readouterr().out


def test_float64_of_all_tensors_can_be_read(case, tmp_path):
    wide = {name: value.astype('float64') for name, value in case.tensors.items()}
    np.savez(str(tmp_path / 'wide.npz'), **wide)
    assert set(files.load_tensors(tmp_path / 'wide.npz')) == set(ORDER)

"""The worked ports agree with the exported tensors, and their bugs are named."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from d2l_dropout.ports import compare, files
from d2l_dropout.ports.causes.replay import BUGS
from d2l_dropout.ports.completeness import lacking

EXAMPLES = Path(__file__).resolve().parents[2] / 'docs' / 'examples'
MODELS = ('scratch', 'gluon')
CASES = [f'{kind}-{model}' for kind in ('tiny', 'epochs') for model in MODELS]
#: What `compare` has to say of each bug.
NUMPY_BUGS = {
    bug: BUGS[bug] for bug in ('no-rescaling', 'kept-mask', 'summed-loss', 'mean-loss')
}
PYTORCH_BUGS = {
    'predict-dropout': 'dropout is left on in predict mode',
    'softmax-twice': BUGS['softmax-twice'],
    'momentum': 'momentum',
    'mean-loss': BUGS['mean-loss'],
}
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec('torch') is None, reason='PyTorch is not installed'
)


def run(example, case, tmp_path, *options):
    """Run a port and set what it wrote against what it replayed."""
    path = tmp_path / 'mine.npz'
    given = files.SHIPPED / f'{case}.npz'
    command = [sys.executable, EXAMPLES / example, given, path, *options]
    subprocess.run([str(part) for part in command], check=True)
    return compare.compare(files.load_tensors(path), case)


@pytest.mark.parametrize('case', CASES)
def test_the_numpy_port(case, tmp_path):
    assert_is_right(run('numpy_port.py', case, tmp_path))


@needs_torch
@pytest.mark.parametrize('case', CASES)
def test_the_pytorch_port(case, tmp_path):
    assert_is_right(run('pytorch_port.py', case, tmp_path))


def assert_is_right(comparison):
    assert comparison.same, compare.report(comparison)
    assert not (lacking(comparison, 'all') or comparison.unknown)


@pytest.mark.parametrize('model', MODELS)
@pytest.mark.parametrize('bug', NUMPY_BUGS)
def test_a_bug_of_the_numpy_port_is_named(bug, model, tmp_path):
    comparison = run('numpy_port.py', f'epochs-{model}', tmp_path, '--bug', bug)
    assert NUMPY_BUGS[bug] in comparison.causes[0]


@needs_torch
@pytest.mark.parametrize('model', MODELS)
@pytest.mark.parametrize('bug', PYTORCH_BUGS)
def test_a_bug_of_the_pytorch_port_is_named(bug, model, tmp_path):
    # In a case without epochs, whose test acc would be the first that differs.
    case = f'tiny-{model}' if bug == 'predict-dropout' else f'epochs-{model}'
    comparison = run('pytorch_port.py', case, tmp_path, '--bug', bug)
    assert PYTORCH_BUGS[bug] in comparison.causes[0]


@pytest.mark.parametrize('wrong', [(0.5, 0.2), (0.8, 0.5), (0.2, 0)])
def test_wrong_probabilities_of_a_port_are_noticed_twice(wrong):
    spec = importlib.util.spec_from_file_location('port', EXAMPLES / 'numpy_port.py')
    port = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(port)
    port.check_what_injection_hides()
    assert port.DROP_PROBS == (0.2, 0.5)
    port.DROP_PROBS = wrong
    with pytest.raises(AssertionError, match='This is not dropout with drop_prob = 0'):
        port.check_what_injection_hides()
    case = files.load(files.SHIPPED / 'tiny-scratch.npz')
    params = [case.tensors[f'init/{name}'] for name in port.NAMES]
    comparison = compare.compare(port.train(case.tensors, params, 8, None, None), case)
    assert 'dropped' in comparison.first.name


def test_the_ports_are_short():
    for path in EXAMPLES.glob('*_port.py'):
        assert len(path.read_text().splitlines()) < 160


def test_the_numpy_port_replays_the_chapters_own_sizes(tmp_path):
    from d2l_dropout import fashion_mnist
    from d2l_dropout.ports import export

    case = export.chapter('gluon', 1, fashion_mnist.load('synthetic:2000'))
    files.save(case, tmp_path, 'case')
    command = [EXAMPLES / 'numpy_port.py', tmp_path / 'case.npz', tmp_path / 'a.npz']
    subprocess.run([sys.executable, *map(str, command)], check=True)
    compare.check(dict(np.load(str(tmp_path / 'a.npz'))), tmp_path / 'case.npz')


def test_the_numpy_curves_are_trained_by_the_updates_of_the_reference():
    spec = importlib.util.spec_from_file_location('c', EXAMPLES / 'numpy_curves.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    case = files.load(files.SHIPPED / 'tiny-scratch.npz')
    given, settings = case.tensors, case.settings
    assert settings.lr == module.LR
    names = ('W1', 'b1', 'W2', 'b2', 'W3', 'b3')
    params = [given[f'init/{name}'].astype('float32') for name in names]
    mine = {}
    for k in range(1, 6):
        X, y = given[f'step{k}/X'], given[f'step{k}/y']
        factors = [
            given[f'step{k}/mask{i}']
            / np.float32(1 - getattr(settings, f'drop_prob{i}'))
            for i in (1, 2)
        ]
        dropout = SimpleNamespace(
            factors=lambda layer, n, factors=factors: factors[layer]
        )
        module.update(params, X, y, dropout, 8)
        mine.update({f'step{k}/{n}': p.copy() for n, p in zip(names, params)})
    assert compare.compare(mine, 'tiny-scratch').same


@pytest.mark.parametrize('bug', [None, 'frozen-masks', 'test-time'])
def test_the_numpy_curves_can_be_compared(bug, tmp_path):
    from d2l_dropout.ports.curves import curve_files

    path = tmp_path / 'mine.csv'
    command = [EXAMPLES / 'numpy_curves.py', path, '--seeds', '0', '1']
    command += ['--bug', bug] if bug else []
    subprocess.run(
        [sys.executable, *map(str, command)],
        check=True,
        env={**os.environ, 'D2L_DATA': 'synthetic:300'},
    )
    runs = curve_files.read(path)
    assert [len(run) for run in runs] == [10, 10] and runs[0] != runs[1]

"""What `port` writes: it passes on a right port as written, and fails on planted bugs.

The tests of a framework are skipped where it is not installed; `make test-examples` has
all of them. They need no MXNet, and no fixture of tests/conftest.py.
"""

import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple

import pytest

from d2l_dropout import cli
from d2l_dropout.commands.port import FRAMEWORKS
from d2l_dropout.ports.references import shipped_names

USERS = Path(__file__).with_name('users')


class Bug(NamedTuple):
    """A change of the right port, and a part of what the failure has to say."""

    right: str
    wrong: str
    said: str
    only: str = ''  # shows in the cases of this name only


MEAN = 'own size'
#: The bugs by framework and name.
BUGS = {
    'numpy': {
        'swapped': Bug('LR = 0.2, 0.5', 'LR = 0.5, 0.2', 'are swapped'),
        'mean_loss': Bug(
            'd_scores /= batch_size', 'd_scores /= len(y)', MEAN, 'epochs'
        ),
        'no_rescaling': Bug(
            ' / (1 - drop_prob)\n', '\n', 'not divided by 1 - drop_prob'
        ),
        'predict': Bug('if not training:', 'if False:', 'in predict mode'),
        'backward': Bug(' * self.factors1 *', ' *', ': step1/grad/b1 ='),
    },
    'torch': {
        'kept': Bug('nn.Dropout(0.2)', 'nn.Dropout(0.8)', 'H1_dropped'),
        'mean_loss': Bug('losses.sum() / batch_size', 'losses.mean()', MEAN, 'epochs'),
        'left_out': Bug('nn.Dropout(0.5)', 'nn.Identity()', '1 calls of F.dropout'),
        'predict': Bug(
            'self.dropout2(F.relu(self.linear2(H1)))',
            'F.dropout(F.relu(self.linear2(H1)), 0.5)',
            'in predict mode',
        ),
        'momentum': Bug('lr=0.5', 'lr=0.5, momentum=0.9', 'momentum'),
    },
    'flax': {
        'kept': Bug('nn.Dropout(0.2', 'nn.Dropout(0.8', 'H1_dropped'),
        'mean_loss': Bug('losses.sum() / batch_size', 'losses.mean()', MEAN, 'epochs'),
        'no_relu': Bug(
            'H2 = nn.relu',
            'H2 = jax.numpy.array',
            'the second hidden layer has no ReLU',
        ),
        'predict': Bug(
            'Dropout(0.5, deterministic=not training)',
            'Dropout(0.5, deterministic=False)',
            'in predict mode',
        ),
        'momentum': Bug('optax.sgd(0.5)', 'optax.sgd(0.5, momentum=0.9)', 'momentum'),
    },
    'keras': {
        'kept': Bug('layers.Dropout(0.2)', 'layers.Dropout(0.8)', 'H1_dropped'),
        'mean_loss': Bug(
            'ops.sum(losses) / batch_size', 'ops.mean(losses)', MEAN, 'epochs'
        ),
        'left_out': Bug('layers.Dropout(0.5)', 'layers.Identity()', 'H2_dropped'),
        'momentum': Bug('SGD(0.5)', 'SGD(0.5, momentum=0.9)', 'momentum'),
        'learning_rate': Bug('SGD(0.5)', 'SGD(0.1)', 'step1/'),
    },
}


def write(framework, path):
    assert cli.main(['port', '--framework', framework, str(path)]) == 0


def run(folder, framework):
    """Run pytest in a folder; return the text of each failure by test file and case."""
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f'{framework} is not installed')
    environment = dict(os.environ, KERAS_BACKEND='torch', JAX_PLATFORMS='cpu')
    environment.pop('PYTEST_ADDOPTS', None)
    command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider']
    done = subprocess.run(
        [*command, '--junitxml=results.xml', '.'],
        cwd=str(folder),
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    results = {}
    for test in ElementTree.parse(str(folder / 'results.xml')).iter('testcase'):
        case = test.get('name').partition('[')[2].rstrip(']')
        failure = test.find('failure')
        text = '' if failure is None else failure.get('message') + failure.text
        results[test.get('classname'), case] = text
    return results


def test_each_framework_has_a_template_a_right_port_and_five_bugs():
    assert set(FRAMEWORKS) == set(BUGS) == {'flax', 'keras', 'numpy', 'torch'}
    for framework in FRAMEWORKS:
        assert (USERS / f'{framework}_port.py').is_file()
        assert len(BUGS[framework]) == 5


@pytest.mark.parametrize('framework', FRAMEWORKS)
def test_a_right_port_passes_what_is_written(framework, tmp_path):
    write(framework, tmp_path / 'test_port.py')
    source = (USERS / f'{framework}_port.py').read_text()
    (tmp_path / 'my_port.py').write_text(source)
    # '' is the test of what the port draws itself, which is of no case.
    expected = {('test_port', case): '' for case in (*shipped_names(), '')}
    assert run(tmp_path, framework) == expected


@pytest.mark.parametrize('framework', FRAMEWORKS)
def test_planted_bugs_fail_and_are_explained(framework, tmp_path):
    source = (USERS / f'{framework}_port.py').read_text()
    write(framework, tmp_path / 'template.py')
    for name, bug in BUGS[framework].items():
        assert source.count(bug.right) == 1, name
        (tmp_path / f'{name}.py').write_text(source.replace(bug.right, bug.wrong))
        tests = (tmp_path / 'template.py').read_text().replace('my_port', name)
        (tmp_path / f'test_{name}.py').write_text(tests)
    results = run(tmp_path, framework)
    for name, bug in BUGS[framework].items():
        for case in shipped_names():
            said = results[f'test_{name}', case]
            if bug.only in case:
                assert bug.said in said, (name, case, said)
            else:
                assert said == '', (name, case)


def test_a_file_that_exists_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / 'test_port.py').write_text('mine\n')
    command = ['port', '--framework', 'numpy', str(tmp_path / 'test_port.py')]
    assert cli.main(command) == 1
    assert 'test_port.py exists, perhaps with your changes' in capsys.readouterr().err
    assert (tmp_path / 'test_port.py').read_text() == 'mine\n'


def test_the_glue_is_short(tmp_path):
    for framework in FRAMEWORKS:
        write(framework, tmp_path / framework)
        lines = (tmp_path / framework).read_text().splitlines()
        code = [l for l in lines if l.strip() and not l.strip().startswith('#')]
        assert len(code) <= 85

"""The distribution without MXNet: the same source, NumPy alone, a first verdict."""

import configparser
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from d2l_dropout.ports import compare

CHECKOUT = Path(__file__).resolve().parents[2]
PORTS_ONLY = CHECKOUT / 'ports-only'

DOCS = (CHECKOUT / 'docs' / 'ports.md').read_text(encoding='utf-8')
#: What the page gives as a first verdict: dropout that does not rescale.
TEN_LINES = textwrap.dedent(
    DOCS[
        DOCS.index('    import numpy as np\n') : DOCS.index('`d2l-dropout port` writes')
    ]
)


def config_of(folder):
    config = configparser.ConfigParser()
    config.read(str(folder / 'setup.cfg'), encoding='utf-8')
    return config


def test_it_is_the_same_source_with_the_same_entry_points():
    whole, small = config_of(CHECKOUT), config_of(PORTS_ONLY)
    for section, option in (
        ('options', 'python_requires'),
        ('options.entry_points', 'console_scripts'),
        ('options.entry_points', 'pytest11'),
        ('options.package_data', 'd2l_dropout.ports'),
        ('options.package_data', 'd2l_dropout.runs'),
        ('metadata', 'version'),
        ('metadata', 'license'),
    ):
        assert small[section][option] == whole[section][option]
    assert small['options']['install_requires'] == 'numpy'
    for name in ('d2l_dropout', 'LICENSE'):
        assert (PORTS_ONLY / name).resolve() == CHECKOUT / name


def test_the_program_has_ten_lines_at_most():
    assert len([line for line in TEN_LINES.splitlines() if line]) <= 10


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    """The Python of an environment that has the wheel and what it requires."""
    folder = tmp_path_factory.mktemp('ports-only')
    pip = ['-m', 'pip', '--disable-pip-version-check', '-q']
    wheel = [*pip, 'wheel', '--no-deps', '-w', folder, PORTS_ONLY]
    run(sys.executable, *wheel, cwd=folder)
    run(sys.executable, '-m', 'venv', folder / 'venv', cwd=folder)
    python = folder / 'venv' / 'bin' / 'python'
    (built,) = folder.glob('*.whl')
    assert built.stat().st_size < 500000
    run(python, *pip, 'install', built, cwd=folder)
    return python


def run(*command, cwd, code=0):
    done = subprocess.run(
        [str(part) for part in command], cwd=str(cwd), capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_numpy_is_all_that_is_installed(installed, tmp_path):
    listed = run(installed, '-m', 'pip', 'list', '--format=freeze', cwd=tmp_path)
    names = {line.partition('==')[0] for line in listed.splitlines() if '==' in line}
    assert names - {'pip', 'setuptools'} == {'d2l-dropout-ports', 'numpy'}


@pytest.mark.slow
def test_ten_lines_give_a_first_verdict(installed, tmp_path):
    said = run(installed, '-c', TEN_LINES, cwd=tmp_path)
    assert ': step1/H1_dropped = ' in said
    assert 'Likely: what is kept is not divided by 1 - drop_prob' in said


@pytest.mark.slow
def test_the_commands_are_there_and_say_what_they_lack(installed, tmp_path):
    command = installed.parent / 'd2l-dropout'
    run(command, 'export', '--tiny', tmp_path, cwd=tmp_path)
    said = run(command, 'compare', 'tiny-gluon.npz', cwd=tmp_path)
    assert 'tiny-gluon' in said
    run(command, 'port', '--framework', 'torch', 'test_port.py', cwd=tmp_path)
    assert 'import torch' in (tmp_path / 'test_port.py').read_text()
    said = run(command, 'export', tmp_path / 'all', cwd=tmp_path, code=1)
    assert 'mxnet is not installed' in said and 'Traceback' not in said
    curves = Path(compare.__file__).with_name('curves') / 'runs'
    said = run(command, 'compare-curve', curves / 'right.csv', cwd=tmp_path)
    assert 'CONSISTENT' in said
    plot = (command, 'compare', 'tiny-gluon.npz', '--plot', 'a.svg')
    said = run(*plot, cwd=tmp_path, code=3)
    assert 'matplotlib' in said.lower() and 'Traceback' not in said

"""The pytest plug-in: a fixture for the cases; nothing is loaded until it is used."""

import os
import subprocess
import sys

import pytest

from d2l_dropout.ports import references

WRONG_PORT = """
from d2l_dropout.ports import check, compare_tensors
from d2l_dropout.ports.causes.replay import replay

def test_right(d2l_case):
    assert compare_tensors(replay(d2l_case.tensors, d2l_case.settings), d2l_case)

def test_wrong(d2l_case):
    check(replay(d2l_case.tensors, d2l_case.settings, 'multiplied'), d2l_case)

def test_wrong_too(d2l_case):
    wrong = replay(d2l_case.tensors, d2l_case.settings, 'multiplied')
    assert compare_tensors(wrong, d2l_case)
"""
UNUSED = """
import sys

def test_what_is_loaded():
    assert 'd2l_dropout.ports.pytest_plugin' in sys.modules
    assert not {'numpy', 'mxnet', 'matplotlib'} & set(sys.modules)
    assert 'd2l_dropout.ports.compare' not in sys.modules
"""
CHOSEN = """
import pytest

@pytest.mark.parametrize('d2l_case', ['tiny-scratch'], indirect=True)
def test_one(d2l_case):
    assert d2l_case.settings.model == 'scratch'
"""


@pytest.fixture
def run(tmp_path):
    """Run pytest on a test file as a user of the installed package does."""

    def run(code, *options):
        (tmp_path / 'test_port.py').write_text(code)
        environment = dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD='1')
        command = [sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider']
        plugin = ['-p', 'd2l_dropout.ports.pytest_plugin']
        return subprocess.run(
            [*command, *plugin, *options, 'test_port.py'],
            cwd=str(tmp_path),
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


def test_each_case_is_given_and_a_failure_is_the_report(run):
    done = run(WRONG_PORT, '-v')
    for name in references.shipped_names():
        assert f'test_right[{name}] PASSED' in done.stdout
        assert f'test_wrong[{name}] FAILED' in done.stdout
    assert 'Likely: what is kept is multiplied by 1 - drop_prob' in done.stdout
    assert 'step1/H1_dropped   8 x 16' in done.stdout
    assert 'first difference step1/H1_dropped' in done.stdout  # of a plain assert
    assert 'in check' not in done.stdout  # the line that is shown is the user's


def test_unused_it_loads_neither_numpy_nor_mxnet(run):
    done = run(UNUSED)
    assert done.returncode == 0, done.stdout


def test_a_case_can_be_chosen(run):
    done = run(CHOSEN)
    assert '1 passed' in done.stdout, done.stdout


def test_pytest_finds_it_where_the_package_is_installed(tmp_path):
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '--fixtures', '-q'],
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
    )
    assert 'd2l_case -- ' in done.stdout

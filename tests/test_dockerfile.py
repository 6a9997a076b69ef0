"""The Dockerfile can be run without Docker, and what uses it fits it."""

import importlib.machinery
import importlib.util
import json
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
pytestmark = [
    pytest.mark.skipif(
        not (CHECKOUT / '.ci' / 'run-dockerfile').exists(), reason='not a checkout'
    ),
    pytest.mark.one_python,
]


@pytest.fixture(scope='module')
def runner():
    """.ci/run-dockerfile, which runs the instructions in a clean root."""
    path = str(CHECKOUT / '.ci' / 'run-dockerfile')
    loader = importlib.machinery.SourceFileLoader('run_dockerfile', path)
    spec = importlib.util.spec_from_loader('run_dockerfile', loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def instructions(runner):
    return runner.instructions((CHECKOUT / 'Dockerfile').read_text())


def state_at_the_end(runner, instructions, folder):
    """Follow all instructions but RUN and COPY, which need root."""
    root = runner.Root(folder)
    for name, argument in instructions:
        if name not in ('FROM', 'RUN', 'COPY'):
            getattr(root, f'do_{name}')(argument)
    return root


def test_each_instruction_is_one_that_runs_without_docker(runner, instructions):
    assert instructions[0][0] == 'FROM' and instructions[0][1] in runner.SUITES
    assert all(hasattr(runner.Root, f'do_{name}') for name, _ in instructions)
    assert [argument for name, argument in instructions if name == 'COPY'] == ['. .']


def test_lines_are_joined_and_comments_left_out(runner):
    text = '# A comment.\nRUN one \\\n# Another.\n    two\n\nUSER reader\n'
    (run, line), user = runner.instructions(text)
    assert (run, line.split()) == ('RUN', ['one', 'two'])
    assert user == ('USER', 'reader')


def test_the_server_is_started_by_a_user_who_is_not_root(
    runner, instructions, tmp_path
):
    root = state_at_the_end(runner, instructions, tmp_path)
    assert root.user == 'reader' and root.port == 8888
    assert root.command[:2] == ['make', 'lab'] and '--ip=0.0.0.0' in root.command[2]
    assert root.env['PATH'].startswith(root.env['VENV'] + '/bin:')


def test_the_dev_container_is_this_image_with_another_checkout(
    runner, instructions, tmp_path
):
    root = state_at_the_end(runner, instructions, tmp_path)
    file = CHECKOUT / '.devcontainer' / 'devcontainer.json'
    settings = json.loads(file.read_text())
    assert (file.parent / settings['build']['dockerfile']).resolve().is_file()
    assert settings['remoteUser'] == root.user
    assert settings['workspaceFolder'] == root.workdir
    assert f'target={root.workdir},' in settings['workspaceMount']


def test_the_image_gets_no_file_that_git_ignores():
    def lines(name):
        text = (CHECKOUT / name).read_text()
        return {line.strip('/').replace('**/', '') for line in text.splitlines()}

    assert lines('.dockerignore') == lines('.gitignore') | {'.git'}

"""`make setup`: nothing is built in a wrong place, and no half is taken for a whole.

The interpreter is a shell script that builds no environment and installs nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
pytestmark = [
    pytest.mark.skipif(
        not (CHECKOUT / '.ci' / 'setup').exists(), reason='not a checkout'
    ),
    pytest.mark.one_python,
]

PYTHON = r"""#!/bin/sh
case "$*" in
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; : >"$3/pyvenv.cfg" ;;
    *" pip "*--version) ;;
    *" pip "*) echo installed >>"$LOG"
        case $FAULT in killed) kill -9 $PPID; exit 1 ;; offline) exit 1 ;; esac ;;
    *sysconfig*) dirname "$0" ;;
    *import_mxnet*) [ "$FAULT" != sigbus ] || kill -BUS $$ ;;
    *) exec REAL "$@" ;;
esac
"""


@pytest.fixture
def setup(tmp_path):
    """A function that runs .ci/setup of a copy of the checkout."""
    python = tmp_path / 'python'
    python.write_text(PYTHON.replace('REAL', sys.executable))
    python.chmod(0o755)
    copy = tmp_path / 'checkout'
    shutil.copytree(str(CHECKOUT / '.ci'), str(copy / '.ci'))
    for name in ('Makefile', 'setup.cfg', 'pyproject.toml'):
        shutil.copy(str(CHECKOUT / name), str(copy))

    def run(venv='.venv', fault='', python=str(python), extras='test', path=''):
        done = subprocess.run(
            ['sh', '.ci/setup', venv, python, extras],
            cwd=str(copy),
            env=dict(
                os.environ,
                FAULT=fault,
                LOG=str(tmp_path / 'log'),
                PATH=f'{path}{os.pathsep}{os.environ["PATH"]}',
            ),
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stderr

    run.checkout, run.log = copy, tmp_path / 'log'
    return run


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_environment_is_built_once(setup):
    assert setup()[0] == 0
    assert names(setup.checkout / '.venv').count('.setup-test') == 1
    assert setup() == (0, '')
    assert setup.log.read_text() == 'installed\n'


@pytest.mark.parametrize('fault', ['killed', 'sigbus'])
def test_what_an_interrupted_build_left_is_built_anew(setup, fault):
    code, said = setup(fault=fault)
    assert code != 0 and ('MXNet does not start' in said) == (fault == 'sigbus')
    (setup.checkout / '.venv' / 'half-a-library').touch()
    code, said = setup()
    assert code == 0 and 'interrupted' in said
    assert 'half-a-library' not in names(setup.checkout / '.venv')
    assert '.setup-unfinished' not in names(setup.checkout / '.venv')


def test_an_environment_is_kept_when_something_more_cannot_be_installed(setup):
    assert setup()[0] == 0
    (setup.checkout / '.venv' / 'kept').touch()
    code, said = setup(fault='offline', extras='notebook')
    assert code == 1 and 'pip could not install it' in said
    assert setup() == (0, '') and 'kept' in names(setup.checkout / '.venv')


def test_an_environment_that_another_process_builds_is_left_to_it(setup):
    (setup.checkout / '.venv').mkdir()
    unfinished = setup.checkout / '.venv' / '.setup-unfinished'
    builder = ['sh', '-c', 'read line; : .ci/setup']
    with subprocess.Popen(builder, stdin=subprocess.PIPE) as process:
        unfinished.write_text(f'{process.pid}\n')
        code, said = setup()
        process.stdin.close()
    assert code == 1 and f'process {process.pid} is building .venv' in said
    assert names(setup.checkout / '.venv') == ['.setup-unfinished']


@pytest.mark.parametrize('venv', ['', '.', '.ci', 'setup.cfg', '..'])
def test_an_environment_is_not_spilled_over_anything_else(setup, venv):
    before = names(setup.checkout), names(setup.checkout.parent)
    code, said = setup(venv)
    assert code == 1 and ('VENV is empty' in said or 'is no environment' in said)
    assert (names(setup.checkout), names(setup.checkout.parent)) == before


def test_an_environment_of_the_users_is_not_removed(setup):
    venv = setup.checkout / 'theirs'
    subprocess.run([str(setup.checkout.parent / 'python'), '-m', 'venv', str(venv)])
    (venv / 'kept').touch()
    for fault in ('killed', 'sigbus', ''):
        code, _ = setup('theirs', fault)
        assert (code == 0) == (not fault) and 'kept' in names(venv)


@pytest.mark.parametrize('target', ['setup', 'test', 'lint'])
def test_make_refuses_an_empty_venv(setup, target):
    done = subprocess.run(
        ['make', target, 'VENV='], cwd=str(setup.checkout), capture_output=True
    )
    assert done.returncode == 2 and b'VENV is empty' in done.stderr


def command(folder, name, script):
    """Put a shell script of this name into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f'#!/bin/sh\n{script}\n')
    (folder / name).chmod(0o755)


def platform(folder, system, machine, libc='ldd (Debian GLIBC 2.36) 2.36'):
    """Make commands that say that the machine is another; return their folder."""
    command(
        folder, 'uname', f'case $1 in -s) echo {system} ;; -m) echo {machine} ;; esac'
    )
    command(folder, 'ldd', f'echo "{libc}" >&2; exit 1')
    return str(folder)


@pytest.mark.parametrize(
    'here, explained',
    [
        (('Darwin', 'arm64'), 'macOS on Apple silicon (Darwin arm64)'),
        (('MSYS_NT-10.0-22631', 'x86_64'), 'Windows (MSYS_NT-10.0-22631 x86_64)'),
        (('MINGW64_NT-10.0-22631', 'x86_64'), 'Windows (MINGW64_NT'),
        (('CYGWIN_NT-10.0', 'x86_64'), 'Windows (CYGWIN_NT-10.0 x86_64)'),
        (('Linux', 'x86_64', 'musl libc (x86_64)'), 'Linux with musl, such as Alpine'),
        (('Linux', 'riscv64'), 'riscv64 (Linux riscv64)'),
        (('FreeBSD', 'amd64'), 'FreeBSD (FreeBSD amd64)'),
    ],
)
def test_a_platform_without_mxnet_is_explained_before_pip_starts(
    setup, tmp_path, here, explained
):
    code, said = setup(path=platform(tmp_path / 'commands', *here))
    assert code == 1 and explained in said and 'docs/machines.md' in said
    assert not setup.log.exists() and not (setup.checkout / '.venv').exists()
    assert ('WSL 2' in said) == ('Windows' in said)


@pytest.mark.parametrize(
    'here', [('Darwin', 'x86_64'), ('Linux', 'aarch64'), ('Linux', 'x86_64')]
)
def test_a_platform_with_mxnet_is_set_up(setup, tmp_path, here):
    assert setup(path=platform(tmp_path / 'commands', *here))[0] == 0


def test_the_explanation_is_the_packages_own(setup, tmp_path):
    from d2l_dropout.compat import hook

    said = setup(path=platform(tmp_path / 'commands', 'Darwin', 'arm64'))[1]
    platforms = 'for Linux with glibc (x86_64, aarch64) and for macOS on Intel'
    assert platforms in said and platforms in hook._OTHER_PLATFORMS


@pytest.mark.parametrize('version', ['3.7', '3.14'])
def test_an_unsupported_python_is_called_so_whether_it_is_here_or_not(
    setup, tmp_path, version
):
    (setup.checkout / '.ci' / 'pythons').write_text('')  # it starts each one: slow
    here = tmp_path / 'commands' / 'interpreter'
    command(here.parent, here.name, f'echo {version}')
    for python, named in [
        (f'python{version}', f'Python {version}'),
        (version, f'Python {version}'),
        (str(here), f'{here} (Python {version})'),
    ]:
        code, said = setup(python=python)
        assert code == 1 and f'{named} is not supported' in said
        assert 'CPython 3.8 to 3.13' in said and 'found no' not in said


def test_a_supported_python_that_is_not_here_is_not_found(setup):
    (setup.checkout / '.ci' / 'pythons').write_text('')
    code, said = setup(python='/nowhere/python3.11')
    assert code == 1 and 'found no /nowhere/python3.11' in said

"""The shape of the project: imports go one way, the README tells no lies."""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

import d2l_dropout
from d2l_dropout import cli, doctor

PYTHON = {'.py', '.pyc'}
PACKAGE = Path(d2l_dropout.__file__).resolve().parent
CHECKOUT = PACKAGE.parent
in_checkout = pytest.mark.skipif(
    not (CHECKOUT / 'setup.cfg').exists(), reason='not a checkout'
)

# What each module may import from this package: those of the levels above its own.
LEVELS = [
    {'__init__', 'files', 'intervals', 'messages', 'metrics', 'book.__init__'},
    {'exact_tests', 'fashion_mnist', 'compat', 'book.printed', 'book.words'},
    {'d2l', 'book.cells'},
    {'models', 'plots', 'book.terminal'},
    {'runs'},
    {'distributed', 'experiments', 'book.beside'},
    {'book.chapter'},
    {'bench', 'ports', 'reproduce'},
    {'doctor'},
    {'commands'},
    {'cli'},
    {'__main__'},
]
MODULES = set().union(*LEVELS)


def module_of(parts):
    """The module of `LEVELS` that a dotted name, given in parts, belongs to."""
    return '.'.join(parts[:2]) if '.'.join(parts[:2]) in MODULES else parts[0]


def modules_imported(path):
    """The top-level modules of this package that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            parts = node.module.split('.')
            if parts[0] == 'd2l_dropout':
                found |= {module_of([*parts[1:], a.name]) for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                module_of(a.name.split('.')[1:])
                for a in node.names
                if a.name.startswith('d2l_dropout.')
            }
    return found - {'__version__'}


@pytest.mark.parametrize(
    'path',
    sorted(PACKAGE.rglob('*.py')),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_imports_only_go_down(path):
    module = module_of(path.relative_to(PACKAGE).with_suffix('').parts)
    level = next(i for i, names in enumerate(LEVELS) if module in names)
    allowed = set().union(*LEVELS[:level]) | {module}
    assert modules_imported(path) <= allowed


def test_import_d2l_does_not_load_matplotlib_until_it_draws(fresh_import):
    assert not {'matplotlib', 'IPython'} & set(fresh_import['new_modules'])
    assert fresh_import['plt_loads_matplotlib']


@in_checkout
def test_every_command_and_target_that_the_readme_names_is_there(capsys):
    readme = (CHECKOUT / 'README.md').read_text(encoding='utf-8')
    makefile = (CHECKOUT / 'Makefile').read_text(encoding='utf-8')
    targets = set(re.findall(r'^([a-z-]+):', makefile, re.MULTILINE))
    named = set(re.findall(r'\bmake ([a-z-]+)\b', readme))
    assert {'chapter', 'lab', 'reproduce', 'check'} <= named <= targets
    commands = set(re.findall(r'^ *d2l-dropout ([a-z-]+)', readme, re.MULTILINE))
    assert len(commands) > 5
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            cli.main([command, '--help'])
        assert ended.value.code == 0, command


def places_on_the_readmes_map():
    """The files and folders of the package that the README's tree names."""
    readme = (CHECKOUT / 'README.md').read_text(encoding='utf-8')
    tree = readme[readme.index('    d2l_dropout/\n') : readme.index('    notebooks/  ')]
    folders, places = [''], set()
    for line in tree.splitlines()[1:]:
        indent, names = re.match(r' {4}( +)([^\s,]+(?:, [^\s,]+)*)', line).groups()
        del folders[len(indent) // 2 :]
        places |= {folders[-1] + name for name in names.split(', ')}
        if names.endswith('/'):
            folders.append(folders[-1] + names)
    return places


@in_checkout
def test_the_readmes_map_names_every_file_of_the_package_and_no_other():
    places = places_on_the_readmes_map()
    assert [place for place in places if not (PACKAGE / place).exists()] == []
    # In these the subcommands, and the contenders, have files of their own names.
    summed_up = {'plots', 'bench', 'commands', 'templates'}
    for path in PACKAGE.rglob('[a-z]*.py'):
        place = path.relative_to(PACKAGE)
        assert place.as_posix() in places or summed_up & set(place.parts), place


@in_checkout
def test_every_file_that_ships_is_matched_by_a_pattern_of_the_package():
    config = configparser.ConfigParser()
    config.read(str(CHECKOUT / 'setup.cfg'))
    matched = {
        path
        for package, patterns in config['options.package_data'].items()
        for pattern in patterns.split('\n')
        for path in (CHECKOUT / package.replace('.', '/')).glob(pattern.strip() or '-')
    }
    ships = {p for p in PACKAGE.rglob('*') if p.is_file() and p.suffix not in PYTHON}
    assert ships - matched == set()


@in_checkout
def test_the_supported_pythons_are_the_same_everywhere():
    (_, oldest), (_, newest) = doctor.SUPPORTED
    config = configparser.ConfigParser()
    config.read(str(CHECKOUT / 'setup.cfg'))
    assert config['options']['python_requires'] == f'>=3.{oldest}, <3.{newest + 1}'
    minors = [str(minor) for minor in range(oldest, newest + 1)]
    for script in ('pythons', 'all-pythons'):
        text = (CHECKOUT / '.ci' / script).read_text()
        assert f'for minor in {" ".join(minors)}; do' in text
    setup = (CHECKOUT / '.ci' / 'setup').read_text()
    assert ' | '.join(f'3.{minor}' for minor in minors) + ') true' in setup


@in_checkout
@pytest.mark.slow
def test_a_wheel_works_outside_the_checkout(tmp_path):
    def run(*command, cwd=tmp_path):
        return subprocess.run(
            [str(c) for c in command],
            cwd=str(cwd),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    run(
        sys.executable,
        '-m',
        'pip',
        'wheel',
        '-q',
        '--no-deps',
        '-w',
        tmp_path,
        CHECKOUT,
    )
    run(sys.executable, '-m', 'venv', tmp_path / 'empty')
    python = tmp_path / 'empty' / 'bin' / 'python'
    wheel = next(tmp_path.glob('d2l_dropout-*.whl'))
    run(python, '-m', 'pip', 'install', '-q', wheel)
    if sys.version_info >= (3, 13):
        run(python, '-m', 'pip', 'install', '-q', '--no-deps', 'mxnet==1.9.1')
    where = run(
        python,
        '-c',
        'import d2l, d2lzh, d2l_dropout; from d2l_dropout.plots.mlp_diagram '
        'import draw_mlp_dropout as draw; draw(); print(d2l.__file__)',
    )
    assert str(tmp_path) in where
    printed = run(
        'env', 'D2L_DATA=synthetic:60', python.parent / 'd2l-dropout', 'chapter'
    )
    assert "the book's masks, exactly" in printed

"""`port`: writes the tests of a port in another framework, to be fitted to its code.

The templates are `d2l_dropout/ports/templates/FRAMEWORK_glue.py`. Needs neither MXNet
nor the framework.
"""

from pathlib import Path

from d2l_dropout import ports
from d2l_dropout.files import write_whole

_TEMPLATES = Path(ports.__file__).with_name('templates')
_END = '_glue.py'
FRAMEWORKS = tuple(
    sorted(path.name[: -len(_END)] for path in _TEMPLATES.glob('*' + _END))
)


def add(commands):
    """Add the parser of the command."""
    parser = commands.add_parser(
        'port',
        help='write the tests of a port in another framework, to be fitted to it',
        description='Write a test file for pytest that copies the initial values of '
        'each reference case into a port, gives it the masks in place of its own, '
        "makes the updates with the port's code, and compares what it computed. The "
        'lines to fit to the code are marked YOURS. Needs NumPy only; running the '
        'tests needs the framework and pytest.',
    )
    parser.add_argument(
        'file', metavar='FILE', help='file to write, such as test_port.py'
    )
    parser.add_argument(
        '--framework',
        choices=FRAMEWORKS,
        required=True,
        help='what the port is written in; flax is Flax Linen, keras is Keras 3',
    )
    parser.set_defaults(run=_port)


def _port(args):
    path = Path(args.file)
    if path.exists():
        raise FileExistsError(
            f'{path} exists, perhaps with your changes; remove it or name another file.'
        )
    write_whole(path, (_TEMPLATES / f'{args.framework}{_END}').read_bytes())
    print(f'Wrote {path}: fit the lines marked YOURS to your code, then run')
    print(f'    pytest {path}')
    return 0

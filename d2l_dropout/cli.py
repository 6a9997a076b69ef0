"""The command `d2l-dropout`: it only shows what the package computes."""

import argparse
import contextlib
import difflib
import os
import re
import sys
import textwrap
import warnings

from d2l_dropout import __version__, fashion_mnist
from d2l_dropout.commands import (
    BROKEN_PIPE,
    FAILED,
    INTERRUPTED,
    WRONG_USAGE,
    bench,
    chapter,
    data,
    doctor,
    launch,
    port,
    ports,
    power,
    questions,
    reproduce,
    scaling,
    train,
)
from d2l_dropout.messages import printable_lines

#: The commands by whom they are for.
COMMANDS = {
    'For readers of the chapter': (chapter, questions, data, doctor),
    'For those who compare': (reproduce, ports, port, power),
    'For those who train and measure': (train, launch, scaling, bench),
}


class _Parser(argparse.ArgumentParser):
    """A parser that, of a misspelt name, says which one may be meant."""

    def error(self, message):
        found = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if found:
            names = re.findall(r'[\w.-]+', found.group(2))
            close = difflib.get_close_matches(found.group(1), names, 1)
            message += f"; did you mean '{close[0]}'?" if close else ''
        super().error(message)


def _parser():
    parser = _Parser(
        prog='d2l-dropout',
        usage='%(prog)s [-h] [--version] COMMAND ...',
        description='The chapter "Dropout" of Dive into Deep Learning, on MXNet 1.9.1.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--version', action='version', version=__version__)
    parser.set_defaults(error_code=FAILED)
    # Suppressed, because argparse would list them without groups.
    commands = parser.add_subparsers(
        dest='command', help=argparse.SUPPRESS, prog='d2l-dropout'
    )
    lines = []
    for whom, modules in COMMANDS.items():
        lines += [f'{whom}:', *_list(modules, commands), '']
    lines += ['d2l-dropout COMMAND --help says more of each.']
    parser.epilog = '\n'.join(lines)
    return parser


def _list(modules, commands):
    """Add the parsers of some commands; return a line or two on each."""
    for module in modules:
        before = len(commands._choices_actions)
        module.add(commands)
        for choice in commands._choices_actions[before:]:
            yield from textwrap.wrap(
                f'  {choice.dest:14} {choice.help}', 80, subsequent_indent=' ' * 17
            )


def _complete(parser):
    """Answer a shell that asks for completions, where argcomplete is installed."""
    if '_ARGCOMPLETE' in os.environ:
        with contextlib.suppress(ImportError):
            import argcomplete

            argcomplete.autocomplete(parser)


# What ends a command with a sentence, as far as a user can do something about it.
EXPLAINED = (fashion_mnist.DataError, ImportError, MemoryError, OSError, ValueError)


def _leave_cluster(command):
    """Ignore DMLC_ROLE where nothing joins a cluster: `import mxnet` would serve it."""
    if 'DMLC_ROLE' in os.environ and command not in ('train', 'launch'):
        role = os.environ.pop('DMLC_ROLE')
        print(
            f'd2l-dropout {command}: DMLC_ROLE is {role!r}, which is for a cluster; it '
            'is ignored, because only `train` joins one.',
            file=sys.stderr,
        )


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        `sys.argv[1:]` unless given.

    Returns
    -------
    int
        Exit code: 0 done, 1 failed with a message on stderr, unless the command's help
        says otherwise; 130 interrupted. Wrong usage exits with 2.
    """
    _open_closed_streams()
    parser = _parser()
    _complete(parser)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return WRONG_USAGE
    warnings.formatwarning = lambda said, *_: f'Warning: {printable_lines(said)}\n'
    _leave_cluster(args.command)
    try:
        _check_working_directory()
        code = args.run(args)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # such as `| head`: nobody reads on
        _give_up_stdout()
        return BROKEN_PIPE
    except EXPLAINED as error:
        said = printable_lines(error) or _of_no_words(error)
        print(f'd2l-dropout {args.command}: {said}', file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:  # such as a full disk
            _give_up_stdout()
        return args.error_code


def _of_no_words(error):
    if isinstance(error, MemoryError):
        return 'there is not enough memory.'
    return f'it ended with {type(error).__name__}, which says no more.'


def _open_closed_streams():
    """Open /dev/null for a standard stream that is closed, as `2>&-` closes it.

    Else the next file takes its number, and gets what MXNet says on that stream.
    """
    for number, name in enumerate(('stdin', 'stdout', 'stderr')):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            try:
                os.fstat(number)
            except OSError:
                os.dup2(handle, number)
            setattr(sys, name, open(number, 'r' if name == 'stdin' else 'w'))


def _check_working_directory():
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise OSError(
            'the working directory has been removed; change to another one.'
        ) from error


def _give_up_stdout():
    """Have Python not try again at its end what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

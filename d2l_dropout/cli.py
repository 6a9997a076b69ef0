"""The command `d2l-dropout`: it only shows what the package computes."""

import argparse
import os
import sys
import warnings

from d2l_dropout import __version__, fashion_mnist
from d2l_dropout.commands import (
    BROKEN_PIPE,
    FAILED,
    INTERRUPTED,
    bench,
    chapter,
    data,
    doctor,
    launch,
    ports,
    power,
    questions,
    reproduce,
    scaling,
    train,
)

COMMANDS = (
    chapter,
    train,
    launch,
    scaling,
    data,
    doctor,
    reproduce,
    questions,
    ports,
    power,
    bench,
)


def _parser():
    parser = argparse.ArgumentParser(
        prog='d2l-dropout',
        description='The chapter "Dropout" of Dive into Deep Learning, on MXNet 1.9.1.',
    )
    parser.add_argument('--version', action='version', version=__version__)
    parser.set_defaults(error_code=FAILED)
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser


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
    args = _parser().parse_args(argv)
    warnings.formatwarning = lambda message, *_: 'Warning: %s\n' % message
    try:
        return args.run(args)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # such as `| head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (fashion_mnist.DataError, ImportError, OSError, ValueError) as error:
        print('d2l-dropout %s: %s' % (args.command, error), file=sys.stderr)
        return args.error_code

"""The command `d2l-dropout`: it only shows what the package computes."""

import argparse
import os
import sys
import warnings

from d2l_dropout import __version__, fashion_mnist

# Exit codes beside 0 (done), 1 (failed, with a message) and 2 (wrong usage).
NOTHING_THERE = 3  # of `data`: nothing found and nothing to be downloaded
BROKEN_PIPE = 141
INTERRUPTED = 130


def _chapter(args):
    from d2l_dropout import chapter

    chapter.run(seed=args.seed)
    return 0


def _data(args):
    try:
        found = (
            fashion_mnist.fetch(args.revision)
            if args.revision
            else fashion_mnist.load()
        )
    except fashion_mnist.DownloadError as error:
        print('d2l-dropout data: %s' % error, file=sys.stderr)
        return NOTHING_THERE
    if not args.quiet:
        print(found.description)
    return 0


def _doctor(args):
    from d2l_dropout import doctor

    checks = doctor.examine()
    print(doctor.report(checks))
    return 1 if any(check.ok is False for check in checks) else 0


def _seed(text):
    if not text.isdigit() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(
            '%r is not a seed; give an integer from 0 to 4294967295' % text
        )
    return int(text)


def _parser():
    parser = argparse.ArgumentParser(
        prog='d2l-dropout',
        description='The chapter "Dropout" of Dive into Deep Learning, on MXNet 1.9.1.',
    )
    parser.add_argument('--version', action='version', version=__version__)
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)

    chapter = commands.add_parser(
        'chapter',
        help="run the chapter's seven cells; the book's figures beside ours",
        description="Run the chapter's seven cells as they stand in the notebook, then "
        "print the book's figures beside those of this run.",
    )
    chapter.add_argument(
        '--seed',
        type=_seed,
        help="seed of NumPy's generator, which shuffles the training examples "
        '(default: unseeded, as in the book)',
    )
    chapter.set_defaults(run=_chapter)

    data = commands.add_parser(
        'data',
        help='fetch and verify Fashion-MNIST; say which revision it is and where',
        description='Find Fashion-MNIST, or download it if it is nowhere; verify it, '
        'and say which revision it is and where. D2L_DATA=FOLDER names a folder of '
        'your own, D2L_DATA=REVISION one of the two revisions.',
    )
    data.add_argument(
        '--revision',
        choices=sorted(fashion_mnist.REVISIONS),
        help="fetch this revision into the cache, unless it is there (the book's: %s)"
        % fashion_mnist.BOOK_REVISION,
    )
    data.add_argument('--quiet', action='store_true', help='print errors only')
    data.set_defaults(run=_data)

    doctor = commands.add_parser(
        'doctor',
        help='say what works on this machine and what to do about the rest',
        description='Check Python, NumPy, MXNet, contexts, threads and data. Exit '
        'code 1 if something that the chapter needs does not work.',
    )
    doctor.set_defaults(run=_doctor)
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
        Exit code: 0 done, 1 failed with a message on stderr, 3 if `data` neither
        found nor could download any, 130 interrupted. Wrong usage exits with 2.
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
        return 1

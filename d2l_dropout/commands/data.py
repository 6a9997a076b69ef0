"""`d2l-dropout data`: find or download Fashion-MNIST; say which revision it is."""

import sys

from d2l_dropout import fashion_mnist
from d2l_dropout.commands import DONE, NO_DATA
from d2l_dropout.messages import printable_lines


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'data',
        help='find or download Fashion-MNIST; print which revision it is, and where',
        description='Find Fashion-MNIST, or download it if it is not on this machine; '
        'verify it, and print which revision it is and where it lies. The environment '
        'variable D2L_DATA may name a folder of your own or one of the two revisions.',
        epilog='Exit code: 0 if there are data, 1 if those that D2L_DATA names cannot '
        'be used, 3 if there are none and none can be downloaded.',
    )
    parser.add_argument(
        '--revision',
        choices=sorted(fashion_mnist.REVISIONS),
        help='download this revision into the cache, unless it is on this machine '
        f"(the book's is {fashion_mnist.BOOK_REVISION})",
    )
    parser.add_argument('--quiet', action='store_true', help='print only errors')
    parser.set_defaults(run=_run)


def _run(args):
    try:
        found = (
            fashion_mnist.fetch(args.revision)
            if args.revision
            else fashion_mnist.load()
        )
    except fashion_mnist.DownloadError as error:
        print(f'd2l-dropout data: {printable_lines(error)}', file=sys.stderr)
        return NO_DATA
    if not args.quiet:
        print(found.description)
    return DONE

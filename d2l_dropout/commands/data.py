"""`d2l-dropout data`: fetch and verify Fashion-MNIST; say which it is and where."""

import sys

from d2l_dropout import fashion_mnist
from d2l_dropout.commands import NOTHING_THERE


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'data',
        help='fetch and verify Fashion-MNIST; say which revision it is and where',
        description='Find Fashion-MNIST, or download it if it is nowhere; verify it, '
        'and say which revision it is and where. D2L_DATA=FOLDER names a folder of '
        'your own, D2L_DATA=REVISION one of the two revisions.',
    )
    parser.add_argument(
        '--revision',
        choices=sorted(fashion_mnist.REVISIONS),
        help="fetch this revision into the cache, unless it is there (the book's: "
        f'{fashion_mnist.BOOK_REVISION})',
    )
    parser.add_argument('--quiet', action='store_true', help='print errors only')
    parser.set_defaults(run=_run)


def _run(args):
    try:
        found = (
            fashion_mnist.fetch(args.revision)
            if args.revision
            else fashion_mnist.load()
        )
    except fashion_mnist.DownloadError as error:
        print(f'd2l-dropout data: {error}', file=sys.stderr)
        return NOTHING_THERE
    if not args.quiet:
        print(found.description)
    return 0

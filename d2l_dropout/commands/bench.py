"""`d2l-dropout bench`: time training and loading beside the book's way and PyTorch."""

import sys

from d2l_dropout.commands import DONE, integer, path
from d2l_dropout.files import write_all_whole


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'bench',
        help="time training and loading beside the book's own code and PyTorch",
        description="Time training and loading with this package, with the book's own "
        'code, in PyTorch if it is installed, and for the matrix products alone. Each '
        'runs in a process of its own, in turn. Medians, ranges and ratios are printed '
        'as Markdown; a ratio that misses its target is not an error.',
    )
    parser.add_argument(
        '--rounds',
        type=integer(1),
        default=3,
        metavar='N',
        help='how often each of them is run (default: 3, which takes ten minutes)',
    )
    parser.add_argument(
        '--json',
        type=path,
        metavar='FILE',
        help='also write every measurement to this file',
    )
    parser.add_argument(
        '--plot', type=path, metavar='FILE.svg', help='also plot the epochs'
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout.bench import run as bench

    timings = bench.run(args.rounds, lambda line: print(line, file=sys.stderr))
    print(bench.report(timings, args.rounds))
    contents = {}
    if args.json:
        contents[args.json] = bench.as_json(timings, args.rounds).encode() + b'\n'
    if args.plot:
        from d2l_dropout.bench import plot
        from d2l_dropout.plots import style

        figure = plot.draw(timings, args.rounds)
        contents[args.plot] = style.as_svg(figure, 'bench')
    write_all_whole(contents)
    return DONE

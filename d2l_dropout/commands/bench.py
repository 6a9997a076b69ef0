"""`d2l-dropout bench`: how fast, side by side, in one run."""

import sys

from d2l_dropout.commands import integer, write_whole


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'bench',
        help="time training and loading against the book's way and PyTorch",
        description="Time training and loading: ours, the book's way, PyTorch where it "
        'is installed, and the matrix products alone; each in a process of its own, '
        'alternating. Prints medians, spreads and ratios as Markdown; a ratio that '
        'misses its target is no error.',
    )
    parser.add_argument(
        '--rounds',
        type=integer(1),
        default=3,
        metavar='N',
        help='how often each contender is started (default: 3, ten minutes)',
    )
    parser.add_argument(
        '--json', metavar='FILE', help='write every measurement there too'
    )
    parser.add_argument('--plot', metavar='FILE.svg', help='draw the epochs, as SVG')
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout.bench import run as bench

    timings = bench.run(args.rounds, lambda line: print(line, file=sys.stderr))
    print(bench.report(timings, args.rounds))
    if args.json:
        write_whole(args.json, bench.as_json(timings, args.rounds).encode() + b'\n')
    if args.plot:
        from d2l_dropout.bench import plot
        from d2l_dropout.plots import style

        figure = plot.draw(timings, args.rounds)
        write_whole(args.plot, style.as_svg(figure, 'bench'))
    return 0

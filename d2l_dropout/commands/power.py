"""`d2l-dropout power`: how many seeds until `reproduce` notices a wrong port?"""

from d2l_dropout.commands import integer


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'power',
        help='measure how many seeds `reproduce` needs to notice a wrong port',
        description='Train deliberately wrong ports with several seeds; print how '
        'often the comparison of `reproduce` tells them from the correct one, and how '
        'often it raises a false alarm, as a Markdown table. Half an hour on two '
        'processors; started again, it runs only what its store lacks.',
    )
    parser.add_argument(
        '--seeds',
        type=integer(3),
        default=10,
        metavar='N',
        help='runs of each wrong port, model and kind (default: 10)',
    )
    parser.add_argument(
        '--store',
        default='results/faults.jsonl',
        metavar='FILE',
        help='where results are kept, one a line (default: %(default)s)',
    )
    parser.add_argument(
        '--jobs',
        type=integer(1),
        metavar='N',
        help='runs at a time (default: one a processor)',
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout.reproduce import power
    from d2l_dropout.runs.store import Store

    print(power.markdown(power.measure(Store(args.store), args.seeds, args.jobs)))
    return 0

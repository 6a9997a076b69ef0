"""`d2l-dropout power`: how many seeds until `reproduce` notices a wrong port?"""

from d2l_dropout.commands import MAX_JOBS, MAX_SEEDS, integer, path


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'power',
        help='measure how many seeds `reproduce` needs to notice a wrong port',
        description='Train deliberately wrong ports with several seeds. Print, as a '
        'table in Markdown, how often the comparison of `reproduce` tells them from '
        'the correct port, and how often it raises a false alarm on the correct one. '
        'It takes half an hour on two processors. Results are kept: started again, the '
        'command trains only the runs that are missing.',
    )
    parser.add_argument(
        '--seeds',
        type=integer(3, MAX_SEEDS),
        default=10,
        metavar='N',
        help='how many runs of each wrong port and model on the official split, and '
        'as many on fresh splits (default: 10)',
    )
    parser.add_argument(
        '--store',
        default='results/faults.jsonl',
        type=path,
        metavar='FILE',
        help='where the results are kept, one on each line (default: %(default)s)',
    )
    parser.add_argument(
        '--jobs',
        type=integer(1, MAX_JOBS),
        metavar='N',
        help='how many runs to train at a time (default: one for each processor)',
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout.reproduce import power
    from d2l_dropout.runs.store import Store

    print(power.markdown(power.measure(Store(args.store), args.seeds, args.jobs)))
    return 0

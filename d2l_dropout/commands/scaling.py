"""`d2l-dropout scaling`: one process against several workers; networks on paper."""

import argparse

from d2l_dropout.commands import integer
from d2l_dropout.runs.spec import MODELS


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'scaling',
        help='time one process against several workers on this machine',
        description='Time epochs of the chapter with one process and with several '
        'workers that share its mini-batches, on this machine, and print what '
        'networks would allow by the size of the messages alone. docs/devices.md has '
        'an account.',
    )
    parser.add_argument(
        '--workers',
        type=_numbers,
        default=[1, 2, 4],
        metavar='N,...',
        help='how many (default: 1,2,4)',
    )
    parser.add_argument('--model', choices=MODELS, default='gluon')
    parser.add_argument(
        '--epochs', type=integer(1), default=5, help='timed of each (default: 5)'
    )
    parser.set_defaults(run=_run)


def _numbers(text):
    parse = integer(1, 64)
    numbers = [parse(number) for number in text.split(',')]
    if any(256 % number for number in numbers):
        raise argparse.ArgumentTypeError(f'{text!r}: each must divide 256')
    return numbers


def _run(args):
    from d2l_dropout.bench import scaling
    from d2l_dropout.compat import environment

    rows = []
    for num_workers, threads in scaling.ways(args.workers):
        rows.append(scaling.measure(num_workers, threads, args.model, args.epochs))
    print(environment.describe())
    print(f'model {args.model}, seed 0, mini-batches of 256 altogether\n')
    print(scaling.as_markdown(rows))
    step = rows[0].seconds / scaling.STEPS
    print(
        f'\nOn paper, from a step of {1000 * step:.1f} ms in one process and a message '
        f'of {scaling.MESSAGE_BYTES / 1e6:.2f} MB, so many times faster than that:\n'
    )
    print(scaling.on_paper(step))
    return 0

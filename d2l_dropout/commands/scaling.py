"""`d2l-dropout scaling`: time one process and several workers; bounds by network."""

import argparse

from d2l_dropout.commands import DONE, integer
from d2l_dropout.runs.spec import MODELS


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'scaling',
        help='time training with one process and with several workers',
        description='Time epochs of the chapter with one process and with several '
        'workers that share its mini-batches, all on this machine. Then print an upper '
        'bound of the speed-up over networks, from the size of the messages alone. '
        'docs/devices.md discusses the results.',
    )
    parser.add_argument(
        '--workers',
        type=_numbers,
        default=[1, 2, 4],
        metavar='N,...',
        help='numbers of workers, each a divisor of 256 (default: 1,2,4)',
    )
    parser.add_argument(
        '--model', choices=MODELS, default='gluon', help='the net (default: gluon)'
    )
    parser.add_argument(
        '--epochs',
        type=integer(1),
        default=5,
        help='epochs timed in each case (default: 5)',
    )
    parser.set_defaults(run=_run)


def _numbers(text):
    parse = integer(1, 64)
    numbers = [parse(number) for number in text.split(',')]
    if any(256 % number for number in numbers):
        raise argparse.ArgumentTypeError(
            f'{text!r}: each number must divide 256, the size of the mini-batches'
        )
    return numbers


def _run(args):
    from d2l_dropout.bench import scaling
    from d2l_dropout.compat import environment

    rows = []
    for num_workers, threads in scaling.cases(args.workers):
        rows.append(scaling.measure(num_workers, threads, args.model, args.epochs))
    print(environment.describe())
    print(f'model {args.model}, seed 0, total batch size 256\n')
    print(scaling.as_markdown(rows))
    step = rows[0].seconds / scaling.STEPS
    print(
        f'\nUpper bounds of the speed-up, from {1000 * step:.1f} ms per step in one '
        f'process and messages of {scaling.MESSAGE_BYTES / 1e6:.2f} MB:\n'
    )
    print(scaling.bounds(step))
    return DONE

"""`d2l-dropout reproduce`: might this code have printed the book's metrics?"""

import argparse
import os
import sys

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.commands import MAX_JOBS, MAX_SEEDS, NOT_JUDGED, integer, path
from d2l_dropout.runs.faults import FAULTS, models_with

NUM_EPOCHS = 10  # of the book's table
MODELS = tuple(EPOCHS)  # those whose metrics the book printed


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'reproduce',
        help="compare the book's sixty metrics with many seeded runs, and judge",
        description='Train each model with many seeds: on the official split of the '
        'data and, as a control, on fresh random splits of the same images. Compare '
        'each metric that the book printed with the interval in which one more run '
        'would lie, and judge the code and the data by that. Results are kept: started '
        'again, the command trains only the runs that are missing. docs/power.md says '
        'what size of difference it notices.',
        epilog='Exit code: 0 the code agrees with the book as far as the runs can '
        'tell, 1 it does not, 2 wrong usage, 3 it could not be judged (runs failed or '
        'are missing, or are too few to tell, or the data are not Fashion-MNIST).',
    )
    runs = parser.add_argument_group('the runs')
    runs.add_argument(
        '--seeds',
        type=_seeds,
        metavar='N',
        help='how many runs of each model on the official split, and as many of the '
        'control; at least 3 (default: 10, with --shipped all of them)',
    )
    runs.add_argument(
        '--epochs',
        type=integer(1, NUM_EPOCHS),
        default=NUM_EPOCHS,
        metavar='N',
        help='train and compare N epochs (default: 10)',
    )
    runs.add_argument('--model', choices=MODELS, help='only this model (default: both)')
    runs.add_argument(
        '--resplit', action='store_true', help='only the control, on fresh splits'
    )
    runs.add_argument(
        '--fault',
        choices=FAULTS,
        help='train a deliberately wrong port, to see whether the comparison notices: '
        + '; '.join(f'{name}: {what}' for name, (what, _) in FAULTS.items()),
    )
    runs.add_argument(
        '--store',
        default='results/runs.jsonl',
        type=path,
        metavar='FILE',
        help='where the results are kept, one on each line (default: %(default)s)',
    )
    runs.add_argument(
        '--shipped',
        action='store_true',
        help='train nothing; use the results that ship with this package',
    )
    runs.add_argument(
        '--jobs',
        type=integer(1, MAX_JOBS),
        metavar='N',
        help='how many runs to train at a time (default: one for each processor)',
    )
    output = parser.add_argument_group('the output')
    form = output.add_mutually_exclusive_group()
    form.add_argument('--json', action='store_true', help='print everything as JSON')
    form.add_argument(
        '--markdown',
        action='store_true',
        help='print the last epoch as a table in Markdown',
    )
    output.add_argument(
        '--report',
        metavar='OUT.html',
        help='also write a page with plots, and the numbers as CSV beside it',
    )
    parser.set_defaults(run=_run, usage_error=parser.error, error_code=NOT_JUDGED)


def _seeds(text):
    if '..' in text or ',' in text or '-' in text[1:]:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not how many seeds: give one integer of at least 3. The '
            'seeds are 0, 1 and so on.'
        )
    return integer(3, MAX_SEEDS)(text)  # with two, nothing lies outside of any interval


def _run(args):
    from d2l_dropout.reproduce import tables

    _check(args)
    if args.report is not None:  # before hours of training, not after
        from d2l_dropout.reproduce import report

        _check_place(args)
    reproduction = _reproduction(args)
    if args.json:
        print(tables.as_json(reproduction))
    elif args.markdown:
        print(tables.markdown(reproduction))
    else:
        print(tables.text(reproduction))
    if args.report:
        report.write(reproduction, args.report)
        print(f'The page is {args.report}.', file=sys.stderr)
    agrees = reproduction.code_agrees()
    return NOT_JUDGED if agrees is None else int(not agrees)


def _check(args):
    if args.shipped and args.fault:
        args.usage_error('no runs of a wrong port are shipped; leave out --fault')
    if args.shipped and args.epochs != NUM_EPOCHS:
        args.usage_error('the shipped runs have ten epochs; leave out --epochs')
    able = models_with(args.fault) if args.fault else MODELS
    if not set([args.model] if args.model else MODELS) <= set(able):
        args.usage_error(f'--fault {args.fault} needs --model {" or ".join(able)}')


def _check_place(args):
    folder = os.path.dirname(os.path.abspath(args.report))
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if not args.report or os.path.isdir(args.report):
        args.usage_error(f'--report {args.report!r} is not the name of a file')
    if not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
        args.usage_error(f'--report {args.report}: no file can be made in {folder}')


def _reproduction(args):
    from d2l_dropout.reproduce.reproduction import from_shipped, reproduce
    from d2l_dropout.runs.store import Store

    models = [args.model] if args.model else MODELS
    if args.shipped:
        return from_shipped(args.seeds, models, args.resplit)
    store, seeds = Store(args.store), args.seeds or 10
    try:
        return reproduce(
            store, seeds, args.epochs, models, args.jobs, args.resplit, args.fault
        )
    except KeyboardInterrupt:
        print(
            f'Stopped. The runs that finished are in {store.path}; the same command '
            'goes on from there.',
            file=sys.stderr,
        )
        raise

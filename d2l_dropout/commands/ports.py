"""`export`, `compare` and `compare-curve`: is another implementation right?"""

import shutil
import sys
from pathlib import Path

from d2l_dropout.commands import NOT_JUDGED, integer
from d2l_dropout.runs.spec import MODELS


def add(commands):
    """Add the parsers of the three commands."""
    _add_export(commands)
    _add_compare(commands)
    _add_compare_curve(commands)


_EXIT_CODES = 'Exit code: 0 %s, 1 not, 2 wrong usage, 3 it could not be compared.'


def _add_export(commands):
    parser = commands.add_parser(
        'export',
        help='write the tensors of the first updates, to set other ports against',
        description='Write, for both models, everything that is needed to replay five '
        'updates without random numbers, and everything computed on the way, as .npz '
        "with a .json that explains it: on real images with the chapter's sizes "
        '(17 MB each) and on a few made-up numbers with a small net. docs/ports.md '
        'is the model in words and formulas.',
    )
    parser.add_argument('folder', metavar='DIR')
    parser.add_argument('--seed', type=integer(0, 2**32 - 1), default=0, metavar='N')
    parser.add_argument(
        '--tiny',
        action='store_true',
        help='the small cases alone, as they ship: needs neither MXNet nor the data',
    )
    parser.set_defaults(run=_export, usage_error=parser.error)


def _export(args):
    if args.tiny:
        from d2l_dropout.ports.files import SHIPPED

        if args.seed:
            args.usage_error('--tiny has the seed 0; leave out --seed')
        Path(args.folder).mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in SHIPPED.iterdir())
        for name in names:
            shutil.copyfile(str(SHIPPED / name), str(Path(args.folder) / name))
    else:
        from d2l_dropout.ports.export import export

        cases = export(args.folder, args.seed)
        names = [f'{name}{end}' for name in cases for end in ('.npz', '.json')]
    for name in names:
        print(Path(args.folder) / name)
    return 0


def _add_compare(commands):
    parser = commands.add_parser(
        'compare',
        help='set the tensors of another implementation against the exported ones',
        description='Read a .npz with any of the exported names; print each tensor, '
        'the first that differs in the order of computation, and what usually is '
        'behind it. Needs NumPy alone.',
        epilog=_EXIT_CODES % 'all agree',
    )
    parser.add_argument('theirs', metavar='THEIRS.npz')
    parser.add_argument(
        '--reference',
        metavar='CASE',
        help='tiny-scratch, tiny-gluon, or a .npz that `export` wrote (default: of the '
        'first two the one that agrees better)',
    )
    parser.set_defaults(run=_compare, error_code=NOT_JUDGED)


def _compare(args):
    from d2l_dropout.ports import compare
    from d2l_dropout.ports.files import load_tensors

    comparison = compare.compare(load_tensors(args.theirs), args.reference)
    print(compare.report(comparison))
    if args.reference is None:
        print(
            f'{comparison.reference} was taken because more agrees with it; '
            '--reference names another.'
        )
    if comparison.same and not comparison.num_computed:
        print('Nothing that is computed was given.', file=sys.stderr)
        return NOT_JUDGED
    return int(not comparison.same)


def _add_compare_curve(commands):
    parser = commands.add_parser(
        'compare-curve',
        help='set the learning curves of another implementation against our spread',
        description='Read a CSV with the columns epoch, loss, train_acc, test_acc and, '
        'for several runs, run; set each figure against the twenty runs that ship with '
        "the package. The settings must be the chapter's.",
        epilog=_EXIT_CODES % 'consistent',
    )
    parser.add_argument('theirs', metavar='THEIRS.csv')
    parser.add_argument('--model', choices=MODELS, default='scratch')
    parser.add_argument(
        '--fresh-splits',
        action='store_true',
        help='their data are split otherwise than those of 2017-08-31 (as the '
        "book's are): compare with runs on fresh splits",
    )
    parser.set_defaults(run=_compare_curve, error_code=NOT_JUDGED)


def _compare_curve(args):
    from d2l_dropout.ports import curve

    runs = curve.read(args.theirs)
    if len(runs[0]) > 10:
        print('Only the first ten epochs are compared.', file=sys.stderr)
    looks = curve.compare(runs, args.model, args.fresh_splits)
    print(curve.report(looks, len(runs), args.model))
    return int(curve.first_outside(looks) is not None)

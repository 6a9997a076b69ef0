"""`export`, `compare` and `compare-curve`: test a port of the chapter.

`export --tiny` and `compare` need NumPy only, `compare-curve` also SciPy; the full
`export` needs MXNet and the data. Imports inside the functions keep it that way.
"""

import sys
from pathlib import Path

from d2l_dropout.commands import NOT_JUDGED, integer
from d2l_dropout.files import write_all_whole
from d2l_dropout.runs.spec import MODELS


def add(commands):
    """Add the parsers of the three commands."""
    _add_export(commands)
    _add_compare(commands)
    _add_compare_curve(commands)


_EXIT_CODES = 'Exit code: 0 if %s, 1 if not, 2 wrong usage, 3 no comparison possible.'


def _add_export(commands):
    parser = commands.add_parser(
        'export',
        help='write reference tensors of five updates, to test a port against',
        description='For both models, write the inputs of five updates (images, '
        'labels, initial parameters and dropout masks, so that a port needs no random '
        'numbers) and all tensors computed from them. There are two cases for each '
        "model: the chapter's net on real images (17 MB) and a tiny net on random "
        'numbers. Each is a .npz with a .json that describes it. docs/ports.md is the '
        'specification of the model.',
    )
    parser.add_argument('folder', metavar='DIR', help='folder to write the files to')
    parser.add_argument(
        '--seed',
        type=integer(0, 2**32 - 1),
        default=0,
        metavar='N',
        help='seed of the parameters, masks and choice of images (default: 0)',
    )
    parser.add_argument(
        '--tiny',
        action='store_true',
        help='write the tiny cases only, which ship with the package; needs neither '
        'MXNet nor the data',
    )
    parser.set_defaults(run=_export, usage_error=parser.error)


def _export(args):
    if args.tiny:
        from d2l_dropout.ports.files import SHIPPED

        if args.seed:
            args.usage_error('the tiny cases have the seed 0; leave out --seed')
        names = sorted(path.name for path in SHIPPED.iterdir())
        folder = Path(args.folder)
        write_all_whole({folder / n: (SHIPPED / n).read_bytes() for n in names})
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
        help="compare a port's tensors with the reference, and name the likely bug",
        description='Read a .npz with tensors under any of the exported names. Print '
        'how far each is from the reference, the first that differs in the order of '
        'computation, and the likely cause. Needs NumPy only.',
        epilog=_EXIT_CODES % 'all tensors agree',
    )
    parser.add_argument('theirs', metavar='THEIRS.npz', help="the port's tensors")
    parser.add_argument(
        '--reference',
        metavar='CASE',
        help='tiny-scratch, tiny-gluon, or a .npz that `export` wrote (default: '
        'whichever of the first two agrees better)',
    )
    parser.set_defaults(run=_compare, error_code=NOT_JUDGED)


def _compare(args):
    from d2l_dropout.ports import compare
    from d2l_dropout.ports.files import load_tensors

    comparison = compare.compare(load_tensors(args.theirs), args.reference)
    print(compare.report(comparison))
    if args.reference is None:
        print(
            f'{comparison.reference} was chosen because it agrees better; use '
            '--reference to choose another case.'
        )
    if comparison.same and not comparison.num_computed:
        print(
            f'{args.theirs} has only inputs and no tensor that a port computes: '
            'nothing was tested.',
            file=sys.stderr,
        )
        return NOT_JUDGED
    return int(not comparison.same)


def _add_compare_curve(commands):
    parser = commands.add_parser(
        'compare-curve',
        help="compare a port's learning curves with the runs that ship",
        description='Read a CSV with the columns epoch, loss, train_acc, test_acc and, '
        'for several runs, run. Compare each metric of each epoch with the twenty '
        "seeded runs that ship with the package. The port must use the chapter's "
        'settings. Needs NumPy and SciPy.',
        epilog=_EXIT_CODES % 'consistent with the runs',
    )
    parser.add_argument('theirs', metavar='THEIRS.csv', help="the port's metrics")
    parser.add_argument(
        '--model',
        choices=MODELS,
        default='scratch',
        help='the net that was ported (default: scratch)',
    )
    parser.add_argument(
        '--fresh-splits',
        action='store_true',
        help='compare with runs on fresh splits: for a port that was trained on '
        "another split than that of the revision 2017-08-31, such as the book's",
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

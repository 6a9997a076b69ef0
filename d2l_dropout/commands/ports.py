"""`export`, `compare` and `compare-curve`: test a port of the chapter.

`export --tiny`, `compare` and `compare-curve` need NumPy only, and Matplotlib for
`--plot`; the full `export` needs MXNet and the data. Imports inside the functions keep
it that way.
"""

import sys
from pathlib import Path

from d2l_dropout.commands import DONE, FAILED, NOT_JUDGED, integer
from d2l_dropout.files import write_all_whole, write_whole
from d2l_dropout.ports.completeness import REQUIREMENTS
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
        description='For both models, write the inputs of a few updates (images, '
        'labels, initial parameters and dropout masks, so that a port needs no random '
        'numbers) and all tensors computed from them. There are three cases for each '
        "model: the chapter's net on real images (17 MB for both) and, of a tiny net "
        'on random numbers, five full mini-batches and two epochs of which the last '
        'mini-batch is short. Each is a .npz with a .json that describes it. '
        'docs/ports.md is the specification of the model.',
    )
    parser.add_argument('folder', metavar='DIR', help='folder to write the files to')
    parser.add_argument(
        '--seed',
        type=integer(0, 2**32 - 1),
        default=0,
        metavar='N',
        help='seed of the parameters, masks and choice of images (default: 0)',
    )
    small = parser.add_mutually_exclusive_group()
    small.add_argument(
        '--tiny',
        action='store_true',
        help='write the tiny cases only, which ship with the package, also as '
        '.tensors.json; needs neither MXNet nor the data',
    )
    small.add_argument(
        '--full-size',
        action='store_true',
        help="write cases of the chapter's sizes that NumPy makes from the "
        'specification (30 MB); needs neither MXNet nor the data',
    )
    parser.set_defaults(run=_export, usage_error=parser.error)


def _export(args):
    if args.seed and (args.tiny or args.full_size):
        args.usage_error('these cases have seeds of their own; leave out --seed')
    if args.tiny:
        names = _export_tiny(Path(args.folder))
    elif args.full_size:
        names = _export_full_size(args.folder)
    else:
        from d2l_dropout.ports.export import export

        names = _both_files(export(args.folder, args.seed))
    for name in names:
        print(Path(args.folder) / name)
    return DONE


def _both_files(cases):
    return [f'{name}{end}' for name in cases for end in ('.npz', '.json')]


def _export_tiny(folder):
    from d2l_dropout.ports.files import SHIPPED, as_json, load_tensors

    contents = {path.name: path.read_bytes() for path in SHIPPED.iterdir()}
    for path in SHIPPED.glob('*.npz'):
        contents[f'{path.stem}.tensors.json'] = as_json(load_tensors(path))
    write_all_whole({folder / name: contents[name] for name in sorted(contents)})
    return sorted(contents)


def _export_full_size(folder):
    from d2l_dropout.ports import full_size
    from d2l_dropout.ports.files import save

    for name in full_size.CASES:
        save(full_size.make(name), folder, name)
    return _both_files(full_size.CASES)


def _add_compare(commands):
    parser = commands.add_parser(
        'compare',
        help="compare a port's tensors with the reference, and name the likely bug",
        description='Read tensors under any of the exported names, from a .npz, a '
        '.safetensors or a .json. Print how far each is from the reference, the first '
        'that differs in the order of computation, and the mistake that explains all '
        'differences, if one is known. Needs NumPy only.',
        epilog=_EXIT_CODES % 'all tensors agree and enough of them were given',
    )
    parser.add_argument(
        'theirs', metavar='THEIRS', help="the file of the port's tensors"
    )
    parser.add_argument(
        '--reference',
        metavar='CASE',
        help='tiny-scratch, tiny-gluon, epochs-scratch, epochs-gluon, '
        'full-size-scratch, full-size-gluon, or a .npz that `export` wrote (default: '
        'that whose inputs were copied)',
    )
    parser.add_argument(
        '--require',
        choices=REQUIREMENTS,
        default='least',
        help='the tensors without which there is no pass: by default the parameters '
        'after the last update and the scores in predict mode; what a port in a '
        'framework can give; or all',
    )
    _add_forms(parser, 'draw the net with the first wrong place marked')
    parser.set_defaults(run=_compare, error_code=NOT_JUDGED, usage_error=parser.error)


def _add_forms(parser, drawn):
    parser.add_argument(
        '--json',
        action='store_true',
        help='print JSON, as docs/ports.md describes it, in place of the table',
    )
    parser.add_argument(
        '--plot',
        metavar='FILE',
        help=f'also {drawn}: an SVG or PNG',
    )


def _check_plot(args):
    if args.plot is not None and Path(args.plot).suffix not in ('.svg', '.png'):
        args.usage_error(f'--plot {args.plot!r} ends neither in .svg nor in .png')


def _write_plot(path, figure):
    from d2l_dropout.plots import style

    is_png = Path(path).suffix == '.png'
    write_whole(path, style.as_png(figure) if is_png else style.as_svg(figure, 'port'))


def _compare(args):
    from d2l_dropout.ports import compare, compare_json
    from d2l_dropout.ports.completeness import has_short_batches, why_no_pass
    from d2l_dropout.ports.files import load_tensors

    _check_plot(args)
    theirs = load_tensors(args.theirs)
    try:
        comparison = compare.compare(theirs, args.reference)
    except ValueError as error:
        raise ValueError(f'{args.theirs}: {error}') from error
    sentences = why_no_pass(comparison, args.require)
    as_json = compare_json.as_json(comparison, sentences)
    print(as_json if args.json else compare.report(comparison))
    if args.plot is not None:
        from d2l_dropout.ports import compare_plot

        _write_plot(args.plot, compare_plot.draw(comparison))
    if args.reference is None and not args.json:
        print(
            f'{comparison.reference} was chosen by the tensors; use '
            '--reference to choose another case.'
        )
    if comparison.same and not (args.json or has_short_batches(comparison)):
        print(
            'All mini-batches of this case are full. Compare with epochs-scratch or '
            'epochs-gluon too: the last mini-batch of an epoch is short, and most '
            'ports divide its gradients by the wrong number.'
        )
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    if not comparison.same:
        return FAILED
    return NOT_JUDGED if sentences else DONE


def _add_compare_curve(commands):
    parser = commands.add_parser(
        'compare-curve',
        help="compare a port's learning curves with the runs that ship",
        description='Read a CSV with the columns epoch, loss, train_acc, test_acc and, '
        'for several runs, run. Compare each metric of each epoch, and averages, with '
        'the forty seeded runs that ship with the package. The port must use the '
        "chapter's settings. Needs NumPy only.",
        epilog=_EXIT_CODES % 'consistent with the runs',
    )
    parser.add_argument('theirs', metavar='THEIRS.csv', help="the port's metrics")
    parser.add_argument(
        '--fresh-splits',
        action='store_true',
        help='compare with runs on fresh splits: for a port that was trained on '
        "another split than that of the revision 2017-08-31, such as the book's",
    )
    parser.add_argument(
        '--model',
        choices=MODELS,
        help='has no effect any more: no metric tells the two nets apart, and the runs '
        'of both are compared',
    )
    _add_forms(parser, 'plot their curves in the band of ours')
    parser.set_defaults(
        run=_compare_curve, error_code=NOT_JUDGED, usage_error=parser.error
    )


def _compare_curve(args):
    from d2l_dropout.ports.curves import curve, curve_report

    _check_plot(args)
    runs = curve.read(args.theirs)
    if len(runs[0]) > curve.MOST_EPOCHS:
        print('Only the first ten epochs are compared.', file=sys.stderr)
    comparison = curve.compare(runs, args.fresh_splits)
    as_text = curve_report.as_json if args.json else curve_report.report
    print(as_text(comparison))
    if args.plot is not None:
        from d2l_dropout.ports.curves import curve_plot

        _write_plot(args.plot, curve_plot.draw(runs, comparison))
    return int(not comparison.consistent)

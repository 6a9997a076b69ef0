"""`d2l-dropout problem N` and `d2l-dropout claim NAME`: a study, shown or run."""

import sys

from d2l_dropout.claims import CLAIMS
from d2l_dropout.commands import NOT_JUDGED, integer
from d2l_dropout.files import write_whole


def add(commands):
    """Add the parsers of both commands."""
    parser = commands.add_parser(
        'problem',
        help="the chapter's eight problems, answered by experiment",
        description="Answer one of the chapter's problems: the question, how it was "
        'tested, the numbers, the answer. ' + _MODES,
        epilog=_EXIT_CODES,
    )
    parser.add_argument('study', type=integer(1, 8), metavar='N', help='1 to 8')
    _add_options(parser)
    parser = commands.add_parser(
        'claim',
        help="what the chapter's text claims, shown by experiment",
        description="Show one of the claims of the chapter's text. " + _MODES,
        epilog=_EXIT_CODES,
    )
    parser.add_argument('study', choices=CLAIMS, metavar='NAME', help=', '.join(CLAIMS))
    _add_options(parser)


_MODES = (
    'Shows the results of full runs that ship with the package, or runs the study here '
    'with --quick or --full. Started again, it runs only what its store lacks.'
)
_EXIT_CODES = 'Exit code: 0 done, 2 wrong usage, 3 runs failed or the data are missing.'


def _add_options(parser):
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        '--quick',
        action='store_true',
        help='run it on little data with few seeds, a minute or two',
    )
    mode.add_argument(
        '--full', action='store_true', help='run all of it; says first how long'
    )
    parser.add_argument(
        '--language', choices=('en', 'ko'), default='en', help='default: en'
    )
    parser.add_argument(
        '--figure', metavar='FILE', help='write the figure there, .svg or .png'
    )
    parser.add_argument(
        '--store',
        metavar='FILE',
        help='where results are kept, one a line (default: results/studies.jsonl)',
    )
    parser.add_argument(
        '--jobs',
        type=integer(1),
        metavar='N',
        help='runs at a time (default: one a processor)',
    )
    parser.set_defaults(run=_run, usage_error=parser.error, error_code=NOT_JUDGED)


def _run(args):
    from d2l_dropout import answers
    from d2l_dropout.studies import running

    runs = args.quick or args.full
    if not runs and (args.store or args.jobs):
        args.usage_error('--store and --jobs need --quick or --full')
    if args.figure and not args.figure.endswith(('.svg', '.png')):
        args.usage_error('--figure needs a name that ends in .svg or .png')
    name = f'problem {args.study}' if args.command == 'problem' else args.study
    study = answers.find(name)
    scale = study.SCALES['quick' if args.quick else 'full']
    if runs:
        scale = running.on_the_data_here(study, scale)
        kept = _run_study(args, study, scale)
    else:
        kept = running.shipped(study)
    print(answers.as_markdown(study, scale, kept, args.language))
    if args.figure:
        write_whole(args.figure, answers.figure_bytes(study, scale, kept, args.figure))
    return 0


def _run_study(args, study, scale):
    from d2l_dropout.answers import STORE
    from d2l_dropout.runs.store import Store
    from d2l_dropout.studies import running

    store = Store(args.store or STORE)
    missing = running.missing(study, scale, store.results())
    seconds = running.expected_seconds(missing, running.shipped(study), args.jobs)
    if missing and args.full:
        so_long = 'an unknown time' if seconds is None else _in_words(seconds)
        print(
            f'{len(missing)} runs to go, {so_long} on a machine like that of the '
            'shipped runs; interrupted, the same command goes on.',
            file=sys.stderr,
        )
    return running.run(study, scale, store, args.jobs)


def _in_words(seconds):
    if seconds < 90:
        return f'about {seconds:.0f} seconds'
    return f'about {seconds / 60:.0f} minutes'

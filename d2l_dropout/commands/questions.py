"""`d2l-dropout problem N` and `d2l-dropout claim NAME`: a notebook in the terminal."""

import os

from d2l_dropout.book.cells import find, read
from d2l_dropout.commands import DONE, MAX_JOBS, NOT_JUDGED, integer, path
from d2l_dropout.files import write_whole

#: The notebooks in `notebooks/problems/` and `notebooks/claims/`, by their names.
PROBLEMS = (
    '1-drop-probabilities',
    '2-more-epochs',
    '3-variance',
    '4-predict-mode',
    '5-width',
    '6-weight-decay',
    '7-dropconnect',
    '8-another-factor',
)
CLAIMS = (
    'unbiased-noise',
    'input-noise',
    'random-labels',
    'near-input',
    'co-adaptation',
    'single-units',
    'changed-pixels',
    'spread-weights',
    'additive-noise',
)
_HOW = (
    'Prints the text of its notebook and runs the cells here. The results of their '
    'runs ship with this package, so that it takes seconds; --quick and --full train.'
)


def add(commands):
    """Add the parsers of both commands."""
    parser = commands.add_parser(
        'problem',
        help="the chapter's eight problems, each answered by experiment",
        description='Answer one of the problems of the chapter. ' + _HOW,
    )
    parser.add_argument(
        'question',
        type=integer(1, 8),
        nargs='?',
        metavar='N',
        help='1 to 8; without it, the problems are listed',
    )
    _add_options(parser)
    parser = commands.add_parser(
        'claim',
        help="the claims of the chapter's text, each tested by experiment",
        description="Test one of the claims of the chapter's text. " + _HOW,
    )
    parser.add_argument(
        'question',
        choices=CLAIMS,
        nargs='?',
        metavar='NAME',
        help=', '.join(CLAIMS) + '; without it, the claims are listed',
    )
    _add_options(parser)


def _add_options(parser):
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        '--quick',
        action='store_true',
        help='train on little data with few seeds: about a minute',
    )
    mode.add_argument(
        '--full',
        action='store_true',
        help='train every run here, also those whose results ship; how long that takes '
        'is said first',
    )
    parser.add_argument(
        '--language', choices=('en', 'ko'), default='en', help='default: en'
    )
    parser.add_argument(
        '--plot',
        '--figure',
        type=path,
        metavar='FILE',
        help='write the plot there, as .svg or .png; a second one gets -2 in its name',
    )
    parser.add_argument(
        '--store',
        type=path,
        metavar='FILE',
        help='where new results are kept (default: results/experiments.jsonl)',
    )
    parser.add_argument(
        '--jobs',
        type=integer(1, MAX_JOBS),
        metavar='N',
        help='runs at a time (default: the number of processors)',
    )
    parser.set_defaults(run=_run, usage_error=parser.error, error_code=NOT_JUDGED)


def _run(args):
    if args.plot and not args.plot.endswith(('.svg', '.png')):
        args.usage_error('--plot needs the name of a file that ends in .svg or .png')
    if args.question is None:
        _list(args.command, args.language)
        return DONE
    name = args.question if args.command == 'claim' else PROBLEMS[args.question - 1]
    _show(_notebook(args.command, name, args.language), args)
    return DONE


def _notebook(command, name, language):
    ending = {'en': '.ipynb', 'ko': '.ko.ipynb'}[language]
    return find(f'{command}s/{name}{ending}')


def _list(command, language):
    """Print what to call each question, and the title of its notebook."""
    names = CLAIMS if command == 'claim' else PROBLEMS
    for number, name in enumerate(names, 1):
        title = ''.join(read(_notebook(command, name, language))[0]['source'])
        title = title.splitlines()[0].lstrip('# ')
        what = f'{name:16}' if command == 'claim' else number
        print(f'd2l-dropout {command} {what}  {title}')


def _show(notebook, args):
    from d2l_dropout.book import terminal
    from d2l_dropout.experiments import running

    # The cells of the notebook know nothing of options.
    if args.full:
        os.environ[running.TRAIN_ANEW] = '1'
    if args.store:
        os.environ[running.STORE_VARIABLE] = os.path.abspath(args.store)
    if args.jobs:
        os.environ[running.JOBS_VARIABLE] = str(args.jobs)
    settings = {'QUICK': str(args.quick), 'SHIPPED': str(not args.full)}
    plots = terminal.run(notebook, settings)
    if args.plot:
        _write(plots, args.plot)


def _write(plots, path):
    from d2l_dropout.plots import style

    stem, ending = path[:-4], path[-4:]
    for number, plot in enumerate(plots, 1):
        content = style.as_png(plot) if ending == '.png' else style.as_svg(plot, 'plot')
        write_whole(f'{stem}-{number}{ending}' if number > 1 else path, content)

"""The questions that have no notebook yet, answered as a study."""

import sys

from d2l_dropout.files import write_whole


def run(args):
    """Print the answer of a study, from results that ship or from runs here."""
    from d2l_dropout import answers
    from d2l_dropout.studies import running

    runs = args.quick or args.full
    if not runs and (args.store or args.jobs):
        args.usage_error('--store and --jobs need --quick or --full')
    name = args.question
    if args.command == 'problem':
        name = f'problem {args.question}'
    study = answers.find(name)
    scale = study.SCALES['quick' if args.quick else 'full']
    if runs:
        scale = running.on_the_data_here(study, scale)
        kept = _run_study(args, study, scale)
    else:
        kept = running.shipped(study)
    print(answers.as_markdown(study, scale, kept, args.language))
    if args.plot:
        write_whole(args.plot, answers.figure_bytes(study, scale, kept, args.plot))


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

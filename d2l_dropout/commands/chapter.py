"""`d2l-dropout chapter`: run the seven cells, print each metric beside the book's."""

from d2l_dropout.commands import DONE, integer


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'chapter',
        help="run the chapter and print each metric beside the book's",
        description="Run the chapter's seven cells as they stand in the notebook, then "
        "print each metric of this run beside the book's.",
    )
    parser.add_argument(
        '--seed',
        type=integer(0, 2**32 - 1),
        help="seed of NumPy's generator, which shuffles the training examples "
        '(default: not seeded, as in the book)',
    )
    parser.add_argument(
        '--language',
        choices=('en', 'ko'),
        default='en',
        help='of the sentences; the tables are the same (default: en)',
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout.book import chapter

    chapter.run(seed=args.seed, language=args.language)
    return DONE

"""`d2l-dropout chapter`: the seven cells, and the book's figures beside ours."""

from d2l_dropout.commands import integer


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'chapter',
        help="run the chapter's seven cells; the book's figures beside ours",
        description="Run the chapter's seven cells as they stand in the notebook, then "
        "print the book's figures beside those of this run.",
    )
    parser.add_argument(
        '--seed',
        type=integer(0, 2**32 - 1),
        help="seed of NumPy's generator, which shuffles the training examples "
        '(default: unseeded, as in the book)',
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout.book import chapter

    chapter.run(seed=args.seed)
    return 0

"""The subcommands of `d2l-dropout`, and their exit codes.

Each file holds one command, or those that belong together: `add(commands)`, which adds
their parsers, and for each a function that runs it and returns the exit code. What
needs MXNet is imported when a command runs, so that `--help` and the commands without
MXNet work where it does not.
"""

import argparse

# Exit codes; the help of a command says what special meaning one has there. argparse
# exits with 2 on wrong usage, and a signal gives 128 and its number, as in a shell.
DONE = 0
WRONG_USAGE = 2
FAILED = 1  # with a sentence on stderr; of a comparison: the two do not agree
NO_DATA = 3  # of `data`: there are none, and they cannot be downloaded
NOT_JUDGED = 3  # of a comparison: runs are missing, or the data are not Fashion-MNIST
INTERRUPTED = 130  # by Ctrl-C (SIGINT)
BROKEN_PIPE = 141  # nobody reads the output any more (SIGPIPE)


def integer(low, high=None):
    """Return a type for argparse that accepts the integers from `low` to `high`.

    Parameters
    ----------
    low : int
    high : int, optional

    Returns
    -------
    callable
    """

    def parse(text):
        limits = f'from {low} to {high}' if high is not None else f'of at least {low}'
        if not text.isdecimal() or int(text) < low or (high or int(text)) < int(text):
            raise argparse.ArgumentTypeError(f'{text!r} is not an integer {limits}')
        return int(text)

    return parse

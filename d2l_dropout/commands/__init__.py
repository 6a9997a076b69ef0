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

#: Of seeds, in a command that makes a list of them. A run takes half a minute.
MAX_SEEDS = 10_000
#: Of processes at a time.
MAX_JOBS = 1024


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
        number = int(text) if text.isdecimal() and len(text) < 20 else -1
        if number < low or (high or number) < number:
            raise argparse.ArgumentTypeError(f'{text!r:.40} is not an integer {limits}')
        return number

    return parse


def path(text):
    """Return the name of a file or folder, as a type for argparse.

    Parameters
    ----------
    text : str
        Not empty: to leave out an option by mistake, as in `--save "$UNSET"`, is said.

    Returns
    -------
    str
    """
    if not text:
        raise argparse.ArgumentTypeError('it is empty; name a file or a folder')
    return text

"""The subcommands of `d2l-dropout`, one a file.

Each file has `add(commands)`, which adds its parser, and a function that runs it and
returns the exit code. What needs MXNet is imported when a command runs, so that
`--help` and the commands that do without it work where MXNet does not.
"""

import argparse
import os

# Exit codes beside 0 (done), 1 (failed, with a message) and 2 (wrong usage).
NOTHING_THERE = 3  # of `data`: nothing found and nothing to be downloaded
NOT_JUDGED = 3  # of a comparison: runs are missing, or the data are not Fashion-MNIST
BROKEN_PIPE = 141
INTERRUPTED = 130


def integer(low, high=None):
    """Return a type for argparse: an integer from `low` to `high`.

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


def write_whole(path, content):
    """Write a file whole or not at all, and the folders above it.

    Parameters
    ----------
    path : str
    content : bytes
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    beside = path + '.part'
    with open(beside, 'wb') as file:
        file.write(content)
    os.replace(beside, path)

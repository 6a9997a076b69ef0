"""The NVIDIA cards of this machine, and whether MXNet's kernels run on them.

The cards are those that the driver's `nvidia-smi` lists, so this works without MXNet.
"""

import re
import shutil
import subprocess
from typing import NamedTuple, Optional, Tuple

# The binary of mxnet-cu112 has machine code for compute capability 5.0, 6.0, 7.0, 8.0
# and 8.6. It runs on later minor versions too, but on no later major version: there is
# no PTX in it, from which a driver could compile other code.
OLDEST, NEWEST = (5, 0), (8, 9)
#: The compute capabilities on which MXNet's kernels run.
SUPPORTED = '%d.%d to %d.%d' % (OLDEST + NEWEST)
_SECONDS = 60  # the first nvidia-smi after a start may have to load the driver


class Card(NamedTuple):
    """A card; `capability` is None if the driver does not report it."""

    name: str
    capability: Optional[Tuple[int, int]]


def find():
    """Return the cards that `nvidia-smi` lists.

    Returns
    -------
    list of Card
        Empty if there is no `nvidia-smi`, which comes with every driver.

    Raises
    ------
    RuntimeError
        If `nvidia-smi` fails or lists nothing; the message is its first line.
    """
    program = shutil.which('nvidia-smi')
    if program is None:
        return []
    code, lines = _query(program, 'name,compute_cap')
    if code and 'compute_cap' in ' '.join(
        lines
    ):  # drivers before 2021 do not know this field
        code, lines = _query(program, 'name')
    if code or not lines or lines[0].startswith('No devices'):
        raise RuntimeError(lines[0] if lines else 'exit code %s' % code)
    return [_card(line) for line in lines]


def _query(program, fields):
    command = [program, '--query-gpu=' + fields, '--format=csv,noheader']
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, [str(error)]
    return done.returncode, [s.strip() for s in done.stdout.splitlines() if s.strip()]


def _card(line):
    match = re.fullmatch(r'(.*), *(\d+)\.(\d+)', line)
    if match is None:
        return Card(line, None)
    return Card(match.group(1), (int(match.group(2)), int(match.group(3))))


def judge(card):
    """Return one line on whether the kernels of MXNet's GPU wheel run on a card.

    Parameters
    ----------
    card : Card

    Returns
    -------
    str
    """
    if card.capability is None:
        return (
            f'{card.name}; compute capability not reported; mxnet-cu112 has kernels '
            f'for {SUPPORTED}'
        )
    within = 'within' if OLDEST <= card.capability <= NEWEST else 'NOT within'
    major, minor = card.capability
    return (
        f'{card.name}, compute capability {major}.{minor}: {within} {SUPPORTED}, for '
        'which mxnet-cu112 has kernels'
    )

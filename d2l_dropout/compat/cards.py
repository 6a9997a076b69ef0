"""The NVIDIA cards of this machine, and whether MXNet's kernels are for them.

The driver's own `nvidia-smi` is asked, so that this works without MXNet too.
"""

import re
import shutil
import subprocess
from typing import NamedTuple, Optional, Tuple

# The binary of mxnet-cu112 has machine code for 5.0, 6.0, 7.0, 8.0 and 8.6, which runs
# on later minor versions too, and no PTX, from which a driver could make other code.
OLDEST, NEWEST = (5, 0), (8, 9)
_SECONDS = 60  # nvidia-smi may first have to wake the driver


class Card(NamedTuple):
    """A card; `capability` is None where the driver does not tell it."""

    name: str
    capability: Optional[Tuple[int, int]]


def find():
    """Return the cards that `nvidia-smi` lists.

    Returns
    -------
    list of Card
        Empty if there is no `nvidia-smi`, and so no driver.

    Raises
    ------
    RuntimeError
        If `nvidia-smi` is there and lists nothing; the message is its own.
    """
    program = shutil.which('nvidia-smi')
    if program is None:
        return []
    code, lines = _query(program, 'name,compute_cap')
    if code and 'compute_cap' in ' '.join(lines):  # a driver that knows no such field
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
    """Say whether the kernels of MXNet's GPU wheel are for a card.

    Parameters
    ----------
    card : Card

    Returns
    -------
    str
    """
    if card.capability is None:
        return '%s; compute capability not told; mxnet-cu112 has kernels for %s' % (
            card.name,
            needed(),
        )
    within = OLDEST <= card.capability <= NEWEST
    return '%s, compute capability %d.%d: %s %s, what mxnet-cu112 has kernels for' % (
        card.name,
        *card.capability,
        'within' if within else 'NOT within',
        needed(),
    )


def needed():
    """Return the compute capabilities that MXNet's kernels are for, as text.

    Returns
    -------
    str
    """
    return '%d.%d to %d.%d' % (OLDEST + NEWEST)

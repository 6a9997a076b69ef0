"""Means over seeds with their intervals, and what their sizes say in words."""

from d2l_dropout.intervals import Estimate, require_scipy
from d2l_dropout.intervals import confidence as estimate
from d2l_dropout.intervals import paired_difference as difference
from d2l_dropout.studies.text import Text

__all__ = ['Estimate', 'against_noise', 'difference', 'estimate']

require_scipy()


def against_noise(difference):
    """Say whether a difference stands out from the noise of the seeds.

    Parameters
    ----------
    difference : Estimate

    Returns
    -------
    Text
        For the middle of a sentence in English, a sentence of its own in Korean.
    """
    if difference.excludes_zero:
        return Text('more than the noise', '시드에 따른 변동보다 크다')
    return Text('within the noise', '시드에 따른 변동 범위 안이다')

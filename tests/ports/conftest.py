"""What several tests of ports have: a port that is wrong in one known place."""

import numpy as np
import pytest

from d2l_dropout.ports import files
from d2l_dropout.ports.tensors import GIVEN


@pytest.fixture
def wrong():
    """A port whose H1_dropped and what follows is not rescaled; without a loss."""
    case = files.load(files.SHIPPED / 'tiny-scratch.npz')
    given = {n: v for n, v in case.tensors.items() if n in GIVEN or 'Z1' in n}
    dropped = case.tensors['step1/H1'] * case.tensors['step1/mask1']
    scores = np.full((8, 10), np.nan)
    return {
        **given,
        'step1/H1_dropped': dropped,
        'step1/scores': scores,
        'what': scores,
    }

"""A pytest plug-in: the cases that ports are compared with, as a fixture.

pytest loads it in every test run of an environment that has this package. Until a test
asks for a case it imports nothing but pytest, and it never imports MXNet.
"""

from pathlib import Path

import pytest

_SHIPPED = Path(__file__).with_name('shipped')


@pytest.fixture(params=sorted(path.stem for path in _SHIPPED.glob('*.npz')))
def d2l_case(request):
    """Each case that ships, in turn: what a port is given and what it has to compute.

    `d2l_dropout.ports.check(theirs, d2l_case)` is the assertion. For some of the cases
    only: `@pytest.mark.parametrize('d2l_case', ['tiny-gluon'], indirect=True)`, where
    the path of an exported case does too.
    """
    from d2l_dropout.ports import load_case

    return load_case(request.param)

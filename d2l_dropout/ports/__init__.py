"""Reference tensors and learning curves to test ports of the chapter against.

    from d2l_dropout.ports import check, load_case

Exporting (`export`) needs MXNet and the data, everything else NumPy alone. The page
docs/ports.md is the specification.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from d2l_dropout.ports.checks.checks import check_images, check_init, images
    from d2l_dropout.ports.checks.dropout_check import check_dropout
    from d2l_dropout.ports.compare import Comparison, check
    from d2l_dropout.ports.compare import compare as compare_tensors
    from d2l_dropout.ports.references import load_case

__all__ = [
    'Comparison',
    'check',
    'check_dropout',
    'check_images',
    'check_init',
    'compare_tensors',
    'images',
    'load_case',
]

_HOMES = {
    'Comparison': ('compare', 'Comparison'),
    'check': ('compare', 'check'),
    'check_dropout': ('checks.dropout_check', 'check_dropout'),
    'check_images': ('checks.checks', 'check_images'),
    'check_init': ('checks.checks', 'check_init'),
    'compare_tensors': ('compare', 'compare'),
    'images': ('checks.checks', 'images'),
    'load_case': ('references', 'load_case'),
}


def __getattr__(name):
    # The pytest plug-in is imported in every test run of an environment: it must not
    # load NumPy before a test asks for a case.
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(f'{__name__}.{module}'), attribute)

"""MXNet 1.9.1 made to work on this Python and NumPy, and what this machine has."""

from d2l_dropout.compat.hook import import_mxnet, install_hook
from d2l_dropout.compat.namesake import check_d2l

__all__ = ['check_d2l', 'import_mxnet', 'install_hook']

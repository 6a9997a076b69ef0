"""MXNet 1.9.1 made to work on this Python and NumPy, and what this machine has."""

from d2l_dropout.compat.hook import import_mxnet, install_hook

__all__ = ['import_mxnet', 'install_hook']

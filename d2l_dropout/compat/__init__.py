"""MXNet 1.9.1 on this Python and beside this NumPy, and what is installed here."""

from d2l_dropout.compat.hook import import_mxnet, install_hook

__all__ = ['import_mxnet', 'install_hook']

"""The book's utilities (d2l v0.5.0) under the book's names: `import d2l`.

The names that need Matplotlib are loaded when they are first used, so that
`import d2l` takes no longer than `import mxnet`.
"""

from d2l_dropout.d2l.context import (
    default_context,
    set_default_context,
    try_all_gpus,
    try_gpu,
)
from d2l_dropout.d2l.data import get_fashion_mnist_labels, load_data_fashion_mnist
from d2l_dropout.d2l.evaluation import evaluate_accuracy
from d2l_dropout.d2l.linear import data_iter, linreg, squared_loss
from d2l_dropout.d2l.training import sgd, train_ch3, train_ch5, train_epochs
from d2l_dropout.d2l.utils import Benchmark, mkdir_if_not_exist

_PLOTTING = ['plt', 'semilogy', 'set_figsize', 'show_fashion_mnist', 'use_svg_display']

__all__ = [
    'Benchmark',
    'data_iter',
    'default_context',
    'evaluate_accuracy',
    'get_fashion_mnist_labels',
    'linreg',
    'load_data_fashion_mnist',
    'mkdir_if_not_exist',
    'set_default_context',
    'sgd',
    'squared_loss',
    'train_ch3',
    'train_ch5',
    'train_epochs',
    'try_all_gpus',
    'try_gpu',
] + _PLOTTING


def __getattr__(name):
    if name not in _PLOTTING:
        raise AttributeError('module %r has no attribute %r' % (__name__, name))
    from d2l_dropout.d2l import plotting

    return getattr(plotting, name)


def __dir__():
    return sorted(set(globals()) | set(__all__))

"""The default context, and the GPUs that can be used.

The environment variable `D2L_CONTEXT` (such as `cpu(1)` or `gpu(0)`) or
`set_default_context` chooses the default context; `nd.*`, `initialize`, the data
iterators, `train_ch3` and `evaluate_accuracy` follow it.
"""

import os
import re
import threading

from d2l_dropout import compat

mx = compat.import_mxnet()
_MAX_GPUS = 16  # as in the book's try_all_gpus


def default_context():
    """Return the context on which arrays are created when none is given.

    Returns
    -------
    mxnet.Context
        `cpu(0)` unless chosen otherwise.
    """
    return mx.current_context()


def set_default_context(ctx):
    """Make `ctx` the default context of every thread of this process.

    Parameters
    ----------
    ctx : mxnet.Context or str
        A context, or its name: 'cpu', 'cpu(1)', 'gpu(0)'.

    Raises
    ------
    ValueError
        If there is no context of this name, or no operator runs on it.
    """
    ctx = ctx if isinstance(ctx, mx.Context) else parse_context(str(ctx))
    problem = why_not_usable(ctx)
    if problem:
        raise ValueError('The context %s cannot be used: %s' % (ctx, problem))

    class EveryThread(threading.local):
        # MXNet keeps the default in a threading.local. Other threads find it empty
        # and fall back to cpu(0), but a class attribute is visible to all of them.
        value = ctx

    mx.Context._default_ctx = EveryThread()


def parse_context(name):
    """Return the context that a name stands for.

    Parameters
    ----------
    name : str
        'cpu', 'cpu(1)', 'gpu(0)'.

    Returns
    -------
    mxnet.Context

    Raises
    ------
    ValueError
        If no context has this name.
    """
    match = re.fullmatch(r'\s*(cpu|gpu)\s*(?:\(\s*(\d*)\s*\))?\s*', name)
    if match is None:
        raise ValueError(
            "%r is not a context; write 'cpu(0)', 'cpu(1)' or 'gpu(0)'." % name
        )
    return mx.Context(match.group(1), int(match.group(2) or 0))


def why_not_usable(ctx):
    """Return why no operator runs on `ctx`, or None if one does.

    An operator is run because allocating memory proves little: a card newer than the
    kernels in MXNet's binary allocates memory and fails at the first operator.

    Parameters
    ----------
    ctx : mxnet.Context

    Returns
    -------
    str or None
    """
    if ctx.device_type == 'gpu' and not mx.runtime.Features().is_enabled('CUDA'):
        return (
            'this build of mxnet has no CUDA; install mxnet-cu112 in its place '
            '(docs/gpu.md), or use a CPU context.'
        )
    try:
        total = (mx.nd.ones((2, 2), ctx=ctx) * 2).sum().asscalar()
    except mx.MXNetError as error:
        return str(error).strip().splitlines()[-1]
    return None if total == 8 else 'an operator gave a wrong result on it.'


def try_gpu():
    """Return `gpu(0)` if an operator runs there, else `cpu(0)`.

    Returns
    -------
    mxnet.Context

    Defined in d2l v0.5.0, chapter_deep-learning-computation/use-gpu.md.
    """
    return mx.cpu() if why_not_usable(mx.gpu()) else mx.gpu()


def try_all_gpus():
    """Return the GPUs on which an operator runs, or `[cpu(0)]`.

    Returns
    -------
    list of mxnet.Context

    Defined in d2l v0.5.0, chapter_computer-vision/image-augmentation.md.
    """
    gpus = []
    for i in range(_MAX_GPUS):
        if why_not_usable(mx.gpu(i)):
            break
        gpus.append(mx.gpu(i))
    return gpus or [mx.cpu()]


if os.environ.get('D2L_CONTEXT'):
    set_default_context(os.environ['D2L_CONTEXT'])

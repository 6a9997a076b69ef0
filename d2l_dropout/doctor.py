"""What works on this machine, and what to do about what does not."""

import importlib.util
import os
import platform
import sys
import warnings
from typing import NamedTuple

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.compat import cards, removed_names

SUPPORTED = ((3, 8), (3, 13))
_CONTEXT_ADVICE = 'unset D2L_CONTEXT, or correct it; about GPUs: docs/gpu.md'


class Check(NamedTuple):
    """One line of the report: `ok` is None for a plain fact."""

    name: str
    ok: object
    detail: str
    advice: str = ''


def examine():
    """Check Python, NumPy, MXNet, contexts, cards, threads, notebooks' tools and data.

    Nothing is downloaded or changed.

    Returns
    -------
    list of Check
    """
    checks = [_python()]
    mxnet = _mxnet()
    checks.append(mxnet)
    if mxnet.ok:
        checks += [_numpy(), _features(), _context(), _gpus(), _threads()]
    checks += [*_cards(), _first_import(), _notebook_tools(), _data()]
    return checks


def report(checks):
    """Return the checks as lines of text, with advice under what failed.

    Parameters
    ----------
    checks : list of Check

    Returns
    -------
    str
    """
    lines = []
    for check in checks:
        mark = {True: 'ok', False: 'NO', None: '--'}[check.ok]
        lines.append('%s  %-14s %s' % (mark, check.name, check.detail))
        for i, line in enumerate(check.advice.splitlines()):
            lines.append('    %-14s %s %s' % ('', '  ' if i else '->', line))
    return '\n'.join(lines)


def _python():
    here = sys.version_info[:2]
    ok = SUPPORTED[0] <= here <= SUPPORTED[1] and (
        platform.python_implementation() == 'CPython'
    )
    detail = '%s %s (%s)' % (
        platform.python_implementation(),
        platform.python_version(),
        sys.executable,
    )
    return Check('Python', ok, detail, '' if ok else 'use CPython 3.8 to 3.13.')


def _mxnet():
    try:
        mx = compat.import_mxnet()
    except ImportError as error:
        return Check('MXNet', False, 'cannot be imported', str(error))
    return Check(
        'MXNet', True, '%s (%s)' % (mx.__version__, mx.libinfo.find_lib_path()[0])
    )


def _numpy():
    import numpy

    names = removed_names.missing_from(numpy)
    detail = '%s; %s' % (
        numpy.__version__,
        'MXNet alone sees %d removed names' % len(names)
        if names
        else 'as MXNet wants it',
    )
    return Check('NumPy', True, detail)


def _features():
    mx = compat.import_mxnet()
    features = mx.runtime.Features()
    names = ('CUDA', 'CUDNN', 'MKLDNN', 'BLAS_OPEN', 'OPENMP', 'DIST_KVSTORE')
    detail = ', '.join(
        '%s %s' % (name, 'on' if features.is_enabled(name) else 'off') for name in names
    )
    return Check('features', None, detail)


def _context():
    try:
        from d2l_dropout.d2l import context
    except ValueError as error:  # what D2L_CONTEXT holds
        return Check('context', False, str(error), _CONTEXT_ADVICE)
    return Check('context', True, 'default %s' % context.default_context())


def _gpus():
    mx = compat.import_mxnet()
    try:
        from d2l_dropout.d2l import context
    except ValueError:
        return Check('GPU', None, 'not examined')
    problem = context.why_not_usable(mx.gpu())
    if not problem:
        return Check('GPU', True, 'gpu(0) runs operators')
    advice = ''
    if mx.runtime.Features().is_enabled('CUDA'):
        advice = (
            "MXNet's kernels are for compute capability %s, newer cards have none; "
            "and NVIDIA's\ndriver has to be there: docs/gpu.md. "
            'The chapter needs no GPU: cpu(0) does it all.' % cards.needed()
        )
    return Check('GPU', None, problem, advice)


def _cards():
    try:
        return [Check('card', None, cards.judge(card)) for card in cards.find()]
    except RuntimeError as error:
        advice = "NVIDIA's driver has to work before MXNet can: docs/gpu.md"
        return [Check('card', None, 'nvidia-smi: %s' % error, advice)]


def _threads():
    from d2l_dropout.compat import environment

    settings = [
        '%s=%s' % (name, os.environ[name])
        for name in (
            'OMP_NUM_THREADS',
            'MXNET_OMP_MAX_THREADS',
            'MXNET_CPU_WORKER_NTHREADS',
            'MXNET_ENGINE_TYPE',
        )
        if name in os.environ
    ]
    detail = '%s OpenMP threads on %d processors; %s' % (
        environment.num_threads() or 'unknown',
        environment.num_processors(),
        ', '.join(settings) or 'no thread settings in the environment',
    )
    return Check('threads', None, detail)


def _first_import():
    hooked = os.path.exists(os.path.join(_site_packages(), 'd2l_dropout_startup.pth'))
    if hooked:
        return Check('import mxnet', True, 'works as a first import here')
    return Check(
        'import mxnet',
        None,
        'only after `import d2l` (the environment that '
        '`make setup` builds needs no order)',
    )


def _site_packages():
    import sysconfig

    return sysconfig.get_paths()['purelib']


def _notebook_tools():
    missing = [
        name
        for name in ('matplotlib', 'ipykernel', 'nbclient', 'jupyterlab')
        if importlib.util.find_spec(name) is None
    ]
    if not missing:
        return Check('notebooks', True, 'JupyterLab and a kernel are installed')
    return Check(
        'notebooks',
        None,
        'not installed: %s' % ', '.join(missing),
        "`make lab` installs them; or pip install '.[notebook]'",
    )


def _data():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            ok, detail, advice = True, fashion_mnist.locate().description, ''
        except fashion_mnist.DataError as error:
            ok, detail, advice = False, 'not found or not usable', str(error)
        except ValueError as error:  # what D2L_DATA holds
            ok, detail, advice = False, 'D2L_DATA is not understood', str(error)
    passed_over = [str(warning.message) for warning in caught]
    return Check('data', ok, detail, '\n'.join(passed_over + [advice]).strip())

"""What works on this machine, and what to do about the rest."""

import importlib.util
import os
import platform
import sys
import sysconfig
import warnings
from typing import NamedTuple

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.compat import cards, namesake, removed_names

SUPPORTED = ((3, 8), (3, 13))
_CONTEXT_ADVICE = 'correct D2L_CONTEXT or unset it; for GPUs see docs/gpu.md'


class Check(NamedTuple):
    """One line of the report; `ok` is None if nothing can be right or wrong with it."""

    name: str
    ok: object
    detail: str
    advice: str = ''


def examine():
    """Check Python, MXNet, NumPy, contexts, cards, threads, notebook tools and data.

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
    checks += [*_cards(), _first_import(), _d2l(), _notebook_tools(), _data()]
    return checks


def report(checks):
    """Return the checks as lines of text, each with its advice below it.

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
        lines.append(f'{mark}  {check.name:14} {check.detail}')
        for i, line in enumerate(check.advice.splitlines()):
            lines.append(f'    {"":14} {"  " if i else "->"} {line}')
    return '\n'.join(lines)


def _python():
    here = sys.version_info[:2]
    ok = SUPPORTED[0] <= here <= SUPPORTED[1] and (
        platform.python_implementation() == 'CPython'
    )
    implementation, version = (
        platform.python_implementation(),
        platform.python_version(),
    )
    detail = f'{implementation} {version} ({sys.executable})'
    return Check('Python', ok, detail, '' if ok else 'use CPython 3.8 to 3.13')


def _mxnet():
    try:
        mx = compat.import_mxnet()
    except ImportError as error:
        return Check('MXNet', False, 'cannot be imported', str(error))
    return Check('MXNet', True, f'{mx.__version__} ({mx.libinfo.find_lib_path()[0]})')


def _numpy():
    import numpy

    names = removed_names.missing_from(numpy)
    what = 'it has all names that MXNet uses'
    if names:
        what = f'{len(names)} removed names are restored, for MXNet only'
    return Check('NumPy', True, f'{numpy.__version__}; {what}')


def _features():
    mx = compat.import_mxnet()
    features = mx.runtime.Features()
    names = ('CUDA', 'CUDNN', 'MKLDNN', 'BLAS_OPEN', 'OPENMP', 'DIST_KVSTORE')
    detail = ', '.join(
        f'{name} {"on" if features.is_enabled(name) else "off"}' for name in names
    )
    return Check('features', None, detail)


def _context():
    try:
        from d2l_dropout.d2l import context
    except ValueError as error:  # D2L_CONTEXT is wrong
        return Check('context', False, str(error), _CONTEXT_ADVICE)
    return Check('context', True, f'the default is {context.default_context()}')


def _gpus():
    mx = compat.import_mxnet()
    try:
        from d2l_dropout.d2l import context
    except ValueError:
        return Check('GPU', None, 'not checked, since D2L_CONTEXT is wrong')
    problem = context.why_not_usable(mx.gpu())
    if not problem:
        return Check('GPU', True, 'gpu(0) runs operators')
    advice = ''
    if mx.runtime.Features().is_enabled('CUDA'):
        advice = (
            f"MXNet's kernels need NVIDIA's driver and a card of compute capability "
            f'{cards.SUPPORTED}:\nsee docs/gpu.md. The chapter needs no GPU.'
        )
    return Check('GPU', None, problem, advice)


def _cards():
    try:
        return [Check('card', None, cards.judge(card)) for card in cards.find()]
    except RuntimeError as error:
        advice = 'MXNet needs a working NVIDIA driver to use the card: see docs/gpu.md'
        return [Check('card', None, f'nvidia-smi: {error}', advice)]


def _threads():
    from d2l_dropout.compat import environment

    settings = [
        f'{name}={os.environ[name]}'
        for name in (
            'OMP_NUM_THREADS',
            'MXNET_OMP_MAX_THREADS',
            'MXNET_CPU_WORKER_NTHREADS',
            'MXNET_ENGINE_TYPE',
        )
        if name in os.environ
    ]
    return Check(
        'threads',
        None,
        f'OpenMP threads: {environment.num_threads() or "unknown"}, processors: '
        f'{environment.num_processors()}; '
        + (', '.join(settings) or 'the environment does not set the number'),
    )


def _first_import():
    startup = os.path.join(sysconfig.get_paths()['purelib'], 'd2l_dropout_startup.pth')
    if os.path.exists(startup):
        return Check('import mxnet', True, 'works, also as the first import')
    return Check(
        'import mxnet',
        None,
        'works only after `import d2l` (in the environment of `make setup`, always)',
    )


def _d2l():
    wrong = namesake.other_d2l()
    if wrong:
        what, _, mend = wrong.partition(': ')
        return Check('import d2l', False, what, mend)
    return Check('import d2l', True, "finds this project's")


def _notebook_tools():
    missing = [
        name
        for name in ('matplotlib', 'ipykernel', 'jupyterlab', 'nbconvert')
        if importlib.util.find_spec(name) is None
    ]
    if not missing:
        return Check('notebooks', True, 'JupyterLab and a kernel are installed')
    return Check(
        'notebooks',
        None,
        f'not installed: {", ".join(missing)}',
        "`make lab` installs what is missing; or pip install '.[notebook]'",
    )


def _data():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            ok, detail, advice = True, fashion_mnist.locate().description, ''
        except fashion_mnist.DataError as error:
            ok, detail, advice = False, 'not found, or not usable', str(error)
        except ValueError as error:  # D2L_DATA is wrong
            ok, detail, advice = False, 'D2L_DATA is not valid', str(error)
    passed_over = [str(warning.message) for warning in caught]
    return Check('data', ok, detail, '\n'.join(passed_over + [advice]).strip())

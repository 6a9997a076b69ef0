"""An import hook with which MXNet 1.9.1 works on this Python and NumPy.

MXNet 1.9.1 (2022) uses names that NumPy has removed since (`numpy.bool` in 1.24, some
twenty more in 2.0; apache/mxnet issue 21165) and `distutils`, which Python 3.12
removed. Every module of this project that needs mxnet calls `import_mxnet()` first.

What the hook does to the rest of the process
---------------------------------------------
NumPy itself is never changed, not even while MXNet loads. Only the modules of the
package `mxnet` see a view of NumPy (`removed_names.numpy_view`): the same objects under
the same names, and the removed names beside them. The view stays, because MXNet reads
some of them later: `numpy.bool` when an `mxnet.np` array is indexed, `numpy.Inf` in
Gluon's early stopping, `numpy.compat` in `mxnet.np.pad`. In the same way only MXNet's
modules get a `distutils.version`, and a `scipy.sparse` with a name that is deprecated
there; nothing appears in `sys.modules`.

What other code can see is one finder at the head of `sys.meta_path`, which handles
`mxnet`, its submodules and `IPython.display`. If neither NumPy nor Python lacks
anything, MXNet is imported unchanged.
"""

import builtins
import importlib.abc
import os
import re
import sys
import types
import warnings

from d2l_dropout.compat.removed_names import distutils_version, missing_from, numpy_view

MXNET_VERSION = '1.9.1'

# --- the import hook ---------------------------------------------------------


class _Loader(importlib.abc.Loader):
    """Another loader whose modules are executed by `execute(loader, module)`."""

    def __init__(self, loader, execute):
        self._loader, self._execute = loader, execute

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._execute(self._loader, module)

    def __getattr__(self, name):  # get_source, is_package, get_resource_reader, ...
        if name == '_loader':  # not set yet while it is copied or unpickled
            raise AttributeError(name)
        return getattr(self._loader, name)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self):
        self._builtins = None

    def find_spec(self, name, path=None, target=None):
        if name == 'IPython.display':
            execute = self._execute_display
        elif name.split('.')[0] == 'mxnet':
            execute = self._execute_mxnet
        else:
            return None
        spec = self._spec_of_others(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, execute)
        return spec

    def _spec_of_others(self, name, path, target):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, 'find_spec'):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None

    def _execute_mxnet(self, loader, module):
        if self._builtins is None:
            self._builtins = _builtins_for_mxnet()
        if self._builtins:
            module.__dict__['__builtins__'] = self._builtins
        with warnings.catch_warnings():
            # There will be no further release of MXNet that could remove the causes of
            # these warnings (old escape sequences, deprecated names).
            warnings.simplefilter('ignore')
            loader.exec_module(module)
        if getattr(module, 'spsp', None) is not None:
            module.spsp = _sparse_view(module.spsp)

    @staticmethod
    def _execute_display(loader, module):
        loader.exec_module(module)
        # Older IPythons still have the function, but warn when it is called.
        module.set_matplotlib_formats = _set_matplotlib_formats


def _sparse_view(sparse):
    """Return `scipy.sparse` with `csr.csr_matrix`, which SciPy 1.8 deprecated.

    Where SciPy is installed, every `nd.array` of MXNet reads it.
    """
    view = types.ModuleType('scipy.sparse')
    vars(view).update(vars(sparse))
    view.csr = types.SimpleNamespace(csr_matrix=sparse.csr_matrix)
    return view


def _set_matplotlib_formats(*formats, **kwargs):
    """Do what IPython's function of this name did, which IPython 9 removed."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats(*formats, **kwargs)


def _builtins_for_mxnet():
    """Return the built-ins for MXNet's modules, or {} if nothing is missing."""
    import numpy

    removed = missing_from(numpy)
    if not removed and sys.version_info < (3, 12):
        return {}
    answers = {
        'distutils.version': distutils_version(),
        'numpy': numpy_view(numpy, removed),
    }

    def import_for_mxnet(name, globals=None, locals=None, fromlist=(), level=0):
        if level == 0 and name in answers:
            return answers[name]
        return builtins.__import__(name, globals, locals, fromlist, level)

    return dict(vars(builtins), __import__=import_for_mxnet)


def install_hook():
    """Make `import mxnet` work in this process from now on.

    A second call has no effect. Neither mxnet nor NumPy is imported.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def import_mxnet():
    """Import MXNet and return it.

    Returns
    -------
    module
        mxnet; its import causes no warning.

    Raises
    ------
    ImportError
        If mxnet or one of its dependencies is missing, or its binary does not load on
        this platform. The message says what to do.
    """
    install_hook()
    _say_if_it_serves()
    try:
        import mxnet
    except ModuleNotFoundError as error:
        if error.name != 'mxnet':
            raise ImportError(_explain_dependency(error.name)) from error
        raise ImportError(_explain_missing()) from None
    except (OSError, RuntimeError) as error:
        explain = _explain_cuda if _CUDA_LIBRARY.match(str(error)) else _explain_binary
        raise ImportError(explain(error)) from error
    return mxnet


def _say_if_it_serves():
    """Name the reason before an import that does not return: MXNet gives none."""
    role = os.environ.get('DMLC_ROLE')
    if role and role != 'worker' and 'mxnet' not in sys.modules:
        print(
            f'DMLC_ROLE is {role!r}: MXNet now waits for a cluster, in place of the '
            'program that imports it. Unset DMLC_ROLE if there is none.',
            file=sys.stderr,
            flush=True,
        )


# --- error messages ------------------------------------------------------------


def _has_wheel():
    """Return whether PyPI has a wheel of mxnet 1.9.1 for this platform."""
    import platform

    machine, libc = platform.machine().lower(), platform.libc_ver()[0]
    return (
        sys.platform == 'linux' and machine in ('x86_64', 'aarch64') and libc == 'glibc'
    ) or (sys.platform == 'darwin' and machine == 'x86_64')


_OTHER_PLATFORMS = (
    f'mxnet {MXNET_VERSION} has wheels only for Linux with glibc (x86_64, aarch64) and '
    'for macOS on Intel. On Windows use WSL 2; on Apple silicon and with musl (Alpine) '
    'use a Debian-based container, on Apple silicon for arm64 or amd64.'
)


def _explain_missing():
    import platform

    here = f'mxnet is not installed for {sys.executable}.'
    if not _has_wheel():
        return f'{here} This platform is {platform.platform()}. {_OTHER_PLATFORMS}'
    command = f'pip install mxnet=={MXNET_VERSION}'
    if sys.version_info >= (3, 13):
        command = (
            f'pip install --no-deps mxnet=={MXNET_VERSION} && '
            "pip install requests 'graphviz<0.9' (pip refuses mxnet beside NumPy 2, "
            'the only one for Python 3.13; this package makes them work together)'
        )
    return f'{here} Install it: {command}; or run `make setup` in the checkout.'


def _explain_dependency(name):
    return (
        f'mxnet is installed but {name}, which it needs, is not. Install its '
        "dependencies: pip install numpy requests 'graphviz<0.9'"
    )


# As in 'libcudnn.so.8: cannot open shared object file', in the system's language.
_CUDA_LIBRARY = re.compile(
    r'lib(cuda|cudart|cudnn|cublas|cufft|curand|cusolver|cusparse|nccl|nvrtc|'
    r'nvToolsExt)\w*\.so[.\d]*(?=:)'
)


def _explain_cuda(error):
    library = _CUDA_LIBRARY.match(str(error)).group()
    if library.startswith('libcuda.so'):
        what = "belongs to NVIDIA's driver: install it, on a machine with a card"
    else:
        what = (
            'is one of the CUDA libraries: install them, and name their folders in '
            'LD_LIBRARY_PATH before Python starts'
        )
    return (
        'the installed mxnet is a build for GPUs, and its binary does not load '
        f'({_reason(error)}). {library} {what}; docs/gpu.md has the commands. To use '
        f'the CPU: pip install --force-reinstall --no-deps mxnet=={MXNET_VERSION}'
    )


def _explain_binary(error):
    import platform

    missing = re.match(r'(lib[\w-]+\.so[.\d]*): cannot open', str(error))
    if missing and _has_wheel():
        return (
            f'mxnet is installed but the system lacks {missing.group(1)}, which it '
            'loads. On Debian and Ubuntu: apt-get install libgomp1 libgfortran5'
        )
    return (
        'mxnet is installed but its binary does not load on this platform '
        f'({platform.platform()}): {_reason(error)}. {_OTHER_PLATFORMS}'
    )


def _reason(error):
    return str(error).strip().rstrip('.')

"""Makes MXNet 1.9.1 import on this Python and NumPy.

MXNet 1.9.1 (2022) asks NumPy for names that later releases removed
(`numpy.bool` in 1.24, some twenty more in 2.0; apache/mxnet issue 21165) and
Python for `distutils`, gone since 3.12. Whoever needs mxnet in this project
calls `import_mxnet()` first.

What it does to the rest of the process
---------------------------------------
NumPy itself is never changed, not even while MXNet loads. Only the modules of
the package `mxnet` are given a view of NumPy (`removed_names.numpy_view`): the same
objects under the same names, and beside them the removed names. The view stays,
since MXNet reads some of them later (`numpy.bool` when `mxnet.np` arrays are
indexed, `numpy.Inf` in Gluon's early stopping, `numpy.compat` in `mxnet.np.pad`);
nobody but MXNet sees it. In the same way `distutils.version` is answered for MXNet's
modules only, and so is `scipy.sparse` with what it will lose; nothing appears in
`sys.modules`.

What remains for others to see is one finder at the head of `sys.meta_path`,
which answers for `mxnet`, its submodules and `IPython.display`, and for nothing
else. With a NumPy and a Python that lack nothing, MXNet is imported as it is.
"""

import builtins
import importlib.abc
import re
import sys
import types
import warnings

from d2l_dropout.compat.removed_names import distutils_version, missing_from, numpy_view

MXNET_VERSION = '1.9.1'

# --- the import hook ---------------------------------------------------------


class _Loader(importlib.abc.Loader):
    """Another loader's module, executed by `execute(loader, module)`."""

    def __init__(self, loader, execute):
        self._loader, self._execute = loader, execute

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._execute(self._loader, module)

    def __getattr__(self, name):  # get_source, is_package, get_resource_reader, ...
        if name == '_loader':  # not yet there while unpickled or copied
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
            # MXNet 1.9.1 will see no further release: what warns while it
            # loads (old escapes, deprecated names) can be mended by nobody.
            warnings.simplefilter('ignore')
            loader.exec_module(module)
        if getattr(module, 'spsp', None) is not None:
            module.spsp = _sparse_view(module.spsp)

    @staticmethod
    def _execute_display(loader, module):
        loader.exec_module(module)
        # Also where IPython still has it, with a warning.
        module.set_matplotlib_formats = _set_matplotlib_formats


def _sparse_view(sparse):
    """`scipy.sparse` with `csr.csr_matrix`, deprecated since SciPy 1.8.

    MXNet asks for it in each `nd.array` wherever SciPy is installed.
    """
    view = types.ModuleType('scipy.sparse')
    vars(view).update(vars(sparse))
    view.csr = types.SimpleNamespace(csr_matrix=sparse.csr_matrix)
    return view


def _set_matplotlib_formats(*formats, **kwargs):
    """What IPython keeps in matplotlib_inline only, since its version 9."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats(*formats, **kwargs)


def _builtins_for_mxnet():
    """The built-ins for MXNet's modules; {} where they need no help."""
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
    """Let `import mxnet` work from now on in this process.

    Doing so twice is the same as once. Neither mxnet nor NumPy is imported.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def import_mxnet():
    """Import MXNet and return it.

    Returns
    -------
    module
        mxnet, imported without a warning.

    Raises
    ------
    ImportError
        If mxnet is missing, lacks one of its dependencies, or has no binary
        that loads on this platform. The message names the options.
    """
    install_hook()
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


# --- what to say when it cannot be -------------------------------------------


def _has_wheel():
    """Whether PyPI has an mxnet 1.9.1 wheel for this platform."""
    import platform

    machine, libc = platform.machine().lower(), platform.libc_ver()[0]
    return (
        sys.platform == 'linux' and machine in ('x86_64', 'aarch64') and libc == 'glibc'
    ) or (sys.platform == 'darwin' and machine == 'x86_64')


def _install_command():
    if sys.version_info < (3, 13):
        return 'pip install mxnet==%s' % MXNET_VERSION
    return "pip install --no-deps mxnet==%s && pip install requests 'graphviz<0.9'" % (
        MXNET_VERSION
    )


_OTHER_PLATFORMS = (
    'mxnet %s has wheels for Linux with glibc (x86_64, aarch64) and for macOS on '
    'Intel only. Options: on Windows use WSL 2; on Apple silicon or musl (Alpine) '
    'use a Debian-based container (Apple: an arm64 or amd64 Linux one); or run on '
    'a Linux machine.' % MXNET_VERSION
)


def _explain_missing():
    import platform

    here = 'mxnet is not installed for %s.' % sys.executable
    if not _has_wheel():
        return '%s This platform is %s. %s' % (
            here,
            platform.platform(),
            _OTHER_PLATFORMS,
        )
    why = (
        ''
        if sys.version_info < (3, 13)
        else (
            ' (pip refuses it beside NumPy 2, the only one for Python 3.13; '
            'this package makes the pair work)'
        )
    )
    return '%s Install it with: %s%s; or run `make setup` in the checkout.' % (
        here,
        _install_command(),
        why,
    )


def _explain_dependency(name):
    return (
        'mxnet is installed but %s, which it needs, is not. '
        "Install what it needs: pip install numpy requests 'graphviz<0.9'" % name
    )


# Such as 'libcudnn.so.8: cannot open shared object file', in whatever language.
_CUDA_LIBRARY = re.compile(
    r'lib(cuda|cudart|cudnn|cublas|cufft|curand|cusolver|cusparse|nccl|nvrtc|'
    r'nvToolsExt)\w*\.so[.\d]*(?=:)'
)


def _explain_cuda(error):
    library = _CUDA_LIBRARY.match(str(error)).group()
    if library.startswith('libcuda.so'):
        what = "belongs to NVIDIA's driver: install that, on a machine with a card"
    else:
        what = (
            'is one of the CUDA libraries: install them, and name their folders in '
            'LD_LIBRARY_PATH before Python starts'
        )
    return (
        'the mxnet installed is a build for GPUs, and its binary does not load (%s). '
        '%s %s; docs/gpu.md has the commands. For the CPU: '
        'pip install --force-reinstall --no-deps mxnet==%s'
        % (str(error).strip().rstrip('.'), library, what, MXNET_VERSION)
    )


def _explain_binary(error):
    import platform

    return (
        'mxnet is installed but its binary does not load on this platform (%s): '
        '%s. %s'
        % (platform.platform(), str(error).strip().rstrip('.'), _OTHER_PLATFORMS)
    )

"""Stand-ins for what MXNet 1.9.1 uses and newer versions no longer have.

These are names that NumPy removed (`numpy.bool` in 1.24, some twenty more in 2.0) and
`distutils.version`, which Python 3.12 removed. `hook` gives them to MXNet's modules,
and to no others.
"""

import sys
import types
import warnings

# The removed names that MXNet's source uses, and their values.
_CONSTANTS = {
    'bool': bool,
    'int': int,
    'PZERO': 0.0,
    'NZERO': -0.0,
    'PINF': float('inf'),
    'NINF': float('-inf'),
    'Inf': float('inf'),
    'INF': float('inf'),
    'Infinity': float('inf'),
    'infty': float('inf'),
    'NaN': float('nan'),
    'NAN': float('nan'),
    'compat': types.SimpleNamespace(basestring=str),
}
_RENAMED = {
    'alltrue': 'all',
    'sometrue': 'any',
    'product': 'prod',
    'cumproduct': 'cumprod',
    'round_': 'round',
    'trapz': 'trapezoid',
}
_FINANCIAL = ('fv', 'ipmt', 'irr', 'mirr', 'nper', 'npv', 'pmt', 'ppmt', 'pv', 'rate')


def _financial(name):
    def removed(*args, **kwargs):
        raise NotImplementedError(
            'numpy.%s was removed from NumPy; install numpy_financial and call '
            'numpy_financial.%s instead.' % (name, name)
        )

    removed.__name__ = name
    return removed


def missing_from(numpy):
    """Return the removed names that `numpy` lacks and MXNet asks for.

    Parameters
    ----------
    numpy : module
        NumPy, any version.

    Returns
    -------
    dict of str to object
        Empty for a NumPy that needs nothing (before 1.24).
    """
    values = dict(_CONSTANTS)
    values.update(
        (old, getattr(numpy, new))
        for old, new in _RENAMED.items()
        if hasattr(numpy, new)
    )
    values.update((name, _financial(name)) for name in _FINANCIAL)
    values['msort'] = lambda a: numpy.sort(a, axis=0)
    values['in1d'] = lambda a, b, **kw: numpy.isin(numpy.ravel(a), b, **kw)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # hasattr of a deprecated name warns
        return {k: v for k, v in values.items() if not hasattr(numpy, k)}


class _NumPyView(types.ModuleType):
    """NumPy with the removed names, for MXNet's modules only."""

    def __getattr__(self, name):  # the submodules that NumPy loads lazily
        return getattr(sys.modules['numpy'], name)


def numpy_view(numpy, removed):
    """Return a module that is NumPy with `removed` added.

    Parameters
    ----------
    numpy : module
    removed : dict of str to object

    Returns
    -------
    module
        A copy of NumPy's namespace; the objects in it are NumPy's own.
    """
    view = _NumPyView('numpy', numpy.__doc__)
    # A copy of the namespace, not a look-up at every access: MXNet reads NumPy's dtypes
    # for each operator that it calls.
    view.__dict__.update(numpy.__dict__)
    view.__dict__.update(removed)
    return view


class LooseVersion:
    """The part of `distutils.version.LooseVersion` that MXNet uses: `>=`."""

    def __init__(self, version):
        import re  # not at the top: this file is loaded whenever Python starts

        self.parts = [int(part) for part in re.findall(r'\d+', version)]

    def __ge__(self, other):
        return self.parts >= other.parts


def distutils_version():
    """Return a stand-in for the module `distutils.version`.

    Returns
    -------
    module
        With `LooseVersion` and `StrictVersion`.
    """
    module = types.ModuleType('distutils.version')
    module.LooseVersion = module.StrictVersion = LooseVersion
    return module

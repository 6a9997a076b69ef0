"""MXNet imports, NumPy is left alone, and what fails says what to do."""

import ast
import os
import platform
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.compat import removed_names

IMPORTS = 'import d2l; from mxnet import autograd, gluon, init, nd'
mx = compat.import_mxnet()


def test_mxnet_imports_without_a_warning_or_output(fresh_import):
    assert 'mxnet' in fresh_import['new_modules']  # the fixture asserts the rest


def test_numpy_is_the_same_before_and_after(fresh_import):
    assert fresh_import['numpy_changed'] == []


def test_distutils_is_not_left_behind(fresh_import):
    assert [m for m in fresh_import['new_modules'] if 'distutils' in m] == []


def test_mxnet_finds_the_removed_names_when_it_needs_them_later():
    a = mx.np.arange(6).reshape(2, 3)
    assert a[a > 2].asnumpy().tolist() == [3, 4, 5]
    assert mx.np.pad(a, ((1, 1), (0, 0))).shape == (4, 3)
    from mxnet.gluon.contrib.estimator import event_handler

    assert event_handler.np.Inf == np.inf


def _numpy_names(path):
    """The attributes of NumPy that a source file uses, by its own names of NumPy."""
    source = path.read_text(encoding='utf-8')
    if 'import numpy' not in source:  # to parse all of MXNet takes a second
        return set()
    tree = ast.parse(source)
    aliases = {
        a.asname or a.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for a in node.names
        if a.name == 'numpy'
    }
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in aliases
    }


@pytest.mark.filterwarnings('ignore')
def test_every_numpy_name_in_mxnets_source_is_answered():
    names = set()
    for path in Path(mx.__file__).parent.rglob('*.py'):
        names |= _numpy_names(path)
    assert len(names) > 200
    removed = removed_names.missing_from(np)
    assert {n for n in names if not hasattr(np, n) and n not in removed} == set()


def test_a_numpy_that_lacks_nothing_is_given_nothing():
    whole = types.ModuleType('numpy')
    for name in removed_names.missing_from(np):
        setattr(whole, name, None)
    whole.__dict__.update(vars(np))
    assert removed_names.missing_from(whole) == {}


def test_renamed_functions_compute_what_they_did():
    removed = removed_names.missing_from(
        types.SimpleNamespace(
            all=np.all,
            any=np.any,
            prod=np.prod,
            sort=np.sort,
            isin=np.isin,
            ravel=np.ravel,
            round=np.round,
            cumprod=np.cumprod,
        )
    )
    a = np.array([[3, 1], [2, 4]])
    assert removed['product'](a) == 24
    assert removed['msort'](a).tolist() == [[2, 1], [3, 4]]
    assert removed['in1d'](a, [1, 2]).tolist() == [False, True, True, False]
    with pytest.raises(NotImplementedError, match='numpy_financial.pmt'):
        removed['pmt'](1)


@pytest.mark.parametrize(
    'smaller, larger', [('1.9', '1.17'), ('1.6.0', '1.24.4'), ('1.26.4', '2.5.5')]
)
def test_versions_are_compared_by_number(smaller, larger):
    assert removed_names.LooseVersion(larger) >= removed_names.LooseVersion(smaller)
    assert not removed_names.LooseVersion(smaller) >= removed_names.LooseVersion(larger)


def test_an_import_of_mxnet_that_failed_before_does_no_harm(python):
    done = python(
        'import sys\n'
        'sys.meta_path[:] = [f for f in sys.meta_path if "d2l" not in '
        'type(f).__module__]\n'
        'try: import mxnet\n'
        'except Exception: pass\n' + IMPORTS + '; print(nd.ones(1).asscalar())'
    )
    assert (done.returncode, done.stdout) == (0, '1.0\n'), done.stderr


def _needs_the_hook():
    import sysconfig

    startup = Path(sysconfig.get_paths()['purelib'], 'd2l_dropout_startup.pth')
    return pytest.mark.skipif(
        not startup.exists(), reason='not the environment that `make setup` builds'
    )


@_needs_the_hook()
def test_mxnet_may_be_the_first_import(python):
    done = python('import mxnet; import d2l; print(mxnet.nd.ones(2).sum().asscalar())')
    assert (done.stdout, done.stderr) == ('2.0\n', '')


@_needs_the_hook()
def test_ipythons_removed_set_matplotlib_formats_is_there(python):
    done = python('from IPython import display; display.set_matplotlib_formats')
    assert done.returncode == 0, done.stderr


def test_installing_the_hook_twice_is_the_same_as_once():
    compat.install_hook()
    before = list(sys.meta_path)
    compat.install_hook()
    assert sys.meta_path == before


# --- messages ------------------------------------------------------------------


def test_missing_mxnet_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mxnet', None)
    with pytest.raises(ImportError) as caught:
        compat.import_mxnet()
    wanted = (
        '--no-deps mxnet==1.9.1'
        if sys.version_info >= (3, 13)
        else ('pip install mxnet==1.9.1')
    )
    assert wanted in str(caught.value) and 'make setup' in str(caught.value)


@pytest.mark.parametrize(
    'system, machine, libc',
    [('win32', 'AMD64', ''), ('darwin', 'arm64', ''), ('linux', 'x86_64', '')],
    ids=['Windows', 'Apple silicon', 'musl'],
)
def test_a_platform_without_a_wheel_is_told_its_options(
    monkeypatch, system, machine, libc
):
    monkeypatch.setitem(sys.modules, 'mxnet', None)
    monkeypatch.setattr(sys, 'platform', system)
    monkeypatch.setattr(platform, 'machine', lambda: machine)
    monkeypatch.setattr(platform, 'libc_ver', lambda: (libc, ''))
    monkeypatch.setattr(platform, 'platform', lambda: system)
    with pytest.raises(ImportError, match='WSL 2.*container'):
        compat.import_mxnet()


def test_a_binary_that_does_not_load_is_explained(python, tmp_path):
    library = tmp_path / 'libmxnet.so'
    library.write_text('no library')
    done = python('import d2l', env={'MXNET_LIBRARY_PATH': str(library)})
    last = done.stderr.splitlines()[-1]
    assert last.startswith('ImportError: mxnet is installed but its binary does not')
    assert 'libmxnet.so' in last and 'WSL 2' in last


@pytest.mark.parametrize(
    ('library', 'what'),
    [('libcudnn.so.8', 'LD_LIBRARY_PATH'), ('libcuda.so.1', "NVIDIA's driver")],
)
def test_a_missing_library_of_a_build_for_gpus_is_explained(
    python, tmp_path, library, what
):
    (tmp_path / 'mxnet.py').write_text(
        'raise OSError("%s: cannot open shared object file")' % library
    )
    done = python(
        'import sys; sys.path.insert(0, sys.argv[1]); import d2l', args=[tmp_path]
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith('ImportError: the installed mxnet is a build for GPUs')
    assert library in last and what in last and 'docs/gpu.md' in last


def test_a_library_that_a_small_debian_lacks_is_named(python, tmp_path):
    (tmp_path / 'mxnet.py').write_text(
        'raise OSError("libgomp.so.1: cannot open shared object file")'
    )
    done = python(
        'import sys; sys.path.insert(0, sys.argv[1]); import d2l', args=[tmp_path]
    )
    last = done.stderr.splitlines()[-1]
    assert 'lacks libgomp.so.1' in last
    assert last.endswith('apt-get install libgomp1 libgfortran5')


def test_a_missing_dependency_of_mxnet_is_named(python, tmp_path):
    (tmp_path / 'mxnet.py').write_text('import no_such_dependency')
    done = python(
        'import sys; sys.path.insert(0, sys.argv[1]); import d2l', args=[tmp_path]
    )
    assert 'no_such_dependency, which it needs, is not' in done.stderr.splitlines()[-1]


def test_importing_the_package_does_no_work(python):
    done = python(
        'import sys; import d2l_dropout, d2l_dropout.compat\n'
        'print([m for m in ("numpy", "mxnet", "matplotlib") if m in sys.modules])'
    )
    assert done.stdout == '[]\n'
    assert os.linesep not in done.stderr


def test_arrays_are_made_without_a_warning_beside_scipy(python):
    code = (
        'from d2l_dropout import compat\n'
        'nd = compat.import_mxnet().nd\n'
        'from scipy.sparse import csr_matrix\n'
        'print(nd.array([1.0]).asnumpy(), nd.sparse.array(csr_matrix((2, 3))).shape)'
    )
    done = python(code, '-W', 'error')
    assert done.stdout == '[1.] (2, 3)\n', done.stderr


def test_an_import_that_serves_a_cluster_and_does_not_return_says_so():
    # The address is one that nobody answers: MXNet waits.
    environment = {
        'DMLC_ROLE': 'server',
        'DMLC_PS_ROOT_URI': '127.0.0.1',
        'DMLC_PS_ROOT_PORT': '9',
        'DMLC_NUM_SERVER': '1',
        'DMLC_NUM_WORKER': '1',
    }
    with subprocess.Popen(
        [sys.executable, '-c', 'import d2l'],
        env=dict(os.environ, **environment),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.stderr.readline()
        process.kill()
    assert said.startswith("DMLC_ROLE is 'server': MXNet now waits for a cluster")

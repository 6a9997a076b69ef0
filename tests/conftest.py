"""What every test has: seeds, no data but its own, and no picture on a screen."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import numpy as np
import pytest

from d2l_dropout import compat, fashion_mnist

os.environ['MPLBACKEND'] = 'Agg'
# A shell has its background jobs ignore Ctrl-C, and so all that they start; some tests
# send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
mx = compat.import_mxnet()


def _find_real_data():
    try:
        return fashion_mnist.locate(), None
    except (fashion_mnist.DataError, ValueError) as error:
        return None, 'no real Fashion-MNIST here: %s' % str(error).splitlines()[0]


# Looked for once, as the user has set things up and without a download; then no test
# sees the user's settings any more.
REAL, WHY_NOT_REAL = _find_real_data()
if REAL is not None and REAL.revision not in fashion_mnist.REVISIONS:
    REAL, WHY_NOT_REAL = (
        None,
        'the data here are not Fashion-MNIST: ' + REAL.description,
    )
for name in ('D2L_DATA', 'D2L_CONTEXT', 'D2L_MIRROR'):
    os.environ.pop(name, None)


@pytest.fixture(scope='session', autouse=True)
def no_process_is_left():
    """Whatever the tests start has a mark in its environment; all of it must end."""
    mark = 'D2L_TESTED_BY=' + uuid.uuid4().hex
    name, _, value = mark.partition('=')
    os.environ[name] = value
    yield
    end = time.monotonic() + 10
    while _processes_with(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert _processes_with(mark) == []


def _processes_with(mark):
    found = []
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            if mark.encode() in (folder / 'environ').read_bytes():
                found.append((folder / 'cmdline').read_bytes().decode())
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """An empty cache folder, and the same random numbers for each test."""
    monkeypatch.setenv('MXNET_HOME', str(tmp_path / 'mxnet-home'))
    random.seed(0)
    np.random.seed(0)
    mx.random.seed(0)


@pytest.fixture
def real_data(monkeypatch):
    """`D2L_DATA` set to the real data; skips where there are none."""
    if REAL is None:
        pytest.skip(WHY_NOT_REAL)
    monkeypatch.setenv('D2L_DATA', REAL.source)
    return REAL


@pytest.fixture
def small_data(monkeypatch):
    """`D2L_DATA` set to 600 + 100 examples of synthetic data."""
    monkeypatch.setenv('D2L_DATA', 'synthetic:600')


@pytest.fixture(scope='session')
def python():
    """A function that runs a piece of code in a fresh Python.

    MXNet takes a second to load: ask for this only where the process is the point.
    """

    def run(code, *options, **kwargs):
        environment = dict(os.environ, **kwargs.pop('env', {}))
        arguments = map(str, kwargs.pop('args', []))
        return subprocess.run(
            [sys.executable, *options, '-c', code, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            **kwargs,
        )

    return run


FRESH_IMPORT = """
import json, sys, types, warnings
import numpy
before, modules = dict(vars(numpy)), set(sys.modules)
import d2l
from mxnet import autograd, gluon, init, nd
# NumPy itself adds submodules when they are first used.
numpy_changed = [name for name, value in vars(numpy).items()
                 if before.get(name) is not value
                 and not isinstance(value, types.ModuleType)]
new_modules = sorted(set(sys.modules) - modules)
warnings.simplefilter('ignore')  # of Matplotlib's
d2l.plt
print(json.dumps({
    'numpy_changed': numpy_changed,
    'new_modules': new_modules,
    'plt_loads_matplotlib': 'matplotlib.pyplot' in sys.modules,
}))
"""


@pytest.fixture(scope='session')
def fresh_import(python):
    """What a fresh Python, in which warnings are errors, saw of `import d2l`."""
    done = python(FRESH_IMPORT, '-W', 'error')
    assert (done.returncode, done.stderr) == (0, '')
    (line,) = done.stdout.splitlines()
    return json.loads(line)

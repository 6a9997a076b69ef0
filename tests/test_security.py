"""What docs/security.md says: nothing that is read is executed."""

import ast
from pathlib import Path

import numpy as np
import pytest

import d2l_dropout
from d2l_dropout.ports import files

PACKAGE = Path(d2l_dropout.__file__).resolve().parent
EXECUTE = {
    *('eval', 'exec', 'execfile', 'import_module', '__import__', 'system', 'popen'),
    *('pickle.load', 'pickle.loads', 'cloudpickle.load', 'cloudpickle.loads'),
    *('marshal.loads', 'shelve.open', 'torch.load', 'yaml.load', 'read_pickle'),
}
# The cells of the package's own notebooks, MXNet's imports, modules of our own, and a
# reader's own noise, which goes to the workers through a pipe.
ALLOWED = {
    ('book/chapter.py', 'exec'),
    ('book/terminal.py', 'eval'),
    ('book/terminal.py', 'exec'),
    ('compat/hook.py', 'builtins.__import__'),
    ('ports/__init__.py', 'importlib.import_module'),
    ('runs/own_noise.py', 'pickle.loads'),
}


def calls():
    for path in PACKAGE.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(PACKAGE)), node


def name_of(function):
    """`eval`, or the last two names of a.b.c, or the last."""
    if isinstance(function, ast.Name):
        return function.id
    if not isinstance(function, ast.Attribute):
        return ''
    return f'{name_of(function.value).rpartition(".")[2]}.{function.attr}'.lstrip('.')


def test_nothing_that_is_read_is_executed():
    found = {
        (path, name)
        for path, node in calls()
        for name in [name_of(node.func)]
        if name in EXECUTE or name.rpartition('.')[2] in EXECUTE - {'eval'}
    }
    assert found == ALLOWED


def test_no_command_goes_through_a_shell_and_no_array_is_unpickled():
    for path, node in calls():
        keywords = {k.arg: k.value for k in node.keywords}
        assert 'shell' not in keywords, path
        if name_of(node.func) == 'np.load':
            assert keywords['allow_pickle'].value is False, path


def test_a_pickle_in_a_ports_tensors_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (tmp_path / 'run').mkdir, ()

    array = np.array([Evil()], dtype=object)
    np.savez(str(tmp_path / 'port.npz'), W1=array)
    with pytest.raises(ValueError, match='is not an array of numbers'):
        files.load_tensors(tmp_path / 'port.npz')
    assert not (tmp_path / 'run').exists()

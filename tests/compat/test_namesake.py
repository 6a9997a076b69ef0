"""`import d2l` is this project's, and another package of that name is recognised."""

import subprocess
import sys
from pathlib import Path

import pytest

import d2l_dropout
from d2l_dropout import doctor
from d2l_dropout.compat import check_d2l
from d2l_dropout.compat.namesake import other_d2l

ROOT = Path(d2l_dropout.__file__).resolve().parents[1]


@pytest.fixture
def another_d2l(tmp_path, monkeypatch):
    """A package `d2l` that comes before ours, as PyPI's does."""
    (tmp_path / 'd2l').mkdir()
    (tmp_path / 'd2l' / '__init__.py').write_text('')
    monkeypatch.delitem(sys.modules, 'd2l', raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_ours_is_recognised_before_and_after_its_import():
    code = (
        'from d2l_dropout.compat.namesake import other_d2l; '
        'before = other_d2l(); import d2l; print([before, other_d2l()])'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=str(ROOT), stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.strip() == b"['', '']"


def test_another_one_is_refused_in_a_sentence_with_the_mend(another_d2l):
    with pytest.raises(ImportError, match='is another one .*pip uninstall d2l'):
        check_d2l()


def test_the_doctor_finds_another_one(another_d2l):
    (check,) = [c for c in doctor.examine() if c.name == 'import d2l']
    assert not check.ok and 'pip uninstall d2l' in check.advice


def test_none_at_all_is_said(monkeypatch):
    monkeypatch.delitem(sys.modules, 'd2l', raising=False)
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    assert other_d2l().startswith('There is no module d2l here')

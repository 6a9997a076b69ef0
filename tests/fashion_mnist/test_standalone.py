"""What the package imports, what it exports, and the real data if they are here."""

import idx_files
import numpy as np
import pytest

from d2l_dropout import fashion_mnist
from d2l_dropout.fashion_mnist import DataError, load


def test_import_loads_numpy_and_the_standard_library_only(python):
    said = python(
        'import sys, d2l_dropout.fashion_mnist\n'
        'print([m for m in ("mxnet", "requests", "urllib3", "tqdm", "matplotlib",'
        ' "d2l_dropout.d2l") if m in sys.modules])'
    )
    assert said.stdout == '[]\n'


def test_every_exported_name_is_there():
    for name in fashion_mnist.__all__:
        assert hasattr(fashion_mnist, name)


def test_every_error_can_be_caught_as_its_builtin_kind():
    for error, builtin in (
        (fashion_mnist.DataNotFoundError, FileNotFoundError),
        (fashion_mnist.BadFileError, ValueError),
        (fashion_mnist.DownloadError, OSError),
    ):
        assert issubclass(error, builtin) and issubclass(error, DataError)


def test_each_revision_pins_four_digests_and_two_mirrors():
    for facts in fashion_mnist.REVISIONS.values():
        length = {'sha1': 40, 'sha256': 64}[facts.algorithm]
        assert [len(facts.digests[name]) for name in idx_files.FILES] == [length] * 4
        assert len(facts.mirrors) == 2
        assert all(
            base.startswith('http') and base.endswith('/') for base in facts.mirrors
        )


@pytest.mark.data
def test_real_data_are_identified(real_data):
    data = load()
    assert (data.revision, data.source) == (real_data.revision, real_data.source)
    assert data.is_fashion_mnist
    assert data.train_images.shape == (60000, 28, 28)
    assert data.test_images.shape == (10000, 28, 28)
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
    assert np.bincount(data.test_labels).tolist() == [1000] * 10

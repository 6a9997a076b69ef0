"""A noise of the reader's own: known by its source, the same in a worker, checked."""

import importlib
import sys
import textwrap
import uuid
from dataclasses import replace

import pytest
from mxnet import nd

from d2l_dropout import fashion_mnist
from d2l_dropout.models.dropout import dropout
from d2l_dropout.runs import own_noise
from d2l_dropout.runs.own_noise import NoiseError, OwnNoise
from d2l_dropout.runs.run import run
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store
from d2l_dropout.runs.sweep import sweep

SMALL = RunSpec(num_epochs=1, num_hiddens1=8, num_hiddens2=8)
SMALL = SMALL.on(fashion_mnist.locate('synthetic:60'))

HELPED = """
from mxnet import nd
SCALE = 1.0

def mask(H, drop_prob):
    return nd.random.uniform(0, SCALE, H.shape, ctx=H.context) > drop_prob

def mine(H, drop_prob):
    return mask(H, drop_prob) * H / (1.0 - drop_prob)
"""


def copied(H, drop_prob):
    mask = nd.random.uniform(0, 1, H.shape, ctx=H.context) > drop_prob
    return mask * H / (1.0 - drop_prob)


def doubled(H, drop_prob):
    print('a reader may print')
    return 2 * H


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that writes a module and returns its function `mine`."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(source):
        name = 'noise_' + uuid.uuid4().hex
        (tmp_path / f'{name}.py').write_text(textwrap.dedent(source))
        return importlib.import_module(name).mine

    return write


def key(function):
    return OwnNoise(function).key


def test_the_key_is_that_of_the_source_wherever_it_is_written(written):
    assert key(written(HELPED)) == key(written(HELPED))


@pytest.mark.parametrize(
    'old, new',
    [
        ('/ (1.0 - drop_prob)', '/ (1.1 - drop_prob)'),
        ('> drop_prob', '>= drop_prob'),  # in the helper
        ('SCALE = 1.0', 'SCALE = 2.0'),  # in a global that the helper uses
        ('SCALE = 1.0', 'SCALE = nd.ones(1)'),
        ('def mine(H, drop_prob):', 'def mine(H, drop_prob, SCALE=2):'),
    ],
)
def test_a_changed_noise_has_another_key(written, old, new):
    assert key(written(HELPED)) != key(written(HELPED.replace(old, new)))


def test_what_is_enclosed_is_part_of_the_key():
    def times(factor):
        def noise(H, drop_prob):
            return H * factor

        return noise

    assert key(times(2)) == key(times(2)) != key(times(3))


def test_globals_that_only_share_a_name_with_a_local_do_not_matter(written):
    local = """
        log = 1

        def mine(H, drop_prob):
            log = H
            return log
        """
    assert key(written(local)) == key(written(local.replace('= 1', '= object()')))


def test_a_copy_of_dropout_in_workers_trains_as_dropout_does(tmp_path, monkeypatch):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')
    specs = [SMALL, replace(SMALL, model='gluon', input_drop_prob=0.2)]
    store = Store(tmp_path / 'copied.jsonl')
    assert sweep(specs, store, noise=OwnNoise(copied)) == {}
    results = store.results()
    assert results[specs[0]].digest == run(specs[0]).digest
    # Gluon's dropout draws its numbers in another way.
    assert results[specs[1]].digest == run(specs[1], noise=dropout).digest


def test_another_noise_trains_to_other_weights_and_may_print(tmp_path, monkeypatch):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')
    store = Store(tmp_path / 'doubled.jsonl')
    assert sweep([SMALL], store, noise=OwnNoise(doubled)) == {}
    assert store.results()[SMALL].digest != run(SMALL).digest


def test_a_noise_that_fails_in_a_worker_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv('D2L_DATA', 'synthetic:60')

    def second_layer_only(H, drop_prob):
        return H if drop_prob == 0.5 else H.no_such_thing

    failed = sweep([SMALL], Store(tmp_path / 's'), noise=OwnNoise(second_layer_only))
    assert failed[SMALL].startswith(
        'NoiseError: second_layer_only failed with AttributeError:'
    )


def test_a_noise_is_sent_by_value(written, monkeypatch):
    noise = written(HELPED)
    line = OwnNoise(noise).to_line()
    monkeypatch.delitem(sys.modules, noise.__module__)
    monkeypatch.setattr(sys, 'path', [])  # as in a worker that does not find the file
    assert own_noise.from_line(line)(nd.ones((2, 3)), 0.5).shape == (2, 3)
    assert own_noise.from_line('\n') is None


def as_numpy(H, drop_prob):
    return nd.array(H.asnumpy())


def one_row(H, drop_prob):
    return H[:1]


def of_numpy(H, drop_prob):
    return H.asnumpy()


def divided(H, drop_prob):
    return H / 0


def of_no_arguments():
    return 0


@pytest.mark.parametrize(
    'function, sentence',
    [
        (as_numpy, 'lets no gradient through to H'),
        (one_row, r'returns the shape \(1, 32\)'),
        (of_numpy, 'returns ndarray'),
        (divided, 'numbers that are not finite'),
        (of_no_arguments, 'failed with TypeError'),
    ],
)
def test_a_noise_that_cannot_train_is_refused_before_training(function, sentence):
    with pytest.raises(NoiseError, match=f'{function.__name__}.*{sentence}'):
        OwnNoise(function).try_once(0.5)


def test_dropout_itself_passes_the_trial():
    OwnNoise(copied).try_once(0.5)


@pytest.mark.parametrize(
    'noise, sentence',
    [
        (lambda H, drop_prob: H, 'a lambda'),
        ('dropout', 'give a function written with def'),
        (nd.relu, 'cannot be read|give a function'),
    ],
)
def test_what_has_no_source_of_its_own_is_refused(noise, sentence):
    with pytest.raises(NoiseError, match=sentence):
        OwnNoise(noise)


def test_what_cannot_be_sent_is_named(written):
    noise = written("""
        log = open('/dev/null')

        def mine(H, drop_prob):
            log.write('called')
            return H
        """)
    with pytest.raises(NoiseError, match='mine uses log, of type TextIOWrapper'):
        OwnNoise(noise)
    noise.__globals__['log'].close()

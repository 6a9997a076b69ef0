"""One run: its specification, the same bits again, and what decides them."""

import json
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from d2l_dropout import fashion_mnist
from d2l_dropout.runs.result import parse
from d2l_dropout.runs.run import run
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.splits import stratified_split

SMALL = RunSpec(
    num_epochs=1, num_hiddens1=16, num_hiddens2=16, batch_size=64, revision='synthetic'
)


@pytest.fixture(scope='module')
def data():
    return fashion_mnist.load('synthetic:600')


def test_the_same_spec_gives_the_same_bits_in_another_process(data, python):
    specs = [replace(SMALL, model=model, seed=7) for model in ('scratch', 'gluon')]
    code = (
        'import sys\n'
        'from d2l_dropout import fashion_mnist\n'
        'from d2l_dropout.runs.run import run\n'
        'from d2l_dropout.runs.spec import RunSpec\n'
        'data = fashion_mnist.load("synthetic:600")\n'
        'for text in sys.argv[1:]:\n'
        '    print(run(RunSpec.from_json(text), data).digest)'
    )
    first, again = ([run(spec, data) for spec in specs] for _ in range(2))
    other = python(
        code,
        args=[spec.to_json() for spec in specs],
        env={'OMP_NUM_THREADS': str(first[0].threads)},
    )
    digests = [result.digest for result in first]
    assert digests == [r.digest for r in again] == other.stdout.split(), other.stderr
    assert [r.epochs for r in first] == [r.epochs for r in again]


@pytest.mark.parametrize(
    'changed',
    [
        {'seed': 1},
        {'drop_prob1': 0.1},
        {'drop_prob2': 0.1},
        {'lr': 0.1},
        {'batch_size': 32},
        {'num_examples': 300},
        {'num_examples': 300, 'subset': 'stratified'},
        {'resplit': True},
        {'noise': 'unscaled'},
        {'noise': 'three_valued'},
        {'noise': 'gaussian'},
        {'noise': 'additive'},
        {'noise': 'dropconnect'},
        {'noise': 'dropconnect_per_example'},
        {'model': 'gluon', 'noise': 'dropconnect'},
        {'input_noise': 0.1},
        {'input_drop_prob': 0.1},
        {'labels': 'permuted'},
        {'test_on': 'validation'},
        {'num_epochs': 2},
        {'model': 'gluon'},
        {'model': 'gluon', 'wd': 0.01},
    ],
    ids=str,
)
def test_whatever_the_spec_changes_changes_the_parameters(changed, data):
    base = replace(SMALL, model='gluon') if 'wd' in changed else SMALL
    assert run(replace(base, **changed), data).digest != run(base, data).digest


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_dropout_left_on_when_testing_changes_the_test_accuracy(model, data):
    sizes = {'num_hiddens1': 64, 'num_hiddens2': 64, 'batch_size': 16}
    spec = replace(SMALL, model=model, num_epochs=4, drop_prob2=0.8, **sizes)
    right, wrong = (
        run(replace(spec, dropout_at_test=on), data).epochs for on in (False, True)
    )
    assert right[0][:3] == wrong[0][:3]
    assert right[3].test_acc > wrong[3].test_acc


def test_evaluating_seldom_changes_nothing_but_what_is_evaluated(data):
    always = run(replace(SMALL, num_epochs=5), data)
    seldom = run(replace(SMALL, num_epochs=5, test_every=2), data)
    assert seldom.digest == always.digest
    assert [e[:3] for e in seldom.epochs] == [e[:3] for e in always.epochs]
    assert [math.isnan(e.test_acc) for e in seldom.epochs] == [1, 0, 1, 0, 0]
    for i in (1, 3, 4):
        assert seldom.epochs[i] == always.epochs[i]
    rows = json.loads(seldom.to_json())['epochs']
    assert [row[3] is None for row in rows] == [True, False, True, False, False]
    assert parse(seldom.to_json()) == seldom


def test_a_run_depends_on_its_seed_alone_not_on_what_was_drawn_before(data):
    first = run(SMALL, data)
    random.random()
    np.random.rand(3)
    assert run(SMALL, data).digest == first.digest


def test_specs_and_results_survive_json(data):
    spec = replace(SMALL, num_examples=100, resplit=True)
    assert RunSpec.from_json(spec.to_json()) == spec
    assert hash(RunSpec.from_json(spec.to_json())) == hash(spec)
    result = run(spec, data)
    line = result.to_json()
    assert '\n' not in line and parse(line) == result
    assert result.threads >= 1 and result.versions['MXNet'] == '1.9.1'


@pytest.mark.parametrize(
    'changed, message',
    [
        ({'model': 'torch'}, "model is 'torch'; it must be one of 'scratch', 'gluon'"),
        (
            {'drop_prob1': 1},
            'it must be a float32 number of at least 0 and below 1',
        ),
        ({'drop_prob2': -0.1}, 'drop_prob2 is -0.1'),
        ({'num_epochs': 0}, 'num_epochs is 0; it must be an integer of at least 1'),
        ({'batch_size': 2.5}, 'batch_size is 2.5'),
        ({'lr': float('inf')}, 'lr is inf; it must be a float32 number'),
        ({'wd': float('inf'), 'model': 'gluon'}, 'wd is inf; it must be a float32'),
        ({'drop_prob1': 1e-300}, 'drop_prob1 is 1e-300; it must be a float32 number'),
        ({'num_hiddens2': 2**30}, 'parameters; it may have 268435456 at most'),
        ({'num_hiddens1': 10**400}, 'and below 2147483648'),
        ({'lr': 0}, 'lr is 0; it must be a float32 number above 0'),
        ({'wd': 0.1}, 'wd needs the model gluon'),
        ({'seed': 2**32}, 'seed is 4294967296'),
        ({'seed': True}, 'seed is True'),
        ({'num_examples': 0}, 'num_examples is 0'),
        ({'noise': 'none'}, "noise is 'none'; it must be one of 'dropout', 'unscaled'"),
        ({'noise': 'unscaled', 'model': 'gluon'}, "'unscaled' needs the model scratch"),
        ({'resplit': 1}, 'resplit is 1; it must be True or False'),
        ({'subset': 'last'}, "subset is 'last'; it must be one of 'first', 'strat"),
        ({'test_every': 0}, 'test_every is 0; it must be an integer of at least 1'),
        ({'input_drop_prob': 1}, 'input_drop_prob is 1; it must be a float32 number'),
        (
            {'input_drop_prob': 0.1, 'noise': 'dropconnect'},
            'input_drop_prob is 0.1; it must be 0',
        ),
        (
            {'test_every': 2, 'dropout_at_test': True},
            'test_every is 2; it must be 1',
        ),
        ({'measure': 'train_acc+loss'}, "measure is 'loss'; it must be one of"),
        ({'measure': 'units+passes'}, 'passes and units cannot be measured'),
        ({'revision': '1'}, "revision is '1'; it must be one of '2017-08-26'"),
        ({'data_digest': 'ab'}, "data_digest is 'ab'; it must be a SHA-256"),
        (
            {'revision': '2017-08-31', 'data_digest': 'ab' * 32},
            'data_digest is given; the revision 2017-08-31 says already',
        ),
    ],
    ids=str,
)
def test_a_value_out_of_range_is_named(changed, message):
    with pytest.raises(ValueError) as caught:
        replace(SMALL, **changed)
    assert message in str(caught.value)


def test_measures_are_the_same_in_any_order():
    spec = replace(SMALL, measure='scale+train_acc')
    assert spec == replace(SMALL, measure='train_acc+scale')
    assert spec.measures() == ['train_acc', 'scale'] and SMALL.measures() == []


def test_specs_written_before_a_setting_existed_mean_its_default():
    values = json.loads(RunSpec(seed=3).to_json())
    for name in ('shuffle', 'subset', 'test_every', 'input_drop_prob'):
        del values[name]
    assert RunSpec.from_json(json.dumps(values)) == RunSpec(seed=3)


def test_json_that_is_no_spec_is_refused():
    with pytest.raises(ValueError, match='a RunSpec has no dropout'):
        RunSpec.from_json(json.dumps({'dropout': 0.5}))


def test_data_of_another_revision_or_too_few_are_refused(data):
    with pytest.raises(ValueError, match='revision synthetic; the run asks for 2017'):
        run(RunSpec(), data)
    with pytest.raises(ValueError, match='the training set has 600'):
        run(replace(SMALL, num_examples=601), data)


def test_a_spec_on_known_data_needs_no_digest_and_on_others_has_one(data):
    known = fashion_mnist.Origin('2017-08-31', 'a folder', 'ab' * 32)
    assert RunSpec().on(known) == RunSpec() and RunSpec().names_its_data
    assert not SMALL.names_its_data and SMALL.on(data).names_its_data
    assert SMALL.on(data) == replace(SMALL, data_digest=data.digest)
    assert SMALL.on(data).on(known).data_digest is None
    assert RunSpec.from_json(SMALL.on(data).to_json()) == SMALL.on(data)


def test_other_data_of_the_same_name_are_refused(data):
    spec = SMALL.on(fashion_mnist.locate('synthetic:66'))
    with pytest.raises(ValueError, match='the synthetic data here have the SHA-256'):
        run(spec, data)


def test_a_split_is_stratified_and_loses_nobody():
    images = np.arange(70, dtype='uint8').reshape(70, 1, 1)
    labels = (np.arange(70) % 10).astype('uint8')
    train, test = stratified_split(
        (images[:60], labels[:60]), (images[60:], labels[60:]), np.random.RandomState(0)
    )
    assert np.bincount(train[1]).tolist() == [6] * 10
    assert np.bincount(test[1]).tolist() == [1] * 10
    pooled = np.concatenate([train[0], test[0]]).ravel()
    assert sorted(pooled) == list(range(70))
    for part_images, part_labels in (train, test):
        assert (part_images.ravel() % 10 == part_labels).all()
    assert test[0].ravel().tolist() != list(range(60, 70))

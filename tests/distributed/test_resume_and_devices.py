"""One training run: saved, resumed, evaluated, and on several devices."""

import json
from dataclasses import replace

import numpy as np
import pytest

from d2l_dropout import cli, compat, fashion_mnist
from d2l_dropout.distributed import checkpoint
from d2l_dropout.distributed.kvstore import KVStoreCommunicator
from d2l_dropout.runs.mini_batches import Shard, mini_batches
from d2l_dropout.runs.run import run
from d2l_dropout.runs.seeds import worker_seed
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.training import Training, evaluate

mx = compat.import_mxnet()

SMALL = RunSpec(
    num_epochs=3,
    num_hiddens1=16,
    num_hiddens2=16,
    batch_size=20,
    lr=1.0,
    revision='synthetic',
)
TWO = [mx.cpu(0), mx.cpu(1)]


@pytest.fixture(scope='module')
def data():
    return fashion_mnist.load('synthetic:600')


def trained(spec, data, ctxs=None, kvstore=None, resume=None):
    training = Training(spec, ctxs, kvstore and communicator(kvstore), data)
    return training, list(training.epochs(resume))


def communicator(kvstore):
    return KVStoreCommunicator(mx.kv.create(kvstore))


def left_after_one_epoch(spec, data, folder, **where):
    training = Training(spec, data=data, **where)
    next(training.epochs())
    checkpoint.save(folder, training.checkpoint())
    return checkpoint.load(folder)


OF_EVERY_KIND = [
    {},
    {'model': 'gluon', 'wd': 0.01},
    {'noise': 'gaussian'},
    {'input_noise': 0.1},
    {'model': 'gluon', 'input_noise': 0.1},
    {'model': 'gluon', 'noise': 'dropconnect'},
    {'dropout_at_test': True},
    {'shuffle': False},
]


@pytest.mark.parametrize('settings', OF_EVERY_KIND, ids=str)
def test_training_gives_the_bits_of_a_run_also_when_it_is_resumed(
    settings, data, tmp_path
):
    spec = replace(SMALL, **settings)
    expected = run(spec, data)
    training, epochs = trained(spec, data)
    assert training.model.digest() == expected.digest
    assert epochs == expected.epochs
    saved = left_after_one_epoch(spec, data, tmp_path)
    training, epochs = trained(spec, data, resume=saved)
    assert training.model.digest() == expected.digest
    assert [*saved.epochs, *epochs] == expected.epochs


@pytest.mark.parametrize('kvstore', ['device', 'local'])
@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_two_devices_give_what_one_gives_without_dropout(model, kvstore, data):
    spec = replace(SMALL, model=model, drop_prob1=0.0, drop_prob2=0.0, num_epochs=2)
    one, epochs = trained(spec, data)
    two, epochs_of_two = trained(spec, data, TWO, kvstore)
    untrained, _ = trained(replace(spec, lr=1e-9), data)
    apart, moved = apart_by(one, two), apart_by(one, untrained)
    assert max(apart) < 1e-6 and min(moved) > 1e-3, (apart, moved)
    np.testing.assert_allclose(epochs, epochs_of_two, rtol=1e-5)


def apart_by(training, other):
    """The largest difference in each of the six parameters."""
    return [
        float(abs(ours - theirs).max().asscalar())
        for ours, theirs in zip(training.model.params(), other.model.params())
    ]


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_two_devices_are_resumed_with_the_same_bits(model, data, tmp_path):
    spec = replace(SMALL, model=model)
    expected, _ = trained(spec, data, TWO, 'device')
    two = {'ctxs': TWO, 'communicator': communicator('device')}
    saved = left_after_one_epoch(spec, data, tmp_path, **two)
    training, _ = trained(spec, data, TWO, 'device', resume=saved)
    assert training.model.digest() == expected.model.digest()


def test_both_devices_hold_the_same_parameters_after_training(data):
    spec = replace(SMALL, num_epochs=1)
    training, _ = trained(spec, data, TWO, 'device')
    for (first, second), _ in training.model.copies():
        assert (first.asnumpy() == second.asnumpy()).all()
        assert second.context == mx.cpu(1)


def test_a_last_mini_batch_smaller_than_the_devices_is_refused(data):
    spec = replace(SMALL, num_examples=41)
    with pytest.raises(ValueError, match='has 1 of the 41 examples, too few for 2 dev'):
        Training(spec, TWO, communicator('device'), data)


def test_the_shards_are_disjoint_and_their_batches_make_up_the_batch_of_one(data):
    spec = replace(SMALL, shuffle=False, num_examples=101, batch_size=10)
    shards = [mini_batches(spec, data, Shard(rank, 2))[0] for rank in range(2)]
    whole, _ = mini_batches(replace(spec, batch_size=20, num_examples=100), data)
    steps = 0
    for (X, y), (X0, y0), (X1, y1) in zip(whole, *shards):
        steps += 1
        assert sorted(y.asnumpy()) == sorted([*y0.asnumpy(), *y1.asnumpy()])
        np.testing.assert_array_equal(X.asnumpy()[::2], X0.asnumpy())
        np.testing.assert_array_equal(X.asnumpy()[1::2], X1.asnumpy())
    assert steps == len(whole) == len(shards[0]) == len(shards[1])


def test_each_worker_has_a_seed_of_its_own():
    seeds = [worker_seed(0, Shard(rank, n)) for n in (2, 3) for rank in range(n)]
    assert len(set(seeds)) == 5
    assert seeds == [
        worker_seed(0, Shard(rank, n)) for n in (2, 3) for rank in range(n)
    ]


@pytest.mark.parametrize('model', ['scratch', 'gluon'])
def test_what_was_saved_is_evaluated_as_in_training(model, data, tmp_path):
    spec = replace(SMALL, model=model)
    saved = left_after_one_epoch(spec, data, tmp_path)
    assert evaluate(saved, mx.cpu(), data) == saved.epochs[-1].test_acc


def test_gluon_itself_loads_what_was_saved(data, tmp_path):
    from d2l_dropout.models.mlp import gluon_mlp

    spec = replace(SMALL, model='gluon', num_epochs=1)
    saved = left_after_one_epoch(spec, data, tmp_path)
    net = gluon_mlp(num_hiddens1=16, num_hiddens2=16)
    net.load_parameters(str(tmp_path / 'epoch-1.params'))
    ours = net[0].weight.data().asnumpy()
    assert (ours == saved.params['0.weight'].asnumpy()).all()


def test_only_files_of_its_own_are_removed(data, tmp_path):
    (tmp_path / 'epoch-1.params.bak').touch()
    (tmp_path / 'epoch-9.params').touch()  # of a run before, or of somebody else
    left_after_one_epoch(SMALL, data, tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        'epoch-1.params',
        'epoch-1.params.bak',
        'epoch-9.params',
        'run.json',
    ]


def test_a_save_that_fails_leaves_the_one_before(data, tmp_path, monkeypatch):
    saved = left_after_one_epoch(SMALL, data, tmp_path)

    def fail(*_):
        raise mx.MXNetError('No space left on device')

    monkeypatch.setattr(mx.nd, 'save', fail)
    with pytest.raises(OSError, match='cannot be written: No space left'):
        checkpoint.save(tmp_path, saved._replace(epochs=saved.epochs * 2))
    monkeypatch.undo()
    assert checkpoint.load(tmp_path).epochs == saved.epochs


@pytest.mark.parametrize('damage', ['cut off', 'no parameters', 'not JSON'])
def test_a_folder_that_cannot_be_read_is_a_clear_error(damage, data, tmp_path):
    left_after_one_epoch(SMALL, data, tmp_path)
    if damage == 'cut off':
        path = tmp_path / 'epoch-1.params'
        path.write_bytes(path.read_bytes()[:100])
    elif damage == 'no parameters':
        (tmp_path / 'epoch-1.params').unlink()
    else:
        (tmp_path / 'run.json').write_text('{')
    with pytest.raises(ValueError, match='holds a run that cannot be read'):
        checkpoint.load(tmp_path)


def main(capsys, *arguments):
    code = cli.main(['train', *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


FAST = ['--num-hiddens1', 8, '--num-hiddens2', 8, '--batch-size', 50]


@pytest.mark.usefixtures('small_data')
def test_the_command_saves_resumes_and_evaluates(capsys, tmp_path):
    _, whole, _ = main(capsys, *FAST, '--num-epochs', 3)
    _, first, _ = main(capsys, *FAST, '--num-epochs', 2, '--save', tmp_path)
    code, again, _ = main(capsys, '--save', tmp_path, '--resume', '--num-epochs', 3)
    assert code == 0 and again == whole  # the lines, and the digest
    assert first.splitlines()[:2] == whole.splitlines()[:2]
    assert 'SHA-256 of the parameters' in whole and 'seed 0, data synthetic' in whole
    code, out, _ = main(capsys, '--eval', tmp_path)
    accuracy = json.loads((tmp_path / 'run.json').read_text())['epochs'][-1][3]
    assert out == (
        f'{tmp_path}, 3 of 3 epochs, data synthetic: test acc {accuracy:.4f}\n'
    )


@pytest.mark.usefixtures('small_data')
def test_a_saved_run_is_neither_overwritten_nor_mixed(capsys, tmp_path):
    main(capsys, *FAST, '--num-epochs', 1, '--save', tmp_path)
    code, _, err = main(capsys, *FAST, '--save', tmp_path)
    assert code == 1 and '--resume' in err and 'holds a run already, 1 of 1' in err
    with pytest.raises(SystemExit) as exit:
        main(capsys, '--resume', '--lr', 0.1, '--save', tmp_path)
    assert exit.value.code == 2
    assert 'lr is 0.1; the saved run has 0.5' in capsys.readouterr().err


@pytest.mark.usefixtures('small_data')
def test_what_was_asked_to_be_measured_is_printed(capsys):
    _, out, _ = main(capsys, *FAST, '--num-epochs', 1, '--measure', 'train_acc')
    assert any(line.startswith('{"train_acc"') for line in out.splitlines()), out


@pytest.mark.usefixtures('small_data')
@pytest.mark.parametrize(
    'arguments, message',
    [
        (['--ctx', 'tpu(0)'], "'tpu(0)' is not a context"),
        (['--ctx', 'cpu(0),cpu(0)'], 'names a device twice'),
        (['--resume'], '--resume needs --save DIR'),
        (['--eval', 'run', '--lr', '1'], '--eval can be combined with --ctx only'),
        (['--drop-prob1', '1'], 'drop_prob1 is 1.0'),
        (['--wd', '0.1'], 'wd needs the model gluon'),
        (['--seed', '-1'], "'-1' is not an integer"),
        (['--noise', 'unscaled', '--model', 'gluon'], 'needs the model scratch'),
    ],
    ids=str,
)
def test_wrong_usage_is_said(arguments, message, capsys):
    with pytest.raises(SystemExit) as exit:
        main(capsys, *arguments)
    assert exit.value.code == 2 and message in capsys.readouterr().err


@pytest.mark.usefixtures('small_data')
@pytest.mark.parametrize(
    'arguments, message',
    [
        (['--eval', 'nowhere'], 'nowhere holds no saved run'),
        (['--save', '/dev/null'], 'nothing can be saved in /dev/null'),
        (['--kvstore', 'dist_sync'], 'needs DMLC_ROLE, DMLC_PS_ROOT_URI'),
        (['--revision', '2017-08-31'], 'the data are of revision synthetic'),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said(arguments, message, capsys):
    code, _, err = main(capsys, *arguments)
    assert code == 1 and message in err


def test_a_role_without_a_kvstore_is_wrong_usage(capsys, monkeypatch):
    monkeypatch.setenv('DMLC_ROLE', 'server')
    with pytest.raises(SystemExit):
        main(capsys)
    assert '--kvstore dist_sync or dist_async' in capsys.readouterr().err


def test_every_setting_of_a_run_is_an_option(capsys):
    with pytest.raises(SystemExit):
        cli.main(['train', '--help'])
    text = capsys.readouterr().out
    for name in RunSpec.__dataclass_fields__:
        assert name.replace('_', '-') in text

"""Checkpoints: an epoch to go on from whatever stops a save; nothing of others lost."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from limits import largest_file

from d2l_dropout import cli, compat, fashion_mnist, files
from d2l_dropout.distributed import checkpoint, run_folder
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.result import Checkpoint
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.training import Training, evaluate

mx = compat.import_mxnet()

SPEC = RunSpec(num_epochs=9, revision='synthetic')


def after(num_epochs):
    """A run of so many epochs that nobody trained."""
    rng = np.random.RandomState(num_epochs)
    params = {'W2': rng.randn(8, 8).astype('float32'), 'b2': np.zeros(8, 'float32')}
    epochs = [EpochStats(k, 1 / k, 0.5, 0.25) for k in range(1, num_epochs + 1)]
    params = {name: mx.nd.array(param) for name, param in params.items()}
    about = {'devices': 'cpu(0)'}
    return Checkpoint(SPEC, epochs, params if num_epochs else {}, about, 'ab' * 32)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def holds(folder, num_epochs):
    """Whether what is loaded is to the bit what was saved after so many epochs."""
    found, saved = checkpoint.load(folder), after(num_epochs)
    same = [
        (found.params[name].asnumpy() == param.asnumpy()).all()
        for name, param in saved.params.items()
    ]
    return all(same) and found._replace(params=None) == saved._replace(params=None)


def test_one_epoch_is_kept_at_a_time(tmp_path):
    for num_epochs in (1, 2, 3):
        checkpoint.save(tmp_path, after(num_epochs))
        assert names(tmp_path) == [f'epoch-{num_epochs}.params', 'run.json']
        assert holds(tmp_path, num_epochs)


def test_a_run_without_an_epoch_keeps_its_settings(tmp_path):
    checkpoint.save(tmp_path, after(0))
    assert names(tmp_path) == ['run.json'] and holds(tmp_path, 0)
    checkpoint.save(tmp_path, after(0))
    checkpoint.save(tmp_path, after(1))
    assert holds(tmp_path, 1)
    with pytest.raises(ValueError, match='holds 1 epochs already'):
        checkpoint.save(tmp_path, after(0))


def main(capsys, *arguments):
    code = cli.main(['train', *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.usefixtures('small_data')
def test_a_checkpoint_whose_end_does_not_fit_leaves_the_one_before(capsys, tmp_path):
    _, whole, _ = main(capsys, '--num-epochs', 5)
    main(capsys, '--num-epochs', 2, '--save', tmp_path)
    with largest_file(1052 * 1024):  # MXNet's last write, which it does not check
        code, _, err = main(capsys, '--resume', '--num-epochs', 4, '--save', tmp_path)
    assert code == 1 and 'epoch-3.params cannot be written' in err
    assert names(tmp_path) == ['epoch-2.params', 'run.json']
    code, out, _ = main(capsys, '--resume', '--num-epochs', 5, '--save', tmp_path)
    assert code == 0 and out == whole


@pytest.mark.parametrize('num_bytes', [0, 100, 500])
def test_a_save_that_does_not_fit_leaves_the_one_before(num_bytes, tmp_path):
    checkpoint.save(tmp_path, after(1))
    with largest_file(num_bytes), pytest.raises(OSError, match='epoch-2|run.json'):
        checkpoint.save(tmp_path, after(2))
    assert names(tmp_path) == ['epoch-1.params', 'run.json'] and holds(tmp_path, 1)


def test_if_run_json_cannot_be_written_the_old_one_and_its_parameters_stay(
    tmp_path, monkeypatch
):
    checkpoint.save(tmp_path, after(1))

    def full(path, content):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(files, 'write_whole', full)
    with pytest.raises(OSError, match='No space left'):
        checkpoint.save(tmp_path, after(2))
    assert names(tmp_path) == ['epoch-1.params', 'run.json'] and holds(tmp_path, 1)


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """A function that calls another; returns the folder as kill -9 might leave it."""

    def run(folder, save):
        copies = []

        def watched(function):
            def call(*args, **kwargs):
                copies.append(tmp_path / f'copy-{len(copies)}')
                shutil.copytree(str(folder), str(copies[-1]))
                return function(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(os, 'replace', watched(os.replace))
            patch.setattr(os, 'fsync', watched(os.fsync))
            patch.setattr(mx.nd, 'save', watched(mx.nd.save))
            patch.setattr(Path, 'unlink', watched(Path.unlink))
            save()
        return copies

    return run


def test_a_save_that_is_killed_leaves_an_epoch_to_go_on_from(tmp_path, stopped):
    folder = tmp_path / 'run'
    checkpoint.save(folder, after(1))
    copies = stopped(folder, lambda: checkpoint.save(folder, after(2)))
    assert len(copies) >= 7
    for copy in copies:
        with run_folder.hold(copy):
            last = len(checkpoint.load(copy).epochs)
        assert last in (1, 2) and holds(copy, last)
        for num_epochs in range(last + 1, 4):
            checkpoint.save(copy, after(num_epochs))
        assert names(copy) == ['epoch-3.params', 'run.json'] and holds(copy, 3)


def test_the_first_save_may_be_killed_too(tmp_path, stopped):
    folder = tmp_path / 'run'
    checkpoint.save(folder, after(0))
    for copy in stopped(folder, lambda: checkpoint.save(folder, after(1))):
        with run_folder.hold(copy):
            last = len(checkpoint.load(copy).epochs)
            for num_epochs in range(last + 1, 3):
                checkpoint.save(copy, after(num_epochs))
        assert names(copy) == ['epoch-2.params', 'run.json'] and holds(copy, 2)


def test_a_folder_with_files_of_others_is_refused_before_training(capsys, tmp_path):
    theirs = tmp_path / 'epoch-7.params'
    theirs.write_bytes(b'theirs')
    for made in ('notes.txt', 'epoch-7.params.part', 'epoch-1.params.part'):
        (tmp_path / made).touch()
    code, out, err = main(capsys, '--save', tmp_path)
    assert code == 1 and out == '' and 'name a folder for the run alone' in err
    assert "'epoch-1.params.part', 'epoch-7.params', 'epoch-7.params.part'" in err
    assert 'and 1 more' in err
    assert theirs.read_bytes() == b'theirs' and len(names(tmp_path)) == 4


OTHERS = {
    'a file': lambda path: path.write_bytes(b''),
    'a folder': lambda path: path.mkdir(),
    'a link': lambda path: path.symlink_to('run.json'),
}


@pytest.mark.parametrize('name', ['epoch-1.params', 'epoch-4.params', '.run.json.part'])
@pytest.mark.parametrize('other', OTHERS)
def test_a_saved_run_with_something_else_beside_it_is_refused(name, other, tmp_path):
    checkpoint.save(tmp_path, after(2))
    OTHERS[other](tmp_path / name)
    before = names(tmp_path)
    with pytest.raises(ValueError, match=f'holds {name!r}, which no run has saved'):
        with run_folder.hold(tmp_path):
            pass
    assert names(tmp_path) == before and holds(tmp_path, 2)


@pytest.mark.parametrize('other', OTHERS)
def test_what_has_the_name_of_the_next_epoch_is_not_written_over(other, tmp_path):
    checkpoint.save(tmp_path, after(1))
    OTHERS[other](tmp_path / 'epoch-2.params')
    before = names(tmp_path)
    with pytest.raises(OSError, match='not of this run|it is a folder'):
        checkpoint.save(tmp_path, after(2))
    assert names(tmp_path) == before and holds(tmp_path, 1)


def test_links_are_not_followed(tmp_path):
    theirs = tmp_path / 'theirs'
    theirs.write_bytes(b'theirs')
    folder = tmp_path / 'run'
    checkpoint.save(folder, after(1))
    for name in ('epoch-2.params.part', 'run.json.part'):
        (folder / name).symlink_to(theirs)
    checkpoint.save(folder, after(2))
    assert theirs.read_bytes() == b'theirs'


def test_a_file_that_was_changed_meanwhile_is_not_removed(tmp_path):
    checkpoint.save(tmp_path, after(1))
    (tmp_path / 'epoch-1.params').write_bytes(b'theirs')
    checkpoint.save(tmp_path, after(2))
    assert (tmp_path / 'epoch-1.params').read_bytes() == b'theirs'


def test_a_run_json_that_names_files_elsewhere_is_refused(tmp_path):
    folder = tmp_path / 'run'
    checkpoint.save(folder, after(1))
    theirs = tmp_path / 'theirs'
    theirs.write_bytes(b'theirs')
    named = {'file': '../theirs', 'sha256': hashlib.sha256(b'theirs').hexdigest()}
    run = folder / 'run.json'
    values = json.loads(run.read_text())
    for key in ('params', 'replaced'):
        run.write_text(json.dumps(dict(values, **{key: named})))
        with pytest.raises(ValueError, match='names .../theirs'):
            checkpoint.save(folder, after(2))
        with pytest.raises(ValueError, match='names .../theirs'):
            checkpoint.load(folder)
    assert theirs.read_bytes() == b'theirs'


@pytest.mark.usefixtures('small_data')
def test_a_run_that_is_stopped_in_its_first_epoch_goes_on_with_its_settings(
    capsys, tmp_path, monkeypatch
):
    settings = ['--num-hiddens1', 8, '--num-epochs', 1]
    _, whole, _ = main(capsys, *settings)

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Training, '_train_epoch', stop)
        assert main(capsys, *settings, '--save', tmp_path)[0] == 130
    assert main(capsys, '--eval', tmp_path)[::2] == (
        1,
        f'd2l-dropout train: {tmp_path} holds a run without a finished epoch.\n',
    )
    code, out, _ = main(capsys, '--save', tmp_path, '--resume')
    assert code == 0 and out == whole


@pytest.mark.usefixtures('small_data')
def test_other_data_are_refused_when_a_run_goes_on_or_is_evaluated(
    capsys, tmp_path, monkeypatch
):
    settings = ['--num-hiddens1', 8, '--num-epochs', 1, '--save', tmp_path]
    _, out, _ = main(capsys, *settings)
    digest = fashion_mnist.locate().digest
    assert f'data synthetic (SHA-256 {digest[:12]}...)' in out
    values = json.loads((tmp_path / 'run.json').read_text())
    assert values['data_digest'] == values['spec']['data_digest'] == digest
    monkeypatch.setenv('D2L_DATA', 'synthetic:1200')
    before = names(tmp_path), (tmp_path / 'run.json').read_bytes()
    for command in (
        ['--save', tmp_path, '--resume', '--num-epochs', 2],
        ['--eval', tmp_path],
    ):
        code, out, err = main(capsys, *command)
        assert code == 1 and out == ''
        assert f'those of the run {digest[:12]}...' in err
    assert before == (names(tmp_path), (tmp_path / 'run.json').read_bytes())


def test_data_of_a_known_revision_are_compared_too():
    drawn = fashion_mnist.load('synthetic:60')
    train = drawn.train_images, drawn.train_labels
    test = drawn.test_images, drawn.test_labels
    data = fashion_mnist.FashionMNIST('2017-08-31', 'here', *train, *test)
    other = fashion_mnist.FashionMNIST('2017-08-31', 'here', *train, *train)
    training = Training(RunSpec(num_hiddens1=8, num_hiddens2=8), data=data)
    next(training.epochs())
    saved = training.checkpoint()
    with pytest.raises(ValueError, match='those that the saved run was trained on'):
        next(Training(saved.spec, data=other).epochs(saved))
    with pytest.raises(ValueError, match='those that the saved run was trained on'):
        evaluate(saved, mx.cpu(), other)
    assert evaluate(saved, mx.cpu(), data) == saved.epochs[-1].test_acc


def test_a_folder_is_held_by_one_run_at_a_time(capsys, tmp_path, small_data):
    with run_folder.hold(tmp_path):
        code, out, err = main(capsys, '--save', tmp_path)
        assert code == 1 and out == ''
        assert f'another process saves its run in {tmp_path}' in err
        checkpoint.save(tmp_path, after(1))
    assert names(tmp_path) == ['epoch-1.params', 'run.json']
    with run_folder.hold(tmp_path):
        pass


def test_the_lock_of_a_killed_run_is_no_hindrance(capsys, tmp_path, small_data):
    settings = ['--num-hiddens1', '8', '--batch-size', '50', '--save', str(tmp_path)]
    command = [sys.executable, '-m', 'd2l_dropout', 'train', *settings]
    process = subprocess.Popen([*command, '--num-epochs', '100000'])
    try:
        end = time.monotonic() + 60
        while not list(tmp_path.glob('epoch-*')) and time.monotonic() < end:
            time.sleep(0.05)
        code, out, err = main(capsys, '--resume', '--save', tmp_path)
        assert code == 1 and out == '' and 'another process saves its run' in err
        assert main(capsys, '--eval', tmp_path)[0] == 0
    finally:
        process.kill()
        process.wait()
    last = len(checkpoint.load(tmp_path).epochs)
    code, out, _ = main(
        capsys, '--resume', '--num-epochs', last + 1, '--save', tmp_path
    )
    assert code == 0 and len(out.splitlines()) == last + 3
    assert names(tmp_path) == [f'epoch-{last + 1}.params', 'run.json']


@pytest.mark.parametrize('resume', [[], ['--resume']])
def test_a_run_that_was_saved_meanwhile_is_not_mixed_with_another(
    resume, capsys, tmp_path, small_data, monkeypatch
):
    hold = run_folder.hold

    def hold_after_another(folder):
        main(capsys, '--num-hiddens1', 8, '--num-epochs', 1, '--save', tmp_path)
        before.append((tmp_path / 'run.json').read_bytes())
        return hold(folder)

    def once(folder):
        monkeypatch.setattr(run_folder, 'hold', hold)
        return hold_after_another(folder)

    before = []
    monkeypatch.setattr(run_folder, 'hold', once)
    code, out, err = main(capsys, '--num-epochs', 3, '--save', tmp_path, *resume)
    assert code == 1 and out == ''
    assert ('just saved' if resume else 'holds a run already') in err
    assert (tmp_path / 'run.json').read_bytes() == before[0]


def test_a_lock_of_somebody_else_is_refused_and_kept(tmp_path):
    lock = tmp_path / '.d2l-dropout.lock'
    lock.write_text('theirs')
    with pytest.raises(ValueError, match='which no run has saved there'):
        with run_folder.hold(tmp_path):
            pass
    assert lock.read_text() == 'theirs'
    lock.unlink()
    lock.symlink_to(tmp_path / 'made')
    with pytest.raises(ValueError, match='which no run has saved there'):
        with run_folder.hold(tmp_path):
            pass
    assert names(tmp_path) == ['.d2l-dropout.lock']


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rewrite(change):
    def damage(path):
        params = mx.nd.load(str(path))
        change(params)
        mx.nd.save(str(path), params)

    return damage


def to_int32(params):
    params.update({name: param.astype('int32') for name, param in params.items()})


def to_nan(params):
    params['W2'][0, 0] = float('nan')


def transpose(params):
    params['W2'] = params['W2'].T


DAMAGE = {
    'a flipped bit': flip_a_bit,
    'int32': rewrite(to_int32),
    'NaN': rewrite(to_nan),
    'a transposed square W2': rewrite(transpose),
    "another run's": rewrite(lambda params: params.update(after(1).params)),
    'cut off': lambda path: path.write_bytes(path.read_bytes()[:-1]),
}


@pytest.mark.parametrize('damage', DAMAGE)
def test_parameters_that_are_not_those_saved_are_refused(damage, capsys, tmp_path):
    checkpoint.save(tmp_path, after(2))
    DAMAGE[damage](tmp_path / 'epoch-2.params')
    for command in (['--save', tmp_path, '--resume'], ['--eval', tmp_path]):
        code, out, err = main(capsys, *command)
        assert code == 1 and out == '' and 'epoch-2.params is not what was saved' in err


@pytest.mark.parametrize(
    'damage, message', [('int32', 'is of type int32'), ('NaN', 'not the parameters')]
)
def test_parameters_that_no_run_saves_are_refused_whatever_run_json_says(
    damage, message, tmp_path
):
    checkpoint.save(tmp_path, after(2))
    path, run = tmp_path / 'epoch-2.params', tmp_path / 'run.json'
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    DAMAGE[damage](path)
    now = hashlib.sha256(path.read_bytes()).hexdigest()
    run.write_text(run.read_text().replace(before, now))
    with pytest.raises(ValueError, match=message):
        checkpoint.load(tmp_path)


def test_a_run_that_diverged_is_saved_as_it_is(tmp_path):
    diverged = after(1)
    to_nan(diverged.params)
    nan = float('nan')
    diverged.epochs[-1] = diverged.epochs[-1]._replace(loss=nan)
    checkpoint.save(tmp_path, diverged)
    assert np.isnan(checkpoint.load(tmp_path).params['W2'].asnumpy()).any()


def test_a_run_saved_without_digests_is_refused_with_the_reason(tmp_path):
    checkpoint.save(tmp_path, after(1))
    run = tmp_path / 'run.json'
    values = json.loads(run.read_text())
    run.write_text(json.dumps(dict(values, params=values['params']['file'])))
    with pytest.raises(
        ValueError, match='an earlier version saved it, without digests'
    ):
        checkpoint.load(tmp_path)


ANYTHING = [None, 0, -1, 1.5, 'x', '../x', [], {}, [1], {'a': 1}, True, 10**400]


def changed(value, rng):
    """The same JSON with one thing in it that is something else, or missing."""
    keys = list(value) if isinstance(value, dict) else None
    if isinstance(value, list) and value:
        keys = list(range(len(value)))
    if not keys or rng.random() < 0.2:
        return rng.choice(ANYTHING)
    key, value = rng.choice(keys), value.copy()
    if rng.random() < 0.1:
        del value[key]
    else:
        value[key] = changed(value[key], rng)
    return value


def test_whatever_is_wrong_with_run_json_is_a_sentence(tmp_path):
    checkpoint.save(tmp_path, after(1))
    checkpoint.save(tmp_path, after(2))
    run, rng, messages = tmp_path / 'run.json', random.Random(0), set()
    good = json.loads(run.read_text())
    for text in [json.dumps(changed(good, rng)) for _ in range(600)] + ['[' * 10**5]:
        run.write_text(text)
        try:
            with run_folder.hold(tmp_path):
                checkpoint.load(tmp_path)
        except ValueError as error:
            messages.add(str(error))
        assert names(tmp_path) == ['epoch-2.params', 'run.json']
    assert len(messages) > 50 and all('holds a run that' in said for said in messages)

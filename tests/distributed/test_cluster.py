"""Several workers: real schedulers, servers and workers on the loopback interface."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from d2l_dropout import cli, compat, fashion_mnist
from d2l_dropout.distributed import checkpoint, cluster
from d2l_dropout.distributed.launch import SomeoneDied, launch
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.training import Training

mx = compat.import_mxnet()

pytestmark = [
    pytest.mark.one_python,
    pytest.mark.skipif(
        not Path('/proc/self/fd').exists(),
        reason='looks at processes as Linux shows them',
    ),
]
SMALL = ['--num-hiddens1', '16', '--num-hiddens2', '16', '--lr', '1']
SPEC = RunSpec(num_hiddens1=16, num_hiddens2=16, lr=1.0, revision='synthetic')
IN_STEP = ['-m', 'd2l_dropout', 'train', '--kvstore', 'dist_sync', *SMALL]
ENDLESS = [*IN_STEP, '--num-epochs', '100000']
COMMAND = [sys.executable, '-m', 'd2l_dropout']


@pytest.fixture(autouse=True)
def a_quiet_place(monkeypatch, small_data):
    for name in list(os.environ):
        if name.startswith(('DMLC_', 'PS_')):
            monkeypatch.delenv(name)
    monkeypatch.setenv('OMP_NUM_THREADS', '1')


@pytest.fixture
def started():
    """A list of processes that are killed at the end of the test."""
    processes = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def until(condition, seconds=60):
    """Wait until `condition()` is true; return what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f'waited {seconds} seconds in vain')


def alive(pid):
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return False
    return state != 'Z'


def children(pid):
    """The processes that a process has started, by their role."""
    found = {}
    for name in os.listdir('/proc'):
        try:
            stat = Path(f'/proc/{name}/stat').read_text().rpartition(')')[2].split()
            environment = Path(f'/proc/{name}/environ').read_bytes().decode()
        except (OSError, ValueError):
            continue
        roles = [v for v in environment.split('\0') if v.startswith('DMLC_ROLE=')]
        if stat[1] == str(pid) and stat[0] != 'Z' and roles:
            found.setdefault(roles[0].partition('=')[2], []).append(int(name))
    return found


def listens_on(pid):
    """The addresses that a process listens on."""
    inodes = set()
    for fd in os.listdir(f'/proc/{pid}/fd'):
        try:
            inodes.add(os.readlink(f'/proc/{pid}/fd/{fd}'))
        except OSError:
            continue
    found = set()
    for name in ('tcp', 'tcp6'):
        for line in Path(f'/proc/{pid}/net/{name}').read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == '0A' and f'socket:[{fields[9]}]' in inodes:
                found.add(fields[1].partition(':')[0])
    return found


@pytest.mark.parametrize(
    'model, num_servers',
    [
        pytest.param('scratch', 1, marks=pytest.mark.slow),
        pytest.param('gluon', 2, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_two_workers_of_batch_10_give_what_one_process_of_batch_20_gives(
    model, num_servers, tmp_path
):
    settings = {'model': model, 'num_epochs': 2, 'drop_prob1': 0.0, 'drop_prob2': 0.0}
    spec = replace(SPEC, **settings, batch_size=20, shuffle=False)
    arguments = ['--model', model, '--num-epochs', '2', '--batch-size', '10']
    arguments += ['--drop-prob1', '0', '--drop-prob2', '0', '--no-shuffle']
    arguments += ['--save', str(tmp_path)]
    launch([*IN_STEP, *arguments], 2, num_servers)
    one = Training(spec, [mx.cpu()], data=fashion_mnist.load())
    epochs = list(one.epochs())
    two = checkpoint.load(tmp_path)
    assert two.about['workers'] == 2
    for ours, theirs in zip(one.model.params(), two.params.values()):
        assert float(abs(ours - theirs).max().asscalar()) < 1e-6
    for ours, theirs in zip(epochs, two.epochs):
        assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.slow
def test_asynchronous_workers_train_too(capfd):
    launch([*IN_STEP, '--kvstore', 'dist_async', '--num-epochs', '2'], 2, 1)
    lines = capfd.readouterr().out.splitlines()
    assert [line.partition(',')[0] for line in lines[:2]] == ['epoch 1', 'epoch 2']
    assert 'kvstore dist_async, workers 2' in lines[2] and len(lines) == 4


@pytest.mark.parametrize('role', ['worker', 'server', 'scheduler'])
def test_when_one_is_killed_the_launcher_ends_all_and_names_it(role, started):
    process = subprocess.Popen(
        [*COMMAND, 'launch', '-n', '2', '--', *ENDLESS[2:]],
        stderr=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    roles = until(partial(all_four, process.pid))
    os.kill(roles[role][0], signal.SIGKILL)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f'launch: {role}' in errors and 'was killed by SIGKILL' in errors
    assert not any(alive(pid) for pids in roles.values() for pid in pids)


def all_four(pid):
    roles = children(pid)
    return sum(map(len, roles.values())) == 4 and roles


@pytest.mark.parametrize(
    'how, code', [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_the_end_of_the_launcher_is_the_end_of_all(how, code, started):
    process = subprocess.Popen([*COMMAND, 'launch', '--', *ENDLESS[2:]])
    started.append(process)
    roles = until(partial(all_four, process.pid))
    process.send_signal(how)
    assert process.wait(timeout=30) == code
    until(lambda: not any(alive(pid) for pids in roles.values() for pid in pids), 5)


def by_hand(started, tmp_path, timeout, **arguments):
    """Start the four as another launcher would; return them by name."""
    environment = {
        'DMLC_PS_ROOT_URI': '127.0.0.1',
        'DMLC_PS_ROOT_PORT': str(free_port()),
        'DMLC_NUM_SERVER': '1',
        'DMLC_NUM_WORKER': '2',
    }
    processes = {}
    for name in ('scheduler', 'server', 'worker 0', 'worker 1'):
        more = arguments.get(name.replace(' ', '_'), [])
        with open(str(tmp_path / name), 'w') as output:
            processes[name] = subprocess.Popen(
                [sys.executable, *ENDLESS, '--timeout', str(timeout), *more],
                env={**os.environ, **environment, 'DMLC_ROLE': name.split()[0]},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(processes[name])
    return processes


def said(tmp_path, name):
    return (tmp_path / name).read_text()


def trains(tmp_path, processes):
    """Whether one of the workers has printed an epoch; they must all be there."""
    assert all(process.poll() is None for process in processes.values()), [
        said(tmp_path, name) for name in processes
    ]
    return any('epoch 1' in said(tmp_path, name) for name in processes)


@pytest.mark.slow
@pytest.mark.parametrize('killed', ['worker 1', 'server', 'scheduler'])
def test_without_a_launcher_the_others_notice_who_is_gone(killed, started, tmp_path):
    timeout = 10
    processes = by_hand(started, tmp_path, timeout)
    until(lambda: trains(tmp_path, processes))
    listening = [listens_on(process.pid) for process in processes.values()]
    assert all(listening) and set().union(*listening) == {'0100007F'}  # 127.0.0.1
    processes.pop(killed).kill()
    start = time.monotonic()
    assert [process.wait(timeout=60) for process in processes.values()] == [1, 1, 1]
    assert time.monotonic() - start < 2 * timeout + 10
    errors = ''.join(said(tmp_path, name) for name in processes)
    # MXNet's number of a worker need not be ours.
    gone = {'worker 1': 'worker ', 'server': 'server 0', 'scheduler': 'the scheduler'}
    assert f'no heartbeat from {gone[killed]}' in errors


@pytest.mark.slow
def test_workers_with_other_settings_are_refused(started, tmp_path):
    processes = by_hand(started, tmp_path, 10, worker_1=['--seed', '1'])
    until(lambda: processes['worker 0'].poll() or processes['worker 1'].poll())
    errors = said(tmp_path, 'worker 0') + said(tmp_path, 'worker 1')
    assert 'differ from those of worker 0; start all workers with' in errors


@pytest.mark.slow
def test_workers_are_resumed_with_the_same_bits(tmp_path):
    for folder, epochs in (('whole', [3]), ('parts', [1, 3])):
        for last in epochs:
            arguments = ['--num-epochs', str(last), '--save', str(tmp_path / folder)]
            launch([*IN_STEP, *arguments, '--resume'], 2, 1)
    whole, parts = (checkpoint.load(tmp_path / name) for name in ('whole', 'parts'))
    assert whole.epochs == parts.epochs
    for name, value in whole.params.items():
        assert (value.asnumpy() == parts.params[name].asnumpy()).all()


def test_a_port_that_is_taken_is_said(capfd):
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        sock.listen(1)
        port = sock.getsockname()[1]
        with pytest.raises(SomeoneDied, match=r'scheduler \(process \d+\) ended'):
            launch(ENDLESS, 2, 1, port)
    assert f'the scheduler cannot listen on 127.0.0.1:{port}' in capfd.readouterr().err


def test_a_scheduler_that_never_comes_is_said(capsys, monkeypatch):
    port = free_port()
    for name, value in [
        ('ROLE', 'worker'),
        ('PS_ROOT_URI', '127.0.0.1'),
        ('PS_ROOT_PORT', str(port)),
        ('NUM_SERVER', '1'),
        ('NUM_WORKER', '2'),
    ]:
        monkeypatch.setenv('DMLC_' + name, value)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert cli.main([*ENDLESS[2:], '--wait', '1']) == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert f'no scheduler answered at 127.0.0.1:{port} within 1 seconds' in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    'name, value, message',
    [
        ('DMLC_ROLE', 'boss', "DMLC_ROLE is 'boss'; it must be one of"),
        ('DMLC_NUM_WORKER', 'two', "DMLC_NUM_WORKER is 'two'; it must be from 1"),
        ('DMLC_PS_ROOT_PORT', '', 'needs DMLC_PS_ROOT_PORT in the environment'),
    ],
)
def test_wrong_variables_are_named(name, value, message, monkeypatch):
    right = ('worker', '127.0.0.1', '9000', '1', '2')
    for variable, text in zip(cluster._VARIABLES, right):
        monkeypatch.setenv(variable, text)
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=message):
        cluster.from_environment()


@pytest.mark.parametrize(
    'host, listens', [('127.0.0.1', '127.0.0.1'), ('10.0.0.1', None)]
)
def test_only_the_users_own_address_leaves_the_loopback(host, listens, monkeypatch):
    monkeypatch.delenv('DMLC_NODE_HOST', raising=False)
    right = ('worker', host, '9000', '1', '2')
    for variable, text in zip(cluster._VARIABLES, right):
        monkeypatch.setenv(variable, text)
    cluster.from_environment()
    assert os.environ.get('DMLC_NODE_HOST') == listens


@pytest.mark.parametrize(
    'arguments', [['launch'], ['launch', '--', 'chapter'], ['launch', '-n', '0']]
)
def test_what_cannot_be_launched_is_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as exit:
        cli.main(arguments)
    assert exit.value.code == 2

"""Starts a whole cluster on this machine, and ends all of it when one process fails."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

from d2l_dropout.compat.environment import num_processors

HOST = '127.0.0.1'


class SomeoneDied(ValueError):
    """A process of the cluster failed; the message says which one and how it ended."""


def launch(command, num_workers, num_servers, port=None, stdout=None):
    """Run a Python command as scheduler, servers and workers until they are done.

    No process is left running when this function returns or raises.

    Parameters
    ----------
    command : list of str
        The arguments of `python`: ['-m', 'd2l_dropout', 'train', ...].
    num_workers, num_servers : int >= 1
    port : int, optional
        The port of the scheduler on the loopback interface; by default a free one.
    stdout : file, optional
        The standard output of the processes; by default that of this process.

    Raises
    ------
    SomeoneDied
        If a process fails; all others are killed.
    """
    roles = ['scheduler'] + ['server'] * num_servers + ['worker'] * num_workers
    common = _environment(num_workers, num_servers, port or _free_port())
    with _ended_together() as processes:
        for role in roles:
            processes.append((role, _start(command, role, common, stdout)))
        while any(process.poll() is None for _, process in processes):
            _check(processes)
            time.sleep(0.05)
        _check(processes)


def _environment(num_workers, num_servers, port):
    # The workers share the processors. Servers and scheduler have little to compute, so
    # that no processor is set aside for them.
    threads = max(1, num_processors() // num_workers)
    return {
        'OMP_NUM_THREADS': str(threads),
        **os.environ,
        'DMLC_PS_ROOT_URI': HOST,
        'DMLC_PS_ROOT_PORT': str(port),
        'DMLC_NODE_HOST': HOST,
        'DMLC_NUM_SERVER': str(num_servers),
        'DMLC_NUM_WORKER': str(num_workers),
    }


def _free_port():
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return sock.getsockname()[1]


def _start(command, role, environment, stdout):
    return subprocess.Popen(
        [sys.executable, *command],
        env={**environment, 'DMLC_ROLE': role},
        stdout=stdout,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches the launcher only, which ends them
        preexec_fn=_die_with_parent,
    )


def _die_with_parent():
    """Ask Linux to kill this process when the launcher ends, even by SIGKILL."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


@contextlib.contextmanager
def _ended_together():
    """Yield a list for (role, process) pairs; kill the processes after the block."""
    processes = []
    # SIGTERM raises SystemExit, so that the processes are killed as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield processes
    finally:
        signal.signal(signal.SIGTERM, before)
        for _, process in processes:
            process.kill()
        for _, process in processes:
            process.wait()


def _check(processes):
    failed = [
        f'{role} (process {process.pid}) {_how_it_ended(process.returncode)}'
        for role, process in processes
        if process.poll()
    ]
    if failed:
        raise SomeoneDied(f'{"; ".join(failed)}. All other processes were killed.')


def _how_it_ended(code):
    if code < 0:
        return f'was killed by {signal.Signals(-code).name}'
    return f'ended with exit code {code}'

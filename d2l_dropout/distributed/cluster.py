"""Processes that train together through MXNet's KVStore: their roles, and who is gone.

MXNet's own variables say what a process is: DMLC_ROLE, DMLC_PS_ROOT_URI,
DMLC_PS_ROOT_PORT, DMLC_NUM_SERVER and DMLC_NUM_WORKER, as any of its launchers sets
them. Left to itself MXNet waits for ever when one of them has died; it sends
heartbeats, though, and here a thread of each process counts them.
"""

import contextlib
import ctypes
import os
import signal
import socket
import sys
import threading
import time
from typing import NamedTuple

ROLES = ('scheduler', 'server', 'worker')
_VARIABLES = (
    'DMLC_ROLE',
    'DMLC_PS_ROOT_URI',
    'DMLC_PS_ROOT_PORT',
    'DMLC_NUM_SERVER',
    'DMLC_NUM_WORKER',
)
# How MXNet numbers the processes: the scheduler, then servers and workers in turn.
_SCHEDULER, _FIRST_SERVER, _FIRST_WORKER, _STEP = 1, 8, 9, 2


class Cluster(NamedTuple):
    """This process and the others.

    Attributes
    ----------
    role : 'scheduler', 'server' or 'worker'
    host : str
        Of the scheduler.
    port : int
        Of the scheduler.
    num_servers, num_workers : int >= 1
    wait : int >= 1
        Seconds that the others may take to come.
    timeout : int >= 1
        Seconds that one of them may be silent before it counts as gone.
    """

    role: str
    host: str
    port: int
    num_servers: int
    num_workers: int
    wait: int
    timeout: int

    @property
    def address(self):
        """The scheduler's, as host:port."""
        return f'{self.host}:{self.port}'


def from_environment(wait=120, timeout=30):
    """Return what MXNet's variables say, and complete them.

    Where the scheduler is on the loopback interface, nothing but that is listened on,
    unless DMLC_NODE_HOST or DMLC_INTERFACE says otherwise.

    Parameters
    ----------
    wait, timeout : int >= 1
        As of `Cluster`.

    Returns
    -------
    Cluster

    Raises
    ------
    ValueError
        If a variable is missing or wrong.
    """
    missing = [name for name in _VARIABLES if not os.environ.get(name)]
    if missing:
        raise ValueError(
            f'training on several machines needs {", ".join(missing)} in the '
            'environment, as a launcher of MXNet sets them; to try it on this machine: '
            '`d2l-dropout launch -n 2 -s 1 -- train ...`.'
        )
    role, host, *numbers = (os.environ[name] for name in _VARIABLES)
    if role not in ROLES:
        raise ValueError(f'DMLC_ROLE is {role!r}; it must be one of {ROLES}.')
    for name, number in zip(_VARIABLES[2:], numbers):
        if not number.isdecimal() or not 1 <= int(number) < 2**16:
            raise ValueError(f'{name} is {number!r}; it must be from 1 to 65535.')
    if _is_loopback(host) and 'DMLC_INTERFACE' not in os.environ:
        os.environ.setdefault('DMLC_NODE_HOST', host)
    os.environ['PS_HEARTBEAT_INTERVAL'] = str(max(1, timeout // 5))
    return Cluster(role, host, *map(int, numbers), wait, timeout)


def _is_loopback(host):
    return host == 'localhost' or host.startswith('127.')


def serve(cluster):
    """Be the scheduler or a server until the workers are done, and end the process.

    Parameters
    ----------
    cluster : Cluster

    Raises
    ------
    ValueError
        If the scheduler's port is taken, or no scheduler answers there.
    """
    _answer_ctrl_c_at_once()
    _meet(cluster)
    # Imported in one of these roles, MXNet serves from within the import.
    role = os.environ.pop('DMLC_ROLE')
    from d2l_dropout import compat

    mx = compat.import_mxnet()
    from mxnet.kvstore import kvstore_server

    os.environ['DMLC_ROLE'] = role
    kvstore = mx.kv.create('dist')
    with _watched(cluster, kvstore, joined=False):
        kvstore_server.KVStoreServer(kvstore).run()
    _leave(0)


@contextlib.contextmanager
def joined(cluster, kind):
    """Be a worker: yield the KVStore, and end the process when the others are gone.

    Parameters
    ----------
    cluster : Cluster
    kind : 'dist_sync' or 'dist_async'

    Yields
    ------
    mxnet.kvstore.KVStore

    Raises
    ------
    ValueError
        If no scheduler answers.
    """
    _answer_ctrl_c_at_once()
    _meet(cluster)
    from d2l_dropout import compat

    mx = compat.import_mxnet()
    with _start_limit(cluster):
        kvstore = mx.kv.create(kind)
    with _watched(cluster, kvstore, joined=True):
        try:
            yield kvstore
        except BaseException as error:
            # To unwind would mean to wait for the others, who wait for this one.
            _say(cluster, str(error) or type(error).__name__, kvstore.rank)
            _leave(1)
        kvstore._barrier()  # watched to the end: the others may have more to do


def _answer_ctrl_c_at_once():
    """Python's own answer would wait until MXNet returns."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _meet(cluster):
    if cluster.role == 'scheduler':
        _check_port_is_free(cluster)
    else:
        _wait_for_scheduler(cluster)


def _check_port_is_free(cluster):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((cluster.host, cluster.port))
        except OSError as error:
            raise ValueError(
                f'the scheduler cannot have {cluster.address} ({error.strerror}); '
                'choose another port (launch --port, or DMLC_PS_ROOT_PORT) or address.'
            ) from error


def _wait_for_scheduler(cluster):
    end = time.monotonic() + cluster.wait
    while not _answers(cluster):
        if time.monotonic() > end:
            raise ValueError(
                f'the scheduler is missing: nobody answered at {cluster.address} for '
                f'{cluster.wait} seconds. Start it, or correct DMLC_PS_ROOT_URI and '
                'DMLC_PS_ROOT_PORT.'
            )
        time.sleep(0.2)


def _answers(cluster):
    try:
        address = (cluster.host, cluster.port)
        with socket.create_connection(address, timeout=cluster.wait) as sock:
            # Where nobody listens, a socket may happen to meet itself.
            return sock.getsockname() != sock.getpeername()
    except OSError:
        return False


@contextlib.contextmanager
def _start_limit(cluster):
    """End the process unless the block is left in time."""
    timer = threading.Timer(cluster.wait, _nobody_came, [cluster])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _nobody_came(cluster):
    _say(
        cluster,
        f'not all of {cluster.num_servers} servers and {cluster.num_workers} workers '
        f'came to the scheduler at {cluster.address} within {cluster.wait} seconds.',
    )
    _leave(1)


@contextlib.contextmanager
def _watched(cluster, kvstore, joined):
    """Watch the others from a thread for as long as the block lasts."""
    done = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(cluster, kvstore, joined, done), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _watch(cluster, kvstore, joined, done):
    rank = kvstore.rank if joined else None
    end = time.monotonic() + cluster.wait
    # No one counts as gone any sooner; and MXNet must not be asked before it has
    # begun to serve, which it does on the main thread meanwhile.
    if done.wait(cluster.timeout):
        return
    while not joined and not _ready(kvstore):
        if time.monotonic() > end:
            _nobody_came(cluster)
        if done.wait(1):
            return
    while not done.wait(1):
        gone = _gone(cluster, kvstore)
        if gone:
            _say(
                cluster,
                f'nothing heard of {" and ".join(gone)} for {cluster.timeout} seconds; '
                'ending.',
                rank,
            )
            _leave(1)


def _gone(cluster, kvstore):
    """Name those that are silent: the scheduler knows of all, others of it alone."""
    nodes = {_SCHEDULER: f'the scheduler at {cluster.address}'}
    if cluster.role == 'scheduler':
        nodes = {
            first + _STEP * rank: f'{what} {rank}'
            for what, first, number in (
                ('server', _FIRST_SERVER, cluster.num_servers),
                ('worker', _FIRST_WORKER, cluster.num_workers),
            )
            for rank in range(number)
        }
    return [
        name for node, name in nodes.items() if _silent(kvstore, node, cluster.timeout)
    ]


def _ready(kvstore):
    """Whether all have come: only then can anyone be silent since the future."""
    return any(
        _silent(kvstore, node, -3600)
        for node in (_SCHEDULER, _FIRST_SERVER, _FIRST_WORKER)
    )


def _silent(kvstore, node, seconds):
    from mxnet import base

    number = ctypes.c_int()
    base.check_call(
        base._LIB.MXKVStoreGetNumDeadNode(
            kvstore.handle, node, ctypes.byref(number), ctypes.c_int(seconds)
        )
    )
    return number.value > 0


def _say(cluster, message, rank=None):
    who = cluster.role if rank is None else f'{cluster.role} {rank}'
    who += f' (process {os.getpid()})'
    print(f'd2l-dropout train, {who}: {message}', file=sys.stderr, flush=True)


def _leave(code):
    """End at once: MXNet's farewell would wait for those that are gone."""
    sys.stdout.flush()
    os._exit(code)

"""The processes that train together through MXNet's KVStore, and how they meet.

A cluster has one scheduler, one or more servers and one or more workers. The role of a
process, the address of the scheduler and the size of the cluster are read from the
environment variables that MXNet's own launchers set: DMLC_ROLE, DMLC_PS_ROOT_URI,
DMLC_PS_ROOT_PORT, DMLC_NUM_SERVER and DMLC_NUM_WORKER.
"""

import contextlib
import os
import signal
import socket
import time
from typing import NamedTuple

from d2l_dropout.distributed.heartbeats import TIMEOUT, end, leave, start_limit, watched

ROLES = ('scheduler', 'server', 'worker')
_VARIABLES = (
    'DMLC_ROLE',
    'DMLC_PS_ROOT_URI',
    'DMLC_PS_ROOT_PORT',
    'DMLC_NUM_SERVER',
    'DMLC_NUM_WORKER',
)


class Cluster(NamedTuple):
    """The role of this process, and the cluster that it belongs to.

    Attributes
    ----------
    role : 'scheduler', 'server' or 'worker'
    host : str
        The address of the scheduler.
    port : int
        The port of the scheduler.
    num_servers, num_workers : int >= 1
    wait : int >= 1
        Seconds within which all processes have to connect.
    timeout : int >= 1
        Seconds without a heartbeat after which a process counts as dead.
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
        """The address of the scheduler as host:port."""
        return f'{self.host}:{self.port}'


def from_environment(wait=120, timeout=TIMEOUT):
    """Return the cluster that MXNet's variables describe.

    Sets the variables for the interval of the heartbeats and, if the scheduler is on
    the loopback interface, for the address that this process listens on.

    Parameters
    ----------
    wait, timeout : int >= 1
        As in `Cluster`.

    Returns
    -------
    Cluster

    Raises
    ------
    ValueError
        If a variable is missing or has a value that is not allowed.
    """
    missing = [name for name in _VARIABLES if not os.environ.get(name)]
    if missing:
        raise ValueError(
            f'training on several machines needs {", ".join(missing)} in the '
            "environment, as MXNet's launchers set them. To try it on this machine: "
            '`d2l-dropout launch -n 2 -s 1 -- train ...`.'
        )
    role, host, *numbers = (os.environ[name] for name in _VARIABLES)
    if role not in ROLES:
        raise ValueError(f'DMLC_ROLE is {role!r}; it must be one of {ROLES}.')
    for name, number in zip(_VARIABLES[2:], numbers):
        if not number.isdecimal() or not 1 <= int(number) < 2**16:
            raise ValueError(f'{name} is {number!r}; it must be from 1 to 65535.')
    if _is_loopback(host) and 'DMLC_INTERFACE' not in os.environ:
        # Otherwise MXNet would listen on a network interface, open to other machines,
        # although the whole cluster is on this one.
        os.environ.setdefault('DMLC_NODE_HOST', host)
    # A single heartbeat that is late does not count: about five fit into the timeout.
    os.environ['PS_HEARTBEAT_INTERVAL'] = str(max(1, timeout // 5))
    return Cluster(role, host, *map(int, numbers), wait, timeout)


def _is_loopback(host):
    return host == 'localhost' or host.startswith('127.')


def serve(cluster):
    """Run as scheduler or server until the workers are done, then end the process.

    Parameters
    ----------
    cluster : Cluster

    Raises
    ------
    ValueError
        If the port of the scheduler is taken, or no scheduler answers there.
    """
    _let_ctrl_c_end_the_process()
    _find_scheduler(cluster)
    # If DMLC_ROLE is scheduler or server, `import mxnet` itself serves and then exits.
    # It is hidden during the import, so that the watching thread can be started first.
    role = os.environ.pop('DMLC_ROLE')
    from d2l_dropout import compat

    mx = compat.import_mxnet()
    from mxnet.kvstore import kvstore_server

    os.environ['DMLC_ROLE'] = role
    kvstore = mx.kv.create('dist')
    with watched(cluster, kvstore, connected=False):
        kvstore_server.KVStoreServer(kvstore).run()
    leave(0)


@contextlib.contextmanager
def joined(cluster, kind):
    """Run the block as a worker; end the process if another one dies meanwhile.

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
    _let_ctrl_c_end_the_process()
    _find_scheduler(cluster)
    from d2l_dropout import compat

    mx = compat.import_mxnet()
    with start_limit(cluster):
        kvstore = mx.kv.create(kind)
    with watched(cluster, kvstore, connected=True):
        try:
            yield kvstore
        except BaseException as error:
            # An exception that propagates would destroy the KVStore. That waits for the
            # other workers, which wait for this one.
            end(cluster, str(error) or type(error).__name__, kvstore.rank)
        # Wait for the other workers while they are still watched.
        kvstore._barrier()


def _let_ctrl_c_end_the_process():
    """Restore the system's handler: Python's would wait until MXNet returns."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _find_scheduler(cluster):
    if cluster.role == 'scheduler':
        _check_port_is_free(cluster)
    else:
        _wait_for_scheduler(cluster)


def _check_port_is_free(cluster):
    with socket.socket() as sock:
        # A port that an earlier run has just left counts as free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((cluster.host, cluster.port))
        except OSError as error:
            raise ValueError(
                f'the scheduler cannot listen on {cluster.address} ({error.strerror}); '
                'choose another port (launch --port, or DMLC_PS_ROOT_PORT) or another '
                'address (DMLC_PS_ROOT_URI).'
            ) from error


def _wait_for_scheduler(cluster):
    limit = time.monotonic() + cluster.wait
    while not _answers(cluster):
        if time.monotonic() > limit:
            raise ValueError(
                f'no scheduler answered at {cluster.address} within {cluster.wait} '
                'seconds. Start it, or correct DMLC_PS_ROOT_URI and DMLC_PS_ROOT_PORT.'
            )
        time.sleep(0.2)


def _answers(cluster):
    try:
        address = (cluster.host, cluster.port)
        with socket.create_connection(address, timeout=cluster.wait) as sock:
            # While nothing listens on a local port, a connection to it may be given the
            # same port as its source, and so connect to itself.
            return sock.getsockname() != sock.getpeername()
    except OSError:
        return False

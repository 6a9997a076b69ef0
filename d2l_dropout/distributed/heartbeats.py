"""Ends the processes of a cluster when one of them has died.

When a process of a cluster dies, MXNet lets all others wait for it for ever. It does
count the heartbeats that the processes send each other, however. A thread of each
process reads that count, and ends the process when a heartbeat is overdue.
"""

import contextlib
import ctypes
import os
import sys
import threading
import time

#: Seconds without a heartbeat after which a process counts as dead, unless it is told.
TIMEOUT = 30

# MXNet's node numbers: 1 is the scheduler, 8, 10, ... are servers, 9, 11, ... workers.
_SCHEDULER, _FIRST_SERVER, _FIRST_WORKER, _STEP = 1, 8, 9, 2


@contextlib.contextmanager
def watched(cluster, kvstore, connected):
    """Watch the other processes from a thread while the block runs.

    Parameters
    ----------
    cluster : Cluster
    kvstore : mxnet.kvstore.KVStore
    connected : bool
        Whether this process is connected to the cluster already: a worker is, once it
        has a KVStore; the scheduler and the servers connect while they serve.
    """
    done = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(cluster, kvstore, connected, done), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def start_limit(cluster):
    """End this process unless the block finishes within `cluster.wait` seconds.

    Parameters
    ----------
    cluster : Cluster
    """
    timer = threading.Timer(cluster.wait, _end_incomplete, [cluster])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def end(cluster, message, rank=None):
    """Print why this process ends, and end it with exit code 1.

    Parameters
    ----------
    cluster : Cluster
    message : str
    rank : int, optional
        The rank of this worker.
    """
    who = cluster.role if rank is None else f'{cluster.role} {rank}'
    who += f' (process {os.getpid()})'
    print(f'd2l-dropout train, {who}: {message}', file=sys.stderr, flush=True)
    leave(1)


def leave(code):
    """End this process without MXNet's shutdown, which would wait for the others.

    Parameters
    ----------
    code : int
        The exit code.
    """
    sys.stdout.flush()
    os._exit(code)


def _end_incomplete(cluster):
    end(
        cluster,
        f'the cluster of {cluster.num_servers} servers and {cluster.num_workers} '
        f'workers was not complete after {cluster.wait} seconds: some of them have not '
        f'connected to the scheduler at {cluster.address}.',
    )


def _watch(cluster, kvstore, connected, done):
    rank = kvstore.rank if connected else None
    limit = time.monotonic() + cluster.wait
    # In the first `timeout` seconds MXNet counts nobody as dead. It must not be asked
    # before it has begun to serve either, which the main thread starts meanwhile.
    if done.wait(cluster.timeout):
        return
    while not connected and not _is_complete(kvstore):
        if time.monotonic() > limit:
            _end_incomplete(cluster)
        if done.wait(1):
            return
    while not done.wait(1):
        dead = _dead_nodes(cluster, kvstore)
        if dead:
            end(
                cluster,
                f'no heartbeat from {" and ".join(dead)} for {cluster.timeout} '
                'seconds; ending this process.',
                rank,
            )


def _dead_nodes(cluster, kvstore):
    """Return the names of the processes whose heartbeat is overdue."""
    # All send heartbeats to the scheduler; the others get those of the scheduler only.
    nodes = {_SCHEDULER: f'the scheduler at {cluster.address}'}
    if cluster.role == 'scheduler':
        nodes = {
            first + _STEP * rank: f'{role} {rank}'
            for role, first, number in (
                ('server', _FIRST_SERVER, cluster.num_servers),
                ('worker', _FIRST_WORKER, cluster.num_workers),
            )
            for rank in range(number)
        }
    return [
        name for node, name in nodes.items() if _is_dead(kvstore, node, cluster.timeout)
    ]


def _is_complete(kvstore):
    """Return whether all processes have connected.

    MXNet has no call for this. But it reports no dead node before the cluster is
    complete, and with a limit in the future every node is overdue from then on.
    """
    return any(
        _is_dead(kvstore, node, -3600)
        for node in (_SCHEDULER, _FIRST_SERVER, _FIRST_WORKER)
    )


def _is_dead(kvstore, node, seconds):
    """Return whether a node's last heartbeat is more than `seconds` ago."""
    from mxnet import base

    number = ctypes.c_int()
    # Called through ctypes, because MXNet's Python interface has no such method.
    base.check_call(
        base._LIB.MXKVStoreGetNumDeadNode(
            kvstore.handle, node, ctypes.byref(number), ctypes.c_int(seconds)
        )
    )
    return number.value > 0

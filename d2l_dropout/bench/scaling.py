"""Time training with one process and with several workers, and bound the speed-up.

The total batch size and the number of steps are always the same: n workers have
mini-batches of 256 / n examples each. The workers share this machine's processors and
exchange messages over its loopback interface; what a network would allow is computed
from the size of the messages.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import List, NamedTuple, Optional

from d2l_dropout.compat.environment import num_processors
from d2l_dropout.distributed.launch import launch
from d2l_dropout.runs.spec import RunSpec

#: 4 bytes for each of the 784*256 + 256 + 256*256 + 256 + 256*10 + 10 parameters.
MESSAGE_BYTES = 4 * 269322
BATCH_SIZE = RunSpec().batch_size
STEPS = -(-60000 // BATCH_SIZE)  # per epoch


class Row(NamedTuple):
    """One case, and how long its epochs took.

    Attributes
    ----------
    num_workers : int or None
        None for a single process without a server.
    threads : int
        OpenMP threads of each worker.
    epochs : list of float
        Seconds of each epoch after the first, test pass included.
    exchange : float or None
        Seconds that the push and the pull of one step take if nothing is computed.
    """

    num_workers: Optional[int]
    threads: int
    epochs: List[float]
    exchange: Optional[float]

    @property
    def seconds(self):
        """The median of the epochs."""
        return statistics.median(self.epochs)


def measure(num_workers, threads, model, num_epochs):
    """Time training in processes of their own.

    Parameters
    ----------
    num_workers : int or None
        None for a single process without a server.
    threads : int
        OpenMP threads of each worker.
    model : 'scratch' or 'gluon'
    num_epochs : int >= 1
        Epochs to time, after a first one as a warm-up.

    Returns
    -------
    Row

    Raises
    ------
    ValueError
        If training fails; the message is the last line of its error.
    """
    command = ['train', '--model', model, '--num-epochs', str(num_epochs + 1)]
    batch_size = BATCH_SIZE // (num_workers or 1)
    command += ['--batch-size', str(batch_size)]
    exchange = None
    if num_workers:
        command += ['--kvstore', 'dist_sync']
        command = ['launch', '-n', str(num_workers), '--', *command]
        exchange = _exchange(num_workers)
    ends = _ends_of_epochs(command, threads)
    return Row(num_workers, threads, [b - a for a, b in zip(ends, ends[1:])], exchange)


def _exchange(num_workers):
    with tempfile.TemporaryFile('w+') as output:
        launch(['-m', 'd2l_dropout.bench.exchange'], num_workers, 1, stdout=output)
        output.seek(0)
        return float(output.read()) / 1000


def _ends_of_epochs(command, threads):
    process = subprocess.Popen(
        [sys.executable, '-m', 'd2l_dropout', *command],
        env={**os.environ, 'OMP_NUM_THREADS': str(threads)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        ends = [
            time.perf_counter() for line in process.stdout if line.startswith('epoch')
        ]
        errors = process.stderr.read()
    if process.returncode:
        raise ValueError((errors.strip().splitlines() or ['training failed'])[-1])
    return ends


def cases(numbers_of_workers):
    """Return the cases to time: numbers of workers, and OpenMP threads of each.

    Parameters
    ----------
    numbers_of_workers : list of int

    Returns
    -------
    list of (int or None, int)
        First a single process with as many threads as processors, and with one.
    """
    processors = num_processors()
    alone = [(None, threads) for threads in sorted({processors, 1}, reverse=True)]
    return alone + [(n, max(1, processors // n)) for n in numbers_of_workers]


def as_markdown(rows):
    """Return the measurements as a Markdown table.

    Parameters
    ----------
    rows : list of Row
        The ratios of the table are those to the first.

    Returns
    -------
    str
    """
    lines = [
        '| processes | threads each | epoch, s | ratio to first | exchange alone, s |',
        '|---|---|---|---|---|',
    ]
    for row in rows:
        who = 'one, no server'
        if row.num_workers:
            who = f'workers: {row.num_workers}, servers: 1'
        exchange = '' if row.exchange is None else f'{row.exchange * STEPS:.2f}'
        ratio = row.seconds / rows[0].seconds
        each = ', '.join(f'{seconds:.2f}' for seconds in row.epochs)
        lines.append(
            f'| {who} | {row.threads} | {row.seconds:.2f} ({each}) | {ratio:.2f} '
            f'| {exchange} |'
        )
    return '\n'.join(lines)


def bounds(step_seconds):
    """Return upper bounds of the speed-up over networks as a Markdown table.

    In each step every worker sends its gradients and then receives the sums,
    `MESSAGE_BYTES` each way. With one server all messages pass through its link; with a
    server on each worker's machine every link carries the messages of one worker.
    Latency and the computing of the servers are neglected, and the computing of a step
    is divided by the number of workers.

    Parameters
    ----------
    step_seconds : float
        Seconds per step of one process with mini-batches of 256.

    Returns
    -------
    str
        How many times faster than one process.
    """
    numbers = (2, 4, 8, 16, 32, 64)
    lines = [
        '| network | servers | ' + ' | '.join(f'{n} workers' for n in numbers) + ' |',
        '|---|---|' + '---|' * len(numbers),
    ]
    for gigabits in (1, 10, 100):
        message = MESSAGE_BYTES * 8 / (gigabits * 1e9)
        for servers, messages in (('1', lambda n: n), ('one per worker', lambda n: 1)):
            speedups = [
                step_seconds / (step_seconds / n + 2 * messages(n) * message)
                for n in numbers
            ]
            cells = ' | '.join(f'{speedup:.2f}' for speedup in speedups)
            lines.append(f'| {gigabits} Gbit/s | {servers} | {cells} |')
    return '\n'.join(lines)

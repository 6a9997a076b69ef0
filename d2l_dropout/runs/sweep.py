"""Many runs side by side in worker processes, kept as they finish."""

import concurrent.futures
import contextlib
import os
import subprocess
import sys
import tempfile
import threading

from d2l_dropout.compat import environment
from d2l_dropout.runs.result import RunFailure, parse

# A run whose worker was killed is started so often before it counts as failed.
TRIES = 3


class RunFailed(Exception):
    """A run gave no result; the message is the last line of its error."""


def sweep(specs, store, jobs=None, noise=None):
    """Run what `store` lacks of `specs`, side by side; store each as it finishes.

    Each run has one OpenMP thread unless the user has said otherwise: many runs at a
    time gain more than one run does from many threads.

    Parameters
    ----------
    specs : iterable of RunSpec
    store : Store
    jobs : int >= 1, optional
        Runs at a time; as many as there are processors unless given.
    noise : own_noise.OwnNoise, optional
        In place of the noise that `specs` name. The store must be of this noise alone:
        it knows runs by their specification.

    Returns
    -------
    dict of RunSpec to str
        The runs that failed, each with its error. Failures are in the store too, and
        run again the next time.

    Raises
    ------
    ValueError
        If a specification does not say which data are meant: the store would take the
        results of some for those of others.
    OSError
        If results cannot be stored: before the first run, as far as can be told then.
        The runs in flight are ended, as they are when the user interrupts; what was
        stored stays.
    """
    specs = list(dict.fromkeys(specs))
    _check_data_are_named(specs)
    stored = store.results()
    missing = [spec for spec in specs if spec not in stored]
    if not missing:
        return {}
    store.check_writable()
    failed = {}
    workers = _Workers(noise.to_line() if noise else '')
    with _progress(len(specs), len(specs) - len(missing)) as advance:
        with concurrent.futures.ThreadPoolExecutor(
            jobs or environment.num_processors()
        ) as pool:
            try:
                futures = {pool.submit(workers.run, spec): spec for spec in missing}
                for future in concurrent.futures.as_completed(futures):
                    try:
                        store.add(future.result())
                    except RunFailed as error:
                        spec = futures[future]
                        failed[spec] = str(error)
                        store.add(RunFailure(spec, str(error)))
                    advance()
            finally:  # also after Ctrl-C
                workers.stop()
    return failed


def _check_data_are_named(specs):
    for spec in specs:
        if not spec.names_its_data:
            raise ValueError(
                f'the revision {spec.revision!r} does not say which data are meant: '
                'give each RunSpec its data_digest, as RunSpec.on(origin) does.'
            )


class _Workers:
    """The processes of a sweep, each of which serves run after run.

    Importing MXNet and reading the data takes as long as a short run, and is done once
    in a worker. The bits of a run do not depend on what its worker ran before.
    """

    def __init__(self, noise_line):
        self._noise_line = noise_line
        self._lock, self._stopped = threading.Lock(), False
        self._all, self._idle = set(), []

    def run(self, spec):
        """Return the result of `spec`, or raise `RunFailed`."""
        for _ in range(TRIES):
            worker = self._take()
            line = worker.run(spec)
            if line:
                self._give_back(worker)
                result = parse(line)
                if isinstance(result, RunFailure):
                    raise RunFailed(result.error)
                return result
            code, error = self._end(worker)
            if code >= 0:  # a negative one is the number of a signal: try again
                break
        lines = error.strip().splitlines()
        raise RunFailed(lines[-1] if lines else f'the worker ended with code {code}')

    def _take(self):
        with self._lock:
            if self._stopped:
                raise RunFailed('stopped')
            if self._idle:
                return self._idle.pop()
            worker = _Worker(self._noise_line)
            self._all.add(worker)
            return worker

    def _give_back(self, worker):
        with self._lock:
            if not self._stopped:
                self._idle.append(worker)
                return
        self._end(worker)

    def _end(self, worker):
        with self._lock:
            self._all.discard(worker)
        return worker.end()

    def stop(self):
        """End all workers, also those in the middle of a run, and start no more."""
        with self._lock:
            self._stopped = True
            for worker in self._all:
                worker.kill()
        for worker in self._idle:  # the others are ended by the threads that use them
            self._end(worker)


class _Worker:
    """A process that runs one specification after the other."""

    def __init__(self, noise_line):
        self._errors = tempfile.TemporaryFile('w+')
        # Its standard input stays open for as long as this process lives, and a worker
        # ends itself when it closes: no orphan outlives a kill -9.
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'd2l_dropout.runs.run'],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={'OMP_NUM_THREADS': '1', **os.environ},
            start_new_session=True,  # Ctrl-C is for the parent to answer
        )
        self._write(noise_line)

    def _write(self, line):
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + '\n')
            self._process.stdin.flush()

    def run(self, spec):
        """Return what the run gave, as a line of JSON; '' if the process has ended."""
        self._write(spec.to_json())
        line = self._process.stdout.readline()
        return line if line.endswith('\n') else ''

    def end(self):
        """Return the exit code of the process, and what it wrote to standard error."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        code = self._process.wait()
        with self._errors as errors:
            errors.seek(0)
            return code, errors.read()

    def kill(self):
        """Kill the process."""
        self._process.kill()


@contextlib.contextmanager
def _progress(total, done):
    """A bar with the time left, where tqdm is; yields its step."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield lambda: None
        return
    # Where nothing can be overwritten, such as a log, a line now and then is enough.
    seldom = {} if sys.stderr.isatty() else {'mininterval': 30, 'miniters': 1}
    with tqdm(total=total, initial=done, unit='run', **seldom) as bar:
        yield bar.update

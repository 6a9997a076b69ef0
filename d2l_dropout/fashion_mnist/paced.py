"""An iteration with a time limit, for what no other limit bounds.

The time-out of a socket starts anew with every byte: a server that sends one every two
seconds is never too late. Here the iteration is in a thread, and the one who waits for
its items is free to give up.
"""

import queue
import threading
import time

_AHEAD = 8  # items that the thread may be ahead


def paced(items, seconds, whole):
    """Yield what a generator yields, as long as it is quick enough.

    Parameters
    ----------
    items : generator
        Iterated over in a daemon thread, which closes it as soon as it can when this
        generator is closed or gives up.
    seconds : float
        Within which each item must come, and the end after the last one.
    whole : float
        Seconds within which all of it must be done.

    Yields
    ------
    object

    Raises
    ------
    TimeoutError
        If one of the limits is exceeded. What the items raise is raised here too.
    """
    outcomes, given_up = queue.Queue(_AHEAD), threading.Event()
    thread = threading.Thread(
        target=_iterate, args=(items, outcomes, given_up), daemon=True
    )
    thread.start()
    limit = time.monotonic() + whole
    try:
        while True:
            left = min(seconds, limit - time.monotonic())
            try:
                item, error = outcomes.get(timeout=max(0, left))
            except queue.Empty:
                raise TimeoutError from None
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        given_up.set()


def _iterate(items, outcomes, given_up):
    """Put (item, None), at the end (None, None), or (None, what was raised)."""
    try:
        for item in items:
            _put(outcomes, (item, None), given_up)
            if given_up.is_set():
                return items.close()
        _put(outcomes, (None, None), given_up)
    except BaseException as error:
        _put(outcomes, (None, error), given_up)


def _put(outcomes, outcome, given_up):
    while not given_up.is_set():
        try:
            return outcomes.put(outcome, timeout=0.1)
        except queue.Full:
            continue

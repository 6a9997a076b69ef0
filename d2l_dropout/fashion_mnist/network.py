"""Download one URL to one file; if that fails, say why in a few words.

`requests` is imported when it is first needed, and the proxies are those of the
environment. What is tried again, and how often, stands above `Network.download`.
"""

import re
import socket
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.client import responses
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from d2l_dropout.fashion_mnist.paced import paced
from d2l_dropout.messages import without_password

CONNECT_SECONDS = 3
READ_SECONDS = 15
TRIES = 3
PAUSE_SECONDS = 0.5  # after the first try, and twice as long after each further one
CHUNK = 1 << 16
CHUNK_SECONDS = 20  # for each, also for the answer's header: at least 3 KB/s
WHOLE_SECONDS = 3600
MAX_BYTES = 100_000_000  # the largest file has 26 MB
DEFAULT_PORTS = {'http': 80, 'https': 443, 'socks5': 1080, 'socks5h': 1080}


class Unavailable(Exception):
    """A URL gave no file; the message is a short reason."""


class NoConnection(Unavailable):
    """The server cannot be reached, whichever file is asked for."""


class Transient(Unavailable):
    """The connection was made and then failed, so that another try may succeed."""


def _failures():
    """List how a request can fail: exception, reason, whether another try may succeed.

    The first exception that fits counts, so subclasses stand before their bases.
    """
    from requests import exceptions as of_request
    from urllib3 import exceptions as of_body

    return (
        (of_request.SSLError, 'its certificate was not accepted', False),
        (of_request.ProxyError, 'the proxy did not connect to it', False),
        (of_request.ConnectTimeout, f'no connection within {CONNECT_SECONDS} s', False),
        (of_request.ReadTimeout, f'no answer within {READ_SECONDS} s', False),
        (of_request.ConnectionError, 'the connection broke', True),
        (of_request.RequestException, 'the request failed ({})', False),
        (of_body.ReadTimeoutError, f'no data for {READ_SECONDS} s', False),
        (of_body.LocationParseError, 'it leads to an address that is none', False),
        (of_body.HTTPError, 'the connection broke', True),
        # Such as the ValueError of a redirection that is no address.
        (Exception, 'the request failed ({})', False),
    )


class _Head(NamedTuple):
    """What the header of an answer says; the length is None if it does not say it."""

    length: Optional[int]


class Network:
    """Downloads that share a session and remember which servers are unreachable."""

    def __init__(self):
        self._session = None
        self._problems = {}  # (host, port) -> why it takes no connection, or None

    def close(self):
        if self._session is not None:
            self._session.close()

    def download(self, url, file):
        """Write what lies at `url` to `file`, undecoded, from its beginning.

        Parameters
        ----------
        url : str
        file : binary file, opened for writing

        Raises
        ------
        Unavailable
            With the reason; after `TRIES` tries if the failure was transient.
        OSError
            If `file` cannot be written.
        """
        self._check_reachable(url)
        for trial in range(TRIES):
            try:
                file.seek(0)
                file.truncate()
                return self._try_download(url, file)
            except Transient:
                if trial == TRIES - 1:
                    raise
                time.sleep(PAUSE_SECONDS * 2**trial)

    def _try_download(self, url, file):
        received = 0
        try:
            with closing(paced(self._receive(url), CHUNK_SECONDS, WHOLE_SECONDS)) as it:
                length = next(it).length
                with _progress(url, length) as advance:
                    for chunk in it:
                        file.write(chunk)
                        received += len(chunk)
                        advance(len(chunk))
                        if received > MAX_BYTES:
                            raise Unavailable(f'sends more than {MAX_BYTES} bytes')
        except TimeoutError:
            raise Unavailable(
                f'is too slow: less than {CHUNK >> 10} KB in {CHUNK_SECONDS} s, or not '
                f'done in {WHOLE_SECONDS} s'
            ) from None
        if length is not None and received != length:
            raise Transient(f'broke off after {received} of {length} bytes')

    def _receive(self, url):
        """Yield the `_Head` of an answer, then its body as it is sent, in chunks."""
        answers = []  # also those of redirections that requests does not close
        try:
            with _short_reasons():
                # `identity` here, and the raw stream below: the .gz file itself is
                # wanted, also from a server that calls it a compressed transfer.
                response = self._open_session().get(
                    url,
                    stream=True,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    headers={'Accept-Encoding': 'identity'},
                    hooks={'response': lambda answer, **_: answers.append(answer)},
                )
                _check_status(response)
                yield _Head(_length(response))
                yield from response.raw.stream(CHUNK, decode_content=False)
        finally:
            for answer in answers:
                answer.close()

    def _open_session(self):
        if self._session is None:
            import requests

            self._session = requests.Session()
        return self._session

    def _check_reachable(self, url):
        host, port, is_proxy = self._endpoint(url)
        if (host, port) not in self._problems:
            self._problems[host, port] = _connection_problem(host, port)
        problem = self._problems[host, port]
        if problem:
            where = f'the proxy {host}:{port}: ' if is_proxy else ''
            raise NoConnection(where + problem)

    def _endpoint(self, url):
        """Return the host and port to connect to, and whether they are a proxy's."""
        session = self._open_session()
        from requests.utils import prepend_scheme_if_needed, select_proxy

        try:
            parts = urlsplit(url)
            if parts.scheme not in ('http', 'https') or not parts.hostname:
                raise ValueError
            proxies = session.merge_environment_settings(url, {}, True, None, None)[
                'proxies'
            ]
            proxy = select_proxy(url, proxies)
            if proxy:
                parts = urlsplit(prepend_scheme_if_needed(proxy, 'http'))
            port = parts.port or DEFAULT_PORTS.get(parts.scheme, 80)
        except ValueError as error:
            raise NoConnection('is not an http:// or https:// address') from error
        return parts.hostname, port, bool(proxy)


def _connection_problem(host, port):
    """Return why `host` takes no connection within `CONNECT_SECONDS`, or None.

    It is tried in a thread, because a socket's time-out bounds neither the look-up of
    the name nor the number of addresses that are tried one after the other.
    """
    outcome = []

    def connect():
        try:
            socket.create_connection((host, port), CONNECT_SECONDS).close()
            outcome.append(None)
        except socket.gaierror:
            outcome.append('host name not found')
        except (OSError, UnicodeError) as error:
            outcome.append(str(getattr(error, 'strerror', None) or error).lower())

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECT_SECONDS)
    return outcome[0] if outcome else f'no connection within {CONNECT_SECONDS} s'


def _check_status(response):
    if response.status_code == 200:
        return
    # In our words: a server may send any bytes in place of them.
    reason = f'HTTP {response.status_code} {responses.get(response.status_code, "")}'
    kind = Transient if response.status_code >= 500 else Unavailable
    raise kind(reason.rstrip())


def _length(response):
    said = response.headers.get('Content-Length')
    if said is None:
        return None
    if not re.fullmatch('[0-9]{1,20}', said):
        raise Unavailable('its Content-Length is not the length of a file')
    if int(said) > MAX_BYTES:
        raise Unavailable(f'is to send more than {MAX_BYTES} bytes')
    return int(said)


@contextmanager
def _short_reasons():
    """Turn the long texts of `requests` and `urllib3` into those of `_failures`."""
    failures = _failures()
    try:
        yield
    except Unavailable:
        raise
    except Exception as error:
        for kind, reason, may_pass in failures:
            if isinstance(error, kind):
                kind = Transient if may_pass else Unavailable
                raise kind(reason.format(type(error).__name__)) from error


@contextmanager
def _progress(url, length):
    """Show a progress bar, or a line where there is no terminal or no tqdm.

    Yields
    ------
    callable
        To be called with the number of bytes that have arrived.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        tqdm = None
    if tqdm is None or not sys.stderr.isatty():
        size = f' ({length / 1e6:.1f} MB)' if length else ''
        print(f'downloading {without_password(url)}{size}', file=sys.stderr)
        yield lambda num_bytes: None
        return
    name = url.rpartition('/')[2]
    with tqdm(total=length, desc=name, unit='B', unit_scale=True) as bar:
        yield bar.update

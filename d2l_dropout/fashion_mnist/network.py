"""Bring one address to one file, and say in a few words why it could not be.

`requests` is imported when first needed. Proxies are those of the environment.
"""

import socket
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

CONNECT_SECONDS = 3
READ_SECONDS = 15
TRIES = 3
PAUSE_SECONDS = 0.5
CHUNK = 1 << 16
MAX_BYTES = 100_000_000  # the largest file has 26 MB
DEFAULT_PORTS = {'http': 80, 'https': 443, 'socks5': 1080, 'socks5h': 1080}


class Unavailable(Exception):
    """An address gave no file; the message is a short reason."""


class NoConnection(Unavailable):
    """Nobody answers there: not worth trying for another file."""


class Transient(Unavailable):
    """The connection was made and then failed: worth another try."""


class Network:
    """Downloads that share a session and what is known of dead servers."""

    def __init__(self):
        self._session = None
        self._dead = {}

    def close(self):
        if self._session is not None:
            self._session.close()

    def download(self, url, file):
        """Write what lies at `url` to `file`, undecoded, from its beginning.

        Raises
        ------
        Unavailable
            With the reason, after `TRIES` tries if it was a passing one.
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
        with _short_reasons(), self._get(url) as response:
            _check_status(response)
            length = response.headers.get('Content-Length', '')
            length = int(length) if length.isdigit() else None
            received = 0
            with _progress(url, length) as advance:
                for chunk in _chunks(response):
                    file.write(chunk)
                    received += len(chunk)
                    advance(len(chunk))
                    if received > MAX_BYTES:
                        raise Unavailable(f'sends more than {MAX_BYTES} bytes')
        if length is not None and received != length:
            raise Transient(f'broke off after {received} of {length} bytes')

    def _get(self, url):
        # `identity`, and the raw stream in `_chunks`: the .gz file itself is
        # wanted, also from a server that declares it a compressed transfer.
        return self._open_session().get(
            url,
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            headers={'Accept-Encoding': 'identity'},
        )

    def _open_session(self):
        if self._session is None:
            import requests

            self._session = requests.Session()
        return self._session

    def _check_reachable(self, url):
        host, port, is_proxy = self._endpoint(url)
        if (host, port) not in self._dead:
            self._dead[host, port] = _connection_problem(host, port)
        problem = self._dead[host, port]
        if problem:
            where = f'the proxy {host}:{port}: ' if is_proxy else ''
            raise NoConnection(where + problem)

    def _endpoint(self, url):
        """Return host and port that a request would connect to, and if a proxy's."""
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
    """Return None if `host` takes a connection in `CONNECT_SECONDS`, else why not.

    In a thread, because neither the look-up of a name nor the number of addresses
    that a name has is bounded by a socket's time-out.
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
    reason = f'HTTP {response.status_code} {response.reason or ""}'.rstrip()
    raise (Transient if response.status_code >= 500 else Unavailable)(reason)


def _chunks(response):
    """Yield the body; only errors of the network turn into `Unavailable`."""
    from urllib3 import exceptions

    try:
        yield from response.raw.stream(CHUNK, decode_content=False)
    except exceptions.ReadTimeoutError as error:
        raise Unavailable(f'no data for {READ_SECONDS} s') from error
    except (exceptions.HTTPError, OSError) as error:
        raise Transient('the connection broke') from error


@contextmanager
def _short_reasons():
    """Turn what `requests` raises, and its long texts, into `Unavailable`."""
    from requests import exceptions

    try:
        yield
    except exceptions.SSLError as error:
        raise Unavailable('its certificate was not accepted') from error
    except exceptions.ProxyError as error:
        raise Unavailable('the proxy did not connect to it') from error
    except exceptions.ConnectTimeout as error:
        raise Unavailable(f'no connection within {CONNECT_SECONDS} s') from error
    except exceptions.ReadTimeout as error:
        raise Unavailable(f'no answer within {READ_SECONDS} s') from error
    except exceptions.ConnectionError as error:
        raise Transient('the connection broke') from error
    except exceptions.RequestException as error:
        raise Unavailable(f'failed ({type(error).__name__})') from error


@contextmanager
def _progress(url, length):
    """Show a bar on a terminal, else one line; yields what to call with bytes."""
    try:
        from tqdm import tqdm
    except ImportError:
        tqdm = None
    if tqdm is None or not sys.stderr.isatty():
        size = f' ({length / 1e6:.1f} MB)' if length else ''
        print(f'downloading {url}{size}', file=sys.stderr)
        yield lambda num_bytes: None
        return
    name = url.rpartition('/')[2]
    with tqdm(total=length, desc=name, unit='B', unit_scale=True) as bar:
        yield bar.update

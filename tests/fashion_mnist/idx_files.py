"""What the tests of `d2l_dropout.fashion_mnist` share: small files, small servers.

Nothing here leaves 127.0.0.1.
"""

import gzip
import hashlib
import os
import socket
import struct
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from d2l_dropout.fashion_mnist import network, sources
from d2l_dropout.fashion_mnist.revisions import (
    FILES,
    REVISIONS,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    Revision,
)

BOOK, LATER = '2017-08-26', '2017-08-31'
ENVIRONMENT = (
    'D2L_DATA',
    'D2L_MIRROR',
    'MXNET_GLUON_REPO',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
)


def idx_bytes(array):
    """The bytes of an idx file that holds `array` as unsigned bytes."""
    header = struct.pack('>BBBB', 0, 0, 8, array.ndim)
    return header + struct.pack(f'>{array.ndim}I', *array.shape) + array.tobytes()


def small_set(seed, num_train=20, num_test=10):
    """A set of MNIST's kind: file name -> gzip bytes; another one for each seed."""
    rng = np.random.RandomState(seed)
    arrays = {}
    for images, labels, n in (
        (TRAIN_IMAGES, TRAIN_LABELS, num_train),
        (TEST_IMAGES, TEST_LABELS, num_test),
    ):
        arrays[images] = rng.randint(0, 256, (n, 28, 28)).astype(np.uint8)
        arrays[labels] = rng.randint(0, 10, n).astype(np.uint8)
    return {name: gzip.compress(idx_bytes(arrays[name]), mtime=0) for name in FILES}


def write(folder, files, suffix='.gz'):
    """Write a set, or some of it, to a folder, which is made."""
    os.makedirs(str(folder), exist_ok=True)
    for name, stored in files.items():
        data = stored if suffix == '.gz' else gzip.decompress(stored)
        with open(os.path.join(str(folder), name + suffix), 'wb') as file:
            file.write(data)
    return str(folder)


def contents(folder):
    """File name -> bytes of all that lies in a folder."""
    result = {}
    for name in os.listdir(str(folder)):
        with open(os.path.join(str(folder), name), 'rb') as file:
            result[name] = file.read()
    return result


def small_revision(files, compressed, mirrors):
    """A `Revision` whose files are these."""
    algorithm = 'sha1' if compressed else 'sha256'
    digests = {
        name: hashlib.new(
            algorithm, stored if compressed else gzip.decompress(stored)
        ).hexdigest()
        for name, stored in files.items()
    }
    return Revision(digests, algorithm, compressed, tuple(mirrors))


def closed_port():
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def stored(files):
    """What `contents` of a folder is that holds just this set, compressed."""
    return {name + '.gz': data for name, data in files.items()}


class World:
    """Two small revisions, no data anywhere, no mirror that answers."""

    def __init__(self, tmp_path, monkeypatch):
        self._monkeypatch = monkeypatch
        self.cache = tmp_path / 'mxnet' / 'datasets' / 'fashion-mnist'
        self.system = tmp_path / 'system'
        self.nowhere = f'http://127.0.0.1:{closed_port()}/'
        self.book, self.later = small_set(1), small_set(2)
        for name in ENVIRONMENT:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv('MXNET_HOME', str(tmp_path / 'mxnet'))
        monkeypatch.setenv('HOME', str(tmp_path / 'home'))
        monkeypatch.setattr(sources, 'SYSTEM_FOLDER', str(self.system))
        monkeypatch.setattr(network, 'PAUSE_SECONDS', 0)
        self.set_mirrors(BOOK, self.nowhere)
        self.set_mirrors(LATER, self.nowhere)

    def set_mirrors(self, revision, *mirrors):
        """Make the small set of a revision the known one, served by `mirrors`."""
        files = self.book if revision == BOOK else self.later
        self._monkeypatch.setitem(
            REVISIONS, revision, small_revision(files, revision == BOOK, mirrors)
        )


class Server:
    """A web server on 127.0.0.1 for a `with`.

    Parameters
    ----------
    files : dict from file name without .gz to bytes
        Served below every path.
    script : sequence of functions of a request handler
        The answers to the first requests, instead of files.
    """

    def __init__(self, files=None, script=()):
        self.files = files or {}
        self.script = list(script)
        self.asked = []
        self.headers = []

    def __enter__(self):
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner._answer(self)

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        self.port = self._http.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}/'
        return self

    def __exit__(self, *exc_info):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _answer(self, handler):
        self.asked.append(handler.path)
        self.headers.append(dict(handler.headers))
        if self.script:
            return self.script.pop(0)(handler)
        name = handler.path.rpartition('/')[2]
        body = self.files.get(name[: -len('.gz')])
        if body is None:
            return handler.send_error(404)
        send(handler, body)


@contextmanager
def serving(world):
    """Yield a function that starts a server as the only mirror of a revision."""
    with ExitStack() as stack:

        def start(revision=BOOK, files=None, script=()):
            if files is None:
                files = world.book if revision == BOOK else world.later
            server = stack.enter_context(Server(files, script))
            world.set_mirrors(revision, server.url)
            return server

        yield start


def send(handler, body, status=200, length=None, **headers):
    """Answer a request; `length` may lie."""
    handler.send_response(status)
    handler.send_header('Content-Length', str(len(body) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace('_', '-'), value)
    handler.end_headers()
    handler.wfile.write(body)


def server_error(handler):
    send(handler, b'sorry', status=503)


def cut_connection(handler):
    send(handler, b'\x1f\x8b only the beginning', length=100000)


def login_page(handler):
    send(handler, b'<!DOCTYPE html><html>Welcome to the guest network</html>')

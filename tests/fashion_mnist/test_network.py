"""Servers that fail, stall, lie or hide behind a proxy; each one on 127.0.0.1."""

import io
import socket
import sys
import threading
import time
import traceback
from contextlib import closing

import idx_files
import pytest
from idx_files import BOOK, Server, stored

from d2l_dropout.fashion_mnist import DownloadError, fetch, load, network
from d2l_dropout.fashion_mnist.revisions import FILES


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    return idx_files.World(tmp_path, monkeypatch)


@pytest.fixture
def serve(world):
    with idx_files.serving(world) as start:
        yield start


def test_passing_failures_are_tried_again(world, serve):
    server = serve(script=[idx_files.server_error, idx_files.cut_connection])
    fetch(BOOK)
    assert server.asked[:3] == [f'/{FILES[0]}.gz'] * 3
    assert idx_files.contents(world.cache / BOOK) == stored(world.book)


@pytest.mark.parametrize(
    'answer, reason',
    [
        (idx_files.server_error, 'HTTP 503'),
        (idx_files.cut_connection, 'broke'),
        (idx_files.login_page, 'is a web page (HTML)'),
    ],
)
def test_lasting_failure_is_given_as_a_short_reason(world, serve, answer, reason):
    server = serve(script=[answer] * 9)
    with pytest.raises(DownloadError) as caught:
        fetch(BOOK)
    line = [line for line in str(caught.value).splitlines() if FILES[0] in line][0]
    assert reason in line and len(line) < 160
    assert f'  {BOOK}  {server.url}' in str(caught.value)
    assert not (world.cache / BOOK).exists()


def test_silent_server_is_given_up(world, serve, monkeypatch):
    monkeypatch.setattr(network, 'READ_SECONDS', 0.2)
    done = threading.Event()
    serve(script=[lambda handler: done.wait(5)])
    with pytest.raises(DownloadError, match='no answer within 0.2 s'):
        fetch(BOOK)
    done.set()


def test_endless_file_is_given_up(serve, monkeypatch):
    monkeypatch.setattr(network, 'MAX_BYTES', 20)
    serve()
    with pytest.raises(DownloadError, match='more than 20 bytes'):
        fetch(BOOK)


def download(url):
    with closing(network.Network()) as net:
        net.download(url + 'x', io.BytesIO())


def dripping(beginning):
    """An answer that sends a byte every now and then, after its beginning."""

    def answer(handler):
        handler.wfile.write(beginning)
        for _ in range(200):
            time.sleep(0.02)
            handler.wfile.write(b'x')

    return answer


@pytest.mark.parametrize(
    'beginning', [b'HTTP/1.1 200 OK\r\n\r\n', b'HTTP/1.1 200 OK\r\nX: '], ids=repr
)
@pytest.mark.parametrize('limit', ['CHUNK_SECONDS', 'WHOLE_SECONDS'])
def test_server_that_sends_a_byte_now_and_then_is_given_up(
    world, monkeypatch, beginning, limit
):
    monkeypatch.setattr(network, limit, 0.3)
    with Server(script=[dripping(beginning)]) as bad, Server(world.book) as good:
        world.set_mirrors(BOOK, bad.url, good.url)
        start = time.perf_counter()
        fetch(BOOK)
        assert time.perf_counter() - start < 1.5
        assert (len(bad.asked), len(good.asked)) == (1, 4)
        world.set_mirrors(BOOK, bad.url)
        bad.script.append(dripping(beginning))
        with pytest.raises(network.Unavailable, match='is too slow'):
            download(bad.url)


def test_what_is_slow_but_quick_enough_is_waited_for(world, serve, monkeypatch):
    monkeypatch.setattr(network, 'CHUNK', 16)
    monkeypatch.setattr(network, 'CHUNK_SECONDS', 0.3)
    body = world.book[FILES[0]]

    def slow(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\n\r\n')
        for k in range(0, len(body), 16):
            time.sleep(0.1)
            handler.wfile.write(body[k : k + 16])

    serve(script=[slow])
    assert fetch(BOOK).revision == BOOK


def lying(*lines):
    head = b'\r\n'.join([b'HTTP/1.1 ' + lines[0], *lines[1:], b'', b'body'])
    return lambda handler: handler.wfile.write(head)


@pytest.mark.parametrize(
    'answer, reason',
    [
        (lying(b'200 OK', b'Content-Length: \xb2'), 'its Content-Length is not'),
        (lying(b'200 OK', b'Content-Length: ' + b'9' * 5000), 'its Content-Length is'),
        (lying(b'200 OK', b'Content-Length: -4'), 'its Content-Length is not'),
        (lying(b'200 OK', b'Content-Length: 99999999999'), 'is to send more than'),
        (lying(b'302 Found', b'Location: http://[::1'), 'the request failed'),
        (lying(b'302 Found', b'Location: http://127.0.0.1:x/'), 'failed|address'),
        (lying(b'302 Found', b'Location: \xff\xfe'), 'HTTP 404|failed'),
        (lying(b'302 Found', b'Location: file:///etc/passwd'), 'the request failed'),
        (lying(b'\xb2\xb2 OK'), 'the connection broke'),
        (lying(b'404 ' + b'\x1b[31m' * 9999), r'HTTP 404 Not Found$'),
    ],
)
def test_answer_that_makes_no_sense_is_a_short_reason(
    world, monkeypatch, answer, reason
):
    # A broken redirection leads nowhere, and to nobody but this server.
    with Server(script=[answer] * 9) as bad, Server(world.book) as good:
        world.set_mirrors(BOOK, bad.url, good.url)
        with pytest.raises(network.Unavailable, match=reason) as caught:
            download(bad.url)
        assert len(str(caught.value)) < 100
        assert fetch(BOOK).revision == BOOK


def test_swallowed_packets_are_waited_for_once_a_server(world, monkeypatch):
    calls, release = [], threading.Event()

    def stall(address, timeout):
        calls.append(address)
        release.wait(5)
        raise OSError('too late')

    monkeypatch.setattr(network, 'CONNECT_SECONDS', 0.1)
    monkeypatch.setattr(socket, 'create_connection', stall)
    start = time.perf_counter()
    with pytest.raises(DownloadError, match='no connection within 0.1 s'):
        load()
    release.set()
    assert time.perf_counter() - start < 1.5
    assert len(calls) == 1


@pytest.mark.parametrize(
    'address',
    ['classroom/data', 'ftp://127.0.0.1/', 'http://:80/', 'http://127.0.0.1:http/'],
)
def test_address_that_is_none_is_explained(address, monkeypatch):
    monkeypatch.setenv('D2L_MIRROR', address)
    with pytest.raises(DownloadError, match='is not an http:// or https:// address'):
        fetch(BOOK)


def test_proxy_of_the_environment_is_used(world, monkeypatch):
    world.set_mirrors(BOOK, 'http://data.example/garments/')
    with Server(world.book) as proxy:
        monkeypatch.setenv('http_proxy', f'127.0.0.1:{proxy.port}')
        fetch(BOOK)
    assert proxy.asked[0] == f'http://data.example/garments/{FILES[0]}.gz'


def test_dead_proxy_is_named(world, monkeypatch):
    world.set_mirrors(BOOK, 'http://data.example/garments/')
    monkeypatch.setenv('http_proxy', world.nowhere)
    with pytest.raises(
        DownloadError, match=r'the proxy 127.0.0.1:\d+: connection refused'
    ):
        fetch(BOOK)


def test_file_declared_as_compressed_transfer_is_kept_compressed(world, serve):
    def encoded(handler):
        name = handler.path[1 : -len('.gz')]
        idx_files.send(handler, world.book[name], Content_Encoding='gzip')

    server = serve(script=[encoded] * 4)
    fetch(BOOK)
    assert len(server.asked) == 4
    assert idx_files.contents(world.cache / BOOK) == stored(world.book)
    assert server.headers[0]['Accept-Encoding'] == 'identity'


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    'terminal, with_tqdm', [(True, True), (True, False), (False, True)]
)
def test_bar_on_a_terminal_with_tqdm_else_one_line_a_file(
    serve, monkeypatch, terminal, with_tqdm
):
    stderr = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, 'stderr', stderr)
    if with_tqdm:
        pytest.importorskip('tqdm')
    else:
        monkeypatch.setitem(sys.modules, 'tqdm', None)
    server = serve()
    fetch(BOOK)
    said = stderr.getvalue()
    if terminal and with_tqdm:
        assert '100%' in said
    else:
        assert said.splitlines()[0] == f'downloading {server.url}{FILES[0]}.gz (0.0 MB)'
        assert len(said.splitlines()) == 4


@pytest.mark.parametrize('answer', [idx_files.login_page, idx_files.server_error, None])
def test_a_password_in_the_mirrors_address_is_sent_but_not_said(
    world, monkeypatch, capfd, answer
):
    with Server(world.book, [answer] * 9 if answer else ()) as mirror:
        with_user = mirror.url.replace('//', '//user:secret@')
        monkeypatch.setenv('D2L_MIRROR', with_user)
        said = ''
        try:
            fetch(BOOK)
        except DownloadError as error:
            said = ''.join(traceback.format_exception(None, error, error.__traceback__))
    assert mirror.headers[0]['Authorization'].startswith('Basic ')
    said += str(capfd.readouterr())
    assert '//***@127.0.0.1' in said and 'secret' not in said


@pytest.mark.parametrize(
    'mirror', ['http://user:sec/ret@127.0.0.1/', 'user:secret@127.0.0.1', 'secret@x']
)
def test_a_password_in_an_address_that_is_none_is_not_said(world, monkeypatch, mirror):
    monkeypatch.setenv('D2L_MIRROR', mirror)
    with pytest.raises(DownloadError, match='is not an http') as caught:
        fetch(BOOK)
    assert 'sec' not in str(caught.value) and '***@' in str(caught.value)


def test_what_a_server_says_reaches_nobody_with_escape_sequences(world, serve):
    def answer(handler):
        handler.wfile.write(b'HTTP/1.1 404 \x1b[2J\x9b\rgone\r\n\r\n')

    serve(script=[answer])
    with pytest.raises(DownloadError, match='HTTP 404') as caught:
        fetch(BOOK)
    assert str(caught.value).replace('\n', '').isprintable()

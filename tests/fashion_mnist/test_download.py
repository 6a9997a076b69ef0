"""Downloads, each against a small server on 127.0.0.1."""

import errno
import gzip
import os
import pathlib
import pwd
import subprocess
import sys
import threading
import time

import idx_files
import pytest
from idx_files import BOOK, LATER, Server, stored, write

from d2l_dropout import files
from d2l_dropout.fashion_mnist import DownloadError, fetch, load, network
from d2l_dropout.fashion_mnist.revisions import FILES, mirrors

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    return idx_files.World(tmp_path, monkeypatch)


@pytest.fixture
def serve(world):
    with idx_files.serving(world) as start:
        yield start


def test_book_revision_is_downloaded_first_to_its_own_folder(world, serve):
    serve(LATER)
    serve(BOOK)
    data = load()
    assert (data.revision, data.source) == (BOOK, str(world.cache / BOOK))
    assert idx_files.contents(data.source) == stored(world.book)


def test_other_revision_is_downloaded_if_the_books_cannot_be_had(world, serve):
    serve(LATER)
    assert load().source == str(world.cache / LATER)


def test_second_load_asks_nobody(serve):
    server = serve()
    load()
    asked = len(server.asked)
    load()
    assert len(server.asked) == asked == 4


def test_fetched_revisions_are_kept_apart(world, serve):
    serve(BOOK)
    serve(LATER)
    assert fetch(LATER).source == str(world.cache / LATER)
    assert fetch(BOOK).source == load(BOOK).source == str(world.cache / BOOK)
    assert load(LATER).revision == LATER


def test_small_files_are_downloaded_before_large_ones(serve):
    server = serve()
    fetch(BOOK)
    assert ['labels' in path for path in server.asked] == [True, True, False, False]


def test_next_mirror_is_tried_when_one_lacks_a_file(world):
    partly = {name: world.book[name] for name in FILES[:2]}
    with Server(partly) as first, Server(world.book) as second:
        world.set_mirrors(BOOK, first.url, second.url)
        fetch(BOOK)
    # A mirror that failed is left alone for the rest of the call.
    assert (len(first.asked), len(second.asked)) == (3, 2)


@pytest.mark.parametrize('wrong', ['login page', 'other revision'])
def test_mirror_that_serves_the_wrong_thing_is_skipped(world, wrong):
    script = [idx_files.login_page] * (wrong == 'login page')
    with Server(world.later, script) as first, Server(world.book) as second:
        world.set_mirrors(BOOK, first.url, second.url)
        assert load(fetch(BOOK).source).revision == BOOK
    assert len(first.asked) == 1


def test_missing_file_is_not_asked_for_again(serve):
    server = serve(files={})
    with pytest.raises(DownloadError, match='HTTP 404'):
        fetch(BOOK)
    assert len(server.asked) == 1


def test_off_line_fails_at_once_and_tells_the_ways_out(world):
    start = time.perf_counter()
    with pytest.raises(DownloadError) as caught:
        load()
    assert time.perf_counter() - start < 2
    message = str(caught.value)
    assert f'  {BOOK}  {world.nowhere}' in message
    assert f'  {LATER}  {world.nowhere}' in message
    assert 'connection refused' in message
    for way_out in (
        'apt-get install dataset-fashion-mnist',
        'to that folder',
        'D2L_MIRROR',
        'D2L_DATA=synthetic',
    ):
        assert way_out in message


def test_own_mirror_is_tried_first_for_either_revision(world, serve, monkeypatch):
    server = serve(BOOK)
    with Server(world.later) as classroom:
        monkeypatch.setenv('D2L_MIRROR', classroom.url + 'data')
        assert fetch(LATER).source == str(world.cache / LATER)
        assert fetch(BOOK).source == str(world.cache / BOOK)
    assert classroom.asked[:5] == [f'/data/{name}.gz' for name in (*FILES, FILES[0])]
    assert len(server.asked) == 4


def test_gluons_variable_moves_gluons_store(monkeypatch):
    from d2l_dropout.fashion_mnist import revisions

    monkeypatch.undo()
    monkeypatch.delenv('D2L_MIRROR', raising=False)
    monkeypatch.setenv('MXNET_GLUON_REPO', 'http://mirror.example/repo')
    assert mirrors(BOOK)[0] == 'http://mirror.example/repo/gluon/dataset/fashion-mnist/'
    monkeypatch.delenv('MXNET_GLUON_REPO')
    assert mirrors(BOOK)[0] == revisions.GLUON_STORE + 'gluon/dataset/fashion-mnist/'
    assert not any('gluon' in base for base in mirrors(LATER))


def test_file_compressed_anew_is_accepted_where_content_counts(world, serve):
    files = {
        name: gzip.compress(gzip.decompress(data), 1)
        for name, data in world.later.items()
    }
    serve(LATER, files)
    assert load(LATER).revision == LATER


def test_two_processes_at_once_both_succeed(world, tmp_path):
    both_ask = threading.Barrier(2)

    def together(handler):
        both_ask.wait(timeout=60)
        idx_files.send(handler, world.book[handler.path[1 : -len('.gz')]])

    child = (
        'import sys, idx_files; from d2l_dropout import fashion_mnist as f;'
        'f.REVISIONS[f.BOOK_REVISION] = idx_files.small_revision('
        'idx_files.small_set(1), True, sys.argv[1:]);'
        'print(f.load(f.BOOK_REVISION).source)'
    )
    path = os.pathsep.join(
        [str(REPOSITORY), str(REPOSITORY / 'tests' / 'fashion_mnist')]
    )
    with Server(world.book, [together] * 2) as server:
        processes = [
            subprocess.Popen(
                [sys.executable, '-c', child, server.url],
                env={**os.environ, 'PYTHONPATH': path},
                stdout=subprocess.PIPE,
                universal_newlines=True,
            )
            for _ in range(2)
        ]
        said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert said == [str(world.cache / BOOK)] * 2
    assert len(server.asked) == 8  # both did download
    assert idx_files.contents(world.cache / BOOK) == stored(world.book)


def test_interrupted_download_leaves_nothing(world, monkeypatch):
    def interrupted(self, url, file):
        file.write(b'half')
        raise KeyboardInterrupt

    monkeypatch.setattr(network.Network, 'download', interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(BOOK)
    assert not (world.cache / BOOK).exists()


def test_stale_part_file_is_never_taken_for_a_file(world, serve):
    part = '.' + FILES[0] + '.abc.part'
    write(world.cache / BOOK, {})
    (world.cache / BOOK / part).write_bytes(world.book[FILES[0]])
    server = serve()
    fetch(BOOK)
    assert len(server.asked) == 4
    assert idx_files.contents(world.cache / BOOK).keys() == {part, *stored(world.book)}


KILLED = """
import os, sys
from d2l_dropout import files
with files.whole(sys.argv[1]) as part:
    part.write_bytes(b'half a file')
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize('then', [BOOK, LATER, None])
def test_what_a_killed_download_left_goes_with_the_next_load(
    world, serve, python, then
):
    left = world.cache / BOOK / f'{FILES[3]}.gz'
    assert python(KILLED, args=[left]).returncode == -9
    (name,) = idx_files.contents(left.parent)
    assert files.is_temporary(name)
    if then is None:  # data are there, and nothing is downloaded
        write(world.system, world.later)
    else:
        serve(then)
    load(then)
    found = idx_files.contents(left.parent)
    assert found == (stored(world.book) if then == BOOK else {})


@pytest.mark.parametrize('home', [None, '~'])
def test_without_a_home_no_folder_named_tilde_is_made(
    world, serve, tmp_path, monkeypatch, home
):
    serve(BOOK)
    write(world.system, world.later)
    monkeypatch.chdir(tmp_path)
    before = sorted(os.listdir('.'))
    monkeypatch.delenv('MXNET_HOME')
    monkeypatch.delenv('HOME')
    if home:
        monkeypatch.setenv('HOME', home)
    # As for a user whom the machine does not know.
    monkeypatch.setattr(pwd, 'getpwuid', lambda number: {}[number])
    assert load().source == str(world.system)
    with pytest.raises(DownloadError, match='HOME is not set'):
        fetch(BOOK)
    assert sorted(os.listdir('.')) == before


def test_cache_that_cannot_be_made_is_explained(world, tmp_path, monkeypatch):
    (tmp_path / 'file').write_bytes(b'')
    monkeypatch.setenv('MXNET_HOME', str(tmp_path / 'file'))
    with pytest.raises(DownloadError) as caught:
        fetch(BOOK)
    assert 'cannot be stored in' in str(caught.value)
    assert '(Not a directory). Set MXNET_HOME' in str(caught.value)


def test_read_only_cache_is_explained(world, serve, monkeypatch):
    # Root may write anywhere, so the refusal is staged.
    def refuse(*args):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    server = serve()
    monkeypatch.setattr(files._Beside, '_create', refuse)
    with pytest.raises(DownloadError, match='.Read-only file system.. Set MXNET_HOME'):
        fetch(BOOK)
    assert server.asked == []


def test_full_disk_is_explained_and_leaves_nothing(world, monkeypatch):
    def full(self, url, file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(network.Network, 'download', full)
    with pytest.raises(DownloadError, match='.No space left on device.'):
        fetch(BOOK)
    assert not (world.cache / BOOK).exists()


def test_downloaded_files_are_as_readable_as_their_folder(world, serve):
    serve()
    (world.cache / BOOK).mkdir(parents=True)
    (world.cache / BOOK).chmod(0o750)
    path = pathlib.Path(fetch(BOOK).source) / (FILES[0] + '.gz')
    assert path.stat().st_mode & 0o777 == 0o640


def test_requests_is_needed_only_for_a_download(world, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'requests', None)
    assert load(write(tmp_path / 'own', world.book)).revision == BOOK
    with pytest.raises(DownloadError, match='pip install requests'):
        load()

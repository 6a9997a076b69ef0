"""Files: whole or not at all, lines likewise, whatever is in the way."""

import contextlib
import errno
import os
import secrets
import stat
import subprocess
import sys
import threading

import pytest
from limits import largest_file

from d2l_dropout import files


def write_by_path(path, content):
    """As a writer that needs a path does it."""
    with files.whole(path) as temporary:
        temporary.write_bytes(content)


WRITERS = [files.write_whole, write_by_path]
every_writer = pytest.mark.parametrize('write', WRITERS, ids=lambda w: w.__name__)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@every_writer
def test_a_file_is_written_with_the_folders_above_it(write, tmp_path):
    write(tmp_path / 'a' / 'b' / 'c.txt', b'content')
    assert (tmp_path / 'a' / 'b' / 'c.txt').read_bytes() == b'content'
    assert names(tmp_path / 'a' / 'b') == ['c.txt']


@every_writer
def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left(write, tmp_path):
    path = tmp_path / 'c.txt'
    write(path, b'old')
    with largest_file(100), pytest.raises(OSError) as caught:
        write(path, bytes(101))
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == b'old' and names(tmp_path) == ['c.txt']
    with largest_file(100), pytest.raises(OSError):
        write(tmp_path / 'new' / 'c.txt', bytes(101))
    assert names(tmp_path) == ['c.txt']


def test_the_error_names_the_file_that_was_asked_for(tmp_path):
    path = tmp_path / 'c.txt'
    with largest_file(100), pytest.raises(OSError, match='File too large') as caught:
        files.write_whole(path, bytes(101))
    assert caught.value.filename == str(path)


def test_of_several_files_all_are_written_or_none(tmp_path):
    a, b = tmp_path / 'new' / 'a', tmp_path / 'new' / 'b'
    with largest_file(100), pytest.raises(OSError):
        files.write_all_whole({a: bytes(10), b: bytes(101)})
    assert names(tmp_path) == []
    files.write_all_whole({a: b'a', b: b'b'})
    assert names(tmp_path / 'new') == ['a', 'b']


def test_what_a_check_refuses_does_not_take_its_place(tmp_path):
    with pytest.raises(ValueError), files.whole(tmp_path / 'c.txt') as temporary:
        temporary.write_bytes(b'wrong')
        raise ValueError
    assert names(tmp_path) == []


@every_writer
def test_the_mode_of_an_existing_file_is_kept_and_else_the_users(write, tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / 'new', b'')
        (tmp_path / 'old').touch()
        (tmp_path / 'old').chmod(0o604)
        write(tmp_path / 'old', b'')
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / n).stat().st_mode) for n in ('new', 'old')]
    assert modes == [0o640, 0o604]


@every_writer
def test_a_link_is_replaced_and_not_followed(write, tmp_path):
    (tmp_path / 'theirs').write_bytes(b'theirs')
    (tmp_path / 'link').symlink_to(tmp_path / 'theirs')
    write(tmp_path / 'link', b'ours')
    assert (tmp_path / 'theirs').read_bytes() == b'theirs'
    assert (tmp_path / 'link').read_bytes() == b'ours'


def test_a_link_of_the_temporary_files_name_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / 'theirs').write_bytes(b'theirs')
    monkeypatch.setattr(secrets, 'token_hex', lambda n: '0' * 2 * n)
    link = tmp_path / f'.c.txt.{"0" * 16}.part'
    link.symlink_to(tmp_path / 'theirs')
    with pytest.raises(FileExistsError):
        files.write_whole(tmp_path / 'c.txt', b'ours')
    assert (tmp_path / 'theirs').read_bytes() == b'theirs' and link.is_symlink()


@every_writer
def test_what_is_no_file_is_refused(write, tmp_path):
    os.mkfifo(str(tmp_path / 'fifo'))
    with pytest.raises(OSError, match='not a regular file'):
        write(tmp_path / 'fifo', b'')
    with pytest.raises(OSError, match='not a regular file'):
        write('/dev/null', b'')
    with pytest.raises(OSError, match='it is a folder'):
        write(tmp_path, b'')
    with pytest.raises(OSError, match='not a regular file'):
        files.read(tmp_path / 'fifo')
    assert names(tmp_path) == ['fifo']


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path, python):
    code = (
        'import os, sys\n'
        'from d2l_dropout import files\n'
        'with files.whole(sys.argv[1]): os.kill(os.getpid(), 9)'
    )
    path = tmp_path / 'c.txt'
    assert python(code, args=[path]).returncode == -9
    (left,) = names(tmp_path)
    assert files.is_temporary(left)
    files.write_whole(tmp_path / 'other', b'')
    assert names(tmp_path) == [left, 'other']
    files.write_whole(path, b'')
    assert names(tmp_path) == ['c.txt', 'other']


def test_what_is_being_written_is_not_taken_for_left_behind(tmp_path):
    path = tmp_path / 'c.txt'
    with files.whole(path) as temporary:
        files.write_whole(path, b'of another')
        temporary.write_bytes(b'later')
    assert path.read_bytes() == b'later' and names(tmp_path) == ['c.txt']


def test_a_writer_that_fails_takes_no_folder_from_one_that_does_not(tmp_path):
    def fail():
        for _ in range(100):
            with contextlib.suppress(ZeroDivisionError):
                with files.whole(tmp_path / 'new' / 'a'):
                    raise ZeroDivisionError

    thread = threading.Thread(target=fail)
    thread.start()
    for number in range(100):
        files.write_whole(tmp_path / 'new' / f'b{number}', b'')
        (tmp_path / 'new' / f'b{number}').unlink()
    thread.join()


def test_a_name_as_long_as_can_be_is_written(tmp_path):
    for name in ('n' * 255, '가' * 85):
        files.write_whole(tmp_path / name, b'')
        assert (tmp_path / name).exists()


def add(path, line):
    with files.locked(path) as handle:
        files.append_line(path, handle, line)


def test_a_line_that_does_not_fit_is_taken_back(tmp_path):
    path = tmp_path / 'new' / 'lines'
    add(path, b'first\n')
    with largest_file(10), pytest.raises(OSError, match='File too large.*lines'):
        add(path, b'second\n')
    assert path.read_bytes() == b'first\n'
    add(path, b'third\n')
    assert path.read_bytes() == b'first\nthird\n'


HOLD = """
import sys, time
from d2l_dropout import files
with files.locked(sys.argv[1]):
    print('held', flush=True)
    time.sleep(60)
"""


def test_a_lock_keeps_others_out_and_ends_with_its_process(tmp_path):
    path = tmp_path / 'lines'
    with subprocess.Popen(
        [sys.executable, '-c', HOLD, str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b'held\n'
        with pytest.raises(BlockingIOError), files.locked(path, wait=False):
            pass
        process.kill()
        process.wait()
    with files.locked(path, wait=False):
        pass


def test_a_lock_on_a_file_that_was_replaced_meanwhile_is_not_believed(tmp_path):
    path = tmp_path / 'lines'
    lines = []

    def later():
        with files.locked(path) as handle:
            files.append_line(path, handle, b'later\n')
            lines.append(path.read_bytes())

    with files.locked(path) as handle:
        thread = threading.Thread(target=later)
        thread.start()
        files.append_line(path, handle, b'old\n')
        files.write_whole(path, b'new\n')
    thread.join()
    assert lines == [b'new\nlater\n']


def test_a_lock_is_had_in_a_folder_that_others_make_and_remove(tmp_path):
    def fail():
        for _ in range(100):
            with contextlib.suppress(ZeroDivisionError):
                with files.whole(tmp_path / 'new' / 'a'):
                    raise ZeroDivisionError

    thread = threading.Thread(target=fail)
    thread.start()
    for _ in range(100):
        with files.locked(tmp_path / 'new' / 'lines'):
            (tmp_path / 'new' / 'lines').unlink()
    thread.join()


def test_a_folder_that_is_removed_just_after_it_was_found_is_made_anew(
    tmp_path, monkeypatch
):
    tries = []

    def mkdir(path):
        tries.append(path)
        if len(tries) == 1:  # another process has just made it, and removes it
            raise FileExistsError
        os.mkdir(str(path))

    monkeypatch.setattr(type(tmp_path), 'mkdir', mkdir)
    files.write_whole(tmp_path / 'new' / 'c.txt', b'')
    assert names(tmp_path / 'new') == ['c.txt'] and len(tries) == 2

"""Every place that writes a file: on a full disk what was there stays, and no more.

Where the package writes is read off its source, so that a new place must come here.
"""

import ast
import functools
from pathlib import Path

import fake_runs
import pytest
from limits import fill, largest_file, small_disk

import d2l_dropout
from d2l_dropout import cli, compat
from d2l_dropout.metrics import EpochStats
from d2l_dropout.runs.result import Checkpoint
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

mx = compat.import_mxnet()
PACKAGE = Path(d2l_dropout.__file__).resolve().parent
OURS = {'write_whole', 'write_all_whole', 'whole', 'append_line'}
# What else writes a file, whatever it is called on.
NAMES = {
    *('write_text', 'write_bytes', 'mkstemp', 'mkdtemp', 'NamedTemporaryFile'),
    *('copyfile', 'copy2', 'copytree', 'move', 'rename', 'renames', 'save_parameters'),
    *('savefig', 'savez', 'savez_compressed', 'savetxt', 'tofile', 'memmap'),
    *('to_csv', 'to_pickle', 'to_parquet', 'json.dump', 'pickle.dump'),
    *('os.replace', 'shutil.copy', 'nd.save', 'np.save'),
}
# Where one of them does not write a file in its place.
ALLOWED = {
    ('fashion_mnist/download.py', 'open'): 'the temporary file that files.whole lends',
    ('distributed/checkpoint.py', 'save'): 'likewise',
    ('plots/style.py', 'savefig'): 'into memory',
    ('ports/files.py', 'savez'): 'into memory',
}


@functools.lru_cache(maxsize=None)
def calls():
    """Return (file, function as it is called, call) for each call in the package."""
    found = []
    for path in PACKAGE.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Call) and path != PACKAGE / 'files.py':
                name = dotted(node.func)
                found.append((str(path.relative_to(PACKAGE)), name, node))
    return found


def dotted(node):
    """Return the names in a.b.c; what is no name, such as a call, is left out."""
    if isinstance(node, ast.Attribute):
        return f'{dotted(node.value)}.{node.attr}'
    return node.id if isinstance(node, ast.Name) else ''


def opens_to_write(function, node):
    if function == 'os.open':
        return 'devnull' not in ast.dump(node)
    arguments = [*node.args[:2], *(k.value for k in node.keywords if k.arg == 'mode')]
    modes = [a.value for a in arguments if isinstance(a, ast.Constant)]
    modes = [mode for mode in modes if isinstance(mode, str) and len(mode) < 4]
    is_open = function.rpartition('.')[2] in ('open', 'fdopen', 'GzipFile', 'ZipFile')
    return is_open and any(set(mode) & set('wax+') for mode in modes)


def test_nothing_writes_but_through_files():
    found = {
        (path, function.rpartition('.')[2])
        for path, function, node in calls()
        if function.rpartition('.')[2] in NAMES
        or '.'.join(function.split('.')[-2:]) in NAMES
        or opens_to_write(function, node)
    }
    assert found == set(ALLOWED)


MUCH = b'x' * 5000


def checkpoint(folder, number, monkeypatch):
    from d2l_dropout.distributed import checkpoint

    epochs = [EpochStats(k, 1.0, 0.5, 0.5) for k in range(1, number + 1)]
    params = {'W1': mx.nd.ones((20, 20)) * number}
    made = Checkpoint(RunSpec(), epochs, params, {}, 'ab' * 32)
    return lambda: checkpoint.save(folder, made)


def store(folder, number, monkeypatch):
    made = fake_runs.result(RunSpec(seed=number))
    return lambda: Store(folder / 'runs.jsonl').add(made)


def results_to_ship(folder, number, monkeypatch):
    from d2l_dropout.experiments import prepare_shipped

    kept = folder.with_name('kept.jsonl')
    Store(kept).add(fake_runs.result(RunSpec(seed=number)))
    return lambda: prepare_shipped.ship(folder / 'shipped.jsonl', [kept])


def download(folder, number, monkeypatch):
    from d2l_dropout.fashion_mnist import download
    from d2l_dropout.fashion_mnist.revisions import FILES

    def fill(downloader, name, revision, part):
        Path(part).write_bytes(MUCH * number)

    monkeypatch.setattr(download.Downloader, '_download', fill)
    return lambda: download.Downloader().fetch(FILES, '2017-08-26', folder)


def report(folder, number, monkeypatch):
    from d2l_dropout.reproduce import report

    monkeypatch.setattr(report, '_plots', lambda made: [])
    monkeypatch.setattr(report, '_files', lambda *made: {'table.csv': MUCH * number})
    monkeypatch.setattr(report, '_page', lambda *made: 'page' * number)
    return lambda: report.write(None, folder / 'out.html')


def a_case_for_ports(folder, number, monkeypatch):
    from d2l_dropout.ports import files

    case = files.load(files.SHIPPED / 'tiny-scratch.npz')
    case = case._replace(about={'number': number})
    return lambda: files.save(case, folder, 'case')


def command(*arguments):
    def run():
        if cli.main(list(map(str, arguments))):
            raise OSError('the exit code is not 0')

    return run


def export_tiny(folder, number, monkeypatch):
    return command('export', '--tiny', folder)


def port(folder, number, monkeypatch):
    path = folder / f'test_{number}.py'
    return command('port', '--framework', 'torch', path)


def bench(folder, number, monkeypatch):
    from d2l_dropout.bench import plot, run
    from d2l_dropout.plots import style

    monkeypatch.setattr(run, 'run', lambda *arguments: {})
    monkeypatch.setattr(run, 'report', lambda *arguments: '')
    monkeypatch.setattr(run, 'as_json', lambda *arguments: MUCH.decode() * number)
    monkeypatch.setattr(plot, 'draw', lambda *arguments: None)
    monkeypatch.setattr(style, 'as_svg', lambda *arguments: MUCH * number)
    return command('bench', '--json', folder / 'a.json', '--plot', folder / 'a.svg')


def plot_of_a_question(folder, number, monkeypatch):
    from d2l_dropout.commands import questions
    from d2l_dropout.plots import style

    monkeypatch.setattr(style, 'as_svg', lambda *arguments: MUCH * number)
    return lambda: questions._write([None], str(folder / 'a.svg'))


def plot_of_a_port(folder, number, monkeypatch):
    from d2l_dropout.commands import ports
    from d2l_dropout.plots import style

    monkeypatch.setattr(style, 'as_svg', lambda *arguments: MUCH * number)
    return lambda: ports._write_plot(str(folder / 'a.svg'), None)


WRITERS = {
    'bench': ('commands/bench.py', bench),
    'checkpoint': ('distributed/checkpoint.py', checkpoint),
    'case for ports': ('ports/files.py', a_case_for_ports),
    'download': ('fashion_mnist/download.py', download),
    'export --tiny': ('commands/ports.py', export_tiny),
    'plot of a port': ('commands/ports.py', plot_of_a_port),
    'port': ('commands/port.py', port),
    'plot of a question': ('commands/questions.py', plot_of_a_question),
    'report': ('reproduce/report.py', report),
    'results to ship': ('experiments/prepare_shipped.py', results_to_ship),
    'store': ('runs/store.py', store),
}


def test_every_writer_of_the_package_is_tested_here():
    writing = {path for path, name, _ in calls() if name.rpartition('.')[2] in OURS}
    assert writing == {path for path, _ in WRITERS.values()}


def tree(folder):
    """File name -> bytes; an empty store is as good as none."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob('*')
        if path.is_file() and path.stat().st_size
    }


@pytest.mark.parametrize('num_written', [0, 1], ids=['at first', 'then'])
@pytest.mark.parametrize('writer', WRITERS)
def test_a_full_disk_leaves_what_was_there(writer, num_written, tmp_path, monkeypatch):
    folder = tmp_path / 'out'
    folder.mkdir()
    _, make = WRITERS[writer]
    for number in range(1, num_written + 1):
        make(folder, number, monkeypatch)()
    before = tree(folder)
    write = make(folder, num_written + 1, monkeypatch)
    for limit in (0, 100, 400):
        with largest_file(limit), pytest.raises(OSError):
            write()
        assert tree(folder) == before
    write()
    assert tree(folder) != before or writer == 'export --tiny' and num_written


@pytest.mark.parametrize('num_written', [0, 1], ids=['at first', 'then'])
@pytest.mark.parametrize(
    'writer',
    [
        pytest.param(name, marks=pytest.mark.slow if name == 'export --tiny' else ())
        for name in WRITERS
    ],
)
def test_on_a_file_system_without_space_all_is_written_or_nothing(
    writer, num_written, tmp_path, monkeypatch
):
    _, make = WRITERS[writer]

    def write(folder, numbers):
        for number in numbers:
            make(folder, number, monkeypatch)()
        return tree(folder)

    whole = write(tmp_path / 'out', range(1, num_written + 2))
    disk = tmp_path / 'disk'
    disk.mkdir()
    with small_disk(disk, 1 << 20):
        (disk / 'out').mkdir()
        before = write(disk / 'out', range(1, num_written + 1))
        num_refused = 0
        for num_free in range(0, 1 << 20, 4096):
            filler = fill(disk, num_free)
            try:
                assert write(disk / 'out', [num_written + 1]) == whole
                break
            except OSError:
                num_refused += 1
            filler.unlink()
            found = tree(disk / 'out')
            if writer == 'download':  # of four files, one by one
                found = {n: c for n, c in found.items() if whole.get(n) != c}
                assert all(before[name] == found[name] for name in found)
            else:
                assert found == before
        # A second line may find its place in the last block of the first.
        assert num_refused or (writer, num_written) == ('store', 1)

"""The command line: help, codes, and no traceback for a user's mistake."""

import os
import re
import signal
import subprocess
import sys

import pytest
from limits import at_most

import d2l_dropout
from d2l_dropout import cli, doctor, fashion_mnist


def parsers():
    """The parsers of all subcommands, by name."""
    (action,) = [a for a in cli._parser()._actions if a.dest == 'command']
    return action.choices


def test_the_help_lists_all_commands(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(['--help'])
    out = capsys.readouterr().out
    assert caught.value.code == 0 and out.startswith('usage: d2l-dropout ')
    assert set(parsers()) <= set(out.split())


@pytest.mark.parametrize('name', parsers())
def test_every_command_has_help_that_describes_it_and_each_option(name, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([name, '--help'])
    out = capsys.readouterr().out
    assert caught.value.code == 0 and out.startswith(f'usage: d2l-dropout {name} ')
    parser = parsers()[name]
    assert parser.description and all(option.help for option in parser._actions)


def test_without_a_command_the_help_shows_for_whom_each_one_is(capsys):
    assert cli.main([]) == 2
    out = capsys.readouterr().out
    groups = [out.split(f'{whom}:\n')[1].split('\n\n')[0] for whom in cli.COMMANDS]
    listed = [re.findall(r'^  (\S+)', group, re.MULTILINE) for group in groups]
    assert [names[0] for names in listed] == ['chapter', 'reproduce', 'train']
    assert sorted(sum(listed, [])) == sorted(parsers())


def test_completion_is_silent_where_argcomplete_is_not_installed(monkeypatch):
    monkeypatch.setenv('_ARGCOMPLETE', '1')
    monkeypatch.setitem(sys.modules, 'argcomplete', None)
    assert cli.main([]) == 2


def test_an_error_without_words_is_not_taken_for_a_lack_of_memory(monkeypatch, capsys):
    def fail():
        raise ValueError

    monkeypatch.setattr(fashion_mnist, 'load', fail)
    assert cli.main(['data']) == 1
    assert 'ended with ValueError' in capsys.readouterr().err


def test_a_misspelt_name_is_answered_with_the_nearest(capsys):
    for arguments, meant in (
        (['chaptr'], 'chapter'),
        (['claim', 'nears-input'], 'near-input'),
    ):
        with pytest.raises(SystemExit):
            cli.main(arguments)
        assert f"did you mean '{meant}'?" in capsys.readouterr().err


@pytest.mark.parametrize('command, number', [('problem', 8), ('claim', 9)])
def test_problem_and_claim_alone_list_what_there_is(command, number, capsys):
    assert cli.main([command]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == number and all(f'd2l-dropout {command} ' in x for x in lines)


def test_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(['--version'])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == d2l_dropout.__version__


@pytest.mark.parametrize(
    'arguments',
    [
        ['nothing'],
        ['chapter', '--seed', '-1'],
        ['chapter', '--seed', 'one'],
        ['data', '--revision', '2018-01-01'],
    ],
)
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert 'usage:' in capsys.readouterr().err


@pytest.mark.parametrize('command', ['chapter', 'data'])
@pytest.mark.parametrize('where', ['/no/such/folder', 'synthetic:x'])
def test_a_users_mistake_is_a_sentence_and_exit_code_1(
    command, where, monkeypatch, capsys
):
    monkeypatch.setenv('D2L_DATA', where)
    assert cli.main([command]) == 1
    err = capsys.readouterr().err
    assert where in err and 'Traceback' not in err


def test_data_says_which_and_where(small_data, capsys):
    assert cli.main(['data']) == 0
    assert 'NOT Fashion-MNIST' in capsys.readouterr().out
    assert cli.main(['data', '--quiet']) == 0
    assert capsys.readouterr().out == ''


@pytest.mark.data
def test_data_names_the_revision_of_the_real_files(real_data, capsys):
    assert cli.main(['data']) == 0
    out = capsys.readouterr().out
    assert real_data.revision in out and real_data.source in out


def test_doctor_reports_what_works(small_data, capsys):
    assert cli.main(['doctor']) == 0
    out = capsys.readouterr().out
    for name in ('Python', 'NumPy', 'MXNet', 'context', 'threads', 'data'):
        assert name in out


def test_doctor_says_what_to_do_about_what_does_not_work(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, 'mxnet', None)
    monkeypatch.setenv('D2L_DATA', '/no/such/folder')
    assert cli.main(['doctor']) == 1
    out = capsys.readouterr().out
    assert 'NO  MXNet' in out and 'make setup' in out
    assert 'NO  data' in out and '/no/such/folder' in out


def test_a_wrong_d2l_context_is_a_sentence_and_the_doctor_survives_it(python):
    done = python(
        'from d2l_dropout.cli import main; print(main(["doctor"]), main(["chapter"]))',
        env={'D2L_CONTEXT': 'gpu(x)', 'D2L_DATA': 'synthetic:60'},
    )
    assert done.stdout.endswith('1 1\n') and "'gpu(x)' is not a context" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("d2l-dropout chapter: 'gpu(x)' is not a context")


def test_doctor_knows_a_python_that_is_not_supported(monkeypatch):
    monkeypatch.setattr(doctor, 'SUPPORTED', ((3, 99), (3, 99)))
    assert doctor.examine()[0].ok is False


def one_check(name):
    """The line of the doctor's report with this name, and its advice."""
    (check,) = [check for check in doctor.examine() if check.name == name]
    return check


@pytest.fixture
def nvidia_smi(monkeypatch, tmp_path):
    """A function that puts a shell script of this text on the PATH."""

    def install(text):
        script = tmp_path / 'nvidia-smi'
        script.write_text('#!/bin/sh\n' + text)
        script.chmod(0o755)
        monkeypatch.setenv('PATH', '%s:%s' % (tmp_path, os.environ['PATH']))

    return install


@pytest.mark.parametrize(
    ('card', 'verdict'),
    [
        ('NVIDIA GeForce GTX 980, 5.2', '5.2: within'),
        ('NVIDIA GeForce RTX 4090, 8.9', '8.9: within'),
        ('Tesla K80, 3.7', '3.7: NOT within'),
        ('NVIDIA H100 80GB HBM3, 9.0', '9.0: NOT within'),
        ('NVIDIA GeForce RTX 5090, 12.0', '12.0: NOT within'),
        ('A card, [N/A]', 'not reported'),
    ],
)
def test_doctor_judges_the_card(card, verdict, nvidia_smi, small_data):
    nvidia_smi('[ "$1" = --query-gpu=name,compute_cap ] && echo "%s"' % card)
    check = one_check('card')
    assert check.ok is None and verdict in check.detail and '5.0 to 8.9' in check.detail
    assert card.split(',')[0] in check.detail


def test_doctor_names_the_card_where_an_old_driver_tells_no_more(
    nvidia_smi, small_data
):
    nvidia_smi(
        'case $1 in *compute_cap) echo Field \\"compute_cap\\" is not valid; exit 2;; '
        '*) echo Tesla T4;; esac'
    )
    assert one_check('card').detail.startswith(
        'Tesla T4; compute capability not reported'
    )


@pytest.mark.parametrize('script', ['echo has failed; exit 9', 'exit 9', ''])
def test_doctor_says_that_the_driver_does_not_work(script, nvidia_smi, small_data):
    nvidia_smi(script)
    check = one_check('card')
    assert 'nvidia-smi: ' in check.detail and 'docs/gpu.md' in check.advice


def test_doctor_has_advice_where_a_build_with_cuda_runs_nothing(
    monkeypatch, small_data, capsys
):
    from d2l_dropout import compat

    mx = compat.import_mxnet()
    monkeypatch.setattr(mx.runtime.Features, 'is_enabled', lambda self, name: True)

    def memory_but_no_kernel(*args, **kwargs):
        raise mx.MXNetError('Check failed\nno kernel image is available')

    monkeypatch.setattr(mx.nd, 'ones', memory_but_no_kernel)
    check = one_check('GPU')
    assert check.ok is None and 'no kernel image' in check.detail
    assert '5.0 to 8.9' in check.advice and 'docs/gpu.md' in check.advice
    assert cli.main(['doctor']) == 0  # the chapter needs no GPU


def test_doctor_has_no_advice_for_the_build_without_cuda(small_data):
    from d2l_dropout import compat

    if compat.import_mxnet().runtime.Features().is_enabled('CUDA'):
        pytest.skip('this mxnet has CUDA')
    check = one_check('GPU')
    assert check.ok is None and 'docs/gpu.md' in check.detail and not check.advice


def test_ctrl_c_ends_quietly_with_130():
    process = subprocess.Popen(
        [sys.executable, '-u', '-m', 'd2l_dropout', 'chapter'],
        env=dict(os.environ, D2L_DATA='synthetic'),  # ends long after the signal
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.startswith('epoch 1,'):
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert 'Traceback' not in err


def test_an_unreachable_mirror_is_a_sentence_not_a_traceback(monkeypatch, capsys):
    def fail(*args, **kwargs):
        raise fashion_mnist.DownloadError('no mirror answered')

    monkeypatch.setattr(fashion_mnist, 'fetch', fail)
    assert cli.main(['data', '--revision', '2017-08-26']) == 3
    assert capsys.readouterr().err == 'd2l-dropout data: no mirror answered\n'


def test_a_reader_that_goes_away_gets_no_complaint():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, '-u', '-m', 'd2l_dropout', 'data'],
        env=dict(os.environ, D2L_DATA='synthetic:60'),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert done.returncode == 141
    (note,) = done.stderr.splitlines()
    assert note.startswith('Note: these are synthetic data')


def test_doctor_names_what_is_wrong_with_the_cache(monkeypatch, tmp_path, capsys):
    folder = tmp_path / 'datasets' / 'fashion-mnist'
    folder.mkdir(parents=True)
    (folder / 'train-images-idx3-ubyte.gz').write_bytes(b'')
    monkeypatch.setenv('MXNET_HOME', str(tmp_path))
    cli.main(['doctor'])
    assert 't10k-labels-idx1-ubyte.gz is missing' in capsys.readouterr().out


def shell(command, where):
    """Run a shell's command line, with `$0` for `python -m d2l_dropout`."""
    return subprocess.run(
        ['bash', '-c', command.replace('$0', f'{sys.executable} -m d2l_dropout')],
        cwd=str(where),
        env=dict(os.environ, D2L_DATA='synthetic:60', OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    'closed',
    [
        *(pytest.param(some, marks=pytest.mark.slow) for some in ('<&- 2>&-', '>&-')),
        '<&- >&- 2>&-',
    ],
)
def test_closed_streams_stop_no_run_and_reach_no_file(closed, tmp_path):
    done = shell(f'$0 train --num-epochs 1 --save run {closed}', tmp_path)
    assert done.returncode == 0
    assert ('epoch 1' in done.stdout) == ('>&-' not in closed.split())
    assert sorted(p.name for p in (tmp_path / 'run').iterdir()) == [
        'epoch-1.params',
        'run.json',
    ]
    again = shell('$0 train --eval run', tmp_path)
    assert 'test acc' in again.stdout


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no /dev/full here')
def test_output_that_cannot_be_written_is_a_sentence(tmp_path):
    done = shell('$0 data --quiet && $0 data >/dev/full', tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith(
        'd2l-dropout data: [Errno 28] No space left on device\n'
    )


def test_a_working_directory_that_was_removed_is_a_sentence(tmp_path):
    done = shell('mkdir gone && cd gone && rmdir ../gone && $0 data', tmp_path)
    assert done.returncode == 1 and 'has been removed' in done.stderr
    assert 'Traceback' not in done.stderr


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['train', '--save', ''], '--save: it is empty'),
        (['train', '--eval', ''], '--eval: it is empty'),
        (['reproduce', '--store', ''], '--store: it is empty'),
        (
            ['train', '--model', 'gluon', '--wd', 'inf'],
            'wd is inf; it must be a float32',
        ),
        (['train', '--lr', 'inf'], 'lr is inf; it must be a float32'),
        (['train', '--lr', '1e-300'], 'lr is 1e-300; it must be a float32'),
        (['train', '--num-hiddens1', '100000000'], '104100002826 parameters; it may'),
        (['train', '--num-epochs', '9' * 5000], 'is not an integer of at least 1'),
        (['train', '--num-epochs', '1000000000'], 'num_epochs is 1000000000; it must'),
        (['train', '--batch-size', '0'], "'0' is not an integer of at least 1"),
        (['reproduce', '--seeds', '1000000000'], 'is not an integer from 3 to 10000'),
        (['power', '--seeds', '1000000000'], 'is not an integer from 3 to 10000'),
        (['reproduce', '--jobs', '1000000000'], 'is not an integer from 1 to 1024'),
    ],
    ids=lambda value: ' '.join(value)[:40] if isinstance(value, list) else '',
)
def test_what_no_run_can_have_is_wrong_usage_at_once(
    arguments, message, small_data, capsys
):
    with at_most(seconds=2, megabytes=50):
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
    err = capsys.readouterr().err
    assert ended.value.code == 2 and message in err
    assert len(err.splitlines()[-1]) < 250


def test_a_role_left_in_the_environment_is_ignored_with_a_word(python):
    code = 'from d2l_dropout import cli; cli.main(["doctor"])'
    done = python(code, env={'D2L_DATA': 'synthetic:600', 'DMLC_ROLE': 'server'})
    assert 'ok  MXNet' in done.stdout
    assert "DMLC_ROLE is 'server', which is for a cluster; it is ig" in done.stderr


def test_an_unusable_number_of_synthetic_examples_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv('D2L_DATA', 'synthetic:99999999999')
    for command, code in (('data', 1), ('train', 1), ('reproduce', 3)):
        with at_most(seconds=2, megabytes=50):
            assert cli.main([command]) == code
        assert 'must be an integer from 60 to 250000' in capsys.readouterr().err


@pytest.mark.parametrize('said', ['', 'Unable to allocate 745 GiB'])
def test_a_lack_of_memory_is_a_sentence(said, monkeypatch, capsys):
    def fail():
        raise MemoryError(said)

    monkeypatch.setattr(fashion_mnist, 'load', fail)
    assert cli.main(['data']) == 1
    err = capsys.readouterr().err
    assert err == f'd2l-dropout data: {said or "there is not enough memory."}\n'

"""Each study asks for runs, and shows what they gave in both languages."""

import re

import fake_studies
import pytest

from d2l_dropout import answers, cli
from d2l_dropout.plots import style
from d2l_dropout.runs.store import Store
from d2l_dropout.studies import running
from d2l_dropout.studies.estimates import Estimate, against_noise
from d2l_dropout.studies.study import Scale
from d2l_dropout.studies.text import Table, Text

every_study = pytest.mark.parametrize('name', answers.NAMES)


@every_study
def test_a_study_shows_its_numbers_in_both_languages(name):
    study = answers.find(name)
    for scale in study.SCALES.values():
        kept = fake_studies.keep_all(study, scale)
        en, ko = (
            answers.as_markdown(study, scale, kept, lang) for lang in ('en', 'ko')
        )
        assert study.TITLE.en in en and study.TITLE.ko in ko
        assert '{' not in en + ko and 'Text(' not in en + ko
        assert not re.search('[가-힣]', en) and re.search('[가-힣]', ko)
        # The same numbers stand in both.
        numbers = [sorted(re.findall(r'[-+]?\d+\.\d+', text)) for text in (en, ko)]
        assert numbers[0] == numbers[1]
        assert ('Quick mode' in en) == ('빠른 모드' in ko) == (scale.name == 'quick')


@every_study
def test_a_study_draws_a_figure_that_says_what_it_was_made_with(name):
    study = answers.find(name)
    for scale in study.SCALES.values():
        kept = fake_studies.keep_all(study, scale)
        svg = style.as_svg(study.figure(scale, kept), name).decode()
        assert scale.name + ': ' in svg


@pytest.mark.parametrize('name', answers.NAMES)
def test_a_full_study_has_five_seeds_and_the_runs_it_ships_are_all_it_needs(name):
    study = answers.find(name)
    scale, kept = study.SCALES['full'], running.shipped(study)
    assert scale.num_seeds >= 5
    assert running.missing(study, scale, kept) == []
    needed = set(study.specs(scale, kept))
    assert set(kept) == needed
    assert {r.spec.revision for r in kept.values()} <= {'2017-08-31'}


@pytest.mark.parametrize('command', [['problem', '5'], ['claim', 'random-labels']])
def test_what_is_not_there_says_how_to_get_it(command, capsys, monkeypatch):
    monkeypatch.setattr(running, 'shipped', lambda study: {})
    assert cli.main(command) == 3
    assert 'run it with --full' in capsys.readouterr().err


def test_another_name_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="'problem 9' is none of 'problem 5'"):
        answers.find('problem 9')


def test_a_difference_is_said_to_be_noise_or_more():
    assert against_noise(Estimate(0.3, 0.2, 3)).en == 'more than the noise'
    assert against_noise(Estimate(0.1, 0.2, 3)).en == 'within the noise'


def test_a_table_is_aligned_markdown_in_each_language():
    table = Table(['a', Text('b', '나')], [['1', Text('two', '둘')]])
    assert table.markdown('en') == '| a | b   |\n| - | --- |\n| 1 | two |'
    assert '나' in table.markdown('ko')


def test_the_command_shows_what_ships_and_writes_the_figure(tmp_path, capsys):
    path = tmp_path / 'new' / 'figure.svg'
    assert cli.main(['problem', '5', '--language', 'ko', '--figure', str(path)]) == 0
    assert '은닉' in capsys.readouterr().out
    assert path.read_bytes().startswith(b'<?xml')
    assert [p.name for p in path.parent.iterdir()] == ['figure.svg']


def test_a_quick_run_of_a_study_is_kept_and_not_run_again(
    small_data, tmp_path, capsys, monkeypatch
):
    study = answers.find('problem 7')
    settings = {'num_epochs': 1, 'num_examples': 300}
    monkeypatch.setitem(study.SCALES, 'quick', Scale('quick', 2, settings))
    store = tmp_path / 'runs.jsonl'
    command = ['problem', '7', '--quick', '--store', str(store)]
    assert cli.main(command) == 0
    out = capsys.readouterr().out
    assert 'Quick mode' in out and 'data synthetic' in out
    lines = store.read_text()
    assert cli.main(command) == 0
    assert store.read_text() == lines and capsys.readouterr().out == out


def test_runs_of_a_study_on_other_data_are_others(monkeypatch):
    study, specs = answers.find('problem 7'), []
    for data in ('synthetic:600', 'synthetic:1200', 'synthetic:600'):
        monkeypatch.setenv('D2L_DATA', data)
        scale = running.on_the_data_here(study, study.SCALES['quick'])
        specs.append(study.specs(scale, {}))
        assert f'SHA-256 {scale.data_digest[:12]}...' in scale.describe().en
    assert specs[0] == specs[2] and not set(specs[0]) & set(specs[1])


def test_wrong_usage_is_said(capsys, tmp_path):
    for argv, message in [
        (['problem', '9'], "'9' is not an integer from 1 to 8"),
        (['claim', 'no'], 'invalid choice'),
        (['problem', '5', '--store', 'x'], '--store and --jobs need --quick or --full'),
        (['problem', '5', '--figure', 'x.pdf'], 'ends in .svg or .png'),
    ]:
        with pytest.raises(SystemExit) as exit:
            cli.main(argv)
        assert exit.value.code == 2 and message in capsys.readouterr().err


def test_a_run_that_fails_is_said_and_the_exit_code_tells(
    monkeypatch, capsys, tmp_path, small_data
):
    monkeypatch.setattr(
        running, 'sweep', lambda specs, *_: {specs[0]: 'ValueError: no luck'}
    )
    command = ['problem', '5', '--quick', '--store', str(tmp_path / 'runs.jsonl')]
    assert cli.main(command) == 3
    assert 'ValueError: no luck' in capsys.readouterr().err


def test_the_time_of_a_full_run_is_what_the_shipped_runs_took(tmp_path):
    study = answers.find('problem 7')
    specs = study.SCALES['full'].specs()
    known = {spec: fake_studies.result(spec) for spec in specs}
    assert running.expected_seconds(specs, known, jobs=1) == 4 * len(specs)
    assert running.expected_seconds(specs, {}, jobs=1) is None
    store = Store(tmp_path / 'none.jsonl')
    assert running.missing(study, study.SCALES['quick'], store.results())


def test_runs_that_are_compared_seed_by_seed_follow_each_other():
    study = answers.find('problem 7')
    seeds = [spec.seed for spec in running.missing(study, study.SCALES['full'], {})]
    assert seeds == sorted(seeds)

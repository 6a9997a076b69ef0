"""The chapter's problems and claims, answered: finding a study, and showing it.

In a notebook, `show('problem 5')` shows the question, the numbers and the answer, and
`draw('problem 5')` the figure, of the runs that ship with the package.
"""

import importlib

from d2l_dropout.claims import CLAIMS
from d2l_dropout.plots import style
from d2l_dropout.runs.store import Store
from d2l_dropout.studies import running
from d2l_dropout.studies.text import LANGUAGES, Text, say

#: Those that have no notebook yet.
PROBLEMS = ('problem 5', 'problem 7', 'problem 8')
NAMES = (*PROBLEMS, *CLAIMS)


def find(name):
    """Return a study.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    module
        A `studies.study.Study`.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f'{name!r} is none of {", ".join(map(repr, NAMES))}.')
    module = name.replace(' ', '')
    place = 'claims.' + CLAIMS[name] if name in CLAIMS else 'problems.' + module
    return importlib.import_module('d2l_dropout.' + place)


class Shown:
    """What a notebook shows: as text, as Markdown or as a figure.

    Parameters
    ----------
    markdown, svg : str, optional
    """

    def __init__(self, markdown=None, svg=None):
        self._markdown, self._svg = markdown, svg

    def __repr__(self):
        return self._markdown or 'a figure'

    def _repr_markdown_(self):
        return self._markdown

    def _repr_svg_(self):
        return self._svg


def show(name, language='en', quick=False, jobs=None):
    """Return a study's question, method, tables and answer, for a notebook.

    Parameters
    ----------
    name : str
        As `find` takes it.
    language : 'en' or 'ko'
    quick : bool
        Run it now in quick mode, a minute or two, instead of showing the full runs that
        ship with the package.
    jobs : int, optional
        Runs at a time.

    Returns
    -------
    Shown

    Raises
    ------
    ValueError
        If there is no such study or language.
    """
    return Shown(markdown=as_markdown(*_results(name, quick, jobs), language))


def draw(name, quick=False, jobs=None):
    """Return a study's figure, for a notebook; parameters as of `show`."""
    return Shown(svg=figure_bytes(*_results(name, quick, jobs), '.svg').decode())


def figure_bytes(study, scale, kept, file_name):
    """Return a study's figure as the content of a file.

    Parameters
    ----------
    study : Study
    scale : Scale
    kept : dict of RunSpec to RunResult
    file_name : str
        Ends in '.svg' or '.png'.

    Returns
    -------
    bytes
    """
    figure = study.figure(scale, kept)
    if file_name.endswith('.png'):
        return style.as_png(figure)
    return style.as_svg(figure, study.__name__ + scale.name)


def _results(name, quick, jobs):
    study = find(name)
    if not quick:
        return study, study.SCALES['full'], running.shipped(study)
    scale = running.on_the_data_here(study, study.SCALES['quick'])
    return study, scale, running.run(study, scale, Store(STORE), jobs)


#: Where runs that are not shipped are kept unless the user says otherwise.
STORE = 'results/studies.jsonl'
_METHOD = Text('How it was tested', '실험 방법')
_ANSWER = Text('Answer', '답')
_QUICK = Text(
    'Quick mode: few seeds and examples. It shows how the study works, not what it '
    'finds; the full runs do.',
    '빠른 모드: 시드와 데이터가 적다. 실험이 어떻게 이루어지는지 보여 줄 뿐, '
    '결론은 전체 실행에서 나온다.',
)
_INTERVALS = Text(
    "Mean ± half of the 95 % interval over the seeds (Student's t; differences paired "
    'by seed). Levels have plain intervals; differences of one kind that are judged '
    'share the 5 % (Bonferroni), each kind has its own. "More than the noise", '
    '"clearly": the interval leaves 0 out; "within the noise": it does not, which is '
    'no proof that there is no difference. {what}.',
    '평균 ± 시드들에 대한 95 % 신뢰구간의 절반(스튜던트 t, 차이는 시드별로 짝지음). '
    '값 자체의 신뢰구간은 보정하지 않았고, 함께 판단하는 같은 종류의 차이들은 5 %를 '
    '나누어 가진다(본페로니). "변동보다 크다"와 "확실히"는 신뢰구간에 0이 들지 '
    '않는다는 뜻이고, "변동 범위 안"은 0이 든다는 뜻일 뿐 차이가 없다는 증거는 '
    '아니다. {what}.',
)


def as_markdown(study, scale, kept, language='en'):
    """Return all of a study but its figure.

    Parameters
    ----------
    study : Study
    scale : Scale
    kept : dict of RunSpec to RunResult
    language : 'en' or 'ko'

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If runs are missing, or there is no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f'language is {language!r}; it must be one of {LANGUAGES}.')
    if running.missing(study, scale, kept):
        raise ValueError('runs of this study are missing; run it with --full.')
    parts = [
        '## ' + say(_heading(study), language),
        say(study.QUESTION, language),
        f'**{say(_METHOD, language)}.** {say(study.METHOD, language)}',
        *(table.markdown(language) for table in study.tables(scale, kept)),
        say(_INTERVALS.format(what=_made_with(scale, kept, study)), language),
        f'**{say(_ANSWER, language)}.** {say(study.verdict(scale, kept), language)}',
        '\n'.join(f'- {say(text, language)}' for text in study.answer(scale, kept)),
    ]
    if scale.name == 'quick':
        parts.insert(1, f'*{say(_QUICK, language)}*')
    return '\n\n'.join(parts)


def _heading(study):
    name = study.__name__.rpartition('.')[2]
    if not name.startswith('problem'):
        return study.TITLE
    number = name[len('problem') :]
    return Text('Problem {n}: {title}', '문제 {n}: {title}').format(
        n=number, title=study.TITLE
    )


def _made_with(scale, kept, study):
    """Say what the runs were made with: scale, threads, versions and machine."""
    used = [kept[spec] for spec in study.specs(scale, kept)]
    made = sorted(
        {
            ', '.join(f'{k} {v}' for k, v in result.versions.items())
            + f', OpenMP threads: {result.threads}, {result.machine}'
            for result in used
        }
    )
    extra = ''.join('; ' + line for line in made)
    scale = scale.describe()
    return Text(scale.en + extra, scale.ko + extra)

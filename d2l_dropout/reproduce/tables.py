"""A reproduction as text, as JSON and as the README's Markdown."""

import json
import textwrap
from dataclasses import asdict, fields
from math import isfinite
from typing import Dict, List

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.metrics import DECIMALS, FIGURES
from d2l_dropout.reproduce import verdicts
from d2l_dropout.reproduce.comparison import each_share, t_quantile
from d2l_dropout.runs.spec import RunSpec

_PARTS = {
    'plain': 'the data as they are split',
    'control': 'control: fresh splits',
}


def text(reproduction) -> str:
    """Return the full table, what it was made with, and then the verdicts.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    str
    """
    parts = {name: p for name, p in reproduction.parts().items() if p.rows}
    lines = [*_table(parts), *_differences(parts)]
    for name, part in parts.items():
        lines += [*_wrapped(how(part, reproduction.level), _PARTS[name] + ': ')]
    lines += _wrapped(reproduction.origin.description, 'data: ')
    lines += [*_wrapped('; '.join(made_with(reproduction)), 'with: '), '']
    for what, values in unusual_settings(reproduction).items():
        said = f"NOT the chapter's: {what} is {', '.join(values)}"
        lines += [said, '']
    for sentences in (verdicts.code(reproduction), verdicts.data(reproduction)):
        lines += _wrapped(sentences[0], '')
        for sentence in sentences[1:]:
            lines += _wrapped(sentence, '  - ')
        lines += ['']
    return '\n'.join(lines).rstrip()


def _wrapped(sentence, head):
    indent = '    ' if head.startswith(' ') else '  '
    return textwrap.wrap(head + sentence, 92, subsequent_indent=indent)


def how(part, level) -> str:
    """Say how a part's intervals came about.

    Parameters
    ----------
    part : Part
        With rows.
    level : float

    Returns
    -------
    str
    """
    looks, late = len(part.rows), len(part.averages)
    n = min(len(part.epochs(row.model)) for row in part.rows)
    seeds = sorted({result.spec.seed for result in part.results})
    share = each_share(level)
    factors = [t_quantile(n - 1, num, share) for num in (looks, late or 1)]
    said = (
        f'{n} runs a model (seeds {seeds[0]} to {seeds[-1]}). Interval for one more '
        f"draw, Student's t: mean +- {factors[0]:.2f} s.d. sqrt(1 + 1/{n}) + half a "
        f'unit of the last decimal. Level, if draws were normal: {100 * level:g} % for '
        f'everything, {100 * share:g} % for all {looks} figures, that is '
        f'{100 * (1 - (1 - share) / looks):.3f} % each'
    )
    if late:
        said += (
            f'; {100 * share:g} % for all {late} late averages (the means over the '
            f'second half of the epochs), with {factors[1]:.2f} in place of '
            f'{factors[0]:.2f}'
        )
    return said


def unusual_settings(reproduction) -> Dict[str, List[str]]:
    """Return what the runs were asked for that is not the chapter's.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    dict of str to list of str
        Values by the name of the setting; empty unless a fault was asked for.
    """
    varied = {'model', 'seed', 'num_epochs', 'resplit', 'revision'}
    found: Dict[str, Dict[str, None]] = {}
    for part in reproduction.parts().values():
        for spec in part.specs:
            for field in fields(RunSpec):
                value = getattr(spec, field.name)
                if field.name not in varied and value != field.default:
                    found.setdefault(field.name, {})[str(value)] = None
    return {what: list(values) for what, values in found.items()}


def made_with(reproduction) -> List[str]:
    """Return what the runs were made with, each way once.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    list of str
    """
    ways: Dict[str, None] = {}
    for part in reproduction.parts().values():
        for result in part.results:
            names = ', '.join(f'{name} {v}' for name, v in result.versions.items())
            threads = result.threads or 'unknown'
            ways[f'{names}; OpenMP threads: {threads}; {result.machine}'] = None
    return list(ways)


def _table(parts) -> List[str]:
    if not parts:
        return ['Fewer than two runs of a model: no spread to compare with.', '']
    lines: List[str] = []
    for model in dict.fromkeys(
        row.model for part in parts.values() for row in part.rows
    ):
        lines += _header(verdicts.TITLES[model], parts)
        rows = ([*part.rows, *part.averages] for part in parts.values())
        lines += [_line(each) for each in zip(*rows) if each[0].model == model]
        lines.append('')
    return lines


def _differences(parts) -> List[str]:
    lines = [
        f'{"late averages against shipped runs":41} here    shipped  difference',
        *(
            f'{name:8} {verdicts.TITLES[d.model]:17} {FIGURES[d.figure]:14} '
            f'{d.here:.4f}  {d.shipped:.4f}   {d.low:+.4f} to {d.high:+.4f}  '
            f'{"none" if d.none else "DIFFERENT"}'
            for name, part in parts.items()
            for d in part.differences
        ),
    ]
    return [*lines, ''] if len(lines) > 1 else []


def _header(title, parts):
    columns = '| mean    s.d.    interval                '
    return [
        (f'{title:23}' + ''.join(f'| {_PARTS[name]:40}' for name in parts)).rstrip(),
        ('epoch figure    book   ' + columns * len(parts)).rstrip(),
    ]


def _line(rows):
    first = rows[0]
    decimals = DECIMALS[first.figure]
    book_figure = f'{first.book:.{decimals}f}'
    line = f'{verdicts.span(first):>5} {FIGURES[first.figure]:9} {book_figure:7}'
    for row in rows:
        interval = f'{row.low:.{decimals}f} to {row.high:.{decimals}f}'
        line += (
            f'| {row.mean:<7.4f} {row.sd:<7.4f} {interval:17} '
            f'{"inside" if row.inside else "OUTSIDE":7}'
        )
    return line.rstrip()


def as_json(reproduction) -> str:
    """Return everything as JSON: rows, verdicts, data, versions, specifications.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    str
        NaN and infinity, of a run that diverged, are null.
    """
    values = {
        'level': reproduction.level,
        'data': asdict(reproduction.origin),
        'unusual_settings': unusual_settings(reproduction),
        'masks_exact': reproduction.masks_exact,
        'code': {
            'agrees': reproduction.code_agrees(),
            'reasons': verdicts.code(reproduction),
        },
        'data_verdict': verdicts.data(reproduction),
        'made_with': made_with(reproduction),
        'book': {model: [*map(list, epochs)] for model, epochs in EPOCHS.items()},
        'parts': {
            name: {
                'specs': [asdict(spec) for spec in part.specs],
                'failures': [asdict(failure) for failure in part.failures],
                'rows': [_row(row) for row in part.rows],
                'averages': [_row(row) for row in part.averages],
                'differences': [
                    dict(asdict(each), none=each.none) for each in part.differences
                ],
            }
            for name, part in reproduction.parts().items()
        },
    }
    return json.dumps(_finite(values), indent=1, allow_nan=False)


def _row(row):
    return dict(asdict(row), inside=row.inside)


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def markdown(reproduction) -> str:
    """Return a short table in Markdown, that of the README.

    The last epoch's figures, and the late averages of the test accuracy, which show
    best what another split of the data does.

    Parameters
    ----------
    reproduction : Reproduction
        Both parts with rows.

    Returns
    -------
    str
    """
    parts = reproduction.parts()
    if not all(part.rows for part in parts.values()):
        reasons = ' '.join(verdicts.code(reproduction))
        raise ValueError(f'there are too few runs for a table. {reasons}')
    last = max(row.epoch for row in parts['control'].rows)
    lines = [
        '| figure, epochs | book | '
        + ' | '.join(f'{_PARTS[name]} | book inside' for name in parts)
        + ' |',
        '|---|---|' + '---|---|' * len(parts),
    ]
    for rows in zip(*([*part.rows, *part.averages] for part in parts.values())):
        first = rows[0]
        average = first.first_epoch != first.epoch
        if first.epoch != last or (average and first.figure != 'test_acc'):
            continue
        decimals = DECIMALS[first.figure]
        cells = [
            f'{verdicts.TITLES[first.model]}, {FIGURES[first.figure]}, '
            f'{verdicts.span(first)}',
            f'{first.book:.{decimals}f}',
        ]
        for row in rows:
            cells += [
                f'{row.mean:.4f} ± {row.sd:.4f}',
                'yes' if row.inside else '**no**',
            ]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)

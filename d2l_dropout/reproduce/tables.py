"""A reproduction as text, as JSON and as the README's Markdown."""

import json
import shutil
import textwrap
from dataclasses import asdict
from math import isfinite
from typing import Dict, List

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.intervals import bonferroni, t_quantile
from d2l_dropout.metrics import DECIMALS, LABELS
from d2l_dropout.reproduce import verdicts
from d2l_dropout.reproduce.comparison import level_of_each_family
from d2l_dropout.reproduce.enough import unusual_settings
from d2l_dropout.reproduce.names import GROUPS, NETS, epochs_of

#: Columns that both groups take side by side.
_WIDE = 112
_HEADINGS = {'official': 'official split', 'control': 'control (fresh splits)'}


def text(reproduction) -> str:
    """Return the verdict, the full table, how it came about, and then all verdicts.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    str
    """
    groups = {name: g for name, g in reproduction.groups().items() if g.rows}
    lines = [*_wrapped(verdicts.code(reproduction)[0], ''), '']
    lines += [*_tables(groups), *_differences(groups)]
    for name, group in groups.items():
        how = describe_intervals(group, reproduction.level)
        lines += [*_wrapped(how, _HEADINGS[name] + ': ')]
    lines += _wrapped(reproduction.origin.description_with_digest, 'data: ')
    lines += [*_wrapped('; '.join(made_with(reproduction)), 'made with: '), '']
    for setting, values in unusual_settings(reproduction).items():
        lines += [f"NOT the chapter's: {setting} is {', '.join(values)}", '']
    # The verdict on the code comes first, and last, where a terminal leaves off.
    for sentences in (verdicts.data(reproduction), verdicts.code(reproduction)):
        lines += _wrapped(sentences[0], '')
        for sentence in sentences[1:]:
            lines += _wrapped(sentence, '  - ')
        lines += ['']
    return '\n'.join(lines).rstrip()


def _width():
    return shutil.get_terminal_size((_WIDE, 24)).columns


def _tables(groups):
    """Return the groups side by side, or one below the other in a narrow terminal."""
    if _width() >= _WIDE:
        return _table(groups)
    return [line for name in groups for line in _table({name: groups[name]})]


def _wrapped(sentence, head):
    indent = '    ' if head.startswith(' ') else '  '
    return textwrap.wrap(head + sentence, min(_width(), 92), subsequent_indent=indent)


def describe_intervals(group, level) -> str:
    """Say how the intervals of a group came about.

    Parameters
    ----------
    group : groups.Group
        With rows.
    level : float

    Returns
    -------
    str
    """
    num, late = len(group.rows), len(group.averages)
    n = min(len(group.epochs(row.model)) for row in group.rows)
    seeds = sorted({result.spec.seed for result in group.results})
    each = level_of_each_family(level)
    factors = [t_quantile(n - 1, many, each) for many in (num, late or 1)]
    said = (
        f'{n} runs of each model (seeds {seeds[0]} to {seeds[-1]}). The interval for '
        f"one more run is Student's: mean +- {factors[0]:.2f} s.d. sqrt(1 + 1/{n}), "
        'and half a unit of the last decimal on either side. If runs were normally '
        f'distributed, one more would lie inside all of them with {100 * level:g} % '
        f'probability: inside the {num} of single epochs with {100 * each:g} %, that '
        f'is {100 * bonferroni(each, num):.3f} % each'
    )
    if late:
        said += (
            f'; and inside the {late} of late averages (means over the second half of '
            f'the epochs) with {100 * each:g} %, where {factors[1]:.2f} takes the '
            f'place of {factors[0]:.2f}'
        )
    return said


def made_with(reproduction) -> List[str]:
    """Return the versions, thread counts and machines of the runs, each set once.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    list of str
    """
    found: Dict[str, None] = {}
    for group in reproduction.groups().values():
        for result in group.results:
            names = ', '.join(f'{name} {v}' for name, v in result.versions.items())
            threads = result.threads or 'unknown'
            found[f'{names}; OpenMP threads: {threads}; {result.machine}'] = None
    return list(found)


def _table(groups) -> List[str]:
    if not groups:
        return ['A model has fewer than two runs, so that there is no spread.', '']
    lines: List[str] = []
    for model in dict.fromkeys(row.model for g in groups.values() for row in g.rows):
        lines += _header(NETS[model], groups)
        rows = ([*group.rows, *group.averages] for group in groups.values())
        lines += [_line(each) for each in zip(*rows) if each[0].model == model]
        lines.append('')
    return lines


def _differences(groups) -> List[str]:
    lines = [
        f'{"late averages against shipped runs":47} here    shipped  difference',
        *(
            f'{GROUPS[name]:14} {NETS[d.model]:17} {LABELS[d.metric]:14} '
            f'{d.here:.4f}  {d.shipped:.4f}   {d.low:+.4f} to {d.high:+.4f}  '
            f'{"DIFFERENT" if d.excludes_zero else "not told apart"}'
            for name, group in groups.items()
            for d in group.differences
        ),
    ]
    return [*lines, ''] if len(lines) > 1 else []


def _header(title, groups):
    columns = '| mean    s.d.    interval                '
    return [
        (
            f'{title:23}' + ''.join(f'| {_HEADINGS[name]:40}' for name in groups)
        ).rstrip(),
        ('epoch metric    book   ' + columns * len(groups)).rstrip(),
    ]


def _line(rows):
    first = rows[0]
    decimals = DECIMALS[first.metric]
    printed = f'{first.book:.{decimals}f}'
    line = f'{epochs_of(first):>5} {LABELS[first.metric]:9} {printed:7}'
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
    reproduction : groups.Reproduction

    Returns
    -------
    str
        NaN and infinity, which runs that diverged give, are null.
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
        'groups': {
            name: {
                'specs': [asdict(spec) for spec in group.specs],
                'failures': [asdict(failure) for failure in group.failures],
                'rows': [_row(row) for row in group.rows],
                'averages': [_row(row) for row in group.averages],
                'differences': [
                    dict(asdict(each), excludes_zero=each.excludes_zero)
                    for each in group.differences
                ],
            }
            for name, group in reproduction.groups().items()
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

    It has the last epoch's metrics, and the late averages of the test accuracy, which
    show best what another split of the data does.

    Parameters
    ----------
    reproduction : groups.Reproduction
        Every group with rows.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a group has no rows; the message says why.
    """
    groups = reproduction.groups()
    if not all(group.rows for group in groups.values()):
        reasons = ' '.join(verdicts.code(reproduction))
        raise ValueError(f'there are too few runs for a table. {reasons}')
    last = max(row.epoch for row in groups['control'].rows)
    lines = [
        '| metric, epochs | book | '
        + ' | '.join(f'{_HEADINGS[name]} | book inside' for name in groups)
        + ' |',
        '|---|---|' + '---|---|' * len(groups),
    ]
    for rows in zip(*([*group.rows, *group.averages] for group in groups.values())):
        first = rows[0]
        average = first.first_epoch != first.epoch
        if first.epoch != last or (average and first.metric != 'test_acc'):
            continue
        cells = [
            f'{NETS[first.model]}, {LABELS[first.metric]}, {epochs_of(first)}',
            f'{first.book:.{DECIMALS[first.metric]}f}',
        ]
        for row in rows:
            cells += [
                f'{row.mean:.4f} ± {row.sd:.4f}',
                'yes' if row.inside else '**no**',
            ]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)

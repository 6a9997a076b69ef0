"""A reproduction as one HTML page, with its plots and numbers as files beside it.

The page has no script and loads nothing: it can be mailed as it is. The same
reproduction gives the same bytes, as long as Matplotlib is the same.
"""

import csv
import io
from pathlib import Path
from typing import Dict, List, NamedTuple

from d2l_dropout import files
from d2l_dropout.metrics import LABELS, EpochStats
from d2l_dropout.plots import style
from d2l_dropout.reproduce import captions, plots, tables, verdicts
from d2l_dropout.reproduce.names import GROUPS, NETS, epochs_of

try:
    import jinja2
except ImportError as error:
    raise ImportError(
        "the report needs Jinja2: pip install '.[reproduce]' (or jinja2), or "
        'use the Makefile, which does'
    ) from error

_ROW = (
    'model',
    'first_epoch',
    'epoch',
    'metric',
    'book',
    'mean',
    'sd',
    'low',
    'high',
    'inside',
)


def write(reproduction, path) -> None:
    """Write the page, and its plots and numbers into a folder beside it.

    Parameters
    ----------
    reproduction : groups.Reproduction
    path : str or path
        Of the page, such as `out.html`; the folder is then `out_files`. Missing
        folders are made.

    Raises
    ------
    OSError
        If something cannot be written; everything is then as it was before.
    """
    page = Path(path)
    folder = page.with_name(page.stem + '_files')
    drawn = _plots(reproduction)
    in_folder = _files(reproduction, drawn)
    contents = {folder / name: data for name, data in in_folder.items()}
    contents[page] = _page(reproduction, drawn, folder.name).encode()
    try:
        files.write_all_whole(contents)
    except OSError as error:
        reason = f'the report cannot be written: {error.strerror}'
        raise OSError(error.errno, reason, error.filename) from error


class _Plot(NamedTuple):
    name: str
    title: str
    png: bytes
    svg: bytes
    sentences: List[str]


def _plots(reproduction):
    """Draw each plot, in the order of the page."""
    last = plots.num_epochs(reproduction)
    curves = [
        _drawn(
            f'curves-{model}',
            f'Learning curves of the {NETS[model]}',
            plots.learning_curves(reproduction, model),
            captions.of_curves(reproduction, model),
        )
        for model in plots.models_of(reproduction)
    ]
    spread = _drawn(
        'spread',
        f'Spread of the metrics of epoch {last}',
        plots.final_spread(reproduction),
        captions.of_spread(reproduction),
    )
    return [*curves, spread]


def _drawn(name, title, figure, sentences):
    png, svg = style.as_png(figure), style.as_svg(figure, name)
    return _Plot(name, title, png, svg, sentences)


def _files(reproduction, drawn) -> Dict[str, bytes]:
    """Return the contents of the folder, by file name."""
    found = {'table.csv': _table_csv(reproduction), 'runs.csv': _runs_csv(reproduction)}
    for plot in drawn:
        found[f'{plot.name}.png'] = plot.png
        found[f'{plot.name}.svg'] = plot.svg
    return found


def _csv(header, lines):
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows([header, *lines])
    return text.getvalue().encode()


def _table_csv(reproduction):
    lines = [
        (name, *(getattr(row, column) for column in _ROW))
        for name, group in reproduction.groups().items()
        for row in [*group.rows, *group.averages]
    ]
    return _csv(('group', *_ROW), lines)


def _runs_csv(reproduction):
    lines = [
        (name, result.spec.model, result.spec.seed, *epoch)
        for name, group in reproduction.groups().items()
        for result in group.results
        for epoch in result.epochs
    ]
    return _csv(('group', 'model', 'seed', *EpochStats._fields), lines)


def _page(reproduction, drawn, folder):
    """Return the HTML, which names `folder` as the place of the files."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(Path(__file__).with_name('templates'))),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters['number'] = captions.number
    groups = reproduction.groups()
    return environment.get_template('report.html').render(
        light=style.COLOURS,
        dark=style.DARK_COLOURS,
        reproduction=reproduction,
        groups=groups,
        verdicts=[verdicts.code(reproduction), verdicts.data(reproduction)],
        intervals={
            GROUPS[name]: tables.describe_intervals(group, reproduction.level)
            for name, group in groups.items()
            if group.rows
        },
        plots=[
            (
                plot.name,
                plot.title,
                style.as_inline_svg(plot.svg, plot.name),
                plot.sentences,
            )
            for plot in drawn
        ],
        tables=_tables(reproduction),
        names={'groups': GROUPS, 'models': NETS, 'metrics': LABELS},
        made_with=tables.made_with(reproduction),
        settings=tables.unusual_settings(reproduction),
        runs={
            name: (_seeds(r.spec for r in group.results), _seeds(_missing(group)))
            for name, group in groups.items()
        },
        folder=folder,
    )


def _tables(reproduction):
    """Return {model: {epochs: {metric: (book, {group: Row})}}}, of groups with rows."""
    found: Dict[str, Dict[str, dict]] = {}
    for name, group in reproduction.groups().items():
        for row in [*group.rows, *group.averages]:
            epochs = found.setdefault(row.model, {})
            metrics = epochs.setdefault(epochs_of(row), {})
            metrics.setdefault(row.metric, (row.book, {}))[1][name] = row
    return found


def _missing(group):
    """Return the specifications that gave neither a result nor an error."""
    there = {entry.spec for entry in [*group.results, *group.failures]}
    return [spec for spec in group.specs if spec not in there]


def _seeds(specs):
    """Name runs: 'net from scratch, seeds 0 to 19; net in Gluon, seeds 0, 2'."""
    seeds: Dict[str, list] = {}
    for spec in specs:
        seeds.setdefault(spec.model, []).append(spec.seed)
    named = []
    for model, found in seeds.items():
        low, high = min(found), max(found)
        gapless = len(found) > 2 and len(found) == high - low + 1
        numbers = f'{low} to {high}' if gapless else ', '.join(map(str, sorted(found)))
        named.append(f'{NETS[model]}, seed{"s" * (len(found) > 1)} {numbers}')
    return '; '.join(named)

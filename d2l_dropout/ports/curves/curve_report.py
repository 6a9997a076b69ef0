"""What is said of a comparison of learning curves: a table and a verdict, or JSON."""

import json

from d2l_dropout.ports.compare_json import finite
from d2l_dropout.ports.curves.curve import CurveComparison


def report(comparison: CurveComparison) -> str:
    """Return a table of all points, then the verdict.

    Parameters
    ----------
    comparison : CurveComparison

    Returns
    -------
    str
    """
    lines = [f'{"epoch":>5} {"metric":<20} {"theirs":>8} {"ours":>8}  limits']
    for point in comparison.points:
        lines.append(
            f'{point.when:>5} {point.label:<20} {point.theirs:>8.4f} '
            f'{point.ours:>8.4f}  {point.low:.4f} to {point.high:.4f}'
            + ('' if point.inside else '  OUTSIDE')
        )
    if not comparison.points:
        return '\n'.join(_verdict(comparison))
    lines.append(
        f'{comparison.num_runs} run{"s" * (comparison.num_runs > 1)} of theirs, '
        f'{comparison.num_ours} shipped runs'
        + (' on fresh splits' if comparison.on_fresh_splits else '')
        + '. Of right ports 95 % lie inside all limits together; docs/power.md says '
        'which wrong ones do not.'
    )
    return '\n'.join([*lines, *_verdict(comparison)])


def _verdict(comparison):
    if comparison.consistent:
        return ['CONSISTENT with the shipped runs.']
    lines = [
        f'Run {run} diverged in epoch {epoch}: {why}.'
        for run, epoch, why in comparison.diverged
    ]
    verdict = (
        f'NOT CONSISTENT with the shipped runs, from epoch {comparison.first_epoch} on'
    )
    outside = len(comparison.outside)
    if outside:
        verdict += f': {outside} of {len(comparison.points)} points lie outside'
    return [*lines, verdict + '.', *comparison.hints]


def as_json(comparison: CurveComparison) -> str:
    """Return the comparison as a JSON object, that of docs/ports.md.

    Parameters
    ----------
    comparison : CurveComparison

    Returns
    -------
    str
        With null for numbers that are not finite.
    """
    values = {
        'consistent': comparison.consistent,
        'first_epoch': comparison.first_epoch,
        'num_runs': comparison.num_runs,
        'num_ours': comparison.num_ours,
        'on_fresh_splits': comparison.on_fresh_splits,
        'points': [
            {**finite(point._asdict()), 'inside': point.inside}
            for point in comparison.points
        ],
        'diverged': [each._asdict() for each in comparison.diverged],
        'hints': comparison.hints,
    }
    return json.dumps(values, indent=1, allow_nan=False)

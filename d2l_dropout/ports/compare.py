"""Comparison of a port's tensors with an exported case, in the order of computation.

`check(theirs)` is meant for test suites: it raises AssertionError with the report.
"""

from typing import List, NamedTuple, Optional

import numpy as np

from d2l_dropout.messages import printable
from d2l_dropout.ports.arrays import as_tensors
from d2l_dropout.ports.causes.causes import Findings, findings_on
from d2l_dropout.ports.causes.precision import widened
from d2l_dropout.ports.choice import chosen
from d2l_dropout.ports.completeness import why_no_pass
from d2l_dropout.ports.differences import (
    TOLERANCE,
    Row,
    by_pattern,
    row_of,
    tolerance_of,
)
from d2l_dropout.ports.references import find_case, shipped_names
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, ORDER, formula_number, is_weight


class Comparison(NamedTuple):
    """The result of comparing a port's tensors with an exported case.

    It is true if the port is right: nothing differs, no name is misspelt, and there are
    the parameters after the last update and the scores in predict mode. It prints as
    the report.

    Attributes
    ----------
    rows : list of Row
        One for each tensor, in the order of computation.
    first : Row or None
        The first that differs.
    causes : list of str
        The mistakes that explain the difference: each gives every tensor that was
        compared. Empty if none is known.
    unknown : list of str
        Names in the port's file that are not those of an exported tensor.
    reference : str
        The name of the case.
    missing : list of str
        The computed tensors of the case that were not given.
    place : str
        Where the first difference is, and what was ruled out, if no cause is known.
    """

    rows: List[Row]
    first: Optional[Row]
    causes: List[str]
    unknown: List[str]
    reference: str
    missing: List[str]
    place: str = ''

    @property
    def same(self):
        """Whether all tensors that were compared agree."""
        return self.first is None

    @property
    def num_computed(self):
        """The number of tensors compared that the port computes, rather than copies."""
        return sum(row.name in COMPUTED for row in self.rows)

    def __bool__(self):
        return self.same and not why_no_pass(self)

    def __str__(self):
        return '\n'.join([report(self), *why_no_pass(self)])

    def __repr__(self):
        causes = ' or '.join(self.causes) or 'no cause is known'
        first = self.first and f'; first difference {self.first.name}: {causes}'
        num_same = sum(row.same for row in self.rows)
        return (
            f'<Comparison with {self.reference}: {num_same} of {len(self.rows)} '
            f'tensors agree{first or ""}{"; ".join(["", *why_no_pass(self)])}>'
        )


def compare(theirs, reference=None, tolerance=TOLERANCE) -> Comparison:
    """Compare a port's tensors with an exported case.

    Parameters
    ----------
    theirs : dict of str to array, or path
        The port's tensors, by any of the names of `tensors.ORDER`; weights in either
        layout. Which arrays and files, `arrays.as_tensors` says.
    reference : str, path or Case, optional
        A case that ships with the package, such as 'tiny-scratch' or 'epochs-gluon',
        one that is made when it is asked for ('full-size-scratch', 'full-size-gluon'),
        the path of an exported `.npz`, or a case. By default the shipped case whose
        inputs were copied, or, if none is given, that more than one computed tensor
        agrees with.
    tolerance : float > 0 or dict of str to float
        How much an element may differ, relative to the largest magnitude in the
        tensor. As a dict, by names or patterns such as 'step?/W*', of which the first
        that fits counts; `differences.TOLERANCE` for all other tensors.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If none of the names is that of an exported tensor, the case cannot be read, or
        the tensors do not tell which it is.
    """
    theirs = {name: widened(value) for name, value in as_tensors(theirs).items()}
    tolerances = by_pattern(tolerance, ORDER)
    if not set(theirs) & set(ORDER):
        given = ', '.join(map(printable, sorted(theirs)[:5])) or 'nothing'
        raise ValueError(
            f'none of the names is that of an exported tensor (given: {given}). Use '
            'names such as step1/H1, init/W1 and predict/scores.'
        )
    if reference is not None:
        return _compare(theirs, tolerances, *find_case(reference))
    cases = {name: find_case(name)[0] for name in shipped_names()}
    name = chosen(theirs, cases)
    if name is None:
        raise ValueError(
            'the tensors belong to none of the cases that ship, or to several: choose '
            f'one with --reference ({", ".join(cases)}, or the path of an exported '
            '.npz), and give the inputs that were copied (init/W1, step1/X).'
        )
    return _compare(theirs, tolerances, cases[name], name)


def check(theirs, reference=None, tolerance=TOLERANCE, require='least') -> Comparison:
    """Raise unless all of a port's tensors agree with an exported case.

    Parameters
    ----------
    theirs, reference, tolerance
        As in `compare`.
    require : str, one of `completeness.REQUIREMENTS`
        The tensors without which there is no pass. While a port is being written, ask
        whether `compare` gives `same` instead.

    Returns
    -------
    Comparison

    Raises
    ------
    AssertionError
        If a tensor differs, a name is misspelt, or a tensor is required that was not
        given; the message is the report.
    ValueError
        As in `compare`.
    """
    __tracebackhide__ = True  # pytest then shows the test's line and the report
    comparison = compare(theirs, reference, tolerance)
    sentences = why_no_pass(comparison, require)
    if not comparison.same or sentences:
        lines = ['the port does not agree', report(comparison), *sentences]
        raise AssertionError('\n'.join(lines))
    return comparison


def _compare(theirs, tolerances, case, name):
    rows, laid_out = [], {}
    for n in ORDER:
        if n in theirs and n in case.tensors:
            tolerance = tolerance_of(n, tolerances)
            row, laid_out[n] = _row(n, theirs[n], case.tensors[n], tolerance)
            rows.append(row)
    first = next((row for row in rows if not row.same), None)
    found = findings_on(first, laid_out, case) if first else Findings([], '')
    unknown = sorted(set(theirs) - set(case.tensors))
    missing = [n for n in COMPUTED if n in case.tensors and n not in theirs]
    return Comparison(rows, first, found.causes, unknown, name, missing, found.place)


def _row(name, theirs, ours, tolerance):
    """Return the row of a tensor, and the tensor in our layout (None if it cannot be).

    A square weight fits in both layouts; the one that is closer is taken.
    """
    candidates = [(theirs, '')]
    if is_weight(name) and theirs.ndim == 2:
        candidates.append((theirs.T, 'transposed'))
    candidates = [(value, note) for value, note in candidates if _fits(value, ours)]
    if not candidates:
        nan = float('nan')
        note = f'{theirs.shape} {theirs.dtype}, not {ours.shape} {ours.dtype}'
        return Row(name, theirs.shape, nan, nan, nan, False, note), None
    if tolerance != TOLERANCE:
        within = f'tolerance {tolerance:g}'
        candidates = [
            (value, ', '.join(filter(None, [note, within])))
            for value, note in candidates
        ]
    rows = [row_of(name, value, ours, note, tolerance) for value, note in candidates]
    best = min(
        range(len(rows)), key=lambda i: np.nan_to_num(rows[i].max_rel, nan=np.inf)
    )
    return rows[best], candidates[best][0]


def _fits(value, ours):
    return value.shape == ours.shape and value.dtype.kind in 'biuf'


def report(comparison: Comparison) -> str:
    """Return the report as text: a line for each tensor, then the likely causes.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    str
    """
    lines = [
        f'{"tensor":<18} {"shape":<12} {"max abs":>9} {"max rel":>9} {"ulps":>9}'
        '  verdict'
    ]
    for row in comparison.rows:
        verdict = ('same' if row.same else 'DIFFERS') + (row.note and f' ({row.note})')
        shape = ' x '.join(map(str, row.shape)) or '()'
        lines.append(
            f'{row.name:<18} {shape:<12} {row.max_abs:>9.2g} {row.max_rel:>9.2g} '
            f'{row.max_ulps:>9.2g}  {verdict}'
        )
    if comparison.unknown:
        names = ', '.join(map(printable, comparison.unknown))
        lines.append(f'Not compared, because the names are unknown: {names}')
    lines.append(
        'max rel is relative to the largest magnitude in the tensor, and up to '
        f'{TOLERANCE:g} is float32 rounding. ulps are units in the last place at that '
        'magnitude.'
    )
    lines.append(_counts(comparison))
    first = comparison.first
    if first is not None:
        formula = {**GIVEN, **COMPUTED}[first.name]
        lines.append(
            f'The first tensor that differs, in the order of computation: {first.name} '
            f'= {formula}.'
        )
        if first.name in COMPUTED:
            number = formula_number(first.name)
            lines.append(f'This is formula ({number}) of docs/ports.md.')
        lines += [f'Likely: {cause}.' for cause in comparison.causes]
        lines += [f'{comparison.place}.'] if comparison.place else []
    return '\n'.join(lines)


def _counts(comparison):
    """Return the sentence that says how many tensors were compared and agree."""
    computed = [row for row in comparison.rows if row.name in COMPUTED]
    given = len(comparison.rows) - len(computed)
    return (
        f'Compared with {comparison.reference}: {sum(row.same for row in computed)} of '
        f'{len(computed)} computed tensors agree. {len(comparison.missing)} were not '
        f'given. {given} inputs were compared as well.'
    )

"""Someone's tensors against an exported case: which agree, which is the first not to.

For a test suite: `check(theirs)` raises AssertionError with the report.
"""

from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

import numpy as np

from d2l_dropout.reference.files import SHIPPED, Case, load
from d2l_dropout.reference.replay import BUGS, replay
from d2l_dropout.reference.tensors import COMPUTED, GIVEN, ORDER, is_weight

#: Of the largest magnitude in a tensor: so much may an element differ. Ten times what
#: lies between MXNet's float32 and NumPy's float64 in the exported cases.
TOLERANCE = 5e-5


class Row(NamedTuple):
    """One tensor of theirs against ours.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Of theirs.
    max_abs, max_rel, max_ulps : float
        The largest difference of an element: by itself, over the largest magnitude in
        our tensor, and in units in the last place of float32. NaN if not comparable.
    same : bool
    note : str
        Such as 'transposed'.
    """

    name: str
    shape: tuple
    max_abs: float
    max_rel: float
    max_ulps: float
    same: bool
    note: str


class Comparison(NamedTuple):
    """All rows, in the order of computation, and what follows from them.

    Attributes
    ----------
    rows : list of Row
    first : Row or None
        The first that differs.
    causes : list of str
        What may be behind it: sentences, the likeliest first.
    unknown : list of str
        Names of theirs that no tensor of ours has.
    reference : str
        What it was compared with.
    """

    rows: List[Row]
    first: Optional[Row]
    causes: List[str]
    unknown: List[str]
    reference: str

    @property
    def same(self):
        """Whether everything compared agrees."""
        return self.first is None


def compare(theirs: Dict[str, np.ndarray], reference=None) -> Comparison:
    """Set someone's tensors against an exported case.

    Parameters
    ----------
    theirs : dict of str to array
        Any of the names of `tensors.ORDER`; weights in either layout.
    reference : str, path or Case, optional
        'tiny-scratch' or 'tiny-gluon', which ship with the package, a `.npz` that was
        exported, or a case. Unless given, the shipped one that more of theirs agree
        with.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If none of the names is known, or the case cannot be read.
    """
    if not set(theirs) & set(ORDER):
        given = ', '.join(sorted(theirs)[:5]) or 'nothing'
        raise ValueError(
            f'none of the names is that of an exported tensor (given: {given}); names '
            'are such as step1/H1, init/W1, predict/scores.'
        )
    if reference is not None:
        return _compare(theirs, *_case(reference))
    found = [_compare(theirs, *_case(path)) for path in sorted(SHIPPED.glob('*.npz'))]
    return max(found, key=lambda comparison: sum(row.same for row in comparison.rows))


def check(theirs, reference=None):
    """Raise unless all of someone's tensors agree with an exported case.

    Parameters are those of `compare`.

    Raises
    ------
    AssertionError
        With the report, if one differs.
    ValueError
        As `compare`.
    """
    comparison = compare(theirs, reference)
    if not comparison.same:
        raise AssertionError(report(comparison))


def _case(reference):
    if isinstance(reference, Case):
        return reference, 'a case'
    shipped = SHIPPED / f'{reference}.npz'
    path = shipped if shipped.is_file() else Path(reference)
    return load(path), path.stem


def _compare(theirs, case, name):
    rows, laid_out = [], {}
    for n in ORDER:
        if n in theirs and n in case.tensors:
            row, laid_out[n] = _row(n, np.asarray(theirs[n]), case.tensors[n])
            rows.append(row)
    first = next((row for row in rows if not row.same), None)
    causes = _causes(first, laid_out, case) if first else []
    unknown = sorted(set(theirs) - set(case.tensors))
    return Comparison(rows, first, causes, unknown, name)


def _row(name, theirs, ours):
    """Return the row of a tensor, and theirs in our layout (None if it has none)."""
    candidates = [(theirs, '')]
    if is_weight(name) and theirs.ndim == 2:
        candidates.append((theirs.T, 'transposed'))
    candidates = [(value, note) for value, note in candidates if _fits(value, ours)]
    if not candidates:
        nan = float('nan')
        note = f'{theirs.shape} {theirs.dtype}, not {ours.shape} {ours.dtype}'
        return Row(name, theirs.shape, nan, nan, nan, False, note), None
    rows = [_numbers(name, value, ours, note) for value, note in candidates]
    best = min(
        range(len(rows)), key=lambda i: np.nan_to_num(rows[i].max_rel, nan=np.inf)
    )
    return rows[best], candidates[best][0]


def _fits(value, ours):
    return value.shape == ours.shape and value.dtype.kind in 'biuf'


def _numbers(name, value, ours, note):
    value, ours32 = value.astype('float64'), ours.astype('float32')
    ours = ours.astype('float64')
    gap = abs(value - ours)
    scale = abs(ours).max() or 1.0
    largest = float(gap.max())  # NaN if there is one
    ulps = float((gap / np.spacing(np.maximum(abs(ours32), 1e-30))).max())
    rel = largest / scale
    return Row(name, value.shape, largest, float(rel), ulps, rel <= TOLERANCE, note)


_SUSPECTS = {
    'init': 'the initial parameters are not the exported ones: copy them',
    'X': 'these are not the exported images: copy them (flattened, divided by 255)',
    'y': 'these are not the exported labels: copy them',
    'mask': 'these are not the exported masks: copy them (1 where a unit is kept)',
    'Z1': 'the first product: a weight used transposed, the bias left out, or images '
    'that are not in [0, 1]',
    'loss': 'the loss: another function, or another base of the logarithm',
    'mean_loss': 'a mean over something else, such as a sum or all of the batches',
    'acc': 'ties, or another count of examples; or accuracy after the update',
    'predict': 'dropout is left on in predict mode, or the parameters are older',
    'step2': 'an optimiser with a state (momentum, Adam), gradients that are not '
    'cleared between updates, or a later mask used twice',
    'step1': 'the update: another learning rate, weight decay, momentum',
}


def _causes(first, laid_out, case):
    """Return what may be behind the first difference, the likeliest first."""
    if first.name in GIVEN:
        stem = first.name.rpartition('/')[2].rstrip('12')
        return [_SUSPECTS['init' if first.name.startswith('init') else stem]]
    if laid_out[first.name] is None:
        return ['the shape says that something else is meant by this name']
    scores = {bug: _score(bug, first.name, laid_out, case) for bug in BUGS}
    best = max(scores.values())
    found = [BUGS[bug] for bug in BUGS if scores[bug] == best > 0]
    return found or [_suspect(first.name)]


def _score(bug, first, laid_out, case):
    """Return how many of their tensors a bug explains; 0 if not the first one."""
    with_bug = replay(case.tensors, case.settings, bug)
    explained = [
        _numbers(name, laid_out[name], with_bug[name], '').same
        for name in COMPUTED
        if laid_out.get(name) is not None
    ]
    same = _numbers(first, laid_out[first], with_bug[first], '').same
    return sum(explained) if same else 0


def _suspect(name):
    place, _, what = name.rpartition('/')
    for key in (what, 'acc' if 'acc' in what else what, place):
        if key in _SUSPECTS:
            return _SUSPECTS[key]
    if place in ('step1/grad',):
        return 'the backward pass, from here on towards the first layer'
    if place.startswith('step'):
        return _SUSPECTS['step2']
    return f'what is computed here: {COMPUTED[name]}'


def report(comparison: Comparison) -> str:
    """Return every row, then the verdict.

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
        lines.append('not compared, unknown names: ' + ', '.join(comparison.unknown))
    num = len(comparison.rows)
    lines.append(
        f'max rel: over the largest magnitude of the tensor; up to {TOLERANCE:g} is '
        'float32 rounding.'
    )
    first = comparison.first
    if first is None:
        lines.append(f'All {num} agree with {comparison.reference}.')
        return '\n'.join(lines)
    formula = {**GIVEN, **COMPUTED}[first.name]
    lines.append(
        f'{sum(not row.same for row in comparison.rows)} of {num} differ from '
        f'{comparison.reference}. The first in the order of computation: '
        f'{first.name} = {formula}.'
    )
    lines += [f'Likely: {cause}.' for cause in comparison.causes]
    return '\n'.join(lines)

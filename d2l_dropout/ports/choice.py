"""Which of the cases that ship a port computed: by what it copied, not by chance."""

import numpy as np

from d2l_dropout.ports.causes.explain import agrees
from d2l_dropout.ports.tensors import COMPUTED, GIVEN, is_weight


def chosen(theirs, cases):
    """Return the name of the case that a port's tensors belong to.

    Only tensors in which the cases differ count: those that were to be copied if any
    is given, otherwise those that the port computes.

    Parameters
    ----------
    theirs : dict of str to ndarray
    cases : dict of str to Case

    Returns
    -------
    str or None
        None if the tensors belong to none of them, or to several.
    """
    fitting = {n: case for n, case in cases.items() if _shapes_fit(theirs, case)}
    for names in (GIVEN, COMPUTED):
        votes = {n: _votes(theirs, case, cases, names) for n, case in fitting.items()}
        most = max(votes.values(), default=0)
        best = [n for n, number in votes.items() if number == most]
        if most >= (1 if names is GIVEN else 2) and len(best) == 1:
            return best[0]
    return None


def _shapes_fit(theirs, case):
    """Return whether most of the tensors have the shapes of those of a case."""
    common = [n for n in theirs if n in case.tensors]
    fitting = [n for n in common if _candidates(n, theirs[n], case.tensors[n])]
    return 2 * len(fitting) > len(common)


def _votes(theirs, case, cases, names):
    """Return how many tensors agree with this case and would not with another."""
    number = 0
    for n in names:
        if n not in theirs or n not in case.tensors or n.endswith('_acc'):
            continue
        ours = case.tensors[n]
        others = [c.tensors.get(n) for c in cases.values() if c is not case]
        told_apart = any(o is None or not _alike(n, ours, o) for o in others)
        number += told_apart and _alike(n, theirs[n], ours)
    return number


def _alike(name, value, other):
    return any(agrees(v, other) for v in _candidates(name, value, other))


def _candidates(name, value, other):
    """Return a tensor in the layouts in which it has the shape of another."""
    value = np.asarray(value)
    if value.dtype.kind not in 'biuf':
        return []
    layouts = [value, value.T] if is_weight(name) and value.ndim == 2 else [value]
    return [v for v in layouts if v.shape == other.shape]

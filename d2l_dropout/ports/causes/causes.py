"""The mistake that explains how a port differs from the reference, if one is known.

Each mistake of `bugs`, of `tuned_bugs` and of `observed` is simulated: what would a
port with that mistake compute? It is named only if it gives every tensor that was
compared. If none does, `places` says where the first difference is, and no cause.
"""

from typing import List, NamedTuple

from d2l_dropout.ports.causes.bugs import MISTAKES
from d2l_dropout.ports.causes.explain import (
    Port,
    agrees,
    enough,
    explanation_of,
    explanation_without_a_bug,
    simulated,
    simulated_up_to,
)
from d2l_dropout.ports.causes.inputs import said_of_inputs
from d2l_dropout.ports.causes.measure import measured
from d2l_dropout.ports.causes.observed import observed
from d2l_dropout.ports.causes.places import place_of
from d2l_dropout.ports.causes.precision import said_of_precision
from d2l_dropout.ports.causes.replay import replay
from d2l_dropout.ports.causes.tuned_bugs import FAMILIES, KINDS
from d2l_dropout.ports.tensors import COMPUTED

#: If more mistakes than these give the same tensors, none is named.
_MOST = 3


class Findings(NamedTuple):
    """What is known of a difference.

    Attributes
    ----------
    causes : list of str
        The mistakes each of which gives every tensor that was compared.
    place : str
        Where the first difference is and what was ruled out, if no cause is known; or a
        remark on the causes.
    """

    causes: List[str]
    place: str


def findings_on(first, laid_out, case):
    """Return what is known of the first difference.

    Parameters
    ----------
    first : Row
        The first tensor that differs.
    laid_out : dict of str to ndarray or None
        The port's tensors in the layout of `case`, in the order of computation; None
        for a tensor that has another shape or is not numeric.
    case : Case

    Returns
    -------
    Findings
    """
    said, given = said_of_inputs(laid_out, case)
    ports = [_port(laid_out, case, inputs) for inputs in given]
    if said and (not ports[0].differs or not ports[-1].differs):
        return Findings(said, '')
    for port in ports:
        causes = _causes(port)
        if 0 < len(causes) <= _MOST:
            return Findings(said + causes, '')
        if causes:
            return Findings(said, _too_many(len(causes)))
    return Findings(said, place_of(first, laid_out, case))


def _too_many(number):
    return (
        f'{number} of the mistakes that were simulated give all of these tensors: they '
        'are too few to tell which it is. Give more of the exported names'
    )


def _port(laid_out, case, given):
    right = replay(given, case.settings)
    tensors = {n: v for n, v in laid_out.items() if n in COMPUTED}
    port = Port(tensors, (), given, case.settings, right)
    differs = tuple(n for n in COMPUTED if n in tensors and not _same(port, n))
    return port._replace(differs=differs)


def _same(port, name):
    value = port.tensors[name]
    return value is not None and agrees(value, port.right[name])


def _causes(port):
    """Return the sentences on the mistakes that explain all tensors of a port."""
    if any(port.tensors[name] is None for name in port.differs):
        return []
    if not enough(port):
        return []
    right = explanation_without_a_bug(port)
    if right:
        return list(right.forms)
    precision = said_of_precision(port)
    if precision:
        return [precision]
    for bugs in _candidates(port):
        causes = _explaining(port, bugs)
        if causes:
            return causes
    return []


def _candidates(port):
    """Yield groups of mistakes; a group is tried if none before has one that fits."""
    yield MISTAKES.values()
    yield KINDS
    if enough(port, is_measured=True):
        yield _tuned(port, port.first, 1)
        if port.tensors[port.first].size == 1:
            # A single number may be reached in several ways.
            yield _tuned(port, port.first, 3)
            yield _tuned(port, _largest(port), 2)
    yield observed(port)


def _explaining(port, bugs):
    """Return the sentences on those mistakes that explain all tensors.

    Those that need the fewest tensors to be recorded in another form are preferred.
    """
    found = {}
    for bug in bugs:
        explanation = explanation_of(port, bug)
        if explanation:
            found.setdefault(bug.sentence, explanation.forms)
    fewest = min((len(forms) for forms in found.values()), default=0)
    best = {s: forms for s, forms in found.items() if len(forms) == fewest}
    forms = [form for forms in best.values() for form in forms]
    return [*best, *dict.fromkeys(forms)] if best else []


def _tuned(port, target, num_starts):
    """Yield the mistakes with the numbers that fit one of the tensors best."""
    values = port.tensors[target].astype('float64')
    for family in FAMILIES:
        if _begins_at_first(port, family):
            for number in measured(
                family, lambda r: simulated(port, target, r), values, num_starts
            ):
                yield _rounded(port, family, number)


def _begins_at_first(port, family):
    """Return whether the first tensor that a family changes is that which differs."""
    before = [n for n in COMPUTED if n in port.tensors]
    before = before[: before.index(port.first)]
    for value in family.starts:
        computed = simulated_up_to(port, port.first, family.recipe(value))
        if not agrees(computed[port.first], port.right[port.first]):
            return all(agrees(computed[n], port.right[n]) for n in before)
    return False


def _rounded(port, family, number):
    """Return the mistake with the number, in few digits if these fit as well."""
    exact = family.bug(number, port.settings)
    if explanation_of(port, exact) is None:
        return exact
    for digits in (1, 2, 3):
        bug = family.bug(float(f'{number:.{digits}g}'), port.settings)
        if explanation_of(port, bug):
            return bug
    return exact


def _largest(port):
    """Return the name of the last tensor that differs with as many numbers as any."""
    return max(reversed(port.differs), key=lambda n: port.tensors[n].size)

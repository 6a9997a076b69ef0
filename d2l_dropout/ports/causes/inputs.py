"""What a port was to copy and did not: its own inputs, and what follows from them."""

from d2l_dropout.ports.causes.explain import agrees
from d2l_dropout.ports.tensors import GIVEN

_WHAT = {
    'X': 'the exported images: copy them (flattened, divided by 255)',
    'y': 'the exported labels: copy them',
    'mask1': 'the exported masks: copy them (1 where a unit is kept)',
    'mask2': 'the exported masks: copy them (1 where a unit is kept)',
    'bytes': 'the exported images: copy them',
    'init': 'the exported initial parameters: copy them',
}


def said_of_inputs(laid_out, case):
    """Return sentences on inputs that differ, and the inputs a port may compute from.

    Parameters
    ----------
    laid_out : dict of str to ndarray or None
    case : Case

    Returns
    -------
    list of str
        One for each kind of inputs that are not the exported ones.
    list of dict of str to ndarray
        The exported inputs; and with the port's own in their places, if any differ.
    """
    exported = {n: v for n, v in case.tensors.items() if n in GIVEN}
    differing = [
        n
        for n in exported
        if n in laid_out
        and (laid_out[n] is None or not agrees(laid_out[n], exported[n]))
    ]
    if not differing:
        return [], [exported]
    kinds = {}
    for name in differing:
        place, _, what = name.rpartition('/')
        kinds.setdefault('init' if place == 'init' else what, []).append(name)
    said = [
        f'{_listed(names)} {"are" if names[1:] else "is"} not {_WHAT[kind]}'
        for kind, names in kinds.items()
    ]
    own = {n: laid_out[n] for n in differing if laid_out[n] is not None}
    return said, [exported, {**exported, **own}] if own else [exported]


def _listed(names):
    return ' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)

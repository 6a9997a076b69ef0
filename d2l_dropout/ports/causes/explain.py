"""Does a mistake explain a port's tensors? It does if it reproduces every one."""

from typing import NamedTuple, Tuple

import numpy as np

from d2l_dropout.ports.causes.forms import Context, form_of
from d2l_dropout.ports.causes.recipe import RIGHT, Bug
from d2l_dropout.ports.causes.replay import replay_steps
from d2l_dropout.ports.differences import TOLERANCE

#: So many numbers that differ must be reproduced before a mistake is named, and so many
#: if a number of it was measured from them.
_ENOUGH, _ENOUGH_MEASURED = 2, 4
#: Where rounding to float32 changes what a recipe gives by more than the tolerance, a
#: port may differ by so many times that, but by no more than this.
_TIMES, _MOST_ROUNDING = 10, 0.02
_SMALLEST_SCALE = 1e-4
#: A loss from which on it may be infinite in float32.
_OVERFLOW = 80


class Port(NamedTuple):
    """A port's tensors, and what they are compared with.

    Attributes
    ----------
    tensors : dict of str to ndarray or None
        Those that it computes, in the layout of the case; None for one that has another
        shape or is not numeric.
    differs : tuple of str
        Those that differ from the case, in the order of computation.
    given : dict of str to ndarray
        The inputs that the port computes from: the case's.
    settings : Settings
    right : dict of str to ndarray
        What the right recipe gives.
    """

    tensors: dict
    differs: Tuple[str, ...]
    given: dict
    settings: object
    right: dict

    @property
    def first(self):
        """The name of the first tensor that differs."""
        return self.differs[0]

    @property
    def context(self):
        """What the forms of tensors depend on."""
        return Context(self.given, self.settings)


class Explanation(NamedTuple):
    """How a mistake reproduces a port's tensors.

    Attributes
    ----------
    forms : tuple of str
        What is to be said of tensors that were recorded in another form.
    """

    forms: Tuple[str, ...]


def agrees(value, other):
    """Return whether two tensors are the same within the tolerance.

    Parameters
    ----------
    value, other : ndarray of the same shape

    Returns
    -------
    bool
    """
    value, other = (np.asarray(v, dtype='float64') for v in (value, other))
    finite = np.isfinite(other)
    if not np.array_equal(finite, np.isfinite(value)):
        return False
    if not finite.any():
        return True
    value, other = value[finite], other[finite]
    # What is 0 but for rounding, such as the gradient of a bias before a normalization,
    # has no scale of its own.
    scale = max(abs(other).max(), _SMALLEST_SCALE) if other.any() else 1.0
    return bool(abs(value - other).max() <= TOLERANCE * scale)


def explanation_of(port, bug):
    """Return how a mistake reproduces all of a port's tensors, or None.

    Parameters
    ----------
    port : Port
    bug : Bug

    Returns
    -------
    Explanation or None
    """
    computed, forms = {}, []
    rounding = _Rounding(port, bug.recipe)
    for k, tensors in enumerate(replay_steps(port.given, port.settings, bug.recipe), 1):
        computed.update(tensors)
        for name in [n for n in tensors if n in port.tensors]:
            value = port.tensors[name]
            if value is None:
                return None
            if name in bug.untested or _reproduced(name, value, tensors, rounding):
                continue
            form = form_of(name, value, computed, port.context, agrees)
            if form is None:
                return None
            forms.append(form)
        if k == bug.up_to:
            break
    return Explanation(tuple(dict.fromkeys(forms)))


def _reproduced(name, value, tensors, rounding):
    """Return whether a tensor is what was computed, but for rounding to float32."""
    computed = tensors[name]
    if agrees(value, computed):
        return True
    if name.endswith('loss') and np.isinf(value).any():
        return _agree_but_for_overflow(name, value, tensors)
    scale = np.abs(computed).max() or 1.0
    error = np.abs(value - computed).max() / scale
    if not error <= _MOST_ROUNDING:
        return False
    return bool(error <= _TIMES * np.abs(rounding.of(name) - computed).max() / scale)


def _agree_but_for_overflow(name, value, tensors):
    """Return whether losses are what was computed, and infinite where that is large.

    From about 88 on exp overflows in float32, or the probability is 0, so that the loss
    is infinite unless it is computed by log-softmax.
    """
    losses = tensors[name.replace('mean_loss', 'loss')]
    if name.endswith('mean_loss'):
        return bool(losses.max() >= _OVERFLOW)
    infinite = np.isinf(value)
    return not (infinite & (losses < _OVERFLOW)).any() and agrees(
        value[~infinite], losses[~infinite]
    )


class _Rounding:
    """What a recipe gives if products round to float32; computed if needed.

    A recipe that makes the net diverge, or that divides by tiny gradients, enlarges the
    differences between float32 and float64.
    """

    def __init__(self, port, recipe):
        recipe = recipe._replace(bits=recipe.bits or 23)
        self._steps = replay_steps(port.given, port.settings, recipe)
        self._tensors = {}

    def of(self, name):
        """Return the tensor of this name."""
        while name not in self._tensors:
            self._tensors.update(next(self._steps))
        return self._tensors[name]


def enough(port, is_measured=False):
    """Return whether what differs is enough to name a mistake that reproduces it.

    Parameters
    ----------
    port : Port
    is_measured : bool
        Whether a number of the mistake was measured from the tensors.

    Returns
    -------
    bool
    """
    evidence = 0
    for name in port.differs:
        if port.tensors[name] is None:
            continue
        if name.endswith('_acc'):
            # A value above 1 can be no fraction.
            evidence += 2 if port.tensors[name] > 1 else 1
        else:
            evidence += _num_differing(port.tensors[name], port.right[name])
    return evidence >= (_ENOUGH_MEASURED if is_measured else _ENOUGH)


def _num_differing(value, right):
    scale = abs(right).max() or 1.0
    return int((~(abs(value - right) <= TOLERANCE * scale)).sum())


def simulated(port, name, recipe):
    """Return what a recipe gives in place of one of the tensors.

    Parameters
    ----------
    port : Port
    name : str
    recipe : Recipe

    Returns
    -------
    ndarray
    """
    return simulated_up_to(port, name, recipe)[name]


def simulated_up_to(port, name, recipe):
    """Return what a recipe gives in all steps up to that of one of the tensors.

    Parameters
    ----------
    port : Port
    name : str
    recipe : Recipe

    Returns
    -------
    dict of str to ndarray
    """
    computed = {}
    for tensors in replay_steps(port.given, port.settings, recipe):
        computed.update(tensors)
        if name in tensors:
            return computed
    raise KeyError(name)


def explanation_without_a_bug(port):
    """Return how the right recipe reproduces all tensors, or None."""
    return explanation_of(port, Bug('', RIGHT))

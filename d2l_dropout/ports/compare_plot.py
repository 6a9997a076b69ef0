"""A diagram of the net in which a port's first wrong place is marked."""

from d2l_dropout.plots import computation
from d2l_dropout.ports.compare import Comparison


def draw(comparison: Comparison):
    """Draw one update of the net, and what agrees with the reference.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    matplotlib.figure.Figure
        As `plots.computation.draw` describes it.
    """
    states: dict = {}
    for row in comparison.rows:
        place = _place(row.name)
        if states.get(place) != computation.DIFFERS:
            states[place] = computation.SAME if row.same else computation.DIFFERS
    first = comparison.first
    return computation.draw(states, first and _place(first.name))


def _place(name):
    """Return the place of a tensor: in the diagram a later step is one place."""
    step, _, rest = name.partition('/')
    if step == 'init':
        return name
    if step.startswith('epoch'):
        return 'epochs'
    if step != 'step1':
        return step
    return 'loss' if rest in ('mean_loss', 'train_acc') else rest

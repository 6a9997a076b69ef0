"""Where the first difference is: a statement of place, which names no cause."""

from d2l_dropout.ports.causes.bugs import MISTAKES
from d2l_dropout.ports.causes.explain import agrees
from d2l_dropout.ports.causes.tuned_bugs import FAMILIES, KINDS
from d2l_dropout.ports.tensors import GIVEN, PARAMS, num_steps

_NUM_SIMULATED = len(MISTAKES) + len(FAMILIES) + len(KINDS)
#: What each tensor is computed from, by name without the step; `before/` is the step
#: before, and `now/` the parameters after the last update.
_FROM = {
    'Z1': ('X', 'before/W1', 'before/b1'),
    'H1': ('Z1',),
    'H1_dropped': ('H1', 'mask1'),
    'Z2': ('H1_dropped', 'before/W2', 'before/b2'),
    'H2': ('Z2',),
    'H2_dropped': ('H2', 'mask2'),
    'scores': ('H2_dropped', 'before/W3', 'before/b3'),
    'loss': ('scores', 'y'),
    'grad/b3': ('scores', 'y'),
    'grad/W3': ('H2_dropped', 'scores', 'y'),
    'grad/b2': ('grad/b3', 'Z2', 'mask2', 'before/W3'),
    'grad/W2': ('grad/b2', 'H1_dropped'),
    'grad/b1': ('grad/b2', 'Z1', 'mask1', 'before/W2'),
    'grad/W1': ('grad/b1', 'X'),
    **{name: (f'before/{name}', f'grad/{name}') for name in PARAMS},
    'mean_loss': ('loss',),
    'train_acc': ('scores', 'y'),
}


def place_of(first, laid_out, case):
    """Return where the first difference is, and what was ruled out.

    Parameters
    ----------
    first : Row
    laid_out : dict of str to ndarray or None
    case : Case

    Returns
    -------
    str
    """
    if laid_out[first.name] is None:
        return (
            f'No cause is named: the shape or the dtype of {first.name} is not what '
            'the formula gives'
        )
    if first.note == 'not finite':
        return (
            f'No cause is named: {first.name} has numbers that are not finite, such as '
            'log(0) or exp of a large number'
        )
    return (
        f'No cause is named: none of {_NUM_SIMULATED} kinds of mistakes that were '
        f'simulated gives all of these tensors. {_sources(first.name, laid_out, case)}'
    )


def _sources(name, laid_out, case):
    """Return the sentences on the tensors that this one is computed from."""
    agreeing, missing = [], []
    for source in _sources_of(name, case):
        if source not in laid_out:
            missing.append(source)
        elif laid_out[source] is not None and agrees(
            laid_out[source], case.tensors[source]
        ):
            agreeing.append(source)
    parts = []
    if agreeing:
        agree = 'agrees' if len(agreeing) == 1 else 'agree'
        parts.append(f'{", ".join(agreeing)} {agree}')
    if missing:
        were = 'was' if len(missing) == 1 else 'were'
        parts.append(f'{", ".join(missing)} {were} not given')
    if not parts:
        return 'It is an input'
    text = f'Of what {name} is computed from, {"; ".join(parts)}'
    if [source for source in missing if not source.startswith('init/')]:
        return f'{text}: the mistake is there or before'
    return f'{text}: the mistake is in the step from there to {name}'


def _sources_of(name, case):
    """Return the names of the exported tensors that one is computed from."""
    place, _, what = name.partition('/')
    if name in GIVEN:
        return []
    last = num_steps(case.tensors)
    if place == 'predict':
        scores = ['predict/scores', 'predict/y']
        params = [f'step{last}/{param}' for param in PARAMS]
        return scores if what == 'test_acc' else ['predict/X', *params]
    if place == 'images':
        return ['images/bytes']
    if place.startswith('epoch'):
        return _sources_of_epoch(int(place[5:]), what, case.settings.steps_per_epoch)
    number = int(place[4:])
    before = f'step{number - 1}/' if number > 1 else 'init/'
    sources = [
        before + source[len('before/') :]
        if source.startswith('before/')
        else f'{place}/{source}'
        for source in _FROM[what]
    ]
    found = [source for source in sources if source in case.tensors]
    if len(found) == len(sources):
        return found
    # Later steps export no layers and no gradients: all that the step starts from.
    inputs = [f'{place}/{n}' for n in ('X', 'y', 'mask1', 'mask2')]
    return [*inputs, *(before + n for n in PARAMS)]


def _sources_of_epoch(number, metric, num_steps_of_epoch):
    last = number * num_steps_of_epoch
    if metric == 'test_acc':
        return ['predict/X', 'predict/y', *(f'step{last}/{n}' for n in PARAMS)]
    return [f'step{k}/{metric}' for k in range(last - num_steps_of_epoch + 1, last + 1)]

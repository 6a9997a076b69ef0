"""The tensors of an exported case: their names, formulas and order of computation."""

from typing import Dict, NamedTuple, Tuple

from d2l_dropout.models.model import KINDS, PARAMS

NUM_STEPS = 5
WEIGHTS = ('W1', 'W2', 'W3')


class Settings(NamedTuple):
    """The settings of an exported case.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
        Weights have shape (in, out) in a scratch net and (out, in) in a Gluon net.
    drop_prob1, drop_prob2 : float in [0, 1)
    lr : float
    """

    model: str
    drop_prob1: float
    drop_prob2: float
    lr: float

    @property
    def in_scratch_layout(self):
        """Whether weights have shape (in, out) rather than (out, in)."""
        return KINDS[self.model].in_scratch_layout


def _step(number: int) -> Dict[str, str]:
    before = f'step{number - 1}' if number > 1 else 'init'
    layers = {
        'Z1': 'X W1 + b1',
        'H1': 'max(Z1, 0)',
        'H1_dropped': 'mask1 H1 / (1 - drop_prob1)',
        'Z2': 'H1_dropped W2 + b2',
        'H2': 'max(Z2, 0)',
        'H2_dropped': 'mask2 H2 / (1 - drop_prob2)',
        'scores': 'H2_dropped W3 + b3',
    }
    formulas = dict(layers) if number == 1 else {}
    formulas['loss'] = '-log softmax(scores)[y], one for each example'
    if number == 1:
        for name in reversed(PARAMS):
            formulas[f'grad/{name}'] = f'd mean(loss) / d {name}'
    for name in PARAMS:
        formulas[name] = f'{before}/{name} - lr d mean(loss) / d {name}'
    formulas['mean_loss'] = 'mean(loss)'
    formulas['train_acc'] = 'share of examples whose largest score is that of y'
    return {f'step{number}/{name}': text for name, text in formulas.items()}


#: The inputs of a port, to be copied and not computed, with a description of each.
GIVEN: Dict[str, str] = {
    **{f'init/{name}': 'initial value' for name in PARAMS},
    **{
        f'step{k}/{name}': text
        for k in range(1, NUM_STEPS + 1)
        for name, text in {
            'X': 'images, flattened, in [0, 1]',
            'y': 'class numbers',
            'mask1': '1 where a unit of H1 is kept, 0 where it is dropped',
            'mask2': '1 where a unit of H2 is kept, 0 where it is dropped',
        }.items()
    },
    'predict/X': 'images, flattened, in [0, 1]',
    'predict/y': 'class numbers',
}
#: The tensors that a port computes, in the order of computation, with their formulas.
COMPUTED: Dict[str, str] = {
    **{n: text for k in range(1, NUM_STEPS + 1) for n, text in _step(k).items()},
    'predict/scores': f'scores without dropout, by the parameters of step{NUM_STEPS}',
    'predict/test_acc': 'share of examples whose largest score is that of y',
}
ORDER: Tuple[str, ...] = (*GIVEN, *COMPUTED)


def is_weight(name: str) -> bool:
    """Return whether a tensor is a weight or the gradient of one.

    Only these differ in layout between the scratch net and the Gluon net.

    Parameters
    ----------
    name : str
        Such as 'step1/grad/W1'.

    Returns
    -------
    bool
    """
    return name.rpartition('/')[2] in WEIGHTS

"""The tensors of an exported case: their names, formulas and order of computation."""

from typing import Dict, NamedTuple, Optional, Tuple

from d2l_dropout.models.model import KINDS, PARAMS

#: The updates of a case without epochs, such as `tiny-scratch`: all mini-batches full.
NUM_STEPS = 5
#: Those of a case with epochs, such as `epochs-scratch`: the last of each is short.
NUM_EPOCHS, STEPS_PER_EPOCH = 2, 3
_MAX_STEPS = max(NUM_STEPS, NUM_EPOCHS * STEPS_PER_EPOCH)
WEIGHTS = ('W1', 'W2', 'W3')


class Settings(NamedTuple):
    """The settings of an exported case.

    Attributes
    ----------
    model : 'scratch' or 'gluon'
        Weights have shape (in, out) in a scratch net and (out, in) in a Gluon net.
    drop_prob1, drop_prob2 : float in [0, 1)
    lr : float
    batch_size : int, optional
        What the sum of the gradients is divided by, also in a short last mini-batch.
        None, as in cases of older versions: each mini-batch has this size.
    steps_per_epoch : int, optional
        None if the case has no metrics of epochs.
    """

    model: str
    drop_prob1: float
    drop_prob2: float
    lr: float
    batch_size: Optional[int] = None
    steps_per_epoch: Optional[int] = None

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
        formulas[name] = f'{before}/{name} - lr d sum(loss) / d {name} / batch_size'
    formulas['mean_loss'] = 'mean(loss)'
    formulas['train_acc'] = 'share of examples whose largest score is that of y'
    return {f'step{number}/{name}': text for name, text in formulas.items()}


def _epoch(number: int) -> Dict[str, str]:
    last = f'step{number * STEPS_PER_EPOCH}'
    of_epoch = f'the examples of epoch {number}, as computed before each update'
    return {
        f'epoch{number}/loss': f'mean(loss) over {of_epoch}',
        f'epoch{number}/train_acc': f'share of {of_epoch}, whose largest score is that '
        'of y',
        f'epoch{number}/test_acc': f'predict/test_acc, but by the parameters of {last}',
    }


#: The inputs of a port, to be copied and not computed, with a description of each.
#: `num_steps` of a case says how many of the steps it has; images and epochs are in
#: some of the cases only.
GIVEN: Dict[str, str] = {
    'images/bytes': 'images of Fashion-MNIST as its files have them, by rows',
    **{f'init/{name}': 'initial value' for name in PARAMS},
    **{
        f'step{k}/{name}': text
        for k in range(1, _MAX_STEPS + 1)
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
    'images/X': 'images/bytes / 255, each image flattened row by row'
}
for _k in range(1, _MAX_STEPS + 1):
    COMPUTED.update(_step(_k))
    if _k % STEPS_PER_EPOCH == 0:
        COMPUTED.update(_epoch(_k // STEPS_PER_EPOCH))
COMPUTED.update(
    {
        'predict/scores': 'scores without dropout, by the parameters of the last step',
        'predict/test_acc': 'share of examples whose largest score is that of y',
    }
)
ORDER: Tuple[str, ...] = (*GIVEN, *COMPUTED)


def num_steps(tensors) -> int:
    """Return the number of updates of a case.

    Parameters
    ----------
    tensors : dict of str to array
        With the inputs of each.

    Returns
    -------
    int
    """
    return sum(f'step{k}/X' in tensors for k in range(1, _MAX_STEPS + 1))


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


#: Numbers of the formulas in docs/ports.md, by the names of the tensors they give.
_NUMBERS = {
    'images/X': 1,
    'Z1': 2,
    'H1': 3,
    'H1_dropped': 4,
    'Z2': 5,
    'H2': 6,
    'H2_dropped': 7,
    'scores': 8,
    'loss': 9,
    'grad/b3': 11,
    'grad/W3': 11,
    'grad/b2': 13,
    'grad/W2': 13,
    'grad/b1': 15,
    'grad/W1': 15,
    'mean_loss': 17,
    'train_acc': 18,
    'test_acc': 19,
    'epoch/loss': 17,
}
_UPDATE = 16


def formula_number(name: str) -> Optional[int]:
    """Return the number that the formula of a tensor has in docs/ports.md.

    Parameters
    ----------
    name : str
        Such as 'step1/grad/W1'.

    Returns
    -------
    int or None
        None for an input.
    """
    if name not in COMPUTED:
        return None
    place, _, what = name.partition('/')
    if place.startswith('step') and what in PARAMS:
        return _UPDATE
    epochs = place.startswith('epoch') and what == 'loss'
    return _NUMBERS['epoch/loss' if epochs else name if name in _NUMBERS else what]

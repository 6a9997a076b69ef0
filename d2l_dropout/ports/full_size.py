"""Cases of the chapter's own sizes, made by NumPy from the specification.

They need neither MXNet nor the data, and nothing ships but ten images: the inputs come
from a seeded generator, all other tensors from `replay` in float64.
"""

import numpy as np

from d2l_dropout.ports.causes.replay import replay
from d2l_dropout.ports.checks.checks import images
from d2l_dropout.ports.files import Case
from d2l_dropout.ports.tensors import NUM_EPOCHS, PARAMS, STEPS_PER_EPOCH, Settings

#: Names and seeds: another seed for each, so that a port that takes the initial values
#: of one for those of the other is noticed.
CASES = {'full-size-scratch': 0, 'full-size-gluon': 1}
_SHAPES = [(784, 256), (256,), (256, 256), (256,), (256, 10), (10,)]
_BATCH_SIZE = 256
# An epoch ends with a mini-batch of 96, as that of the chapter does.
_NUM_EXAMPLES, _NUM_TEST_EXAMPLES = 2 * _BATCH_SIZE + 96, 100
_DROP_PROBS = (0.2, 0.5)
_LR = 0.5


def make(name):
    """Return a case of 784 inputs, two layers of 256 units, and two short epochs.

    Parameters
    ----------
    name : str, a key of `CASES`

    Returns
    -------
    files.Case
        All but labels, masks and bytes are float32.
    """
    settings = Settings(
        name.rpartition('-')[2], *_DROP_PROBS, _LR, _BATCH_SIZE, STEPS_PER_EPOCH
    )
    given = _given(np.random.RandomState(CASES[name]), settings.in_scratch_layout)
    computed = replay(given, settings)
    tensors = {n: np.asarray(value, 'float32') for n, value in computed.items()}
    about = {'seed': CASES[name], 'data': 'made up', 'made by': 'NumPy in float64'}
    return Case(settings, {**given, **tensors}, about)


def _given(rng, in_scratch_layout):
    given = {'images/bytes': images()[0]}
    for name, shape in zip(PARAMS, _SHAPES):
        value = rng.normal(0, 0.01, shape) if len(shape) == 2 else np.zeros(shape)
        value = value if in_scratch_layout else value.T
        given[f'init/{name}'] = np.ascontiguousarray(value, dtype='float32')
    X, y = _examples(rng, _NUM_EXAMPLES)
    for epoch in range(NUM_EPOCHS):
        order = rng.permutation(_NUM_EXAMPLES)
        for i in range(STEPS_PER_EPOCH):
            rows = order[i * _BATCH_SIZE : (i + 1) * _BATCH_SIZE]
            at = f'step{epoch * STEPS_PER_EPOCH + i + 1}'
            given.update({f'{at}/X': X[rows], f'{at}/y': y[rows]})
            for layer, drop_prob in enumerate(_DROP_PROBS, 1):
                mask = rng.uniform(size=(len(rows), 256)) > drop_prob
                given[f'{at}/mask{layer}'] = mask.astype('uint8')
    given['predict/X'], given['predict/y'] = _examples(rng, _NUM_TEST_EXAMPLES)
    return given


def _examples(rng, num):
    """Draw images of which half is black, as of Fashion-MNIST, and their labels."""
    pixels = np.maximum(rng.randint(-255, 256, (num, 784)), 0)
    X = pixels.astype('float32') / np.float32(255)
    return X, rng.randint(0, 10, num).astype('int32')

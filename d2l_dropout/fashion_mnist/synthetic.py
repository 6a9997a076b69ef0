"""A stand-in for Fashion-MNIST, drawn by code: ten kinds of garments.

It serves demonstrations and tests on machines without data. It is not Fashion-MNIST,
and no figure made from it is comparable with the book's.
"""

import numpy as np

from d2l_dropout.fashion_mnist import clothes, shoes_and_bags
from d2l_dropout.fashion_mnist.idx import SIDE

SYNTHETIC = 'synthetic'
GARMENTS = (  # in the order of the labels
    clothes.t_shirt,
    clothes.trouser,
    clothes.pullover,
    clothes.dress,
    clothes.coat,
    shoes_and_bags.sandal,
    clothes.shirt,
    shoes_and_bags.sneaker,
    shoes_and_bags.bag,
    shoes_and_bags.ankle_boot,
)
SEED = 0
SOURCE = f'drawn by code, seed {SEED}'
NUM_TRAIN = 60000
MIN_TRAIN = 60
TEST_SHARE = 6
# Pictures drawn at once: arrays of 80 kB, which stay in the processor's cache and
# which malloc keeps for the next step instead of returning them to the system.
BLOCK = 25


def parse(wanted, asker='root'):
    """Return N if `wanted` is 'synthetic:N', 60,000 if 'synthetic', else None.

    Raises
    ------
    ValueError
        If N is not a whole number, 60 or more; `asker` is who gave it.
    """
    if wanted == SYNTHETIC:
        return NUM_TRAIN
    kind, colon, number = wanted.partition(':')
    if kind != SYNTHETIC or not colon:
        return None
    if not (number.isascii() and number.isdigit() and int(number) >= MIN_TRAIN):
        raise ValueError(
            f'{asker} is {wanted!r}; after {SYNTHETIC}: comes the number of training '
            f'examples, a whole number, {MIN_TRAIN} or more ({SYNTHETIC}:6000)'
        )
    return int(number)


def draw(num_train=NUM_TRAIN):
    """Draw a training and a test set, the same ones on every machine.

    Parameters
    ----------
    num_train : int, 60 or more
        The test set has num_train // 6 examples.

    Returns
    -------
    train_images, train_labels, test_images, test_labels
        ndarrays of uint8, read-only, shapes (n, 28, 28) and (n,); each class has
        n / 10 examples, rounded up or down, in random order.
    """
    rng = np.random.RandomState(SEED)
    arrays = [*_draw_set(rng, num_train), *_draw_set(rng, num_train // TEST_SHARE)]
    for array in arrays:
        array.flags.writeable = False
    return tuple(arrays)


def _draw_set(rng, num_examples):
    labels = rng.permutation(num_examples) % len(GARMENTS)
    images = np.empty((num_examples, SIDE, SIDE), np.uint8)
    for label, garment in enumerate(GARMENTS):
        where = np.flatnonzero(labels == label)
        for start in range(0, len(where), BLOCK):
            block = where[start : start + BLOCK]
            images[block] = _with_noise(rng, garment(rng, len(block)))
    return images, labels.astype(np.uint8)


def _with_noise(rng, pictures):
    """Grain the cloth, in proportion to its grey; the background stays black."""
    grain = np.frombuffer(rng.bytes(pictures.size), np.uint8).reshape(pictures.shape)
    strength = rng.uniform(0.05, 0.35, (len(pictures), 1, 1)).astype(np.float32)
    grain = grain.astype(np.float32) * (1 / 255) - 0.5
    pictures = pictures * (1 + strength * grain)
    return (np.clip(pictures, 0, 1) * 255).astype(np.uint8)

"""Synthetic data: made by code, not Fashion-MNIST.

Ten classes of pictures in Fashion-MNIST's sizes and types, for tests and for machines
without the data. A picture is a square of 2 x 2 fields; the class says which of them
are bright, and every example has its own size, brightness, place and noise. A net tells
the classes apart after some training, and no metric measured on them is comparable
with the book's.
"""

import numpy as np

from d2l_dropout.fashion_mnist import idx
from d2l_dropout.fashion_mnist.idx import NUM_LABELS, SIDE

SYNTHETIC = 'synthetic'
SEED = 0
SOURCE = f'made by code, seed {SEED}'
NUM_TRAIN = 60000
MIN_TRAIN, MAX_TRAIN = 60, idx.MAX_EXAMPLES
TRAIN_TO_TEST = 6  # training examples for each test example, as in the real set

FIELD_SIZES = (11, 12, 13, 14)  # pixels
LEVELS = (64, 128, 192)  # brightness of a field
# Pixels from the centre, each way. The larger, the harder: the nearest class mean finds
# the class of 74 % of the examples with 3, of 71 % with 4, of 66 % with 5.
MAX_SHIFT = 4
# Noise is uniform in 0 to 7. More of it would raise the mean of all pixels, which tells
# nothing about the class, and a net that starts near zero learns slowly then.
NOISE_BITS = 3
# The share of examples that show a random class, whatever their label: no net gets all
# of them right, and one that memorises the training set shows a generalization gap.
ODD_ONES = 0.1


def parse(wanted, asker='root'):
    """Return the number of training examples that a setting asks for.

    Parameters
    ----------
    wanted : str
        The value of `root` or D2L_DATA.
    asker : str
        Which of the two it is, for the message.

    Returns
    -------
    int or None
        60,000 for 'synthetic', N for 'synthetic:N', None for anything else.

    Raises
    ------
    ValueError
        If N is not an integer from 60 to 250,000.
    """
    if wanted == SYNTHETIC:
        return NUM_TRAIN
    kind, colon, number = wanted.partition(':')
    if kind != SYNTHETIC or not colon:
        return None
    is_number = number.isascii() and number.isdigit() and len(number) < 20
    if not (is_number and MIN_TRAIN <= int(number) <= MAX_TRAIN):
        raise ValueError(
            f'{asker} is {wanted!r:.80}; the number of training examples after '
            f"'{SYNTHETIC}:' must be an integer from {MIN_TRAIN} to {MAX_TRAIN}, as in "
            f"'{SYNTHETIC}:6000'"
        )
    return int(number)


def make(num_train=NUM_TRAIN):
    """Make a training set and a test set; the same call gives the same bytes.

    Parameters
    ----------
    num_train : int, 60 to 250,000
        The test set has num_train // 6 examples.

    Returns
    -------
    train_images, train_labels, test_images, test_labels
        Read-only ndarrays of uint8, shapes (n, 28, 28) and (n,). Every class has
        n / 10 examples, rounded up or down, in random order.
    """
    rng, pictures = np.random.RandomState(SEED), _pictures()
    sizes = (num_train, num_train // TRAIN_TO_TEST)
    arrays = [array for n in sizes for array in _examples(rng, pictures, n)]
    for array in arrays:
        array.flags.writeable = False
    return tuple(arrays)


def _pictures():
    """Draw each class in every size, brightness and place.

    Returns
    -------
    ndarray of uint8, shape (classes, sizes, levels, places, places, 28, 28), 8 MB
    """
    # The four fields of class k are the binary digits of k + 3: no two classes have
    # the same fields, and none has all of them dark or all of them bright.
    digits = (np.arange(NUM_LABELS)[:, np.newaxis] + 3) >> np.arange(4) & 1
    fields = digits.reshape(NUM_LABELS, 2, 2).astype(np.uint8)
    places = range(2 * MAX_SHIFT + 1)
    shape = (NUM_LABELS, len(FIELD_SIZES), len(LEVELS), len(places), len(places))
    pictures = np.empty((*shape, SIDE, SIDE), np.uint8)
    for i, size in enumerate(FIELD_SIZES):
        # A picture is a window of 28 x 28 into the square in its wide black frame.
        frame = MAX_SHIFT + (SIDE - 2 * size) // 2
        square = fields.repeat(size, axis=1).repeat(size, axis=2)
        framed = np.pad(square, ((0, 0), (frame, frame), (frame, frame)))
        for j, level in enumerate(LEVELS):
            for y in places:
                for x in places:
                    window = framed[:, y : y + SIDE, x : x + SIDE]
                    pictures[:, i, j, y, x] = window * level
    return pictures


def _examples(rng, pictures, n):
    labels = rng.permutation(n) % NUM_LABELS
    shown = np.where(rng.rand(n) < ODD_ONES, rng.randint(0, NUM_LABELS, n), labels)
    choices = (rng.randint(0, number, n) for number in pictures.shape[1:5])
    images = pictures[(shown, *choices)]
    noise = np.frombuffer(rng.bytes(images.size), np.uint8).reshape(images.shape)
    images += noise >> (8 - NOISE_BITS)
    return images, labels.astype(np.uint8)

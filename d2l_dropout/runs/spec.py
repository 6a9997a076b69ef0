"""What decides a training run: its settings as one value."""

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Optional

from d2l_dropout.fashion_mnist import REVISIONS, SYNTHETIC
from d2l_dropout.fashion_mnist.revisions import UNKNOWN
from d2l_dropout.models.model import KINDS

MODELS = tuple(KINDS)
NOISES = tuple(dict.fromkeys(n for kind in KINDS.values() for n in kind.noises))
LABELS = ('true', 'permuted')
TEST_SETS = ('test', 'validation')
SUBSETS = ('first', 'stratified')
MEASURES = (
    'train_acc',
    'activations',
    'passes',
    'units',
    'scale',
    'weights',
    'ablation',
    'noisy_images',
    'input_penalty',
)
#: Of these a run can have only one, because their results use the same names.
_ALONE = {'activations', 'passes', 'units'}

MAX_PARAMS = 2**28  # of a net: 1 GB, and as much for the gradients
_SMALLEST, _LARGEST = 1e-38, 1e38  # of a float32
_COUNTS = ('num_hiddens1', 'num_hiddens2', 'batch_size', 'test_every')


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides a training run; the defaults are the chapter's.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    num_hiddens1, num_hiddens2 : int >= 1
        The net may have 2**28 parameters at most.
    drop_prob1, drop_prob2 : float in [0, 1)
        Probability of being zeroed, after the first and after the second hidden layer.
    num_epochs, batch_size : int >= 1
        Less than 1,000,000 epochs.
    lr : float > 0, below 1e38
    wd : float >= 0, below 1e38
        Weight decay, Gluon only: lr * wd * param is subtracted in each step.
    seed : int in [0, 2**32)
        Of `random`, NumPy and MXNet; of the split too if `resplit`.
    num_examples : int >= 1 or None
        Number of training examples; None for the whole training set.
    subset : 'first' or 'stratified'
        How the `num_examples` are chosen: the first ones of the training set, or a
        random subset, stratified by class. The subset is drawn from `seed` by a
        generator of its own, so that all other random numbers stay the same.
    resplit : bool
        Draw a fresh stratified split of the pooled train and test examples.
    shuffle : bool
        Whether each epoch takes the training examples in a new order.
    noise : str, one of `NOISES`
        The noise on the hidden units in training mode: the chapter's 'dropout';
        'unscaled', a fault that leaves out the division by 1 - drop_prob; the random
        factors of problem 8, 'three_valued' and 'gaussian'; or 'additive' noise (all in
        `models.noises`). With 'dropconnect' (one mask per mini-batch) and
        'dropconnect_per_example' it is on the weights instead (`models.dropconnect`).
        Not every model supports every noise.
    input_drop_prob : float in [0, 1)
        Apply `noise` to the pixels as well, with this probability. Not available with
        the two kinds of DropConnect.
    input_noise : float >= 0, below 1e38
        Standard deviation of the Gaussian noise that is added to each pixel, in [0, 1],
        in training.
    labels : 'true' or 'permuted'
        'permuted' trains on the labels in an order drawn from `seed`, so that they say
        nothing about the images.
    test_on : 'test' or 'validation'
        'validation' holds out the last sixth of the training set, does not train on it
        and reports its accuracy in place of the test set's.
    test_every : int >= 1
        Evaluate on the test set after every `test_every`-th epoch and after the last
        one. The test accuracy of the other epochs is nan. Evaluation draws no random
        numbers, so that the trained parameters do not depend on this.
    measure : str or None
        What to measure of the trained net: one of `MEASURES`, or several joined by '+'
        in any order. `runs.measures` describes them.
    dropout_at_test : bool
        A fault: leave dropout on when testing.
    revision : str
        Which data: '2017-08-26', '2017-08-31', 'unknown' or 'synthetic'.
    data_digest : str or None
        Which data of the latter two, as `fashion_mnist.Origin.digest` has it: their
        name says nothing. None for any; a sweep needs it. The first two are verified
        by hashes of their own, and have none here.

    Raises
    ------
    ValueError
        If a value is outside its range; the message names it.
    """

    model: str = 'scratch'
    num_hiddens1: int = 256
    num_hiddens2: int = 256
    drop_prob1: float = 0.2
    drop_prob2: float = 0.5
    num_epochs: int = 10
    batch_size: int = 256
    lr: float = 0.5
    wd: float = 0.0
    seed: int = 0
    num_examples: Optional[int] = None
    subset: str = 'first'
    resplit: bool = False
    shuffle: bool = True
    noise: str = 'dropout'
    input_drop_prob: float = 0.0
    input_noise: float = 0.0
    labels: str = 'true'
    test_on: str = 'test'
    test_every: int = 1
    measure: Optional[str] = None
    dropout_at_test: bool = False
    revision: str = '2017-08-31'
    data_digest: Optional[str] = None

    def __post_init__(self):
        _check_choice('model', self.model, MODELS)
        for name in _COUNTS:
            _check_range(name, getattr(self, name), int, 1, below=2**31)
        _check_range('num_epochs', self.num_epochs, int, 1, below=10**6)
        self._check_size()
        for name in ('drop_prob1', 'drop_prob2', 'input_drop_prob'):
            _check_range(name, getattr(self, name), float, 0, below=1)
        _check_range('lr', self.lr, float, 0, below=_LARGEST, above=True)
        _check_range('wd', self.wd, float, 0, below=_LARGEST)
        _check_range('seed', self.seed, int, 0, below=2**32)
        if self.wd and not KINDS[self.model].has_weight_decay:
            able = _kinds_where(lambda kind: kind.has_weight_decay)
            raise ValueError(f"wd needs the model {able}: the book's sgd has none.")
        if self.num_examples is not None:
            _check_range('num_examples', self.num_examples, int, 1, below=2**31)
        _check_choice('subset', self.subset, SUBSETS)
        for name, allowed in (('labels', LABELS), ('test_on', TEST_SETS)):
            _check_choice(name, getattr(self, name), allowed)
        _check_range('input_noise', self.input_noise, float, 0, below=_LARGEST)
        _check_choice('revision', self.revision, (*REVISIONS, UNKNOWN, SYNTHETIC))
        self._check_data_digest()
        for name in ('resplit', 'shuffle', 'dropout_at_test'):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise ValueError(f'{name} is {value!r}; it must be True or False.')
        self._check_noise()
        if self.dropout_at_test and self.test_every > 1:
            raise ValueError(
                f'test_every is {self.test_every}; it must be 1 with dropout_at_test, '
                'which draws random numbers in each evaluation.'
            )
        if self.measure is not None:
            object.__setattr__(self, 'measure', _in_order(self.measure))

    def _check_size(self):
        sizes = (28 * 28, self.num_hiddens1, self.num_hiddens2, 10)
        num_params = sum((n + 1) * m for n, m in zip(sizes, sizes[1:]))
        if num_params > MAX_PARAMS:
            raise ValueError(
                f'with num_hiddens1 {sizes[1]} and num_hiddens2 {sizes[2]} the net has '
                f'{num_params} parameters; it may have {MAX_PARAMS} at most.'
            )

    def _check_data_digest(self):
        if self.data_digest is None:
            return
        if self.revision in REVISIONS:
            raise ValueError(
                f'data_digest is given; the revision {self.revision} says already '
                'which data are meant.'
            )
        if not re.fullmatch('[0-9a-f]{64}', str(self.data_digest)):
            raise ValueError(
                f'data_digest is {self.data_digest!r}; it must be a SHA-256, 64 '
                'hexadecimal digits.'
            )

    @property
    def names_its_data(self):
        """Whether it says which data are meant: by a revision or by their digest."""
        return self.revision in REVISIONS or self.data_digest is not None

    def on(self, origin):
        """Return the specification of the same run on certain data.

        Parameters
        ----------
        origin : fashion_mnist.Origin or fashion_mnist.FashionMNIST

        Returns
        -------
        RunSpec
        """
        digest = None if origin.is_fashion_mnist else origin.digest
        return replace(self, revision=origin.revision, data_digest=digest)

    def _check_noise(self):
        _check_choice('noise', self.noise, NOISES)
        if self.noise not in KINDS[self.model].noises:
            able = _kinds_where(lambda kind: self.noise in kind.noises)
            raise ValueError(f'noise {self.noise!r} needs the model {able}.')
        if self.input_drop_prob and self.noise.startswith('dropconnect'):
            raise ValueError(
                f'input_drop_prob is {self.input_drop_prob}; it must be 0 if noise is '
                f'{self.noise!r}, which drops weights, not pixels.'
            )

    def evaluated_epochs(self):
        """Return the epochs after which the test accuracy is computed.

        Returns
        -------
        list of int
        """
        epochs = range(self.test_every, self.num_epochs + 1, self.test_every)
        return sorted({*epochs, self.num_epochs})

    def measures(self):
        """Return the names in `measure` as a list, in the order of `MEASURES`."""
        return self.measure.split('+') if self.measure else []

    def to_json(self):
        """Return the specification as a JSON text, its keys in order.

        Returns
        -------
        str
        """
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text):
        """Return the specification that `to_json` wrote.

        Parameters
        ----------
        text : str
            A JSON object; names left out have their defaults.

        Returns
        -------
        RunSpec

        Raises
        ------
        ValueError
            If it is no such text; the message says why.
        """
        values = json.loads(text)
        unknown = set(values) - set(cls.__dataclass_fields__)
        if unknown:
            raise ValueError(f'a RunSpec has no {", ".join(sorted(unknown))}.')
        return cls(**values)


def _kinds_where(able):
    return ' or '.join(name for name, kind in KINDS.items() if able(kind))


def _in_order(measure):
    """Check joined measures and order them, so that equal settings compare equal."""
    names = str(measure).split('+')
    for name in names:
        _check_choice('measure', name, MEASURES)
    alone = _ALONE.intersection(names)
    if len(alone) > 1:
        raise ValueError(
            f'measure is {measure!r}; {" and ".join(sorted(alone))} cannot be measured '
            'in the same run: use one run for each.'
        )
    return '+'.join(name for name in MEASURES if name in names)


def _check_choice(name, value, allowed):
    if value not in allowed:
        raise ValueError(
            f'{name} is {value!r}; it must be one of {", ".join(map(repr, allowed))}.'
        )


def _check_range(name, value, kind, low, below=None, above=False):
    """Raise unless low <= value (low < value if `above`) and value < `below`."""
    kinds = (int,) if kind is int else (int, float)
    ok = isinstance(value, kinds) and not isinstance(value, bool)
    ok = ok and (value > low if above else value >= low) and not 0 < value < _SMALLEST
    if not (ok and (below is None or value < below)):
        what = 'an integer' if kind is int else 'a float32 number'
        limits = f'{"above" if above else "of at least"} {low}'
        limits += '' if below is None else f' and below {below}'
        raise ValueError(f'{name} is {value!r}; it must be {what} {limits}.')

"""How a port computes: the right way by default, and each bug as a change to it."""

from types import MappingProxyType
from typing import Callable, Mapping, NamedTuple, Optional, Tuple

import numpy as np


class Optimizer(NamedTuple):
    """How the parameters are updated; the defaults are the chapter's SGD.

    Attributes
    ----------
    kind : 'sgd', 'adam', 'rmsprop', 'keras_rmsprop', 'adagrad' or 'sign'
    lr : float, optional
        In place of the case's.
    schedule : function (k) -> float
        What the learning rate is multiplied by in update k = 1, 2, ...
    momentum : float
    nesterov : bool
    dampened : bool
        Whether the momentum is an average of gradients rather than a sum.
    wd : float
        Weight decay: this multiple of a parameter is added to its gradient.
    wd_biases : bool
        Whether biases decay as well.
    clip : ('value', 'norm' or 'each norm', float), optional
        Clip elements, the norm of all gradients, or the norm of each to this bound.
    clips_recorded : bool
        Whether the gradients are recorded after they were clipped.
    frozen : tuple of str
        The parameters that are never updated.
    updates : function (k) -> int
        How often the gradients of mini-batch k are subtracted.
    gradients : 'own', 'stale', 'first', 'accumulated' or 'every other'
        Of this mini-batch; of the one before; of the first; the sum of all so far; or
        the sum of two, subtracted after every other mini-batch.
    """

    kind: str = 'sgd'
    lr: Optional[float] = None
    schedule: Callable = lambda k: 1.0
    momentum: float = 0.0
    nesterov: bool = False
    dampened: bool = False
    wd: float = 0.0
    wd_biases: bool = True
    clip: Optional[Tuple[str, float]] = None
    clips_recorded: bool = False
    frozen: Tuple[str, ...] = ()
    updates: Callable = lambda k: 1
    gradients: str = 'own'


def _divided_by_size(n, batch_size):
    return 1 / n


def _divided_by_batch_size(n, batch_size):
    return 1 / batch_size


class Recipe(NamedTuple):
    """How a port computes; the defaults are the specification of docs/ports.md.

    Attributes
    ----------
    initial : function (name, array) -> array
        What becomes of an initial parameter when it is copied.
    images, labels : function (array) -> array
        What becomes of X and of y when they are copied.
    batch_of, masks_of : function (k) -> int
        The number of the step whose X and y, or whose masks, step k takes.
    has_bias : tuple of bool
    activations : tuple of str
        Keys of `layers.ACTIVATIONS`, of the two hidden layers.
    probs : function (p1, p2) -> (p1, p2)
        The drop probabilities that the port uses.
    factor : function (mask, p, layer) -> array
        What dropout multiplies a hidden layer by.
    backward_factor : function (mask, p, layer) -> array, optional
        What it multiplies the gradient by, if that is something else.
    dropout_before_bias : bool
        Whether the product, before the bias is added, is what dropout multiplies.
    slopes : tuple of bool
        Whether the gradient goes through the two activations.
    norm : (str, tuple of int), optional
        A key of `norms.NORMS`, and the hidden layers that have such a layer before
        their activation.
    loss : str
        A key of `losses.LOSSES`.
    temperature : float
        What the scores are divided by in the loss.
    smoothing : float
        Of the labels: this share of each is spread over all classes.
    l2 : float
        The loss has this multiple of the sum of the squared weights added.
    recorded_scale, update_scale : function (n, batch_size) -> float
        What the gradient of the sum of the losses is multiplied by before it is
        recorded, and before it is subtracted.
    bias_scale : function (n) -> float
        What the gradients of biases are multiplied by besides.
    detached : int
        The gradient does not go on to the parameters of the first so many layers.
    updated_on_the_way : bool
        Whether a layer is updated before the gradient goes on to the layer before.
    optimizer : Optimizer
    restart : bool
        Whether the second update starts from the initial parameters.
    loss_at : 'before', 'after' or 'predict'
        When the loss and the train acc are computed: before the update, after it, or
        before it in predict mode.
    acc_at : 'before', 'after' or 'predict'
        The same of the train acc, if the loss is computed before.
    aliased : bool
        Whether the parameters recorded after each step are those after the last.
    predict_factor : function (mask, p, layer) -> float or array
        What a hidden layer is multiplied by in predict mode.
    predicts_with : 'last', 'previous' or 'initial'
        The parameters in predict mode.
    bits : int, optional
        The bits to which the factors of each product are rounded, such as 10 for TF32.
    inputs : dict of str to array
        Inputs that the port has in place of the exported ones; `predict/mask1` and
        `predict/mask2` are masks in predict mode.
    """

    initial: Callable = lambda name, value: value
    images: Callable = lambda X: X
    labels: Callable = lambda y: y
    batch_of: Callable = lambda k: k
    masks_of: Callable = lambda k: k
    has_bias: Tuple[bool, bool, bool] = (True, True, True)
    activations: Tuple[str, str] = ('relu', 'relu')
    probs: Callable = lambda p1, p2: (p1, p2)
    factor: Callable = lambda mask, p, layer: mask / (1 - p)
    backward_factor: Optional[Callable] = None
    dropout_before_bias: bool = False
    slopes: Tuple[bool, bool] = (True, True)
    norm: Optional[Tuple[str, Tuple[int, ...]]] = None
    loss: str = 'cross-entropy'
    temperature: float = 1.0
    smoothing: float = 0.0
    l2: float = 0.0
    recorded_scale: Callable = _divided_by_size
    update_scale: Callable = _divided_by_batch_size
    bias_scale: Callable = lambda n: 1.0
    detached: int = 0
    updated_on_the_way: bool = False
    optimizer: Optimizer = Optimizer()
    restart: bool = False
    loss_at: str = 'before'
    acc_at: str = 'before'
    aliased: bool = False
    predict_factor: Callable = lambda mask, p, layer: np.ones(1)
    predicts_with: str = 'last'
    bits: Optional[int] = None
    inputs: Mapping[str, np.ndarray] = MappingProxyType({})


class Bug(NamedTuple):
    """A mistake that ports make.

    Attributes
    ----------
    sentence : str
        What `compare` says of it.
    recipe : Recipe
        How a port with this bug computes.
    up_to : int, optional
        The number of updates whose tensors it can be tested on; by default all.
    untested : tuple of str
        Tensors that depend on what is not known of the mistake.
    """

    sentence: str
    recipe: Recipe
    up_to: Optional[int] = None
    untested: Tuple[str, ...] = ()


RIGHT = Recipe()

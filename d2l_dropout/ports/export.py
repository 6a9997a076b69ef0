"""Records the reference tensors of a few updates of the chapter's nets."""

import numpy as np

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.compat import environment
from d2l_dropout.models import model as models
from d2l_dropout.ports.files import Case, save
from d2l_dropout.ports.tensors import (
    NUM_EPOCHS,
    NUM_STEPS,
    PARAMS,
    STEPS_PER_EPOCH,
    Settings,
)

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402

MODELS = tuple(models.KINDS)
#: The sizes of the tiny case: pixels of a random image, and units of the hidden layers.
_TINY = {'num_inputs': 12, 'num_hiddens1': 16, 'num_hiddens2': 8}
_TINY_BATCH = 8
#: Of the tiny case with epochs: mini-batches of 8, 8 and 3. With these seeds units of
#: both layers survive the large first step, and no two of the accuracies are the same.
_EPOCH_EXAMPLES, _EPOCH_TEST_EXAMPLES = 19, 16
_EPOCH_SEEDS = {'scratch': 184, 'gluon': 371}
_BATCH, _NUM_TEST = 256, 1000
_DROP_PROBS = {'drop_prob1': 0.2, 'drop_prob2': 0.5}
_LR = 0.5


def export(folder, seed=0, data=None):
    """Write the cases of both models: on real images and, small, on random numbers.

    Parameters
    ----------
    folder : path
    seed : int in [0, 2**32)
        Of all cases but `epochs`, whose seed is fixed.
    data : fashion_mnist.FashionMNIST, optional
        Loaded unless given; False leaves out the cases on real images.

    Returns
    -------
    list of str
        The names of the cases.

    Raises
    ------
    fashion_mnist.DataError
        If the data cannot be loaded.
    """
    data = fashion_mnist.load() if data is None else data
    names = []
    for model in MODELS:
        cases = {f'tiny-{model}': tiny(model, seed), f'epochs-{model}': epochs(model)}
        if data:
            cases[f'chapter-{model}'] = chapter(model, seed, data)
        for name, case in cases.items():
            save(case, folder, name)
        names += cases
    return names


def tiny(model, seed=0):
    """Return a case of a small net on random numbers, such as ship with the package.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    seed : int

    Returns
    -------
    Case
    """
    # A different seed for each model, so that a port which takes the weights of one for
    # those of the other is noticed.
    seed += MODELS.index(model)
    rng = np.random.RandomState(seed)
    num_batches = NUM_STEPS + 1
    X = rng.rand(num_batches, _TINY_BATCH, _TINY['num_inputs']).astype('float32')
    y = rng.randint(0, 10, (num_batches, _TINY_BATCH)).astype('int32')
    # With the chapter's sigma of 0.01 all scores of so small a net would be close to 0,
    # and few bugs would show.
    recorder = _Recorder(model, seed, sigma=0.5, **_TINY)
    return _record(recorder, list(zip(X, y)), 'made up')


def epochs(model, seed=None):
    """Return a case of a small net with what the full mini-batches of `tiny` lack.

    Two epochs of mini-batches of 8, 8 and 3 examples; in each hidden layer a unit that
    is exactly 0 before ReLU and activations above 6; gradients with a norm above 5.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    seed : int, optional
        That of the case that ships unless given.

    Returns
    -------
    Case
    """
    seed = _EPOCH_SEEDS[model] if seed is None else seed
    rng = np.random.RandomState(seed)
    recorder = _Recorder(model, seed, **_TINY)
    recorder.set_scratch_params(_params_with_edge_values(rng))
    X = rng.rand(_EPOCH_EXAMPLES, _TINY['num_inputs']).astype('float32')
    y = rng.randint(0, 10, _EPOCH_EXAMPLES).astype('int32')
    batches = []
    for _ in range(NUM_EPOCHS):
        order = rng.permutation(_EPOCH_EXAMPLES)
        for start in range(0, _EPOCH_EXAMPLES, _TINY_BATCH):
            rows = order[start : start + _TINY_BATCH]
            batches.append((X[rows], y[rows]))
    test_X = rng.rand(_EPOCH_TEST_EXAMPLES, _TINY['num_inputs']).astype('float32')
    test_y = rng.randint(0, 10, _EPOCH_TEST_EXAMPLES).astype('int32')
    batches.append((test_X, test_y))
    return _record(recorder, batches, 'made up', STEPS_PER_EPOCH)


def _params_with_edge_values(rng):
    """Return initial parameters with which unit 0 of each hidden layer stays at 0."""
    shapes = [(12, 16), (16,), (16, 8), (8,), (8, 10), (10,)]
    params = [
        rng.normal(0, 0.5 if shape[-1] == 10 else 0.3, shape) * (len(shape) == 2)
        for shape in shapes
    ]
    W1, _, W2, *_ = params
    W1[:, 0] = W2[:, 0] = 0
    # Unit 1 of the first layer becomes large, and makes one of the second large.
    W1[:, 1] = 4 * abs(W1[:, 1])
    W2[1, 1] = 1
    return [param.astype('float32') for param in params]


def chapter(model, seed, data):
    """Return a case of the chapter's net on real images.

    Parameters
    ----------
    model : 'scratch' or 'gluon'
    seed : int
    data : fashion_mnist.FashionMNIST

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If there are not enough training examples for five mini-batches.
    """
    if len(data.train_labels) < NUM_STEPS * _BATCH:
        raise ValueError(
            f'{NUM_STEPS} mini-batches need {NUM_STEPS * _BATCH} training examples; '
            f'these data have {len(data.train_labels)}.'
        )
    X = data.train_images.reshape(-1, 784) / np.float32(255)
    y = data.train_labels.astype('int32')
    order = np.random.RandomState(seed).permutation(len(y))[: NUM_STEPS * _BATCH]
    batches = [(X[rows], y[rows]) for rows in order.reshape(NUM_STEPS, _BATCH)]
    test_X = data.test_images[:_NUM_TEST].reshape(-1, 784) / np.float32(255)
    batches.append((test_X, data.test_labels[:_NUM_TEST].astype('int32')))
    recorder = _Recorder(model, seed)
    return _record(recorder, batches, f'Fashion-MNIST {data.revision}')


def _record(recorder, batches, data, steps_per_epoch=None):
    """Train on all batches except the last, predict on that one, and record both."""
    params = zip(PARAMS, recorder.model.params())
    tensors = {f'init/{name}': param.asnumpy() for name, param in params}
    batch_size, epoch, test_batch = len(batches[0][0]), [], batches.pop()
    for k, (X, y) in enumerate(batches, 1):
        results = _step(recorder, nd.array(X), nd.array(y), batch_size)
        epoch.append((results['loss'], results['scores'].argmax(axis=1) == y))
        for name, value in results.items():
            if k == 1 or not name.startswith(('grad', 'Z', 'H', 'scores')):
                tensors[f'step{k}/{name}'] = value
        tensors.update({f'step{k}/X': X, f'step{k}/y': y})
        if k % (steps_per_epoch or k + 1) == 0:
            losses, right = map(np.concatenate, zip(*epoch))
            at, epoch = f'epoch{k // steps_per_epoch}', []
            tensors[f'{at}/loss'] = losses.mean()
            tensors[f'{at}/train_acc'] = np.float32(right.mean())
            tensors[f'{at}/test_acc'] = _predict(recorder, *test_batch)[1]
    tensors['predict/X'], tensors['predict/y'] = test_batch
    scores, acc = _predict(recorder, *test_batch)
    tensors.update({'predict/scores': scores, 'predict/test_acc': acc})
    settings = Settings(
        recorder.kind,
        **_DROP_PROBS,
        lr=_LR,
        batch_size=batch_size,
        steps_per_epoch=steps_per_epoch,
    )
    about = {
        'seed': recorder.seed,
        'data': data,
        'threads': environment.num_threads(),
        'versions': environment.versions(),
    }
    return Case(settings, tensors, about)


def _predict(recorder, X, y):
    scores = recorder.model.nets[0](nd.array(X)).asnumpy()
    return scores, np.float32((scores.argmax(axis=1) == y).mean())


def _step(recorder, X, y, batch_size):
    """Make one update and return the tensors that were computed, by name."""
    recorder.seen, model = [], recorder.model
    with autograd.record():
        scores = model.nets[0](X)
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, y)
        total = loss.sum()
    total.backward()
    (H1, mask1, H1_dropped), (H2, mask2, H2_dropped) = recorder.seen
    # Z1 and Z2 are computed again, because Gluon's Dense includes the ReLU.
    W1, b1, W2, b2 = [*model.scratch_params().values()][:4]
    results = {
        'Z1': nd.dot(X, W1) + b1,
        'H1': H1,
        'H1_dropped': H1_dropped,
        'Z2': nd.dot(H1_dropped, W2) + b2,
        'H2': H2,
        'H2_dropped': H2_dropped,
        'scores': scores,
        'loss': loss,
    }
    results = {name: value.asnumpy() for name, value in results.items()}
    results.update(mask1=mask1, mask2=mask2)
    # The gradient of the sum of the losses; the specification has that of their mean.
    for name, grad in zip(PARAMS, model.grads()):
        results[f'grad/{name}'] = grad.asnumpy() / np.float32(len(X))
    model.update(batch_size)
    results.update((n, p.asnumpy()) for n, p in zip(PARAMS, model.params()))
    results['mean_loss'] = results['loss'].mean()
    right = results['scores'].argmax(axis=1) == y.asnumpy()
    results['train_acc'] = np.float32(right.mean())
    return results


class _Recorder:
    """A model that records the input, mask and output of its dropout layers.

    `seen` has one (input, mask, output) for each dropout layer in the last pass.
    """

    def __init__(self, kind, seed, **sizes):
        np.random.seed(seed)
        mx.random.seed(seed)
        self.kind, self.seed = kind, seed
        self.model = models.make(kind, **_DROP_PROBS, **sizes)
        self.model.draw_weights()
        self.model.prepare(_LR)
        self.model.wrap_dropout(self._masked)
        self.seen, self._draws = [], 0

    def set_scratch_params(self, params):
        """Take other initial values; weights have shape (in, out)."""
        if not self.model.in_scratch_layout:
            params = [param.T for param in params]
        self.model.set_params([nd.array(param) for param in params])

    def _masked(self, H, layer):
        """Return layer(H), and record it with its mask.

        The mask cannot be read off the output, because a unit that is kept may be 0 as
        well. The layer is therefore applied twice from the same state of MXNet's
        generator, first to ones.
        """
        self._draws += 1
        mx.random.seed(self._draws)
        with autograd.pause(train_mode=True):
            mask = (layer(nd.ones_like(H)) != 0).asnumpy().astype('uint8')
        mx.random.seed(self._draws)
        dropped = layer(H)
        self.seen.append((H, mask, dropped))
        return dropped

"""Records the reference tensors of five updates of the chapter's nets."""

import numpy as np

from d2l_dropout import compat, fashion_mnist
from d2l_dropout.compat import environment
from d2l_dropout.models import model as models
from d2l_dropout.ports.files import Case, save
from d2l_dropout.ports.tensors import NUM_STEPS, PARAMS, Settings

mx = compat.import_mxnet()
from mxnet import autograd, gluon, nd  # noqa: E402

MODELS = tuple(models.KINDS)
#: The sizes of the tiny case: pixels of a random image, and units of the hidden layers.
_TINY = {'num_inputs': 12, 'num_hiddens1': 16, 'num_hiddens2': 8}
_TINY_BATCH = 8
_BATCH, _NUM_TEST = 256, 1000
_DROP_PROBS = {'drop_prob1': 0.2, 'drop_prob2': 0.5}
_LR = 0.5


def export(folder, seed=0, data=None):
    """Write the cases of both models: on real images and, tiny, on random numbers.

    Parameters
    ----------
    folder : path
    seed : int in [0, 2**32)
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
        cases = {f'tiny-{model}': tiny(model, seed)}
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
    return _record(model, seed, list(zip(X, y)), 'made up', sigma=0.5, **_TINY)


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
    return _record(model, seed, batches, f'Fashion-MNIST {data.revision}')


def _record(model, seed, batches, data, num_inputs=784, **sizes):
    """Train on all batches except the last, predict on that one, and record both."""
    np.random.seed(seed)
    mx.random.seed(seed)
    recorder = _Recorder(model, num_inputs, sizes)
    params = zip(PARAMS, recorder.model.params())
    tensors = {f'init/{name}': param.asnumpy() for name, param in params}
    for k, (X, y) in enumerate(batches[:-1], 1):
        for name, value in _step(recorder, nd.array(X), nd.array(y)).items():
            if k == 1 or not name.startswith(('grad', 'Z', 'H', 'scores')):
                tensors[f'step{k}/{name}'] = value
        tensors.update({f'step{k}/X': X, f'step{k}/y': y})
    X, y = batches[-1]
    scores = recorder.model.nets[0](nd.array(X)).asnumpy()
    acc = np.float32((scores.argmax(axis=1) == y).mean())
    tensors.update({'predict/X': X, 'predict/y': y, 'predict/scores': scores})
    tensors['predict/test_acc'] = acc
    settings = Settings(
        model, _DROP_PROBS['drop_prob1'], _DROP_PROBS['drop_prob2'], _LR
    )
    about = {
        'seed': seed,
        'data': data,
        'threads': environment.num_threads(),
        'versions': environment.versions(),
    }
    return Case(settings, tensors, about)


def _step(recorder, X, y):
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
    model.update(len(X))
    results.update((n, p.asnumpy()) for n, p in zip(PARAMS, model.params()))
    results['mean_loss'] = results['loss'].mean()
    right = results['scores'].argmax(axis=1) == y.asnumpy()
    results['train_acc'] = np.float32(right.mean())
    return results


class _Recorder:
    """A model that records the input, mask and output of its dropout layers.

    `seen` has one (input, mask, output) for each dropout layer in the last pass.
    """

    def __init__(self, kind, num_inputs, sizes):
        self.model = models.make(kind, num_inputs=num_inputs, **_DROP_PROBS, **sizes)
        self.model.draw_weights()
        self.model.prepare(_LR)
        self.model.wrap_dropout(self._masked)
        self.seen, self._draws = [], 0

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

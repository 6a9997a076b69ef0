"""What is measured of a trained net, against NumPy and against formulas."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from d2l_dropout import compat
from d2l_dropout.runs.measures import _activations, measure
from d2l_dropout.runs.spec import RunSpec

mx = compat.import_mxnet()
nd = mx.nd


@pytest.fixture
def trained():
    """Weights of no one's training, and 200 made-up examples in two mini-batches."""
    rng = np.random.RandomState(1)
    sizes = 784, 32, 24, 10
    params = []
    for num_in, num_out in zip(sizes, sizes[1:]):
        params += [
            nd.array(rng.randn(num_in, num_out) / num_in**0.5),
            nd.array(rng.randn(num_out) / 10),
        ]
    X, y = rng.rand(200, 1, 28, 28).astype('float32'), np.arange(200) % 10
    batches = [
        (nd.array(X[i : i + 100]), nd.array(y[i : i + 100], dtype='int32'))
        for i in (0, 100)
    ]
    return SimpleNamespace(params=params, X=X.reshape(200, 784), y=y, batches=batches)


def measured(name, trained, **settings):
    spec = RunSpec(measure=name, **settings)
    result = measure(spec, trained.params, trained.batches, trained.batches)
    return json.loads(json.dumps(result))


def by_hand(trained):
    W1, b1, W2, b2, W3, b3 = (p.asnumpy().astype('float64') for p in trained.params)
    H1 = np.maximum(trained.X @ W1 + b1, 0)
    H2 = np.maximum(H1 @ W2 + b2, 0)
    return H1, H2, H2 @ W3 + b3


def test_nothing_is_measured_unless_asked_for(trained):
    assert measured(None, trained) is None


def test_train_acc_is_that_of_predict_mode(trained):
    scores = by_hand(trained)[2]
    expected = (scores.argmax(axis=1) == trained.y).mean()
    assert measured('train_acc', trained) == {'train_acc': expected}


def test_several_measures_stand_side_by_side(trained):
    both = measured('scale+train_acc', trained)
    H1, H2, _ = by_hand(trained)
    assert set(both) == {'train_acc', 'scale'}
    assert both['scale'] == pytest.approx({'H1': (H1**2).mean(), 'H2': (H2**2).mean()})
    assert (
        measured('scale+passes', trained)['plain']
        == measured('passes', trained)['plain']
    )


def test_the_noise_of_dropout_has_the_predicted_variance(trained):
    layers = measured('activations', trained)
    H1, H2, _ = by_hand(trained)
    assert layers['H1']['mean'] == pytest.approx(H1.mean(), rel=1e-5)
    assert layers['H1']['variance'] == pytest.approx(H1.var(axis=0).mean(), rel=1e-4)
    assert layers['H1 dropped']['predicted'] == pytest.approx(
        0.25 * (H1**2).mean(), rel=1e-4
    )
    for name in ('H1 dropped', 'Z2', 'H2 dropped'):
        layer = layers[name]
        assert layer['noise_variance'] == pytest.approx(layer['predicted'], rel=0.03)
    # Dropout and a linear layer leave the mean alone; ReLU does not.
    for name in ('H1 dropped', 'Z2'):
        assert abs(layers[name]['shift']) < 4 * layers[name]['shift_error']
    assert layers['H2']['shift'] > 4 * layers['H2']['shift_error']


def test_the_predicted_variance_does_not_depend_on_the_number_of_passes(trained):
    # From few passes each number is uncertain, but their mean must not be off.
    X, y = nd.array(trained.X), nd.array(trained.y)
    few = [
        _activations(trained.params, (0.5, 0.5), X, y, num_passes=2)['H2 dropped']
        for _ in range(40)
    ]
    ratios = [layer['predicted'] / layer['noise_variance'] for layer in few]
    assert np.mean(ratios) == pytest.approx(1, abs=4 * np.std(ratios) / 40**0.5)
    assert np.std(ratios) / 40**0.5 < 0.01


def test_without_dropout_there_is_no_noise(trained):
    layers = measured('activations', trained, drop_prob1=0.0, drop_prob2=0.0)
    for layer in layers.values():
        assert layer['noise_variance'] == pytest.approx(0, abs=1e-9)
        assert layer['predicted'] == pytest.approx(0, abs=1e-9)


def test_passes_average_predictions(trained):
    result = measured('passes', trained)
    scores = by_hand(trained)[2]
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exp / exp.sum(axis=1, keepdims=True)
    right = probabilities.argmax(axis=1) == trained.y
    assert result['plain']['accuracy'] == right.mean()
    likelihood = probabilities[np.arange(200), trained.y]
    assert result['plain']['nll'] == pytest.approx(-np.log(likelihood).mean(), rel=1e-5)
    assert list(result['accuracy']) == ['1', '2', '5', '10', '20', '50', '100']
    assert result['one']['accuracy'] == result['accuracy']['1']
    assert result['average']['accuracy'] == result['accuracy']['100']
    assert result['average']['nll'] < result['one']['nll']  # Jensen's inequality


def test_a_confident_liar_is_badly_calibrated(trained):
    W3, b3 = trained.params[4:]
    W3[:], b3[:] = 0, 0
    b3[0] = 100  # always surely class 0, which is right for a tenth
    quality = measured('passes', trained)['plain']
    assert quality['accuracy'] == pytest.approx(0.1)
    assert quality['calibration_error'] == pytest.approx(0.9)


def test_units_that_say_the_same_are_correlated(trained):
    result = measured('units', trained)
    H1 = by_hand(trained)[0]
    alive = H1[:, H1.max(axis=0) > 0]
    r = abs(np.corrcoef(alive, rowvar=False))[np.triu_indices(alive.shape[1], 1)]
    assert result['H1']['correlation'] == pytest.approx(r.mean(), rel=1e-3)
    assert result['H1']['dead'] == 1 - alive.shape[1] / 32
    assert 1 < result['H1']['dimensions'] < alive.shape[1]
    images = np.array(result['images'])
    assert images.shape == (12, 784) and abs(images).max(axis=1).tolist() == [127] * 12
    trained.params[0][:] = trained.params[0][:, :1].tile((1, 32))
    trained.params[1][:] = 1
    twins = measured('units', trained)['H1']
    assert twins['correlation'] == pytest.approx(1, abs=1e-3)
    assert twins['dimensions'] == pytest.approx(1, abs=1e-3)

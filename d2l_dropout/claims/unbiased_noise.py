"""Unbiased noise: dropout keeps the expected value, until something bends it."""

import functools

import numpy as np

from d2l_dropout import compat
from d2l_dropout.d2l.plotting import plt
from d2l_dropout.models.dropout import dropout
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import estimate
from d2l_dropout.studies.study import Scale
from d2l_dropout.studies.text import Table, Text, join

mx = compat.import_mxnet()

TITLE = Text('Unbiased noise', '편향이 없는 잡음')
QUESTION = Text(
    'Does dropout leave the expected value of each hidden unit as it is, and of what '
    'comes after it?',
    '드롭아웃을 해도 각 은닉 유닛의 기댓값은 그대로인가? 그 뒤에 오는 것의 기댓값은 '
    '어떤가?',
)
METHOD = Text(
    "By algebra: $E[h'] = p \\cdot 0 + (1 - p) \\cdot h / (1 - p) = h$, and $E[W h' + "
    "b] = W E[h'] + b$; a function that bends, such as ReLU, has no such rule. By "
    'simulation, on made-up numbers and no data set: the dropout of this package is '
    'drawn many times for the same {h} hidden units, and the mean of the draws is '
    'compared with what comes out without dropout, for the units, for {z} linear '
    'functions of them, for the ReLU of these and for their softmax. The error is the '
    'root of the mean square over the elements, as a share of the same of what is '
    'compared with; what would be expected without bias is its standard error, from '
    'the variance of the draws. Each seed draws the units, the weights and the noise '
    'anew.',
    "수식으로는 $E[h'] = p \\cdot 0 + (1 - p) \\cdot h / (1 - p) = h$이고 "
    "$E[W h' + b] = W E[h'] + b$이다. ReLU처럼 선형이 아닌 함수에는 이런 규칙이 없다. "
    '시뮬레이션은 데이터셋이 아니라 만들어 낸 수로 한다. 같은 은닉 유닛 {h}개에 이 '
    '패키지의 드롭아웃을 여러 번 적용하고, 그 평균을 드롭아웃이 없을 때의 값과 '
    '비교한다. 유닛 자체, 그 선형 함수 {z}개, 선형 함수의 ReLU, 소프트맥스를 본다. '
    '오차는 원소에 대한 제곱 평균의 제곱근을, 비교 대상의 같은 값으로 나눈 것이다. '
    '편향이 없을 때 예상되는 오차는 뽑은 값들의 분산으로 구한 표준오차이다. '
    '시드마다 유닛, 가중치, 잡음을 새로 뽑는다.',
).format(h=256, z=10)
SCALES = {
    'quick': Scale('quick', 5, {'draws': 2000}, 'none (simulated)'),
    'full': Scale('full', 5, {'draws': 20000}, 'none (simulated)'),
}
DROP_PROBS = (0.2, 0.5, 0.8)
QUANTITIES = ('units', 'linear', 'relu', 'softmax')
_NUM_HIDDENS, _NUM_OUTPUTS, _PART = 256, 10, 100
_NAMES = {
    'units': Text('hidden units', '은닉 유닛'),
    'linear': Text('linear layer', '선형 층'),
    'relu': Text('ReLU of the linear layer', '선형 층의 ReLU'),
    'softmax': Text('softmax of the linear layer', '선형 층의 소프트맥스'),
}


def specs(scale, kept):
    """Return no runs: nothing is trained."""
    return []


@functools.lru_cache(maxsize=None)
def simulate(draws, num_seeds):
    """Return how far the mean of draws is from the value without dropout.

    Parameters
    ----------
    draws : int
    num_seeds : int

    Returns
    -------
    counts : list of int
        After so many draws.
    errors : dict of (float, str) to ndarray, shape (num_seeds, len(counts))
        Relative, by drop_prob and quantity.
    sigmas : dict of (float, str) to ndarray, shape (num_seeds,)
        After all draws, in units of what an unbiased mean is expected to be off by:
        near 1 if there is no bias.
    """
    counts = [n for n in (100, 300, 1000, 2000, 5000, 10000, 20000) if n <= draws]
    errors = {(p, q): [] for p in DROP_PROBS for q in QUANTITIES}
    sigmas = {key: [] for key in errors}
    for seed in range(num_seeds):
        # This sets the state of MXNet's generator for all; runs set their own.
        mx.random.seed(seed)
        H = mx.nd.random.normal(shape=(1, _NUM_HIDDENS)).abs()
        W = mx.nd.random.normal(0, 0.1, shape=(_NUM_HIDDENS, _NUM_OUTPUTS))
        for p in DROP_PROBS:
            for q, (error, sigma) in _one(H, W, p, counts).items():
                errors[p, q].append(error)
                sigmas[p, q].append(sigma)
    return counts, *({k: np.array(v) for k, v in d.items()} for d in (errors, sigmas))


def _layers(H, W):
    Z = mx.nd.dot(H, W)
    layers = H, Z, Z.relu(), Z.softmax()
    return {q: v.asnumpy().astype('float64') for q, v in zip(QUANTITIES, layers)}


def _one(H, W, p, counts):
    """Draw in parts, and compare the mean so far at each of `counts`."""
    plain = _layers(H, W)
    sums = {q: np.zeros((2, v.shape[1])) for q, v in plain.items()}
    errors = {q: [] for q in plain}
    many = mx.nd.repeat(H, _PART, axis=0)
    for n in range(_PART, counts[-1] + 1, _PART):
        for q, v in _layers(dropout(many, p), W).items():
            sums[q] += v.sum(axis=0), (v**2).sum(axis=0)
            if n in counts:
                off = sums[q][0] / n - plain[q][0]
                errors[q].append(_rms(off) / _rms(plain[q]))
    result = {}
    for q, (total, squares) in sums.items():
        variance = (squares - total**2 / n) / (n - 1)
        off = total / n - plain[q][0]
        result[q] = errors[q], _rms(off) / (variance.mean() / n) ** 0.5
    return result


def _rms(values):
    return float((np.asarray(values) ** 2).mean() ** 0.5)


def _simulated(scale):
    return simulate(scale.settings['draws'], scale.num_seeds)


def _slope(scale, p, quantity):
    """Return the power of the number of draws that the error goes with."""
    counts, errors, _ = _simulated(scale)
    lines = np.polyfit(np.log(counts), np.log(errors[p, quantity]).T, 1)
    return estimate(lines[0], len(DROP_PROBS) * len(QUANTITIES))


def _last(scale, p, quantity):
    return estimate(_simulated(scale)[1][p, quantity][:, -1])


def _sigmas(scale, p, quantity):
    # On a log scale: where there is a bias its size varies much with the weights.
    sigmas = np.log(_simulated(scale)[2][p, quantity])
    return estimate(sigmas, len(DROP_PROBS) * len(QUANTITIES))


def tables(scale, kept):
    """Return error after all draws, in noise units, and the power of their number."""
    rows = [
        [
            _NAMES[q],
            str(p),
            _last(scale, p, q).percent(),
            _times(_sigmas(scale, p, q)),
            _plus_minus(_slope(scale, p, q)),
        ]
        for q in QUANTITIES
        for p in DROP_PROBS
    ]
    head = [
        Text('mean of', '평균을 낸 것'),
        'drop_prob',
        Text('error, %', '오차, %'),
        Text(
            'error / expected if unbiased [interval]',
            '오차 / 편향이 없을 때의 예상 [구간]',
        ),
        Text('power of the number of draws', '횟수의 지수'),
    ]
    return [Table(head, rows)]


def _plus_minus(e):
    return f'{e.mean:.2f} ± {e.half_width:.2f}'


def _times(e):
    low, mean, high = np.exp([e.mean - e.half_width, e.mean, e.mean + e.half_width])
    return f'{mean:.2f} [{low:.2f}, {high:.2f}]'


def figure(scale, kept):
    """Draw the error against the number of draws, a line a seed."""
    counts, errors, _ = _simulated(scale)
    with style.context():
        figure = plt.Figure(figsize=(9, 3), layout='constrained')
        axes = figure.subplots(1, len(QUANTITIES), sharey=True)
        for ax, q in zip(axes, QUANTITIES):
            for p, (colour, line) in zip(DROP_PROBS, style.LINES):
                lines = ax.loglog(counts, errors[p, q].T, line, color=colour, alpha=0.7)
                lines[0].set_label(f'drop_prob {p}')
            start = np.mean(errors[DROP_PROBS[-1], q][:, 0]) * 2
            guide = start * (np.array(counts) / counts[0]) ** -0.5
            ax.loglog(counts, guide, color=style.COLOURS['ink'], lw=0.8)
            ax.set(title=q, xlabel='draws')
        axes[0].set_ylabel('relative error of the mean')
        axes[2].legend(*axes[0].get_legend_handles_labels(), loc='lower left')
        axes[0].text(counts[1], guide[1] * 1.2, r'1/$\sqrt{n}$', fontsize=8)
        figure.supxlabel(scale.describe().en, fontsize=7)
        return figure


def verdict(scale, kept):
    """Return whose mean dropout leaves as it is, and whose not."""
    biased = [q for q in QUANTITIES if _biased_at(scale, q)]
    unbiased = [q for q in QUANTITIES if q not in biased]
    none = Text('nothing', '없음')
    return Text(
        'Dropout shows no bias beyond chance in the mean of: {unbiased}. It shows one '
        'in: {biased}.',
        '평균에서 우연을 넘는 편향이 보이지 않는 것: {unbiased}. 보이는 것: {biased}.',
    ).format(
        unbiased=join([_NAMES[q] for q in unbiased], none),
        biased=join([_NAMES[q] for q in biased], none),
    )


def answer(scale, kept):
    """Return what the numbers say."""
    return [_quantity(scale, quantity) for quantity in QUANTITIES]


def _biased_at(scale, quantity):
    """Return the probabilities at which the mean is off by more than chance."""
    sigmas = {p: _sigmas(scale, p, quantity) for p in DROP_PROBS}
    return [p for p, e in sigmas.items() if e.excludes_zero and e.mean > 0]


def _quantity(scale, quantity):
    """Say of one quantity whether its mean is off by more than chance."""
    biased = _biased_at(scale, quantity)
    if not biased:
        judged = Text(
            'no drop_prob shows a bias beyond chance',
            '어느 drop_prob에서도 우연을 넘는 편향이 보이지 않는다',
        )
    else:
        judged = Text(
            'a bias beyond chance shows at drop_prob {biased}',
            'drop_prob {biased}에서 우연을 넘는 편향이 보인다',
        ).format(biased=', '.join(map(str, biased)))
    return Text(
        'Mean of the {name} after {draws} draws: off by {errors} % at drop_prob '
        '{probs}; it goes with the number of draws to the power {slopes} (chance '
        'alone: -0.5); {judged}.',
        '{name}의 평균은 {draws}번 뽑은 뒤 drop_prob {probs}에서 각각 {errors} % '
        '벗어나고, 그 크기는 횟수의 {slopes}제곱으로 변한다(우연만이면 -0.5제곱). '
        '{judged}.',
    ).format(
        name=_NAMES[quantity],
        draws=scale.settings['draws'],
        probs=', '.join(map(str, DROP_PROBS)),
        errors=', '.join(_last(scale, p, quantity).percent() for p in DROP_PROBS),
        slopes=', '.join(_plus_minus(_slope(scale, p, quantity)) for p in DROP_PROBS),
        judged=judged,
    )

"""Input noise is Tikhonov regularisation of a linear model; what it does to the net."""

import functools

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, measured, values
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('Input noise as a penalty', '입력 잡음과 벌점')
QUESTION = Text(
    'Is training with noise on the inputs the same as a penalty on the weights '
    '(Bishop 1995), and what does such noise do to the net of the chapter?',
    '입력에 잡음을 더한 학습은 가중치에 벌점을 주는 것과 같은가(Bishop 1995)? 그런 '
    '잡음은 책의 신경망에 어떤 영향을 주는가?',
)
METHOD = Text(
    'For a linear model the expected squared loss over noise of variance sigma^2 is '
    'that without noise plus n sigma^2 ||W||^2: ridge regression, the simplest '
    'Tikhonov penalty. Here {n} examples with {d} correlated features and {k} outputs '
    'are drawn at random: made-up numbers, not Fashion-MNIST. Least squares on K noisy '
    'copies of them is compared with ridge regression; the gap is the norm of the '
    'difference of the two W as a share of that of ridge. Then the net in Gluon is '
    'trained on the real data without dropout, with noise of each sigma added to each '
    'pixel, in [0, 1], anew in each epoch, with the same seeds; accuracies are those '
    'after the last epoch in predict mode, that on the training set with noisy images.',
    '선형 모델에서 분산이 sigma^2인 잡음에 대한 제곱 손실의 기댓값은 잡음이 없을 때의 '
    '손실에 n sigma^2 ||W||^2를 더한 것, 곧 가장 단순한 티호노프 벌점인 릿지 '
    '회귀이다. 여기서는 서로 상관된 특성 {d}개와 출력 {k}개를 가진 예제 {n}개를 '
    '무작위로 뽑는다. 만들어 낸 수이며 Fashion-MNIST가 아니다. 이들에 잡음을 더한 '
    '복사본 K벌의 최소제곱 해를 릿지 회귀와 비교하며, 격차는 두 W의 차의 노름을 릿지 '
    'W의 노름으로 나눈 것이다. 그다음 Gluon 모델을 실제 데이터에서 드롭아웃 없이 '
    '학습하는데, [0, 1] 범위의 각 픽셀에 각 sigma의 잡음을 에포크마다 새로 더하고 '
    '같은 시드들을 쓴다. 정확도는 마지막 에포크 뒤에 예측 모드에서 잰 값이고, 학습 '
    '정확도는 잡음이 있는 이미지에서 잰다.',
).format(n=500, d=49, k=10)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
SIGMAS = (0.1, 0.3, 1.0)
COPIES = (1, 3, 10, 30, 100, 300)
INPUT_NOISES = (0.0, 0.1, 0.3)
_NUM_EXAMPLES, _NUM_FEATURES, _NUM_OUTPUTS, _NUM_DRAWS = 500, 49, 10, 5


def specs(scale, kept):
    """Return the runs of the net with each noise on its inputs."""
    return [spec for sigma in INPUT_NOISES for spec in _specs(scale, sigma)]


def _specs(scale, sigma):
    return scale.specs(
        model='gluon',
        drop_prob1=0.0,
        drop_prob2=0.0,
        input_noise=sigma,
        measure='train_acc',
    )


@functools.lru_cache(maxsize=None)
def linear_gaps():
    """Return how far least squares on noisy copies is from ridge regression.

    Returns
    -------
    gaps : dict of float to ndarray, shape (5, len(COPIES))
        By sigma: one row a draw of the examples and of the noise.
    plain : dict of float to ndarray, shape (5,)
        The same of least squares without noise.
    """
    gaps, plain = ({sigma: [] for sigma in SIGMAS} for _ in range(2))
    for seed in range(_NUM_DRAWS):
        rng = np.random.RandomState(seed)
        X, Y = _examples(rng)
        for sigma in SIGMAS:
            penalty = len(X) * sigma**2 * np.eye(_NUM_FEATURES)
            ridge = np.linalg.solve(X.T @ X + penalty, X.T @ Y)
            size = np.linalg.norm(ridge)
            least_squares = np.linalg.solve(X.T @ X, X.T @ Y)
            plain[sigma].append(np.linalg.norm(least_squares - ridge) / size)
            found = _on_copies(X, Y, sigma, rng)
            gaps[sigma].append([np.linalg.norm(W - ridge) / size for W in found])
    return tuple({k: np.array(v) for k, v in d.items()} for d in (gaps, plain))


def _examples(rng):
    """Draw features whose covariance falls off with their distance, and outputs."""
    apart = abs(np.subtract.outer(*2 * [np.arange(_NUM_FEATURES)]))
    root = np.linalg.cholesky(0.8**apart)
    X = rng.normal(size=(_NUM_EXAMPLES, _NUM_FEATURES)) @ root.T
    W = rng.normal(size=(_NUM_FEATURES, _NUM_OUTPUTS))
    return X, X @ W + rng.normal(size=(_NUM_EXAMPLES, _NUM_OUTPUTS))


def _on_copies(X, Y, sigma, rng):
    """Return the least squares W of the first K noisy copies, for each K."""
    A, B, found = 0, 0, []
    for copy in range(1, max(COPIES) + 1):
        noisy = X + sigma * rng.normal(size=X.shape)
        A, B = A + noisy.T @ noisy, B + noisy.T @ Y
        if copy in COPIES:
            found.append(np.linalg.solve(A, B))
    return found


def _slope(sigma):
    """Return the power of K that the gap goes with."""
    lines = np.polyfit(np.log(COPIES), np.log(linear_gaps()[0][sigma]).T, 1)
    return estimate(lines[0], len(SIGMAS))


def _train_acc(scale, kept, sigma):
    return measured(kept, _specs(scale, sigma), 'train_acc')


def _change(scale, kept, sigma):
    accuracies = [values(kept, _specs(scale, s)) for s in (sigma, 0.0)]
    return difference(*accuracies, len(INPUT_NOISES) - 1)


def tables(scale, kept):
    """Return the gaps of the linear model, and the accuracies of the net."""
    gaps, plain = linear_gaps()
    linear = [
        [
            str(sigma),
            estimate(plain[sigma]).percent(),
            *(estimate(gaps[sigma][:, i]).percent() for i in _SHOWN),
            _power(_slope(sigma)),
        ]
        for sigma in SIGMAS
    ]
    net = [
        [
            str(sigma),
            estimate(values(kept, _specs(scale, sigma))).percent(),
            _change(scale, kept, sigma).signed_percent() if sigma else '',
            estimate(_train_acc(scale, kept, sigma)).percent(),
        ]
        for sigma in INPUT_NOISES
    ]
    return [
        Table(
            [
                Text(
                    'linear model: gap to ridge, %; sigma', '선형 모델: 격차, %; sigma'
                ),
                Text('no noise', '잡음 없음'),
                *(f'K = {COPIES[i]}' for i in _SHOWN),
                Text('power of K', 'K의 지수'),
            ],
            linear,
        ),
        Table(
            [
                Text('net: sigma', '신경망: sigma'),
                Text('test acc, %', '테스트 정확도, %'),
                Text('less that without noise, points', '잡음이 없을 때와의 차, %p'),
                Text('train acc on noisy images, %', '잡음 있는 학습 정확도, %'),
            ],
            net,
        ),
    ]


_SHOWN = (0, 2, 4, 5)  # of COPIES


def _power(e):
    return f'{e.mean:.2f} ± {e.half_width:.2f}'


def figure(scale, kept):
    """Draw the gap against K, a line a draw, and the accuracies of the net."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.3), layout='constrained')
        left, right = figure.subplots(1, 2)
        for sigma, (colour, line) in zip(SIGMAS, style.LINES):
            gaps = linear_gaps()[0][sigma].T
            lines = left.loglog(COPIES, gaps, line, color=colour, alpha=0.7)
            lines[0].set_label(f'sigma {sigma}')
        left.set(title='linear model: gap to ridge, a share', xlabel='copies K')
        left.legend(fontsize=7)
        kinds = (
            ('test acc', lambda s: values(kept, _specs(scale, s)), 'o-', 'first'),
            (
                'train acc on noisy images',
                lambda s: _train_acc(scale, kept, s),
                's--',
                'second',
            ),
        )
        for label, of, line, colour in kinds:
            means = [estimate(100 * np.asarray(of(s))) for s in INPUT_NOISES]
            right.errorbar(
                INPUT_NOISES,
                [e.mean for e in means],
                yerr=[e.half_width for e in means],
                fmt=line,
                capsize=3,
                label=label,
                color=style.COLOURS[colour],
            )
        right.set(title='net: accuracy, %', xlabel='sigma of the input noise')
        right.legend(fontsize=7)
        figure.supxlabel(scale.describe().en + '; bars: 95 % intervals', fontsize=7)
        return figure


def verdict(scale, kept):
    """Return whether the two agree in the linear model, and what the net does."""
    changes = {s: _change(scale, kept, s) for s in INPUT_NOISES if s}
    clear = [str(s) for s, change in changes.items() if change.excludes_zero]
    return Text(
        '{linear} In the net, the test accuracy changes clearly at sigma: {clear}.',
        '{linear} 신경망에서 테스트 정확도가 확실히 변하는 sigma: {clear}.',
    ).format(
        linear=_SAME if _as_expected() else _NOT_THE_SAME,
        clear=join(clear, Text('none of those tried', '없음')),
    )


_SAME = Text(
    'In the linear model it is, as the noisy copies grow in number: the gap to ridge '
    'regression shrinks as chance alone does.',
    '선형 모델에서는 잡음을 더한 복사본이 많아질수록 그렇다. 릿지 회귀와의 격차가 우연 '
    '오차만 있을 때처럼 줄어든다.',
)
_NOT_THE_SAME = Text(
    'In the linear model the gap to ridge regression does not shrink with the number '
    'of noisy copies as chance alone would.',
    '선형 모델에서 릿지 회귀와의 격차는 잡음을 더한 복사본의 수에 따라 우연 '
    '오차만 있을 때처럼 줄어들지는 않는다.',
)


def answer(scale, kept):
    """Return what the numbers say."""
    return [_linear(), _NET, *(_net(scale, kept, s) for s in INPUT_NOISES if s)]


def _as_expected():
    """Return whether the gap goes with K to the power -0.5 for each sigma."""
    slopes = [_slope(sigma) for sigma in SIGMAS]
    return all(abs(e.mean + 0.5) <= e.half_width for e in slopes)


def _linear():
    gaps, plain = linear_gaps()
    slopes = [_slope(sigma) for sigma in SIGMAS]
    judged = Text('each agrees with', '모두 이와 맞는다')
    if not _as_expected():
        judged = Text('not each agrees with', '이와 맞지 않는 것이 있다')
    return Text(
        'In the linear model with sigma {sigmas}, the gap to ridge regression is '
        '{plain} % without noise and {last} % with {k} noisy copies. It goes with K to '
        'the power {slopes}; {judged} the -0.5 of a mean of independent copies.',
        '선형 모델에서 sigma가 {sigmas}일 때 릿지 회귀와의 격차는 잡음이 없으면 차례로 '
        '{plain} %이고, 잡음을 더한 복사본이 {k}벌이면 {last} %이다. 격차는 K의 '
        '{slopes}제곱으로 변한다. 독립인 복사본의 평균이면 -0.5제곱인데, {judged}.',
    ).format(
        sigmas=', '.join(map(str, SIGMAS)),
        plain=', '.join(estimate(plain[s]).percent() for s in SIGMAS),
        last=', '.join(estimate(gaps[s][:, -1]).percent() for s in SIGMAS),
        k=COPIES[-1],
        slopes=', '.join(map(_power, slopes)),
        judged=judged,
    )


_NET = Text(
    'For the net Bishop (1995) shows the same for small noise only; that is not tested '
    'here.',
    '신경망에 대해서는 Bishop(1995)이 작은 잡음일 때만 이를 보였으며, 여기서는 '
    '시험하지 않았다.',
)


def _net(scale, kept, sigma):
    change = _change(scale, kept, sigma)
    return Text(
        'In the net, sigma {sigma} changes the test accuracy by {change} points, '
        '{judged}.',
        '신경망에서 sigma {sigma}의 잡음은 테스트 정확도를 '
        '{change}%p 바꾼다. 이 차이는 {judged}.',
    ).format(sigma=sigma, change=change.signed_percent(), judged=against_noise(change))

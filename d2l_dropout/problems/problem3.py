"""Problem 3: the variance of the activations, with and without dropout."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, measured
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('The variance of the activations', '활성화의 분산')
QUESTION = Text(
    'What is the variance of the activations in each layer when dropout is applied, '
    'and when it is not?',
    '드롭아웃을 적용할 때와 적용하지 않을 때, 각 층의 활성화의 분산은 얼마인가?',
)
METHOD = Text(
    'The net from scratch is trained as in the chapter with dropout (0.2, 0.5), and '
    'without. Of each trained net, two variances on the first 500 test examples. The '
    'noise variance: of one activation of one example over 200 passes with new masks, '
    'then averaged. The variance over examples: of one unit in predict mode, then '
    'averaged over units. H1 and H2 are the hidden layers after ReLU, Z2 is H2 before '
    'it; "dropped" is after the dropout layer. Predicted: p / (1 - p) h² where '
    'dropout meets a fixed h, p / (1 - p) E[h²] + Var[h] where h varies itself, and '
    'the squared weights times the variances where a linear layer follows, as if its '
    'inputs were independent; those of the scores are not, for they share the masks of '
    'H1. The noise variances, the shifts and the variances over examples are three '
    'kinds of differences.',
    '밑바닥부터 구현한 모델을 책의 설정 그대로, 드롭아웃 (0.2, 0.5)를 쓰거나 쓰지 '
    '않고 학습한다. 학습된 모델마다 첫 테스트 예제 500개에서 두 가지 분산을 잰다. '
    '잡음 분산은 한 예제의 한 활성화가 마스크를 새로 뽑은 200번의 통과에서 갖는 '
    '분산을 평균한 것이다. 예제 간 분산은 예측 모드에서 한 유닛이 예제들에 걸쳐 '
    '갖는 분산을 유닛에 대해 평균한 것이다. H1과 H2는 ReLU 뒤의 은닉층, Z2는 ReLU '
    '앞의 H2이고, "dropped"는 드롭아웃 층 뒤이다. 예측식은 고정된 h를 드롭아웃하면 p '
    '/ (1 - p) h², h 자신도 변하면 p / (1 - p) E[h²] + Var[h], 뒤에 선형 층이 오면 '
    '입력들이 독립이라고 보고 가중치의 제곱에 분산을 곱한 합이다. scores의 입력들은 '
    'H1의 마스크를 함께 쓰므로 독립이 아니다. 잡음 분산, 평균의 이동, 예제 간 분산은 '
    '서로 다른 종류의 차이로 본다.',
)
SCALES = {
    'quick': Scale(
        'quick', 4, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
_NOISY = ('H1 dropped', 'Z2', 'H2', 'H2 dropped', 'scores')
_PREDICTED = ('H1 dropped', 'Z2', 'H2 dropped', 'scores')
_LAYERS = ('H1', 'Z2', 'H2', 'scores')  # in predict mode nothing is dropped


def specs(scale, kept):
    """Return the runs with dropout and without."""
    return _specs(scale, True) + _specs(scale, False)


def _specs(scale, dropout):
    probs = (0.2, 0.5) if dropout else (0.0, 0.0)
    return scale.specs(
        model='scratch', drop_prob1=probs[0], drop_prob2=probs[1], measure='activations'
    )


def _get(scale, kept, layer, name, dropout=True):
    return np.array(measured(kept, _specs(scale, dropout), layer, name))


def _excess(scale, kept, layer):
    """Noise variance over the predicted one, less one."""
    ratio = _get(scale, kept, layer, 'noise_variance') / _get(
        scale, kept, layer, 'predicted'
    )
    return estimate(ratio - 1, len(_PREDICTED))


def _shift(scale, kept, layer):
    """How far dropout moves the mean."""
    return estimate(_get(scale, kept, layer, 'shift'), len(_NOISY))


def _log_ratio(scale, kept, layer):
    """Log of the variance over examples with dropout over that without."""
    logs = [np.log(_get(scale, kept, layer, 'variance', d)) for d in (True, False)]
    return difference(*logs, len(_LAYERS))


def tables(scale, kept):
    """Return the noise variance and shift by layer, and the variance over examples."""
    return [_noise_table(scale, kept), _example_table(scale, kept)]


def _noise_table(scale, kept):
    rows = []
    for layer in _NOISY:
        excess = '-'
        predicted = '-'
        if layer in _PREDICTED:
            excess = _excess(scale, kept, layer).signed_percent()
            predicted = f'{_get(scale, kept, layer, "predicted").mean():.4g}'
        shifts = _get(scale, kept, layer, 'shift')
        errors = _get(scale, kept, layer, 'shift_error')
        rows.append(
            [
                layer,
                f'{_get(scale, kept, layer, "noise_variance").mean():.4g}',
                predicted,
                excess,
                f'{_get(scale, kept, layer, "mean").mean():.4f}',
                _signed(_shift(scale, kept, layer)),
                f'{abs(shifts / errors).max():.1f}',
            ]
        )
    head = [
        Text('layer, with dropout', '층, 드롭아웃 있음'),
        Text('noise variance', '잡음 분산'),
        Text('predicted', '예측식'),
        Text('measured over predicted, less 1, %', '측정값 / 예측값 - 1, %'),
        Text('mean in predict mode', '예측 모드의 평균'),
        Text('shift of the mean by dropout', '드롭아웃에 의한 평균의 이동'),
        Text(
            'shift by its error, largest of the nets', '이동 / 오차, 모델 가운데 최대'
        ),
    ]
    return Table(head, rows)


def _signed(estimate):
    return f'{estimate.mean:+.5f} ± {estimate.half_width:.5f}'


def _example_table(scale, kept):
    rows = [
        [
            layer,
            *(
                f'{_get(scale, kept, layer, "variance", dropout).mean():.4g}'
                for dropout in (True, False)
            ),
            _times(_log_ratio(scale, kept, layer)),
        ]
        for layer in _LAYERS
    ]
    head = [
        Text('variance over examples, predict mode', '예제 간 분산, 예측 모드'),
        Text('trained with dropout', '드롭아웃으로 학습'),
        Text('trained without', '드롭아웃 없이 학습'),
        Text('ratio (95 % interval)', '비(95 % 신뢰구간)'),
    ]
    return Table(head, rows)


def _times(log_ratio):
    mean, half = log_ratio.mean, log_ratio.half_width
    low, high = np.exp(mean - half), np.exp(mean + half)
    return f'{np.exp(mean):.3g} ({low:.3g}–{high:.3g})'


def figure(scale, kept):
    """Draw noise variance against prediction, and the variance over examples."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        left, right = figure.subplots(1, 2)
        noise = {n: [_get(scale, kept, n, 'noise_variance')] for n in _NOISY}
        _draw(left, noise, ['measured, a point a net'])
        predicted = [_get(scale, kept, n, 'predicted').mean() for n in _PREDICTED]
        places = [_NOISY.index(n) for n in _PREDICTED]
        markers = {'color': style.COLOURS['second'], 'markersize': 22}
        left.plot(places, predicted, '_', label='predicted, mean of nets', **markers)
        left.set_title('noise variance over passes with dropout')
        both = {
            n: [_get(scale, kept, n, 'variance', d) for d in (True, False)]
            for n in _LAYERS
        }
        _draw(right, both, ['trained with dropout', 'trained without'])
        right.set_title('variance over examples, predict mode')
        for ax in (left, right):
            ax.set_yscale('log')
            ax.legend(markerscale=0.6)
        figure.supxlabel(scale.describe().en, fontsize=7)
        return figure


def _draw(ax, groups, labels):
    """Draw a point a net for each layer; the groups stand side by side."""
    styles = [('o', 'first'), ('s', 'second')]
    for k, label in enumerate(labels):
        marker, colour = styles[k]
        x = np.arange(len(groups)) + 0.24 * (k - (len(labels) - 1) / 2)
        points = np.array([group[k] for group in groups.values()])
        x = np.repeat(x, points.shape[1])
        markers = {'color': style.COLOURS[colour], 'alpha': 0.7, 'markersize': 5}
        ax.plot(x, points.ravel(), marker, linestyle='', label=label, **markers)
    ax.set_xticks(range(len(groups)), list(groups))


def verdict(scale, kept):
    """Return the variances, and how well the prediction does."""
    said = [_say_variances(scale, kept, layer) for layer in ('H1', 'H2')]
    excesses = {n: _excess(scale, kept, n) for n in _PREDICTED}
    agree = [n for n, e in excesses.items() if not e.excludes_zero]
    differ = [
        Text('{n} ({by} %)', '{n}({by} %)').format(n=n, by=e.signed_percent())
        for n, e in excesses.items()
        if e.excludes_zero
    ]
    none = Text('no layer', '없음')
    return Text(
        '{h1} {h2} The measured noise variance agrees with the predicted one, within '
        'the noise of the seeds, in: {agree}; it differs in: {differ}.',
        '{h1} {h2} 잡음 분산의 측정값이 시드에 따른 변동 범위 안에서 예측값과 맞는 층: '
        '{agree}. 다른 층: {differ}.',
    ).format(
        h1=said[0],
        h2=said[1],
        agree=join(agree, none),
        differ=join(differ, none),
    )


def _say_variances(scale, kept, layer):
    dropped = layer + ' dropped'
    variances = _get(scale, kept, dropped, 'variance')
    noise = _get(scale, kept, dropped, 'noise_variance')
    return Text(
        'In {layer} the variance over examples is {variance:.3f} in predict mode, and '
        'dropout adds to each example noise of variance {noise:.3f}, {share} % of it.',
        '{layer}의 예제 간 분산은 예측 모드에서 {variance:.3f}이고, 드롭아웃은 여기에 '
        '분산이 {noise:.3f}(그 {share} %)인 잡음을 예제마다 더한다.',
    ).format(
        layer=layer,
        variance=variances.mean(),
        noise=noise.mean(),
        share=estimate(noise / variances).percent(),
    )


def answer(scale, kept):
    """Return what the numbers say."""
    return [
        *(_say_excess(layer, _excess(scale, kept, layer)) for layer in _PREDICTED),
        _say_shifts(scale, kept),
        *(_say_ratio(layer, _log_ratio(scale, kept, layer)) for layer in _LAYERS),
    ]


def _say_excess(layer, excess):
    return Text(
        '{layer}: the measured noise variance differs from the predicted one by '
        '{excess} %, {judged}.',
        '{layer}: 측정한 잡음 분산과 예측값의 차이는 {excess} %이다. 이 차이는 '
        '{judged}.',
    ).format(layer=layer, excess=excess.signed_percent(), judged=against_noise(excess))


def _say_shifts(scale, kept):
    moved = [n for n in _NOISY if _shift(scale, kept, n).excludes_zero]
    kept_mean = [n for n in _NOISY if n not in moved]
    none = Text('no layer', '없음')
    return Text(
        'Averaged over the nets, the mean over passes differs from that of predict '
        'mode by more than the noise in: {moved}; it does not in: {same}. A single '
        'net may differ all the same: see the last column. Dropout and linear layers '
        'preserve the mean by the formula; ReLU need not.',
        '모델들을 평균하면, 통과들의 평균이 예측 모드의 값과 변동을 넘어 다른 층: '
        '{moved}. 변동 범위 안인 층: {same}. 모델 하나하나는 다를 수 있다(마지막 열). '
        '식에 따르면 드롭아웃과 선형 층은 평균을 보존하지만 ReLU는 그렇지 않을 수 '
        '있다.',
    ).format(moved=join(moved, none), same=join(kept_mean, none))


def _say_ratio(layer, log_ratio):
    return Text(
        '{layer} in predict mode: training with dropout makes the variance over '
        'examples {times} times that of training without, {judged}.',
        '예측 모드의 {layer}: 드롭아웃으로 학습하면 예제 간 분산이 드롭아웃 없이 '
        '학습한 경우의 {times}배이다. 차이는 {judged}.',
    ).format(layer=layer, times=_times(log_ratio), judged=against_noise(log_ratio))

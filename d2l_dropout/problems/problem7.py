"""Problem 7: dropping weights (DropConnect) in place of activations."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, gaps, values
from d2l_dropout.studies.text import Table, Text

TITLE = Text('Dropping weights, not activations', '활성화 대신 가중치를 없애면')
QUESTION = Text(
    'What happens when single weights are dropped (DropConnect) in place of hidden '
    'units?',
    '은닉 유닛 대신 가중치를 하나씩 없애면(DropConnect) 어떻게 되는가?',
)
METHOD = Text(
    'In training, each weight that leaves the first hidden layer is zeroed with '
    'probability p1 and each that leaves the second with p2, and those kept are '
    'divided by 1 - p; in predict mode the weights are used as they are. All examples '
    'of a mini-batch meet the same mask; Wan et al. (2013) draw one an example and '
    'sample in predict mode. This is compared, seed by seed, with dropout of the same '
    'probabilities and with neither, in the scratch and in the Gluon net, at the '
    "chapter's settings, and in the Gluon net at a fifth of its learning rate too: one "
    'mask for all examples may make the steps noisier. The differences between '
    'DropConnect and dropout share the 5 % of their intervals. Accuracies are in '
    'predict mode after the last epoch; the gap is that on the training set less that '
    'on the test set. The time is that of runs side by side: the median of their '
    'seconds over that of the same net without noise.',
    '학습할 때 첫째 은닉층에서 나가는 가중치를 저마다 확률 p1로, 둘째 은닉층에서 '
    '나가는 가중치를 p2로 0으로 만들고 남은 것은 1 - p로 나눈다. 예측 모드에서는 '
    '가중치를 그대로 쓴다. 미니배치의 모든 예제가 같은 마스크를 쓴다. Wan et al. '
    '(2013)은 예제마다 마스크를 뽑고 예측할 때 표본을 뽑는다. 이를 같은 확률의 '
    '드롭아웃, 그리고 둘 다 없는 경우와 시드별로 비교한다. 밑바닥부터 구현한 '
    '모델(scratch)과 Gluon 모델을 모두 책의 설정으로 학습한다. 모든 예제가 마스크 '
    '하나를 함께 쓰면 갱신의 잡음이 커질 수 있으므로, Gluon 모델은 학습률을 5분의 1로 '
    '낮추어서도 학습한다. DropConnect와 드롭아웃의 차이를 나타내는 신뢰구간들은 5 %를 '
    '나누어 가진다. 정확도는 마지막 에포크 뒤에 예측 모드에서 재고, 일반화 격차는 '
    '학습 정확도에서 테스트 정확도를 뺀 값이다. 시간은 여러 실행을 나란히 돌리며 잰 '
    '것으로, 초의 중앙값을 같은 모델에 잡음이 없을 때의 중앙값으로 나눈 값이다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
#: (model, learning rate)
NETS = ('scratch', 0.5), ('gluon', 0.5), ('gluon', 0.1)
PAIRS = (0.2, 0.5), (0.5, 0.5)
#: (noise, pair)
NONE = 'dropout', (0.0, 0.0)
SETTINGS = (NONE, *((n, pair) for pair in PAIRS for n in ('dropout', 'dropconnect')))
_CASES = [(net, setting) for net in NETS for setting in SETTINGS]


def specs(scale, kept):
    """Return the runs of each net, noise and pair."""
    return [spec for case in _CASES for spec in _specs(scale, *case)]


def _specs(scale, net, setting):
    noise, (drop_prob1, drop_prob2) = setting
    model, lr = net
    return scale.specs(
        model=model,
        lr=lr,
        noise=noise,
        drop_prob1=drop_prob1,
        drop_prob2=drop_prob2,
        measure='train_acc',
    )


def _test_acc(scale, kept, net, setting):
    return values(kept, _specs(scale, net, setting))


def _gap(scale, kept, net, setting):
    return gaps(kept, _specs(scale, net, setting))


def _times_longer(scale, kept, net, setting):
    """Median over the seeds of the time of an epoch against that without noise."""
    seconds, plain = (
        [kept[spec].seconds for spec in _specs(scale, net, which)]
        for which in (setting, NONE)
    )
    return np.median(seconds) / np.median(plain)


def _net_name(net):
    return '{}, lr {}'.format(*net)


def _name(setting):
    noise, pair = setting
    if setting == NONE:
        return Text('none', '없음')
    names = {
        'dropout': Text('dropout', '드롭아웃'),
        'dropconnect': Text('DropConnect', 'DropConnect'),
    }
    return Text('{name} {pair}', '{name} {pair}').format(name=names[noise], pair=pair)


def tables(scale, kept):
    """Return accuracy, gap and time of each case, and DropConnect less dropout."""
    head = [
        Text('net', '모델'),
        Text('noise', '잡음'),
        Text('test acc, %', '테스트 정확도, %'),
        Text('gap, points', '일반화 격차, %p'),
        Text('time, times', '시간, 배'),
    ]
    rows = [
        [
            _net_name(net),
            _name(setting),
            estimate(_test_acc(scale, kept, net, setting)).percent(),
            estimate(_gap(scale, kept, net, setting)).percent(),
            f'{_times_longer(scale, kept, net, setting):.2f}',
        ]
        for net, setting in _CASES
    ]
    less = [
        Text('net', '모델'),
        Text('DropConnect less dropout', 'DropConnect - 드롭아웃'),
        Text('test acc, points', '테스트 정확도, %p'),
        Text('gap, points', '일반화 격차, %p'),
    ]
    differences = [
        [
            _net_name(net),
            str(pair),
            *(_less(of, scale, kept, net, pair).signed_percent() for of in _BOTH),
        ]
        for net in NETS
        for pair in PAIRS
    ]
    return [Table(head, rows), Table(less, differences)]


_BOTH = _test_acc, _gap


def _less(of, scale, kept, net, pair):
    noises = (of(scale, kept, net, (n, pair)) for n in ('dropconnect', 'dropout'))
    # Of accuracy and gap, of each net and pair.
    return difference(*noises, len(_BOTH) * len(NETS) * len(PAIRS))


def figure(scale, kept):
    """Draw accuracy and gap of each setting, both models."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        axes = figure.subplots(1, 2, sharey=True)
        for ax, title, of in zip(axes, ('test acc, %', 'gap, points'), _BOTH):
            for i, (net, (colour, _)) in enumerate(zip(NETS, style.LINES)):
                cases = [estimate(of(scale, kept, net, s)) for s in SETTINGS]
                ax.errorbar(
                    [100 * case.mean for case in cases],
                    np.arange(len(cases)) + 0.2 * (i - 1),
                    xerr=[100 * case.half_width for case in cases],
                    fmt='os^'[i],
                    color=colour,
                    label=_net_name(net),
                    capsize=3,
                )
            ax.set(title=title)
        axes[0].set_yticks(range(len(SETTINGS)), [_name(s).en for s in SETTINGS])
        axes[0].invert_yaxis()
        axes[1].legend()
        caption = scale.describe().en + '; bars: 95 % intervals'
        figure.supxlabel(caption, fontsize=7)
        return figure


def verdict(scale, kept):
    """Return what DropConnect does to the test accuracy, against dropout."""
    said = [
        Text('{case}: {by} ({judged})', '{case}: {by}({judged})').format(
            case=_case_name(net, pair), by=lead.signed_percent(), judged=_side(lead)
        )
        for net in NETS
        for pair in PAIRS
        for lead in [_less(_test_acc, scale, kept, net, pair)]
    ]
    joined = Text(*('; '.join(texts) for texts in zip(*said)))
    return Text(
        'Test accuracy with DropConnect less that with dropout, in points: {said}.',
        'DropConnect의 테스트 정확도에서 드롭아웃의 값을 뺀 차이(%p): {said}.',
    ).format(said=joined)


def _side(lead):
    if not lead.excludes_zero:
        return against_noise(lead)
    if lead.mean > 0:
        return Text('clearly better', '확실히 나음')
    return Text('clearly worse', '확실히 못함')


def _case_name(net, pair):
    return Text('{net}, {pair}', '{net}, {pair}').format(net=_net_name(net), pair=pair)


def answer(scale, kept):
    """Return what the numbers say."""
    compared = [_compared(scale, kept, net, pair) for net in NETS for pair in PAIRS]
    against_none = [_against_none(scale, kept, net) for net in NETS]
    return [*compared, *against_none, _times(scale, kept), _agreement(scale, kept)]


def _compared(scale, kept, net, pair):
    gap = _less(_gap, scale, kept, net, pair)
    return Text(
        '{case}: the gap with DropConnect less that with dropout is {gap} points, '
        '{judged}.',
        '{case}: DropConnect의 일반화 격차에서 드롭아웃의 값을 빼면 {gap}%p이다. 이 '
        '차이는 {judged}.',
    ).format(
        case=_case_name(net, pair),
        gap=gap.signed_percent(),
        judged=against_noise(gap),
    )


def _against_none(scale, kept, net):
    """Say where the gap is smaller than without noise, and where less was learned."""
    smaller, worse = (
        [
            setting
            for setting in SETTINGS[1:]
            if _falls(of(scale, kept, net, setting), of(scale, kept, net, NONE))
        ]
        for of in (_gap, _test_acc)
    )
    return Text(
        '{net}: the gap is clearly smaller than without noise with {smaller}, and the '
        'test accuracy clearly lower with {worse}{so}.',
        '{net}: 잡음이 없을 때보다 일반화 격차가 확실히 작은 설정: {smaller}. 테스트 '
        '정확도가 확실히 낮은 설정: {worse}.{so}',
    ).format(
        net=_net_name(net),
        smaller=_listed([_name(setting) for setting in smaller]),
        worse=_listed([_name(setting) for setting in worse]),
        so=_LESS_LEARNED if set(smaller) & set(worse) else Text('', ''),
    )


_LESS_LEARNED = Text(
    ': where both hold, less has been learned, and a small gap is no merit',
    ' 둘 다 해당하는 설정은 덜 배운 것이므로, 작은 일반화 격차가 장점은 아니다.',
)


def _falls(values, than):
    # Of two numbers each.
    change = difference(values, than, 2 * (len(_CASES) - len(NETS)))
    return change.excludes_zero and change.mean < 0


def _times(scale, kept):
    """Say how much longer a run takes."""
    spans = []
    for noise in ('dropout', 'dropconnect'):
        times = [
            _times_longer(scale, kept, net, (noise, pair))
            for net in NETS
            for pair in PAIRS
        ]
        spans.append(f'{min(times):.2f}-{max(times):.2f}')
    return Text(
        'A run takes {times[0]} times as long as without noise with dropout, and '
        '{times[1]} with DropConnect (medians, without intervals).',
        '실행 시간은 잡음이 없을 때에 견주어 드롭아웃이 {times[0]}배, DropConnect가 '
        '{times[1]}배이다(중앙값이며 신뢰구간은 없다).',
    ).format(times=spans)


def _listed(names):
    if not names:
        return Text('none of the settings', '없음')
    return Text('; '.join(n.en for n in names), '; '.join(n.ko for n in names))


def _agreement(scale, kept):
    differ = [
        _name(setting)
        for setting in SETTINGS
        if difference(
            *(_test_acc(scale, kept, net, setting) for net in NETS[:2]),
            len(SETTINGS),
        ).excludes_zero
    ]
    if not differ:
        return Text(
            'At the same learning rate the scratch and the Gluon net differ by no more '
            'than the noise in test accuracy in any setting.',
            '학습률이 같을 때 scratch 모델과 Gluon 모델의 테스트 정확도는 어느 '
            '설정에서도 시드에 따른 변동을 넘어 다르지 않다.',
        )
    return Text(
        'At the same learning rate the scratch and the Gluon net differ in test '
        'accuracy by more than the noise with {which}.',
        '학습률이 같을 때 scratch 모델과 Gluon 모델의 테스트 정확도가 시드에 따른 '
        '변동을 넘어 다른 설정: {which}.',
    ).format(which=_listed(differ))

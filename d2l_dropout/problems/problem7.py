"""Problem 7: dropping weights (DropConnect) in place of activations."""

import numpy as np

from d2l_dropout import pictures
from d2l_dropout.d2l.plotting import plt
from d2l_dropout.studies.estimates import difference, estimate, within_noise
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
    "chapter's settings."
    ' Accuracies are in predict mode after the last epoch; the gap is that on '
    'the training set less that on the test set. The time is that of runs side by '
    'side: the median of their seconds over that of the same net without noise.',
    '학습할 때 첫째 은닉층에서 나가는 가중치를 저마다 확률 p1로, 둘째 은닉층에서 '
    '나가는 가중치를 p2로 0으로 만들고 남은 것은 1 - p로 나눈다. 예측 모드에서는 '
    '가중치를 그대로 쓴다. 미니배치의 모든 예제가 같은 마스크를 만난다. Wan et al. '
    '(2013)은 예제마다 마스크를 뽑고 예측할 때 표본을 뽑는다. 이를 같은 확률의 '
    '드롭아웃, 그리고 둘 다 없는 경우와 시드별로 비교한다. 밑바닥부터 구현한 '
    '모델(scratch)과 Gluon 모델 모두 책의 설정으로 학습한다. 정확도는 마지막 에포크 '
    '뒤에 예측 모드에서 재고, 차이(gap)는 학습 정확도에서 테스트 정확도를 뺀 값이다. '
    '시간은 여러 실행을 나란히 돌리며 잰 것으로, 초의 중앙값을 같은 모델에 잡음이 '
    '없을 때의 중앙값으로 나눈 값이다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
MODELS = 'scratch', 'gluon'
PAIRS = (0.2, 0.5), (0.5, 0.5)
#: (noise, pair)
NONE = 'dropout', (0.0, 0.0)
SETTINGS = (NONE, *((n, pair) for pair in PAIRS for n in ('dropout', 'dropconnect')))
_CASES = [(model, setting) for model in MODELS for setting in SETTINGS]


def specs(scale, kept):
    """Return the runs of each model, noise and pair."""
    return [spec for case in _CASES for spec in _specs(scale, *case)]


def _specs(scale, model, setting):
    noise, (drop_prob1, drop_prob2) = setting
    return scale.specs(
        model=model,
        noise=noise,
        drop_prob1=drop_prob1,
        drop_prob2=drop_prob2,
        measure='train_acc',
    )


def _test_acc(scale, kept, model, setting):
    return values(kept, _specs(scale, model, setting))


def _gap(scale, kept, model, setting):
    return gaps(kept, _specs(scale, model, setting))


def _times_longer(scale, kept, model, setting):
    """Median over the seeds of the time of an epoch against that without noise."""
    seconds, plain = (
        [kept[spec].seconds for spec in _specs(scale, model, which)]
        for which in (setting, NONE)
    )
    return np.median(seconds) / np.median(plain)


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
        Text('model', '모델'),
        Text('noise', '잡음'),
        Text('test acc, %', '테스트 정확도, %'),
        Text('gap, points', '차이(gap), %p'),
        Text('time, times', '시간, 배'),
    ]
    rows = [
        [
            model,
            _name(setting),
            estimate(_test_acc(scale, kept, model, setting)).percent(),
            estimate(_gap(scale, kept, model, setting)).percent(),
            f'{_times_longer(scale, kept, model, setting):.2f}',
        ]
        for model, setting in _CASES
    ]
    less = [
        Text('model', '모델'),
        Text('DropConnect less dropout', 'DropConnect - 드롭아웃'),
        Text('test acc, points', '테스트 정확도, %p'),
        Text('gap, points', '차이(gap), %p'),
    ]
    differences = [
        [
            model,
            str(pair),
            *(_less(of, scale, kept, model, pair).signed_percent() for of in _BOTH),
        ]
        for model in MODELS
        for pair in PAIRS
    ]
    return [Table(head, rows), Table(less, differences)]


_BOTH = _test_acc, _gap


def _less(of, scale, kept, model, pair, looks=1):
    noises = (of(scale, kept, model, (n, pair)) for n in ('dropconnect', 'dropout'))
    return difference(*noises, looks)


def figure(scale, kept):
    """Draw accuracy and gap of each setting, both models."""
    with pictures.style():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        axes = figure.subplots(1, 2, sharey=True)
        for ax, title, of in zip(axes, ('test acc, %', 'gap, points'), _BOTH):
            for model, colour, marker, shift in zip(
                MODELS, ('plain', 'control'), 'os', (-0.12, 0.12)
            ):
                cases = [estimate(of(scale, kept, model, s)) for s in SETTINGS]
                ax.errorbar(
                    [100 * case.mean for case in cases],
                    np.arange(len(cases)) + shift,
                    xerr=[100 * case.half_width for case in cases],
                    fmt=marker,
                    color=pictures.COLOURS[colour],
                    label=model,
                    capsize=3,
                )
            ax.set(title=title)
        axes[0].set_yticks(range(len(SETTINGS)), [_name(s).en for s in SETTINGS])
        axes[0].invert_yaxis()
        axes[1].legend()
        figure.supxlabel(scale.describe().en, fontsize=7)
        return figure


def answer(scale, kept):
    """Return what the numbers say."""
    compared = [
        _compared(scale, kept, model, pair) for model in MODELS for pair in PAIRS
    ]
    return [*compared, *_against_none(scale, kept), _agreement(scale, kept)]


def _compared(scale, kept, model, pair):
    # Accuracy and gap, of each model and pair.
    looks = len(_BOTH) * len(MODELS) * len(PAIRS)
    acc, gap = (_less(of, scale, kept, model, pair, looks) for of in _BOTH)
    return Text(
        '{model}, {pair}: DropConnect less dropout is {acc} points of test accuracy, '
        '{judged}, and {gap} points of gap, {gap_judged}; a run takes {times[0]} '
        'times as long as without noise with dropout and {times[1]} with DropConnect.',
        '{model}, {pair}: DropConnect의 테스트 정확도에서 드롭아웃의 값을 빼면 '
        '{acc}%p이다. {judged}. 차이(gap)끼리 빼면 {gap}%p이다. {gap_judged}. '
        '실행 시간은 잡음이 없을 때에 견주어 '
        '드롭아웃이 {times[0]}배, DropConnect가 {times[1]}배이다.',
    ).format(
        model=model,
        pair=pair,
        acc=acc.signed_percent(),
        judged=within_noise(acc),
        gap=gap.signed_percent(),
        gap_judged=within_noise(gap),
        times=[
            f'{_times_longer(scale, kept, model, (noise, pair)):.2f}'
            for noise in ('dropout', 'dropconnect')
        ],
    )


def _against_none(scale, kept):
    sentences = []
    for model in MODELS:
        none = _gap(scale, kept, model, NONE)
        changes = [
            difference(_gap(scale, kept, model, s), none, len(_CASES) - len(MODELS))
            for s in SETTINGS[1:]
        ]
        smaller = [
            _name(s)
            for s, change in zip(SETTINGS[1:], changes)
            if change.clear and change.mean < 0
        ]
        sentences.append(
            Text(
                '{model}: the gap is smaller than without noise, by more than the '
                'noise of the seeds, with {which}.',
                '{model}: 차이(gap)가 잡음이 없을 때보다 시드에 따른 잡음을 넘어 작은 '
                '설정: {which}.',
            ).format(model=model, which=_listed(smaller))
        )
    return sentences


def _listed(names):
    if not names:
        return Text('none of the settings', '없다')
    return Text('; '.join(n.en for n in names), '; '.join(n.ko for n in names))


def _agreement(scale, kept):
    differ = [
        _name(setting)
        for setting in SETTINGS
        if difference(
            *(_test_acc(scale, kept, model, setting) for model in MODELS),
            len(SETTINGS),
        ).clear
    ]
    if not differ:
        return Text(
            'The scratch and the Gluon net differ by no more than the noise in test '
            'accuracy in any setting.',
            'scratch 모델과 Gluon 모델의 테스트 정확도는 어느 설정에서도 시드에 따른 '
            '잡음보다 크게 다르지 않다.',
        )
    return Text(
        'The scratch and the Gluon net differ in test accuracy by more than the noise '
        'with {which}.',
        'scratch 모델과 Gluon 모델의 테스트 정확도가 시드에 따른 잡음보다 크게 다른 '
        '설정: {which}.',
    ).format(which=_listed(differ))

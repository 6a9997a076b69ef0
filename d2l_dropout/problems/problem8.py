"""Problem 8: another noise of mean 1 in place of dropout's."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import difference, estimate
from d2l_dropout.studies.study import Scale, gaps, values
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('Another random factor', '다른 무작위 배수')
QUESTION = Text(
    'If the hidden units are multiplied by 0, gamma / 2 or gamma at random, is that '
    'better than dropout? And a design of our own? Why use it, why not?',
    '은닉 유닛에 0, gamma / 2, gamma 중 하나를 무작위로 곱하면 드롭아웃보다 나은가? '
    '직접 설계한 잡음은 어떤가? 쓸 이유와 쓰지 않을 이유는 무엇인가?',
)
METHOD = Text(
    'With P(0) = p and half of the rest for each of the other two, the mean of the '
    'factor is (1 - p) / 2 * (gamma / 2 + gamma) = 3 gamma (1 - p) / 4; it is 1 for '
    'gamma = 4 / (3 (1 - p)). The variance is then 10 / (9 (1 - p)) - 1, that of '
    'dropout 1 / (1 - p) - 1: at equal p the three values are the noisier, and both '
    'variances are equal if the three values take 1 - 10 (1 - p) / 9 for p. In place '
    'of a design of our own, the third is a normal factor of mean 1 and variance p / '
    '(1 - p), which sets no unit to 0 (Srivastava et al. 2014, section 10). The '
    'scratch net is trained with each, with the same seeds, on a large training set '
    'and on a small one, whose settings its table names. The leads over dropout share '
    'the 5 % of their intervals. Accuracies are those after the last epoch in predict '
    'mode; the gap is that on the training set less that on the test set.',
    'P(0) = p이고 나머지 두 값이 남은 확률을 반씩 가지면 배수의 평균은 (1 - p) / 2 * '
    '(gamma / 2 + gamma) = 3 gamma (1 - p) / 4이므로, gamma = 4 / (3 (1 - p))일 때 '
    '1이다. 이때 분산은 10 / (9 (1 - p)) - 1이고 드롭아웃의 분산은 1 / (1 - p) - '
    '1이다. p가 같으면 세 값 잡음 쪽이 잡음이 크며, 세 값의 p를 1 - 10 (1 - p) / 9로 '
    '잡으면 두 분산이 같아진다. 직접 설계하는 대신, 셋째로 평균 1, 분산 p / (1 - p)인 '
    '정규분포 잡음로, 어떤 유닛도 0으로 만들지 않는다(Srivastava 외 2014, 10절). '
    '스크래치 모델을 각 잡음으로, 같은 시드로, 큰 학습 데이터와 작은 학습 '
    '데이터(설정은 표에 있다)에서 학습한다. 드롭아웃과의 차의 신뢰구간들은 5 %를 '
    '나누어 갖는다. 정확도는 마지막 에포크 뒤에 예측 모드에서 잰 값이고, 일반화 '
    '격차는 학습 정확도에서 테스트 정확도를 뺀 값이다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 10, {}),
}
#: What is trained: the noise, and the probabilities of 0 after the two layers.
DESIGNS = {
    'none': ('dropout', 0.0, 0.0),
    'dropout': ('dropout', 0.2, 0.5),
    'three, equal p': ('three_valued', 0.2, 0.5),
    'three, equal variance': ('three_valued', 1 / 9, 4 / 9),
    'gaussian': ('gaussian', 0.2, 0.5),
}
NEW = ('three, equal p', 'three, equal variance', 'gaussian')
_SMALL = {
    'quick': {'num_examples': 3000, 'num_epochs': 5},
    'full': {'num_examples': 3000, 'num_epochs': 30, 'batch_size': 64, 'lr': 0.2},
}
_SETS = ('large', 'small')
_LOOKS = (len(DESIGNS) - 1) * len(_SETS)  # of leads over dropout
_NAMES = {
    'none': Text('no noise', '잡음 없음'),
    'dropout': Text('dropout', '드롭아웃'),
    'three, equal p': Text('three values at equal p', 'p가 같은 세 값 잡음'),
    'three, equal variance': Text(
        'three values at equal variance', '분산이 같은 세 값 잡음'
    ),
    'gaussian': Text('a normal factor', '정규분포 잡음'),
}


def specs(scale, kept):
    """Return the runs of each design on both training sets."""
    return [
        s for which in _SETS for name in DESIGNS for s in _specs(scale, which, name)
    ]


def _specs(scale, which, name):
    noise, drop_prob1, drop_prob2 = DESIGNS[name]
    return scale.specs(
        noise=noise,
        drop_prob1=drop_prob1,
        drop_prob2=drop_prob2,
        measure='train_acc',
        **(_SMALL[scale.name] if which == 'small' else {}),
    )


def _test_acc(scale, kept, which, name):
    return values(kept, _specs(scale, which, name))


def _gap(scale, kept, which, name):
    return gaps(kept, _specs(scale, which, name))


def _less_dropout(scale, kept, which, name):
    """Return the lead in test accuracy, one of all that are looked at."""
    accuracies = [_test_acc(scale, kept, which, n) for n in (name, 'dropout')]
    return difference(*accuracies, _LOOKS)


def _seconds(scale, kept, name):
    """Return the time of a run in units of dropout's, on the large set."""
    times = [
        [kept[spec].seconds for spec in _specs(scale, 'large', n)]
        for n in (name, 'dropout')
    ]
    return estimate(np.divide(*times))


def _variance(name, drop_prob):
    ratio = 10 / 9 if DESIGNS[name][0] == 'three_valued' else 1
    return ratio / (1 - drop_prob) - 1


def tables(scale, kept):
    """Return the designs with their cost, then accuracy and gap on each set."""
    designs = [
        [
            _NAMES[name],
            ', '.join(f'{p:.3f}' for p in DESIGNS[name][1:]),
            ', '.join(f'{_variance(name, p):.3f}' for p in DESIGNS[name][1:]),
            f'{_seconds(scale, kept, name).mean:.2f} ± '
            f'{_seconds(scale, kept, name).half_width:.2f}',
        ]
        for name in DESIGNS
    ]
    head = [
        Text('factor', '배수'),
        Text('p of the two layers', '두 층의 p'),
        Text('variance', '분산'),
        Text('time of a run, dropout = 1', '실행 시간(드롭아웃 = 1)'),
    ]
    return [Table(head, designs), *(_accuracies(scale, kept, w) for w in _SETS)]


def _accuracies(scale, kept, which):
    of = scale, kept, which
    rows = [
        [
            _NAMES[name],
            estimate(_test_acc(*of, name)).percent(),
            '' if name == 'dropout' else _less_dropout(*of, name).signed_percent(),
            estimate(_gap(*of, name)).percent(),
        ]
        for name in DESIGNS
    ]
    small = ', '.join(f'{k} {v}' for k, v in _SMALL[scale.name].items())
    where = small if which == 'small' else Text('large set', '큰 학습 데이터')
    head = [
        where,
        Text('test acc, %', '테스트 정확도, %'),
        Text('less that of dropout, points', '드롭아웃과의 차, %p'),
        Text('gap, points', '일반화 격차, %p'),
    ]
    return Table(head, rows)


def figure(scale, kept):
    """Draw each design's lead over dropout and its gap, seed by seed."""
    with style.context():
        figure = plt.Figure(figsize=(9, 4.6), layout='constrained')
        axes = figure.subplots(2, 2, sharey=True)
        for row, which in zip(axes, _SETS):
            of = scale, kept, which
            base = _test_acc(*of, 'dropout')
            leads = [np.subtract(_test_acc(*of, n), base) for n in DESIGNS]
            _draw(row[0], leads, 'test acc less that of dropout, points', _LOOKS)
            _draw(row[1], [_gap(*of, n) for n in DESIGNS], 'gap, points')
            row[0].set_ylabel(which + ' training set')
            row[0].axvline(0, color=style.COLOURS['ink'], linewidth=0.8)
        caption = (
            scale.describe().en + '; bars: 95 % intervals, the leads share the 5 %'
        )
        figure.supxlabel(caption, fontsize=7)
        return figure


def _draw(ax, lists, title, looks=1):
    for i, points in enumerate(lists):
        mean = estimate(100 * np.asarray(points), looks)
        ax.plot(
            100 * np.asarray(points),
            np.full(len(points), i - 0.18),
            '.',
            color=style.COLOURS['first'],
            alpha=0.5,
        )
        ax.errorbar(
            mean.mean, i, xerr=mean.half_width, **_BAR, color=style.COLOURS['ink']
        )
    ax.set_yticks(range(len(DESIGNS)), [_NAMES[name].en for name in DESIGNS])
    ax.set(title=title, ylim=(len(DESIGNS) - 0.5, -0.5))


_BAR = {'fmt': 'D', 'markersize': 4, 'capsize': 3}


def verdict(scale, kept):
    """Return which of the new designs stand out from dropout."""
    leads = {
        (which, name): _less_dropout(scale, kept, which, name)
        for which in _SETS
        for name in NEW
    }
    better = [key for key, e in leads.items() if e.excludes_zero and e.mean > 0]
    worse = [key for key, e in leads.items() if e.excludes_zero and e.mean < 0]
    if not better and not worse:
        return Text(
            'No: on neither training set is any of the new designs clearly better or '
            'clearly worse than dropout.',
            '아니다. 두 학습 데이터 모두에서 드롭아웃보다 확실히 낫거나 못한 새 설계는 '
            '없다.',
        )
    return Text(
        'Clearly better than dropout: {better}; clearly worse: {worse}.',
        '드롭아웃보다 확실히 나은 것: {better}. 확실히 못한 것: {worse}.',
    ).format(better=_listed(better), worse=_listed(worse))


def _listed(keys):
    return _join(
        [
            Text('{name} ({on})', '{name}({on})').format(
                name=_NAMES[name], on=_ON[which]
            )
            for which, name in keys
        ]
    )


def answer(scale, kept):
    """Return what the numbers say."""
    return [
        *(_say_leads(scale, kept, which) for which in _SETS),
        *(_worth(scale, kept, which) for which in _SETS),
        _cost(scale, kept),
        Text(
            'Why use it: at the variance of dropout the three values leave fewer units '
            'out, and the normal factor leaves none out. Why not: the mask of dropout '
            'is one bit a unit, and units that are 0 can be skipped; three values need '
            'two bits, a normal factor a number for each unit (by construction, not '
            'measured).',
            '쓸 이유: 분산이 드롭아웃과 같을 때 세 값은 빼는 유닛이 더 적고, 정규분포 '
            '잡음은 어떤 유닛도 빼지 않는다. 쓰지 않을 이유: 드롭아웃의 마스크는 '
            '유닛마다 1비트이고, 0인 유닛의 계산은 건너뛸 수 있다. 세 값은 유닛마다 '
            '2비트, 정규분포 잡음은 실수 하나가 필요하다(원리가 그렇고, 재지는 '
            '않았다).',
        ),
    ]


_ON = {
    'large': Text('large training set', '큰 학습 데이터'),
    'small': Text('small training set', '작은 학습 데이터'),
}


def _say_leads(scale, kept, which):
    leads = [
        _pair(_NAMES[n], _less_dropout(scale, kept, which, n).signed_percent())
        for n in NEW
    ]
    return Text(
        'On the {on}, the test accuracy less that of dropout in points: {leads}.',
        '{on}: 드롭아웃과의 테스트 정확도 차이(%p)는 {leads}.',
    ).format(on=_ON[which], leads=_join(leads))


def _worth(scale, kept, which):
    """Say whether this set is one where noise helps at all."""
    lead = _less_dropout(scale, kept, which, 'none')
    if not lead.excludes_zero:
        judged = Text(
            'whether dropout itself helps there is not decided by these seeds',
            '드롭아웃 자체가 도움이 되는지는 이 시드로 가려지지 않는다',
        )
    elif lead.mean < 0:
        judged = Text('dropout itself helps there', '드롭아웃 자체는 도움이 된다')
    else:
        judged = Text('dropout itself harms there', '드롭아웃 자체가 오히려 해가 된다')
    gaps = [estimate(_gap(scale, kept, which, name)).percent() for name in DESIGNS]
    return Text(
        'On the {on}, the test accuracy without noise less that with dropout is {lead} '
        'points: {judged}; the gap in points: {gaps}.',
        '{on}: 잡음이 없는 경우와 드롭아웃의 테스트 정확도 차이는 {lead}%p로, '
        '{judged}. 일반화 격차(%p): {gaps}.',
    ).format(
        on=_ON[which],
        lead=lead.signed_percent(),
        judged=judged,
        gaps=_join([_pair(_NAMES[n], gap) for n, gap in zip(DESIGNS, gaps)]),
    )


def _cost(scale, kept):
    times = [_seconds(scale, kept, name) for name in NEW]
    told = [
        _pair(_NAMES[name], f'{t.mean:.2f} ± {t.half_width:.2f}')
        for name, t in zip(NEW, times)
    ]
    return Text(
        'A run takes this many times as long as with dropout, on machines that did '
        'other work too: {told}.',
        '실행 시간은 드롭아웃의 몇 배인가(다른 작업도 하던 컴퓨터에서 잼): {told}.',
    ).format(told=_join(told))


def _pair(name, value):
    return Text('{name} {value}', '{name} {value}').format(name=name, value=value)


def _join(texts):
    return join(texts, Text('none of the designs', '없음'))

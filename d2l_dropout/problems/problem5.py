"""Problem 5: more hidden units, with and without dropout."""

from typing import Dict, NamedTuple, Tuple

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, gaps, values
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('More hidden units', '은닉 유닛이 많아지면')
QUESTION = Text(
    'Does dropout help more when the net has more hidden units?',
    '은닉 유닛이 많아지면 드롭아웃의 효과가 더 커지는가?',
)
METHOD = Text(
    'The net in Gluon is trained with the same number of units in both hidden layers '
    "(the width), with the chapter's dropout (0.2, 0.5) and with none, on a larger "
    'and on a small training set (the first examples; more epochs and the settings '
    'that its table names), and is otherwise as in the chapter. The benefit is the '
    'test accuracy with dropout less that without, seed by seed; the cut is how much '
    'smaller the gap between training and test accuracy is with dropout. Both '
    'accuracies are in predict mode after the last epoch. Whether they grow is judged '
    'by the slope of a line over log2 of the width, one a seed. The same learning '
    'rate is used at every width.',
    '두 은닉층의 유닛 수(너비)를 같게 두고, 책의 드롭아웃 (0.2, 0.5)를 쓴 Gluon '
    '모델과 쓰지 않은 모델을 큰 학습 데이터와 작은 학습 데이터(앞쪽 예제만, 에포크는 '
    '더 많이, 그 밖의 설정은 표에 있다)로 학습한다. 나머지 설정은 책과 같다. 이득은 '
    '드롭아웃을 쓸 때의 테스트 정확도에서 쓰지 않을 때의 값을 시드별로 뺀 것이고, '
    '감소폭은 일반화 격차(학습 정확도 - 테스트 정확도)가 드롭아웃으로 줄어든 '
    '만큼이다. 두 정확도 모두 마지막 에포크 뒤에 예측 모드에서 잰다. 이들이 '
    '커지는지는 너비의 log2에 대한 직선의 기울기를 시드마다 구해 판단한다. 학습률은 '
    '모든 너비에서 같다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
PAIR, NONE = (0.2, 0.5), (0.0, 0.0)


class TrainingSet(NamedTuple):
    """What is trained on, and the widths of the nets.

    Attributes
    ----------
    num_examples : int
    widths : tuple of int
    settings : dict
        Of RunSpec, where they are not the scale's.
    """

    num_examples: int
    widths: Tuple[int, ...]
    settings: Dict[str, object]

    def name(self):
        """Return how many examples, in words."""
        return Text('{n:,} examples', '예제 {n:,}개').format(n=self.num_examples)

    def more(self):
        """Return the other settings of its own, as they are written."""
        return ''.join(
            f', {k} {v}' for k, v in self.settings.items() if k != 'num_examples'
        )


TRAINING_SETS = {
    'quick': (
        TrainingSet(6000, (64, 128, 256), {}),
        TrainingSet(1000, (64, 128, 256), {'num_examples': 1000, 'num_epochs': 10}),
    ),
    'full': (
        TrainingSet(60000, (64, 256, 1024, 2048), {}),
        TrainingSet(
            3000,
            (64, 256, 1024, 2048),
            {'num_examples': 3000, 'num_epochs': 30, 'batch_size': 64, 'lr': 0.2},
        ),
    ),
}


def specs(scale, kept):
    """Return the runs of each training set, width and pair."""
    return [
        spec
        for examples in TRAINING_SETS[scale.name]
        for width in examples.widths
        for pair in (NONE, PAIR)
        for spec in _specs(scale, examples, width, pair)
    ]


def _specs(scale, examples, width, pair):
    return scale.specs(
        model='gluon',
        num_hiddens1=width,
        num_hiddens2=width,
        drop_prob1=pair[0],
        drop_prob2=pair[1],
        measure='train_acc',
        **examples.settings,
    )


def _test_acc(scale, kept, examples, width, pair):
    return values(kept, _specs(scale, examples, width, pair))


def _gap(scale, kept, examples, width, pair):
    return gaps(kept, _specs(scale, examples, width, pair))


def _by_width(of, scale, kept, examples, more, less):
    """Return `of` with the pair `more`, less that with `less`: (widths, seeds)."""
    return np.array(
        [
            np.subtract(*(of(scale, kept, examples, w, pair) for pair in (more, less)))
            for w in examples.widths
        ]
    )


def _benefit(scale, kept, examples):
    return _by_width(_test_acc, scale, kept, examples, PAIR, NONE)


def _cut(scale, kept, examples):
    return _by_width(_gap, scale, kept, examples, NONE, PAIR)


def tables(scale, kept):
    """Return accuracy and gap with and without dropout by the width, a table a set."""
    return [_table(scale, kept, examples) for examples in TRAINING_SETS[scale.name]]


def _table(scale, kept, examples):
    head = [
        Text('{name}{more}; width', '{name}{more}; 너비').format(
            name=examples.name(), more=examples.more()
        ),
        Text('test acc without, %', '드롭아웃 없는 테스트 정확도, %'),
        Text('with, %', '드롭아웃을 쓴 테스트 정확도, %'),
        Text('benefit, points', '이득, %p'),
        Text('gap without, points', '드롭아웃 없는 일반화 격차, %p'),
        Text('with, points', '드롭아웃 쓴 일반화 격차, %p'),
        Text('cut, points', '감소폭, %p'),
    ]
    benefits, cuts = _benefit(scale, kept, examples), _cut(scale, kept, examples)
    rows = []
    for width, benefit, cut in zip(examples.widths, benefits, cuts):
        row = [str(width)]
        for of, change in ((_test_acc, benefit), (_gap, cut)):
            row += [
                estimate(of(scale, kept, examples, width, pair)).percent()
                for pair in (NONE, PAIR)
            ]
            row.append(estimate(change).signed_percent())
        rows.append(row)
    return Table(head, rows)


def figure(scale, kept):
    """Draw benefit and cut over the width: the mean, and a thin line a seed."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        axes = figure.subplots(1, 2)
        titles = 'benefit: test acc, points', 'cut of the gap, points'
        for ax, title, of in zip(axes, titles, (_benefit, _cut)):
            for examples, colour, marker, line in zip(
                TRAINING_SETS[scale.name], ('first', 'second'), 'os', ('-', '--')
            ):
                how = {'color': style.COLOURS[colour], 'linestyle': line}
                changes = 100 * of(scale, kept, examples)
                label = examples.name().en
                ax.plot(examples.widths, changes, **how, linewidth=0.6, alpha=0.5)
                means = changes.mean(axis=1)
                ax.plot(examples.widths, means, **how, marker=marker, label=label)
            widths = sorted({w for s in TRAINING_SETS[scale.name] for w in s.widths})
            ax.set_xscale('log', base=2)
            ax.set_xticks(widths, map(str, widths))
            ax.axhline(0, color=style.COLOURS['ink'], linewidth=0.8)
            ax.set(title=title, xlabel='hidden units in each layer')
        axes[0].legend()
        caption = scale.describe().en + '; thin: a line a seed, thick: their mean'
        figure.supxlabel(caption, fontsize=7)
        return figure


def verdict(scale, kept):
    """Return on which training sets benefit and cut grow with the width."""
    benefit, cut = (_where_it_grows(scale, kept, of) for of in (_benefit, _cut))
    return Text(
        'The benefit of dropout grows clearly with the width {benefit}; the cut of the '
        'gap does so {cut}.',
        '너비가 커질 때 드롭아웃의 이득이 확실히 커지는 학습 데이터: {benefit}. 일반화 '
        '격차의 감소폭이 커지는 학습 데이터: {cut}.',
    ).format(benefit=benefit, cut=cut)


def _where_it_grows(scale, kept, of):
    sets = TRAINING_SETS[scale.name]
    names = []
    for examples in sets:
        slope = _slope(examples, of(scale, kept, examples), _looks(scale))
        if slope.excludes_zero and slope.mean > 0:
            names.append(Text('with {n}', '{n}').format(n=examples.name()))
    return join(names, Text('on none of the training sets', '없음'))


def _looks(scale):
    """Return how many differences are judged: of each set two slopes and two rises."""
    return 4 * len(TRAINING_SETS[scale.name])


def _slope(examples, changes, looks):
    return estimate(np.polyfit(np.log2(examples.widths), changes, 1)[0], looks)


_BENEFIT, _CUT = Text('benefit', '이득'), Text('cut of the gap', '일반화 격차의 감소폭')


def answer(scale, kept):
    """Return what the numbers say."""
    return [
        _sentence(examples, what, of(scale, kept, examples), _looks(scale))
        for examples in TRAINING_SETS[scale.name]
        for what, of in ((_BENEFIT, _benefit), (_CUT, _cut))
    ]


def _sentence(examples, what, changes, looks):
    slope = _slope(examples, changes, looks)
    rise = difference(changes[-1], changes[0], looks)
    return Text(
        'With {name}, the {what} is {first} points at width {widths[0]} and {last} at '
        'width {widths[1]}, a difference of {rise}, {judged}; over all widths it '
        'changes by {slope} points a doubling, so that {trend}.',
        '{name}: {what}은 너비 {widths[0]}에서 {first}%p, 너비 {widths[1]}에서 '
        '{last}%p이며 그 차이는 {rise}%p이다. 이 차이는 {judged}. '
        '모든 너비를 보면 너비가 두 배가 될 때마다 {slope}%p씩 변하므로 {trend}.',
    ).format(
        name=examples.name(),
        what=what,
        first=estimate(changes[0]).signed_percent(),
        last=estimate(changes[-1]).signed_percent(),
        widths=(examples.widths[0], examples.widths[-1]),
        rise=rise.signed_percent(),
        judged=against_noise(rise),
        slope=slope.signed_percent(),
        trend=_trend(slope),
    )


def _trend(slope):
    if not slope.excludes_zero:
        return Text(
            'no trend with the width stands out from the noise',
            '너비에 따른 추세가 잡음과 구별되지 않는다',
        )
    if slope.mean > 0:
        return Text('it grows with the width', '너비가 커질수록 커진다')
    return Text('it falls with the width', '너비가 커질수록 작아진다')

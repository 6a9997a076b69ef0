"""Problem 4: what happens when dropout stays on at test time, and what it costs."""

import textwrap

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, measured
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('Dropout at test time', '테스트할 때의 드롭아웃')
QUESTION = Text(
    'Why is dropout usually switched off at test time? What is lost, or gained, by '
    'leaving it on and averaging several passes?',
    '테스트할 때는 왜 보통 드롭아웃을 끄는가? 켜 둔 채 여러 번 순전파시켜 평균하면 '
    '무엇을 잃고 무엇을 얻는가?',
)
METHOD = Text(
    'The net in Gluon is trained as in the chapter, with dropout (0.2, 0.5). The same '
    'trained net then predicts the test set without dropout (the plain pass), with '
    'dropout in one pass, and by the average of the predicted probabilities of T '
    'passes with new masks. Compared with the plain pass, seed by seed: the accuracy; '
    'the negative log-likelihood; the calibration error (how far the probability of '
    'the predicted class is from the share that is right, in 15 bins); the accuracy '
    'on the 80 % of the examples that each is surest of; and the time.',
    'Gluon 모델을 책의 설정 그대로 드롭아웃 (0.2, 0.5)로 학습한다. 학습된 같은 모델이 '
    '드롭아웃 없이(보통의 순전파), 드롭아웃을 켠 채 한 번, 그리고 마스크를 새로 뽑은 '
    'T번 순전파의 예측 확률을 평균하여 테스트 데이터를 예측한다. 시드별로 짝지어 '
    '보통의 통과와 비교하는 값은 정확도, 음의 로그 가능도, 보정 오차(예측한 클래스의 '
    '확률과 실제로 맞힌 비율의 차이, 구간 15개), 각자 가장 확신하는 80 % 예제에서의 '
    '정확도, 그리고 시간이다.',
)
SCALES = {
    'quick': Scale(
        'quick', 3, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 10, {}),
}
_PASSES = (1, 2, 5, 10, 20, 50, 100)
_MOST = _PASSES[-1]
_WAYS = {
    'plain': Text('plain pass, no dropout', '보통의 순전파(드롭아웃 없음)'),
    'one': Text('one pass with dropout', '드롭아웃을 켠 한 번의 순전파'),
    'average': Text(
        f'average of {_MOST} passes with dropout',
        f'드롭아웃을 켠 {_MOST}번 순전파의 평균',
    ),
}
_ACC = Text('test acc, %', '테스트 정확도, %')
_QUALITIES = {
    'nll': Text('negative log-likelihood', '음의 로그 가능도'),
    'calibration_error': Text('calibration error', '보정 오차'),
    'accuracy_of_surest': Text(
        'accuracy on the surest 80 %', '가장 확신하는 80 %에서의 정확도'
    ),
}


def specs(scale, kept):
    """Return one run a seed."""
    return scale.specs(model='gluon', drop_prob1=0.2, drop_prob2=0.5, measure='passes')


def _get(scale, kept, *names):
    return measured(kept, specs(scale, kept), *names)


def _lead(scale, kept, passes):
    """Accuracy of the average of so many passes less that of the plain pass."""
    accuracy = _get(scale, kept, 'accuracy', str(passes))
    return difference(accuracy, _get(scale, kept, 'plain', 'accuracy'), len(_PASSES))


def _change(scale, kept, way, quality):
    looks = (len(_WAYS) - 1) * len(_QUALITIES)
    of = [_get(scale, kept, which, quality) for which in (way, 'plain')]
    return difference(*of, looks)


def tables(scale, kept):
    """Return accuracy by the number of passes, and how good the probabilities are."""
    plain = estimate(_get(scale, kept, 'plain', 'accuracy')).percent()
    rows = [[_WAYS['plain'], plain, '-']]
    for passes in _PASSES:
        accuracy = estimate(_get(scale, kept, 'accuracy', str(passes)))
        lead = _lead(scale, kept, passes).signed_percent()
        rows.append([f'T = {passes}', accuracy.percent(), lead])
    less_plain = Text('less the plain pass, points', '보통의 순전파와의 차이, %p')
    return [
        Table(
            [Text('average of T passes', 'T번 순전파의 평균'), _ACC, less_plain], rows
        ),
        Table(
            [Text('probabilities of', '예측 확률'), *_QUALITIES.values()],
            [
                [way, *(_level(scale, kept, name, q) for q in _QUALITIES)]
                for name, way in _WAYS.items()
            ],
        ),
    ]


def _level(scale, kept, way, quality):
    level = estimate(_get(scale, kept, way, quality))
    return f'{level.mean:.4f} ± {level.half_width:.4f}'


def figure(scale, kept):
    """Draw the accuracy by passes, and the three qualities, each less the plain's."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.2), layout='constrained')
        axes = figure.subplots(1, 4, width_ratios=(2.2, 1, 1, 1))
        leads = [_lead(scale, kept, passes) for passes in _PASSES]
        _bars(axes[0], _PASSES, leads, 100, '-')
        axes[0].set_xscale('log')
        axes[0].set_xticks(_PASSES, map(str, _PASSES), minor=False)
        axes[0].set_xticks([], minor=True)
        axes[0].set(
            title='test acc less plain pass, points', xlabel='T, passes averaged'
        )
        for ax, (quality, name) in zip(axes[1:], _QUALITIES.items()):
            changes = [_change(scale, kept, w, quality) for w in ('one', 'average')]
            _bars(ax, (0, 1), changes, 1, '')
            ax.set_xticks((0, 1), ('T = 1', f'T = {_MOST}'))
            title = textwrap.fill(name.en + ', less plain pass', 24)
            ax.set_title(title, fontsize=7)
            ax.set_xlim(-0.6, 1.6)
        caption = scale.describe().en + '; bars: 95 % intervals'
        figure.supxlabel(caption, fontsize=7)
        return figure


def _bars(ax, x, estimates, unit, line):
    """Draw estimates with their intervals, and zero: the plain pass."""
    ax.errorbar(
        x,
        [unit * e.mean for e in estimates],
        [unit * e.half_width for e in estimates],
        fmt='o' + line,
        color=style.COLOURS['first'],
        capsize=3,
    )
    ax.axhline(0, color=style.COLOURS['second'], linestyle='--')


def verdict(scale, kept):
    """Return what one pass with dropout, and the mean of many, do to accuracy."""
    one, average = (_lead(scale, kept, passes) for passes in (1, _MOST))
    plain, each = (np.mean(seconds) for seconds in _seconds(scale, kept))
    return Text(
        'One pass with dropout left on changes the test accuracy by {one} points '
        'against the plain pass, {judged_one}. The average of {most} passes changes it '
        'by {average} points, {judged}, and takes about {times:.0f} times as long.',
        '드롭아웃을 켠 채 한 번만 예측하면 보통의 순전파에 비해 테스트 정확도가 '
        '{one}%p 변한다({judged_one}). {most}번을 평균하면 {average}%p '
        '변하며({judged}), 시간은 약 {times:.0f}배 든다.',
    ).format(
        one=one.signed_percent(),
        judged_one=against_noise(one),
        most=_MOST,
        times=round(_MOST * each / plain, -1),
        average=average.signed_percent(),
        judged=against_noise(average),
    )


def answer(scale, kept):
    """Return what the numbers say."""
    return [
        _enough({passes: _lead(scale, kept, passes) for passes in _PASSES}),
        *(_say_qualities(scale, kept, way) for way in ('one', 'average')),
        _cost(scale, kept),
    ]


def _enough(leads):
    """Say which averages are clearly below the plain pass, and which above."""
    worse = [t for t, lead in leads.items() if lead.excludes_zero and lead.mean < 0]
    better = [t for t, lead in leads.items() if lead.excludes_zero and lead.mean > 0]
    none = Text('none', '없음')
    return Text(
        'Of the numbers of passes tried, clearly worse than the plain pass: {worse}; '
        'clearly better: {better}.',
        '시험한 순전파 횟수 가운데 보통의 순전파보다 확실히 나쁜 것: {worse}. 확실히 '
        '좋은 것: {better}.',
    ).format(
        worse=join([str(t) for t in worse], none),
        better=join([str(t) for t in better], none),
    )


def _say_qualities(scale, kept, way):
    changes = {q: _change(scale, kept, way, q) for q in _QUALITIES}
    parts = [
        Text('{name} {by} ({judged})', '{name} {by}({judged})').format(
            name=name,
            by=f'{changes[q].mean:+.4f} ± {changes[q].half_width:.4f}',
            judged=_verdict(q, changes[q]),
        )
        for q, name in _QUALITIES.items()
    ]
    joined = Text('; '.join(p.en for p in parts), ', '.join(p.ko for p in parts))
    return Text(
        'Probabilities, {way}, less the plain pass: {parts}.',
        '{way}의 예측 확률을 보통의 순전파와 비교하면: {parts}.',
    ).format(way=_WAYS[way], parts=joined)


def _verdict(quality, change):
    if not change.excludes_zero:
        return Text('within the noise', '변동 범위 안')
    if (change.mean > 0) == (quality == 'accuracy_of_surest'):
        return Text('better', '더 좋음')
    return Text('worse', '더 나쁨')


def _seconds(scale, kept):
    """Return how long a plain pass and one with dropout took, one a seed."""
    return [_get(scale, kept, 'seconds', name) for name in ('plain', 'pass')]


def _cost(scale, kept):
    plain, one = map(np.array, _seconds(scale, kept))
    return Text(
        'Time: predicting the test set took {plain:.2f} s (mean over the runs) in the '
        'plain pass and {one:.2f} s in each pass with dropout, which draws new masks: '
        '{all:.1f} s for {most} of them.',
        '시간: 테스트 데이터를 예측하는 데 보통의 순전파는 {plain:.2f}초(실행들의 '
        '평균), 마스크를 새로 뽑는 드롭아웃 순전파는 한 번에 {one:.2f}초가 걸렸다. '
        '{most}번이면 {all:.1f}초이다.',
    ).format(plain=plain.mean(), one=one.mean(), all=_MOST * one.mean(), most=_MOST)

"""The claim that the dropout probability nearer to the input should be the lower."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.problems import problem1
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('Lower dropout near the input', '입력에 가까울수록 낮은 드롭아웃 확률')
QUESTION = Text(
    'Is the test accuracy better when, of two different dropout probabilities, the '
    'lower one is that of the layer nearer to the input?',
    '서로 다른 두 드롭아웃 확률 가운데 낮은 쪽을 입력에 가까운 층에 두면 테스트 '
    '정확도가 더 좋은가?',
)
METHOD = Text(
    'The runs are those of problem 1. Each pair of probabilities whose lower one comes '
    'first is compared with the same two the other way round, seed by seed, by the '
    'test accuracy after the last epoch. The intervals of the pairs are '
    "widened for the number of pairs; those of the two means and of the chapter's own "
    'pair with all its seeds are not. The '
    'seeds of the pairs are the same, so the mean is taken over the pairs first and '
    'then over the seeds.',
    '문제 1의 학습 결과를 그대로 쓴다. 낮은 확률이 앞에 오는 쌍마다, 같은 두 확률을 '
    '맞바꾼 쌍과 마지막 에포크 뒤의 테스트 정확도를 시드별로 짝지어 비교한다. 쌍별 '
    '신뢰구간은 쌍의 수만큼 보정해 넓히고, 두 평균과, 시드를 모두 쓴 책의 쌍의 '
    '신뢰구간은 보정하지 않는다. 모든 쌍이 같은 시드를 쓰므로 먼저 쌍에 대해 평균한 '
    '다음 시드에 대해 평균한다.',
)
SCALES = problem1.SCALES
#: The study whose shipped runs these are.
SHIPPED = 'problem1'
_PAIRS = [(a, b) for a in problem1.DROP_PROBS for b in problem1.DROP_PROBS if a < b]
#: Where the largest one first hardly lets the net learn, the differences are so large
#: that they would decide any mean by themselves.
_MODERATE = [pair for pair in _PAIRS if pair[1] < max(problem1.DROP_PROBS)]


def specs(scale, kept):
    """Return the runs of problem 1."""
    return problem1.specs(scale, kept)


def _leads(scale, kept, pairs=_PAIRS):
    """Return what the lower one first is ahead by, a row a pair, a column a seed."""
    return np.array(
        [
            np.subtract(
                problem1.test_acc(scale, kept, pair),
                problem1.test_acc(scale, kept, pair[::-1]),
            )
            for pair in pairs
        ]
    )


def _each(scale, kept):
    """Return the lead of each pair, its interval widened for the number of pairs."""
    return [estimate(lead, len(_PAIRS)) for lead in _leads(scale, kept)]


def _overall(scale, kept, pairs=_PAIRS):
    return estimate(_leads(scale, kept, pairs).mean(axis=0))


def tables(scale, kept):
    """Return the accuracy of each pair both ways round, and the lead of the first."""
    rows = []
    for pair, lead in zip(_PAIRS, _each(scale, kept)):
        both = [estimate(problem1.test_acc(scale, kept, p)) for p in (pair, pair[::-1])]
        rows.append(
            [str(pair), *(acc.percent() for acc in both), lead.signed_percent()]
        )
    overall = [
        [name, '', '', _overall(scale, kept, pairs).signed_percent()]
        for name, pairs in (
            (Text('mean of all pairs', '모든 쌍의 평균'), _PAIRS),
            (Text('mean of those without 0.9', '0.9가 없는 쌍의 평균'), _MODERATE),
        )
    ]
    head = [
        Text('pair', '쌍'),
        Text('lower one first: test acc, %', '낮은 쪽이 앞: 테스트 정확도, %'),
        Text('higher one first: test acc, %', '높은 쪽이 앞: 테스트 정확도, %'),
        Text('difference, points', '차이, %p'),
    ]
    return [Table(head, rows + overall)]


def figure(scale, kept):
    """Draw the lead of each pair with its interval, a dot a seed, and the mean."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.8), layout='constrained')
        left, right = figure.subplots(1, 2)
        _draw_pairs(left, scale, kept, _PAIRS, 'mean of all pairs')
        _draw_pairs(right, scale, kept, _MODERATE, 'mean of these')
        left.set(title='lower one first less higher one first, points of test acc')
        right.set(title='the same, pairs without 0.9')
        caption = scale.describe().en + '; dots: single seeds; bars: 95 % intervals'
        figure.supxlabel(caption, fontsize=7)
        return figure


def _draw_pairs(ax, scale, kept, pairs, mean):
    leads = _leads(scale, kept, pairs)
    whole = dict(zip(_PAIRS, _each(scale, kept)))
    _draw(ax, 1, leads.mean(axis=0), _overall(scale, kept, pairs), 'second', 'D')
    places = [*range(len(pairs) + 1, 1, -1), 1]
    for y, pair, lead in zip(places, pairs, leads):
        _draw(ax, y, lead, whole[pair], 'first', 's')
    ax.axvline(0, color=style.COLOURS['ink'], linewidth=0.8)
    ax.set_yticks(places, [*map(str, pairs), mean])


def _draw(ax, y, values, whole, colour, marker):
    colour = style.COLOURS[colour]
    ax.plot(100 * values, [y] * len(values), '.', color=colour, alpha=0.4)
    ax.errorbar(
        100 * whole.mean,
        y,
        xerr=100 * whole.half_width,
        fmt=marker,
        color=colour,
        capsize=3,
    )


_CLEAR = Text(
    'Of {n} pairs, the lower one first is better by more than the noise in {better} '
    'and worse in {worse}; the others are within the noise.',
    '쌍 {n}개 가운데 낮은 쪽을 앞에 둘 때 확실히 더 좋은 쌍은 {better}개, 확실히 '
    '더 나쁜 쌍은 {worse}개이고, 나머지는 변동 범위 안이다.',
)
_BIGGEST = Text(
    'The pair with the biggest difference is {pair}: {lead} points with the interval '
    'of {n} looks, {judged}.',
    '차이가 가장 큰 쌍은 {pair}이다. 비교 {n}번에 맞춰 보정한 구간으로 {lead}%p이다. '
    '이 차이는 {judged}.',
)
_MEAN = Text(
    'Over all pairs the lower one first changes the test accuracy by {all} points, '
    '{judged}; over the {n} pairs without 0.9, left out because their differences '
    'would decide the mean, by {moderate} points, {judged_moderate}.',
    '모든 쌍에 걸쳐 낮은 쪽을 앞에 두면 테스트 정확도가 평균 {all}%p 변한다. '
    '이 차이는 {judged}. 0.9가 든 쌍은 차이가 아주 커서 평균을 좌우하므로 빼면, '
    '나머지 쌍 {n}개에서는 {moderate}%p 변한다. 이 차이는 {judged_moderate}.',
)
_PAIR = Text(
    "The chapter's own pair with all {n} seeds, unswapped less swapped: {lead} points, "
    '{judged}.',
    '시드 {n}개를 모두 써서 책의 원래 쌍의 값에서 맞바꾼 쌍의 값을 빼면 '
    '{lead}%p이다. 이 차이는 {judged}.',
)
_VERDICTS = {
    1: Text(
        'On the mean over the pairs without 0.9 the rule holds for this net and '
        'these data',
        '0.9를 뺀 쌍들의 평균으로 보면 이 모델과 데이터에서는 규칙이 들어맞는다',
    ),
    -1: Text(
        'On the mean over the pairs without 0.9 the rule does not hold: the reverse '
        'is better',
        '0.9를 뺀 쌍들의 평균으로 보면 규칙이 들어맞지 않고, 오히려 반대가 낫다',
    ),
    0: Text(
        'On the mean over the pairs without 0.9 these runs neither bear the rule '
        'out nor refute it',
        '0.9를 뺀 쌍들의 평균으로 보면 이 결과는 규칙을 뒷받침하지도 반박하지도 않는다',
    ),
}
_LIMIT = Text(
    'The two layers have equal widths but not equal inputs, and no dropout is applied '
    'to the pixels themselves.',
    '두 층은 너비만 같을 뿐 들어오는 입력은 다르며, 픽셀 자체에는 드롭아웃을 적용하지 '
    '않았다.',
)


def verdict(scale, kept):
    """Return whether the chapter's advice holds on the mean, and in single pairs."""
    moderate = _overall(scale, kept, _MODERATE)
    each = dict(zip(_PAIRS, _each(scale, kept)))
    clear = [str(p) for p in _MODERATE if each[p].excludes_zero and each[p].mean > 0]
    return Text(
        '{verdict} ({by} points). Of these {n} pairs alone, clearly better that way '
        'round: {clear}.',
        '{verdict}({by}%p). 이 {n}개 쌍을 하나씩 볼 때 그쪽이 확실히 나은 쌍: {clear}.',
    ).format(
        verdict=_VERDICTS[int(np.sign(moderate.mean)) if moderate.excludes_zero else 0],
        by=moderate.signed_percent(),
        n=len(_MODERATE),
        clear=join(clear, Text('none', '없음')),
    )


def answer(scale, kept):
    """Return what the numbers say."""
    each, overall = _each(scale, kept), _overall(scale, kept)
    better = sum(lead.excludes_zero and lead.mean > 0 for lead in each)
    worse = sum(lead.excludes_zero and lead.mean < 0 for lead in each)
    biggest = max(range(len(each)), key=lambda i: abs(each[i].mean))
    moderate = _overall(scale, kept, _MODERATE)
    accuracies = [
        problem1.test_acc(scale, kept, pair, 3)
        for pair in (problem1.PAIR, problem1.SWAPPED)
    ]
    own = difference(*accuracies)
    return [
        _CLEAR.format(n=len(each), better=better, worse=worse),
        _BIGGEST.format(
            pair=_PAIRS[biggest],
            lead=each[biggest].signed_percent(),
            n=len(each),
            judged=against_noise(each[biggest]),
        ),
        _MEAN.format(
            all=overall.signed_percent(),
            judged=against_noise(overall),
            n=len(_MODERATE),
            moderate=moderate.signed_percent(),
            judged_moderate=against_noise(moderate),
        ),
        _PAIR.format(n=own.n, lead=own.signed_percent(), judged=against_noise(own)),
        _LIMIT,
    ]

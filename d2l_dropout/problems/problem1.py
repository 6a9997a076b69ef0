"""Problem 1: other dropout probabilities in the two layers, and the two swapped."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, gaps, values
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('Other dropout probabilities', '드롭아웃 확률을 바꾸면')
QUESTION = Text(
    'What happens when the dropout probabilities of the two hidden layers change, '
    'each alone and both at once, and when the two are swapped?',
    '두 은닉층의 드롭아웃 확률을 하나씩, 또는 둘 다 바꾸면, 그리고 서로 맞바꾸면 '
    '어떻게 되는가?',
)
METHOD = Text(
    'The net in Gluon is trained as in the chapter with each pair of the probabilities '
    '0, 0.2, 0.5, 0.7 and 0.9, with the same seeds for each pair. Accuracies are those '
    'after the last epoch, both in predict mode; the gap is that on the training set '
    "less that on the test set. The chapter's pair (0.2, 0.5) and the swapped one "
    '(0.5, 0.2) have three times as many seeds and are compared seed by seed.',
    'Gluon 모델을 책의 설정 그대로, 확률 0, 0.2, 0.5, 0.7, 0.9의 모든 쌍에 대해 같은 '
    '시드로 학습한다. 정확도는 마지막 에포크 뒤에 예측 모드에서 잰 값이고, '
    '일반화 격차는 학습 정확도에서 테스트 정확도를 뺀 값이다. 책의 쌍 (0.2, 0.5)와 '
    '맞바꾼 쌍 (0.5, 0.2)는 시드를 세 배로 늘려 시드별로 짝지어 비교한다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
DROP_PROBS = (0.0, 0.2, 0.5, 0.7, 0.9)
PAIR, SWAPPED, NONE, MOST = (0.2, 0.5), (0.5, 0.2), (0.0, 0.0), (0.9, 0.9)
#: Points between the lightest and the darkest cell of a heat map, at most.
_SHADES = 8
_PAIRS = [(p1, p2) for p1 in DROP_PROBS for p2 in DROP_PROBS]


def specs(scale, kept):
    """Return the runs of the grid, and the pair and its swap with more seeds."""
    grid = [spec for pair in _PAIRS for spec in _specs(scale, pair)]
    return grid + _specs(scale, PAIR, 3) + _specs(scale, SWAPPED, 3)


def _specs(scale, pair, times=1):
    return scale.specs(
        times * scale.num_seeds,
        model='gluon',
        drop_prob1=pair[0],
        drop_prob2=pair[1],
        measure='train_acc',
    )


def test_acc(scale, kept, pair, times=1):
    """Return the last test accuracy of each seed.

    Parameters
    ----------
    scale : Scale
    kept : dict of RunSpec to RunResult
    pair : (float, float)
        drop_prob1 and drop_prob2.
    times : int
        Of so many times the scale's seeds.

    Returns
    -------
    list of float
    """
    return values(kept, _specs(scale, pair, times))


def _gap(scale, kept, pair):
    return gaps(kept, _specs(scale, pair))


def tables(scale, kept):
    """Return test accuracy and gap by the two probabilities, and the pair swapped."""
    pairs = [
        [str(pair), estimate(test_acc(scale, kept, pair, 3)).percent()]
        for pair in (PAIR, SWAPPED)
    ]
    swapped = _swapped_less_pair(scale, kept).signed_percent()
    return [
        _grid(_ACC, lambda pair: estimate(test_acc(scale, kept, pair)).percent()),
        _grid(_GAP, lambda pair: estimate(_gap(scale, kept, pair)).percent()),
        Table(
            ['(drop_prob1, drop_prob2)', _ACC],
            [*pairs, [Text('swapped less unswapped', '맞바꾼 쌍 - 원래 쌍'), swapped]],
        ),
    ]


_ACC = Text('test acc, %', '테스트 정확도, %')
_GAP = Text('gap, points', '일반화 격차, %p')


def _grid(what, cell):
    corner = Text(
        '{what}; drop_prob1 down, drop_prob2 across',
        '{what}; 행은 drop_prob1, 열은 drop_prob2',
    ).format(what=what)
    rows = [[str(p1), *(cell((p1, p2)) for p2 in DROP_PROBS)] for p1 in DROP_PROBS]
    return Table([corner, *map(str, DROP_PROBS)], rows)


def _swapped_less_pair(scale, kept):
    return difference(test_acc(scale, kept, SWAPPED, 3), test_acc(scale, kept, PAIR, 3))


def figure(scale, kept):
    """Draw the two grids as heat maps, and the pair and its swap seed by seed."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.3), layout='constrained')
        axes = figure.subplots(1, 3)
        for ax, title, of in zip(
            axes, ('test acc, %', 'gap, points'), (test_acc, _gap)
        ):
            means = [100 * np.mean(of(scale, kept, pair)) for pair in _PAIRS]
            _heat_map(ax, np.reshape(means, (len(DROP_PROBS),) * 2))
            ax.set(title=title, xlabel='drop_prob2', ylabel='drop_prob1')
        _draw_pairs(axes[2], [test_acc(scale, kept, p, 3) for p in (PAIR, SWAPPED)])
        figure.supxlabel(_CAPTION.format(scale.describe().en, _SHADES), fontsize=7)
        return figure


_CAPTION = '{}; three times as many for the swap; shades end {} points below the best'


def _heat_map(ax, means):
    # One pair that hardly learns must not make all others look the same.
    low, high = max(means.min(), means.max() - _SHADES), means.max()
    ax.imshow(means, cmap='cividis', vmin=low, vmax=high)
    middle = (low + high) / 2
    for (i, j), mean in np.ndenumerate(means):
        colour = 'white' if mean < middle else 'black'
        ax.text(j, i, f'{mean:.1f}', ha='center', va='center', color=colour)
    ax.set_xticks(range(len(DROP_PROBS)), map(str, DROP_PROBS))
    ax.set_yticks(range(len(DROP_PROBS)), map(str, DROP_PROBS))
    ax.grid(False)


def _draw_pairs(ax, accuracies):
    for pair in 100 * np.transpose(accuracies):
        ax.plot((0, 1), pair, 'o-', color=style.COLOURS['first'], alpha=0.5)
    ax.set_xticks((0, 1), map(str, (PAIR, SWAPPED)))
    ax.set(title='test acc, %: a line a seed', xlim=(-0.3, 1.3))


def verdict(scale, kept):
    """Return what each probability does alone, and who beats the chapter's pair."""
    others = [pair for pair in _PAIRS if pair != PAIR]
    leads = [_lead(scale, kept, pair) for pair in others]
    swap = _swapped_less_pair(scale, kept)
    return Text(
        "Of the {n} other pairs, {better} are clearly better than the chapter's {pair} "
        'and {worse} clearly worse. Swapping its two probabilities changes the test '
        'accuracy by {swap} points over {seeds} seeds, {judged}.',
        '나머지 {n}개 쌍 가운데 책의 {pair}보다 확실히 나은 쌍은 {better}개, 확실히 '
        '못한 쌍은 {worse}개이다. 두 확률을 맞바꾸면 시드 {seeds}개에서 테스트 '
        '정확도가 {swap}%p 변한다. 이 차이는 {judged}.',
    ).format(
        n=len(others),
        pair=PAIR,
        better=sum(lead.excludes_zero and lead.mean > 0 for lead in leads),
        worse=sum(lead.excludes_zero and lead.mean < 0 for lead in leads),
        swap=swap.signed_percent(),
        seeds=swap.n,
        judged=against_noise(swap),
    )


def _lead(scale, kept, pair):
    """Test accuracy less that of the chapter's pair; one of as many as the grid has."""
    accuracies = test_acc(scale, kept, pair), test_acc(scale, kept, PAIR)
    return difference(*accuracies, len(_PAIRS) - 1)


def answer(scale, kept):
    """Return what the numbers say."""
    best = max(_PAIRS, key=lambda pair: np.mean(test_acc(scale, kept, pair)))
    lead, loss, none = (_lead(scale, kept, pair) for pair in (best, MOST, NONE))
    gaps = [estimate(_gap(scale, kept, pair)).percent() for pair in (NONE, PAIR, MOST)]
    return [
        _say_alone(scale, kept, 'drop_prob1', lambda p: (p, PAIR[1])),
        _say_alone(scale, kept, 'drop_prob2', lambda p: (PAIR[0], p)),
        Text(
            'The best mean test accuracy is that of {best}; its lead over the '
            "chapter's {pair} is {lead} points, {judged}.",
            '평균 테스트 정확도가 가장 높은 쌍은 {best}이고, 책의 {pair}와의 차이는 '
            '{lead}%p이다. 이 차이는 {judged}.',
        ).format(
            best=best,
            pair=PAIR,
            lead=lead.signed_percent(),
            judged=against_noise(lead),
        ),
        Text(
            "No dropout, less the chapter's pair: {none} points of test accuracy, "
            '{judged}. The gap between training and test set is {gaps[0]} points '
            'without dropout and {gaps[1]} with {pair}.',
            '드롭아웃이 없는 경우와 책의 쌍의 테스트 정확도 차이는 {none}%p이다. 이 '
            '차이는 {judged}. 학습과 테스트의 일반화 격차는 드롭아웃이 없으면 '
            '{gaps[0]}%p, {pair}이면 {gaps[1]}%p이다.',
        ).format(
            none=none.signed_percent(),
            judged=against_noise(none),
            gaps=gaps,
            pair=PAIR,
        ),
        Text(
            "Most in both layers, {most}, less the chapter's pair: {loss} points, "
            '{judged}. The gap is {gap} points there: a net that has learned less has '
            'a small gap, which is no merit.',
            '두 층 모두 가장 큰 {most}와 책의 쌍의 차이는 {loss}%p이다. 이 차이는 '
            '{judged}. 이때 일반화 격차는 {gap}%p인데, 덜 배운 모델의 격차가 작은 것은 '
            '장점이 아니다.',
        ).format(
            most=MOST,
            loss=loss.signed_percent(),
            judged=against_noise(loss),
            gap=gaps[2],
        ),
    ]


def _say_alone(scale, kept, name, pair_of):
    """Say what changing one probability alone does."""
    probs = [p for p in DROP_PROBS if pair_of(p) != PAIR]
    changes = [(p, _lead(scale, kept, pair_of(p))) for p in probs]
    said = [
        Text('{p}: {by} ({judged})', '{p}: {by}({judged})').format(
            p=p, by=e.signed_percent(), judged=against_noise(e)
        )
        for p, e in changes
    ]
    return Text(
        "{name} alone changed, less the chapter's pair, in points of test accuracy: "
        '{said}.',
        '{name}만 바꿀 때 책의 쌍과의 테스트 정확도 차이(%p): {said}.',
    ).format(name=name, said=join(said, None))

"""Problem 2: more epochs, with and without dropout, and early stopping."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.plots.curves import draw_band
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, gaps
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('More epochs', '에포크를 늘리면')
QUESTION = Text(
    'What happens when the number of epochs grows, with dropout and without it, and '
    'what would early stopping have given?',
    '에포크 수를 늘리면 드롭아웃이 있을 때와 없을 때 각각 어떻게 되는가? 조기 종료를 '
    '했다면 무엇을 얻었겠는가?',
)
METHOD = Text(
    'The net in Gluon is trained with dropout (0.2, 0.5) and without, for many epochs: '
    "on a larger training set (the full one in full mode, with the chapter's lr and "
    'batch size) and on a small one, its first examples alone, with batch size 64 and '
    'lr 0.1, at which training stays stable. "Early" is after a tenth of the epochs, '
    '"late" the mean over the last tenth. The gap is the training accuracy in predict '
    'mode less the test accuracy, both after the last epoch. Early stopping, on the '
    'small set: each run is repeated with the same seed and training examples, and '
    'the epoch is chosen by the accuracy on 10,000 held-out training examples; the '
    'test set then judges that epoch. The best epoch on the test set itself is shown '
    'too: chosen on what judges it, it promises too much. A run has broken down when '
    'its test accuracy falls below half of its best and stays there. The seeds share '
    'the training examples, so the intervals leave out the luck of which examples '
    'these are.',
    'Gluon 모델을 드롭아웃 (0.2, 0.5)를 쓰거나 쓰지 않고 오래 학습한다. 큰 학습 '
    '세트(전체 실행에서는 전체 세트이고 학습률과 배치 크기는 책과 같다)와 그 앞부분의 '
    '예제만 쓴 작은 데이터에서 각각 학습하며, 작은 데이터에서는 학습이 안정되도록 '
    '배치 크기를 64, 학습률을 0.1로 한다. "초기"는 에포크의 10분의 1이 지난 뒤이고, '
    '"후기"는 마지막 10분의 1의 평균이다. 일반화 격차는 마지막 에포크 뒤 예측 모드의 '
    '학습 정확도에서 테스트 정확도를 뺀 값이다. 조기 종료는 작은 데이터에서 본다. '
    '같은 시드와 같은 학습 예제로 학습을 되풀이하여, 떼어 둔 학습 예제 10,000개의 '
    '정확도로 에포크를 고르고, 그 에포크를 테스트 데이터로 평가한다. 테스트 데이터 '
    '자체에서 가장 좋은 에포크도 보이지만, 평가할 데이터로 골랐으므로 지나치게 좋은 '
    '값이다. 테스트 정확도가 최고값의 절반 아래로 떨어져 회복되지 않으면 학습이 '
    '무너진 것으로 본다. 시드들은 같은 학습 예제를 쓰므로, 신뢰구간에는 예제를 뽑는 '
    '운이 들어 있지 않다.',
)
SCALES = {
    'quick': Scale('quick', 3, {}),
    'full': Scale('full', 5, {}),
}
_SETS = {
    'quick': {
        'large': {'num_examples': 6000, 'num_epochs': 10, 'batch_size': 64},
        'small': {'num_examples': 1000, 'num_epochs': 20, 'batch_size': 64, 'lr': 0.1},
    },
    'full': {
        'large': {'num_epochs': 100},
        'small': {
            'num_examples': 1000,
            'num_epochs': 200,
            'batch_size': 64,
            'lr': 0.1,
        },
    },
}
_DROPOUT = {
    True: Text('with dropout', '드롭아웃 있음'),
    False: Text('without dropout', '드롭아웃 없음'),
}
_CURVES = {
    'test_acc': 'test acc, %',
    'train_acc': 'train acc in training mode, %',
    'loss': 'training loss',
}


def specs(scale, kept):
    """Return the long runs, and those of the small set that choose an epoch."""
    judged = [
        spec
        for part in _SETS[scale.name]
        for dropout in _DROPOUT
        for spec in _specs(scale, part, dropout)
    ]
    choosing = [_specs(scale, 'small', dropout, 'validation') for dropout in _DROPOUT]
    return judged + choosing[0] + choosing[1]


def _specs(scale, part, dropout, test_on='test'):
    probs = (0.2, 0.5) if dropout else (0.0, 0.0)
    return scale.specs(
        model='gluon',
        drop_prob1=probs[0],
        drop_prob2=probs[1],
        test_on=test_on,
        measure='train_acc',
        **_SETS[scale.name][part],
    )


def _num_epochs(scale, part):
    """Return all epochs, and a tenth of them."""
    num_epochs = _SETS[scale.name][part]['num_epochs']
    return num_epochs, max(num_epochs // 10, 1)


def _curves(scale, kept, part, dropout, figure='test_acc', test_on='test'):
    """One line a seed, one column an epoch."""
    return np.array(
        [
            [getattr(epoch, figure) for epoch in kept[spec].epochs]
            for spec in _specs(scale, part, dropout, test_on)
        ]
    )


def _early_late(scale, kept, part, dropout):
    accuracy = _curves(scale, kept, part, dropout)
    tenth = _num_epochs(scale, part)[1]
    return accuracy[:, tenth - 1], accuracy[:, -tenth:].mean(axis=1)


def _gap(scale, kept, part, dropout):
    return gaps(kept, _specs(scale, part, dropout))


def _crossing(accuracy, other):
    """Return the epoch from which on one curve stays above another, or None."""
    not_above = np.flatnonzero(accuracy <= other)
    first = int(not_above[-1]) + 2 if len(not_above) else 1
    return first if first <= len(accuracy) else None


def _stopped(scale, kept, dropout):
    """Return the epoch chosen of each seed; its test acc, the last and the best."""
    chosen = _curves(scale, kept, 'small', dropout, test_on='validation').argmax(axis=1)
    accuracy = _curves(scale, kept, 'small', dropout)
    at_chosen = accuracy[np.arange(len(accuracy)), chosen]
    return chosen + 1, at_chosen, accuracy[:, -1], accuracy.max(axis=1)


def tables(scale, kept):
    """Return accuracies early and late, and what early stopping gave."""
    rows = []
    for part in _SETS[scale.name]:
        for dropout, name in _DROPOUT.items():
            early, late = _early_late(scale, kept, part, dropout)
            gap = _gap(scale, kept, part, dropout)
            cells = [_mean(early), _mean(late), _mean(gap)]
            if _breakdowns(scale, kept, part, dropout):
                cells[1:] = _by_seed(late), _by_seed(gap)
            rows.append([_describe(scale, part), name, *cells])
    head = [
        Text('training examples, epochs', '학습 예제, 에포크'),
        Text('dropout', '드롭아웃'),
        Text('test acc early, %', '초기 테스트 정확도, %'),
        Text('late, %', '후기, %'),
        Text('gap at the end, points', '마지막의 일반화 격차, %p'),
    ]
    return [Table(head, rows), _stopping_table(scale, kept)]


def _mean(shares):
    return estimate(shares).percent()


def _describe(scale, part):
    settings = _SETS[scale.name][part]
    return Text(
        '{n:,} examples, {num_epochs} epochs', '예제 {n:,}개, {num_epochs} 에포크'
    ).format(n=settings.get('num_examples', 60000), num_epochs=settings['num_epochs'])


def _stopping_table(scale, kept):
    rows = []
    for dropout, name in _DROPOUT.items():
        chosen, *accuracies = _stopped(scale, kept, dropout)
        cells = [estimate(accuracy).percent() for accuracy in accuracies]
        rows.append([name, ', '.join(map(str, chosen)), *cells])
    head = [
        Text('small set', '작은 데이터'),
        Text('epoch chosen, by seed', '고른 에포크, 시드별'),
        Text('test acc there, %', '그때의 테스트 정확도, %'),
        Text('at the last epoch, %', '마지막 에포크, %'),
        Text('best on the test set itself, %', '테스트 데이터 자체에서 최고, %'),
    ]
    return Table(head, rows)


def figure(scale, kept):
    """Draw the curves: the mean over seeds, and a band from lowest to highest."""
    with style.context():
        figure = plt.Figure(figsize=(9, 5), layout='constrained')
        axes = figure.subplots(2, 3)
        for row, part in zip(axes, _SETS[scale.name]):
            for ax, (name, label) in zip(row, _CURVES.items()):
                for dropout in _DROPOUT:
                    curves = _curves(scale, kept, part, dropout, name)
                    _draw(ax, curves * (1 if name == 'loss' else 100), dropout)
                ax.set(title=label, xlabel='epoch')
            row[0].set_ylabel(_describe(scale, part).en)
            row[2].set_yscale('log')
        for dropout in _DROPOUT:
            _mark_stops(axes[1, 0], scale, kept, dropout)
        # What is learned at first is not what is compared: show the top alone.
        late = [_early_late(scale, kept, 'small', dropout)[1] for dropout in _DROPOUT]
        axes[1, 0].set_ylim(bottom=100 * np.min(late) - 6)
        axes[0, 0].legend()
        axes[1, 0].legend(*_only_marks(axes[1, 0]), title='epoch chosen')
        figure.supxlabel(_CAPTION.format(scale.describe().en), fontsize=7)
        return figure


_CAPTION = (
    '{}; line: mean of the seeds, band: their range; loss until the first that is no '
    'number; below left: the top of the range only'
)


def _draw(ax, runs, dropout):
    draw_band(ax, runs, *style.LINES[0 if dropout else 1], label=_DROPOUT[dropout].en)


def _mark_stops(ax, scale, kept, dropout):
    chosen, accuracy, *_ = _stopped(scale, kept, dropout)
    colour = style.COLOURS['first' if dropout else 'second']
    markers = {'color': colour, 'linestyle': '', 'markersize': 5}
    marker, label = 'o' if dropout else 's', _DROPOUT[dropout].en
    ax.plot(chosen, 100 * accuracy, marker, label=label, **markers)


def _only_marks(ax):
    """Return what the legend of the chosen epochs shows: the last two lines."""
    marks, labels = ax.get_legend_handles_labels()
    return marks[-2:], labels[-2:]


def verdict(scale, kept):
    """Return what more epochs do, with dropout and without."""
    said = [_say_epochs(scale, kept, part) for part in _SETS[scale.name]]
    return Text(*(' '.join(texts) for texts in zip(*said)))


def _say_epochs(scale, kept, part):
    said = [_say_change(scale, kept, part, dropout) for dropout in _DROPOUT]
    return Text(
        '{part}, change of the test accuracy from early to late in points: {said}.',
        '{part}, 초기에서 후기까지 테스트 정확도의 변화(%p): {said}.',
    ).format(part=_describe(scale, part), said=join(said, None))


def _say_change(scale, kept, part, dropout):
    early, late = _early_late(scale, kept, part, dropout)
    if _breakdowns(scale, kept, part, dropout):
        said = _say_breakdowns(scale, kept, part, dropout)
    else:
        change = difference(late, early, _looks(scale))
        said = Text('{by} ({judged})', '{by}({judged})').format(
            by=change.signed_percent(), judged=against_noise(change)
        )
    return Text('{name} {said}', '{name} {said}').format(
        name=_DROPOUT[dropout], said=said
    )


def _looks(scale):
    """Return how many differences are judged together.

    Of each set five: early and late, how they differ, and the change of each of the
    two. Of early stopping three.
    """
    return 5 * len(_SETS[scale.name]) + 3


def _breakdowns(scale, kept, part, dropout):
    """Return the epochs from which on runs are broken down, of those that are."""
    starts = []
    for curve in _curves(scale, kept, part, dropout):
        alive = np.flatnonzero(curve >= curve.max() / 2)
        if alive[-1] + 1 < len(curve):
            starts.append(int(alive[-1]) + 2)  # epochs count from 1
    return starts


def _say_breakdowns(scale, kept, part, dropout):
    """Say when training broke down; a mean of such accuracies says nothing."""
    starts = _breakdowns(scale, kept, part, dropout)
    return Text(
        'training breaks down in {n} of {all} seeds (from epochs {epochs} on), so that '
        'no mean is given (late test accuracies, seed by seed, %: {late})',
        '시드 {all}개 중 {n}개에서 학습이 무너지므로(에포크 {epochs}부터) 평균은 적지 '
        '않는다(시드별 후기 테스트 정확도, %: {late})',
    ).format(
        n=len(starts),
        all=scale.num_seeds,
        epochs=', '.join(map(str, starts)),
        late=_by_seed(_early_late(scale, kept, part, dropout)[1]),
    )


def _by_seed(shares):
    # Plus 0: no minus before a zero.
    return ', '.join(f'{np.round(100 * share, 1) + 0:.1f}' for share in shares)


def answer(scale, kept):
    """Return what the numbers say."""
    texts = [_say_benefit(scale, kept, part) for part in _SETS[scale.name]]
    texts += [_say_crossing(scale, kept, part) for part in _SETS[scale.name]]
    texts += [_say_stopping(scale, kept, dropout) for dropout in _DROPOUT]
    stopped = [_stopped(scale, kept, dropout)[1] for dropout in _DROPOUT]
    benefit = difference(*stopped, _looks(scale))
    return [
        *texts,
        Text(
            'When both stop early, dropout changes the test accuracy on the small set '
            'by {benefit} points, {judged}. Early stopping was not tried on the larger '
            'set.',
            '둘 다 조기 종료하면, 작은 데이터에서 드롭아웃에 따른 테스트 정확도 차이는 '
            '{benefit}%p이다. 이 차이는 {judged}. 큰 데이터에서는 조기 종료를 시험하지 '
            '않았다.',
        ).format(benefit=benefit.signed_percent(), judged=against_noise(benefit)),
    ]


def _say_benefit(scale, kept, part):
    """Say what dropout changes early and, where training holds, late."""
    pairs = zip(*(_early_late(scale, kept, part, dropout) for dropout in _DROPOUT))
    (early_with, early_none), (late_with, late_none) = pairs
    early = difference(early_with, early_none, _looks(scale))
    late = difference(late_with, late_none, _looks(scale))
    growth = difference(late_with - late_none, early_with - early_none, _looks(scale))
    broken = any(_breakdowns(scale, kept, part, dropout) for dropout in _DROPOUT)
    return Text(
        '{part}: with dropout less without, the test accuracy is {early} points '
        'early, {judged}; {rest}.',
        '{part}: 드롭아웃이 있을 때의 테스트 정확도에서 없을 때의 값을 빼면 초기에 '
        '{early}%p이다({judged}). {rest}.',
    ).format(
        part=_describe(scale, part),
        early=early.signed_percent(),
        judged=against_noise(early),
        rest=_BROKEN
        if broken
        else _LATE.format(
            late=late.signed_percent(),
            judged_late=against_noise(late),
            growth=growth.signed_percent(),
            judged=against_noise(growth),
        ),
    )


_BROKEN = Text(
    'late is not compared: what broke down shows that training does not hold for so '
    'many steps at this learning rate, and hides whether the net over-fits',
    '후기는 비교하지 않는다. 무너진 실행은 이 학습률로는 그만큼 오래 학습할 수 없음을 '
    '보여 줄 뿐, 과적합 여부는 가린다',
)
_LATE = Text(
    'late it is {late}, {judged_late}; from early to late this changes by {growth}, '
    '{judged}',
    '후기에는 {late}%p이다({judged_late}). 초기에서 후기까지 이 값은 {growth}%p '
    '변한다({judged})',
)


def _say_crossing(scale, kept, part):
    both = [_curves(scale, kept, part, dropout) for dropout in _DROPOUT]
    means = [curves.mean(axis=0) for curves in both]
    never = Text('never', '없음')
    by_seed = [_crossing(*pair) for pair in zip(*both)]
    return Text(
        '{part}: the epoch from which on the mean test accuracy with dropout stays '
        'above that without: {epoch} (of the seeds alone: {seeds}); it is above after '
        '{above} of the {all} epochs. These are no intervals: single epochs are noisy.',
        '{part}: 드롭아웃이 있을 때의 평균 테스트 정확도가 없을 때보다 계속 높아지기 '
        '시작하는 에포크: {epoch}(시드별로는 {seeds}). {all} 에포크 가운데 {above}번 '
        '더 높다. 한 에포크의 값에는 잡음이 많고, 이는 신뢰구간이 아니다.',
    ).format(
        part=_describe(scale, part),
        epoch=_crossing(*means) or never,
        seeds=Text(
            *(', '.join(str(e or say) for e in by_seed) for say in never),
        ),
        above=int((means[0] > means[1]).sum()),
        all=len(means[0]),
    )


def _say_stopping(scale, kept, dropout):
    _, at_chosen, last, best = _stopped(scale, kept, dropout)
    gain = difference(at_chosen, last, _looks(scale))
    return Text(
        'Early stopping on the small set, {dropout}: {gain} points of test accuracy '
        'against the last epoch, {judged}. Choosing on the test set itself would have '
        'promised {excess} points more.',
        '작은 데이터의 조기 종료({dropout}): 마지막 에포크와의 테스트 정확도 차이는 '
        '{gain}%p이다. 이 차이는 {judged}. 테스트 데이터 자체로 골랐다면 {excess}%p '
        '더 높아 보였을 것이다.',
    ).format(
        dropout=_DROPOUT[dropout],
        gain=gain.signed_percent(),
        judged=against_noise(gain),
        excess=f'{100 * np.mean(best - at_chosen):.2f}',
    )

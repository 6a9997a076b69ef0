"""Problem 2: more epochs, with and without dropout, and early stopping."""

import numpy as np

from d2l_dropout import pictures
from d2l_dropout.d2l.plotting import plt
from d2l_dropout.studies.estimates import difference, estimate, within_noise
from d2l_dropout.studies.study import Scale, gaps
from d2l_dropout.studies.text import Table, Text

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
    'batch size) and on a small one, its first examples alone, with smaller ones, at '
    'which training stays stable. "Early" is after a tenth of the epochs, '
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
    '예제만 쓴 작은 세트에서 각각 학습하며, 작은 세트에서는 학습이 안정되도록 '
    '학습률과 배치 크기를 작게 한다. "초기"는 에포크의 10분의 1이 지난 뒤이고, '
    '"후기"는 마지막 10분의 1의 평균이다. 차이(gap)는 마지막 에포크 뒤 예측 모드의 '
    '학습 정확도에서 테스트 정확도를 뺀 값이다. 조기 종료는 작은 세트에서 본다. 같은 '
    '시드와 같은 학습 예제로 학습을 되풀이하여, 떼어 둔 학습 예제 10,000개의 정확도로 '
    '에포크를 고르고, 그 에포크를 테스트 세트로 평가한다. 테스트 세트 자체에서 가장 '
    '좋은 에포크도 보이지만, 평가할 데이터로 골랐으므로 지나치게 좋은 값이다. 테스트 '
    '정확도가 최고값의 절반 아래로 떨어져 회복되지 않으면 학습이 무너진 것으로 본다. '
    '시드들은 같은 학습 예제를 쓰므로, 신뢰구간에는 예제를 뽑는 운이 들어 있지 않다.',
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
            gap = estimate(_gap(scale, kept, part, dropout)).percent()
            cells = [estimate(early).percent(), estimate(late).percent(), gap]
            rows.append([_describe(scale, part), name, *cells])
    head = [
        Text('training examples, epochs', '학습 예제, 에포크'),
        Text('dropout', '드롭아웃'),
        Text('test acc early, %', '초기 테스트 정확도, %'),
        Text('late, %', '후기, %'),
        Text('gap at the end, points', '마지막의 차이(gap), %p'),
    ]
    return [Table(head, rows), _stopping_table(scale, kept)]


def _describe(scale, part):
    settings = _SETS[scale.name][part]
    return Text('{n:,}, {num_epochs} epochs', '{n:,}개, {num_epochs} 에포크').format(
        n=settings.get('num_examples', 60000), num_epochs=settings['num_epochs']
    )


def _stopping_table(scale, kept):
    rows = []
    for dropout, name in _DROPOUT.items():
        chosen, *accuracies = _stopped(scale, kept, dropout)
        cells = [estimate(accuracy).percent() for accuracy in accuracies]
        rows.append([name, ', '.join(map(str, chosen)), *cells])
    head = [
        Text('small set', '작은 세트'),
        Text('epoch chosen, by seed', '고른 에포크, 시드별'),
        Text('test acc there, %', '그때의 테스트 정확도, %'),
        Text('at the last epoch, %', '마지막 에포크, %'),
        Text('best on the test set itself, %', '테스트 세트 자체에서 최고, %'),
    ]
    return Table(head, rows)


def figure(scale, kept):
    """Draw the curves: the mean over seeds, and a band from lowest to highest."""
    with pictures.style():
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
        axes[0, 0].legend()
        axes[1, 0].legend(*_only_marks(axes[1, 0]), title='epoch chosen')
        figure.supxlabel(_CAPTION.format(scale.describe().en), fontsize=7)
        return figure


_CAPTION = '{}; line: mean of the seeds, band: their range'


def _draw(ax, curves, dropout):
    epochs = range(1, curves.shape[1] + 1)
    colour = pictures.COLOURS['plain' if dropout else 'control']
    line = '-' if dropout else '--'
    label = _DROPOUT[dropout].en
    ax.plot(epochs, curves.mean(axis=0), line, color=colour, linewidth=1, label=label)
    band = curves.min(axis=0), curves.max(axis=0)
    ax.fill_between(epochs, *band, color=colour, alpha=0.15, linewidth=0)


def _mark_stops(ax, scale, kept, dropout):
    chosen, accuracy, *_ = _stopped(scale, kept, dropout)
    colour = pictures.COLOURS['plain' if dropout else 'control']
    style = {'color': colour, 'linestyle': '', 'markersize': 5}
    marker, label = 'o' if dropout else 's', _DROPOUT[dropout].en
    ax.plot(chosen, 100 * accuracy, marker, label=label, **style)


def _only_marks(ax):
    """Return what the legend of the chosen epochs shows: the last two lines."""
    marks, labels = ax.get_legend_handles_labels()
    return marks[-2:], labels[-2:]


def verdict(scale, kept):
    """Return what more epochs do, with dropout and without."""
    said = [_say_epochs(scale, kept, part) for part in _SETS[scale.name]]
    return Text(*(' '.join(texts) for texts in zip(*said)))


def _say_epochs(scale, kept, part):
    changes = []
    for dropout in _DROPOUT:
        early, late = _early_late(scale, kept, part, dropout)
        changes.append(difference(late, early, _looks(scale)))
    return Text(
        '{part}: from early to late the test accuracy changes by {with_} points with '
        'dropout, {judged_with}, and by {without} without it, '
        '{judged_without}{broken}.',
        '{part}: 초기에서 후기까지 테스트 정확도는 드롭아웃이 있으면 {with_}%p '
        '변하고({judged_with}), 없으면 {without}%p 변한다({judged_without}).{broken}',
    ).format(
        part=_describe(scale, part),
        with_=changes[0].signed_percent(),
        judged_with=within_noise(changes[0]),
        without=changes[1].signed_percent(),
        judged_without=within_noise(changes[1]),
        broken=_BROKEN if _breakdowns(scale, kept, part, False) else Text('', ''),
    )


_BROKEN = Text(
    ' (training breaks down in some seeds)',
    ' 드롭아웃이 없으면 일부 시드에서 학습이 무너진다.',
)


def _looks(scale):
    """Return how many differences of early and late accuracies are judged."""
    return 5 * len(_SETS[scale.name])


def answer(scale, kept):
    """Return what the numbers say."""
    texts = [_say_benefit(scale, kept, part) for part in _SETS[scale.name]]
    texts += [_say_breakdowns(scale, kept, part) for part in _SETS[scale.name]]
    texts += [_say_crossing(scale, kept, part) for part in _SETS[scale.name]]
    texts += [_say_stopping(scale, kept, dropout) for dropout in _DROPOUT]
    stopped = [_stopped(scale, kept, dropout)[1] for dropout in _DROPOUT]
    benefit = difference(*stopped, 3)
    return [
        *texts,
        Text(
            'When both stop early, dropout changes the test accuracy on the small set '
            'by {benefit} points, {judged}.',
            '둘 다 조기 종료하면, 작은 세트에서 드롭아웃에 따른 테스트 정확도 차이는 '
            '{benefit}%p이다. {judged}.',
        ).format(benefit=benefit.signed_percent(), judged=within_noise(benefit)),
    ]


def _say_benefit(scale, kept, part):
    """Say what dropout changes early and late, and whether that changed."""
    pairs = zip(*(_early_late(scale, kept, part, dropout) for dropout in _DROPOUT))
    (early_with, early_none), (late_with, late_none) = pairs
    looks = _looks(scale)
    early = difference(early_with, early_none, looks)
    late = difference(late_with, late_none, looks)
    growth = difference(late_with - late_none, early_with - early_none, looks)
    return Text(
        '{part}: with dropout less without, the test accuracy is {early} points '
        'early, {judged_early}, and {late} late, {judged_late}; from early to late '
        'this changes by {growth}, {judged}.',
        '{part}: 드롭아웃이 있을 때에서 없을 때를 뺀 테스트 정확도는 초기에 '
        '{early}%p이고({judged_early}), 후기에 {late}%p이다({judged_late}). 초기에서 '
        '후기까지의 변화는 {growth}%p이다. {judged}.',
    ).format(
        part=_describe(scale, part),
        early=early.signed_percent(),
        judged_early=within_noise(early),
        late=late.signed_percent(),
        judged_late=within_noise(late),
        growth=growth.signed_percent(),
        judged=within_noise(growth),
    )


def _breakdowns(scale, kept, part, dropout):
    """Return the epochs from which on runs are broken down, of those that are."""
    starts = []
    for curve in _curves(scale, kept, part, dropout):
        alive = np.flatnonzero(curve >= curve.max() / 2)
        if alive[-1] + 1 < len(curve):
            starts.append(int(alive[-1]) + 2)  # epochs count from 1
    return starts


def _say_breakdowns(scale, kept, part):
    """Say in how many seeds training broke down: late means then say little else."""
    starts = {d: _breakdowns(scale, kept, part, d) for d in _DROPOUT}
    said = {
        dropout: Text(
            '{n} of {all} seeds{epochs}', '시드 {all}개 중 {n}개{epochs}'
        ).format(
            n=len(epochs),
            all=scale.num_seeds,
            epochs=_FROM.format(epochs=', '.join(map(str, epochs))) if epochs else '',
        )
        for dropout, epochs in starts.items()
    }
    return Text(
        '{part}: training breaks down in {without} without dropout and in {with_} with '
        'it{so}.',
        '{part}: 학습이 무너진 경우는 드롭아웃이 없을 때 {without}, 있을 때 '
        '{with_}이다.{so}',
    ).format(
        part=_describe(scale, part),
        without=said[False],
        with_=said[True],
        so=_ABOUT_STABILITY if any(starts.values()) else Text('', ''),
    )


_FROM = Text(' (from epochs {epochs} on)', '(에포크 {epochs}부터)')
_ABOUT_STABILITY = Text(
    ': the late numbers are then about the stability of so many steps at this learning '
    'rate, not about over-fitting',
    ' 이때 후기의 값은 과적합이 아니라, 이 학습률로 그만큼 오래 학습할 때의 안정성을 '
    '보여 준다.',
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
    gain = difference(at_chosen, last, 3)
    return Text(
        'Early stopping on the small set, {dropout}: {gain} points of test accuracy '
        'against the last epoch, {judged}. Choosing on the test set itself would have '
        'promised {excess} points more.',
        '작은 세트의 조기 종료({dropout}): 마지막 에포크와의 테스트 정확도 차이는 '
        '{gain}%p이다. {judged}. 테스트 세트 자체로 골랐다면 {excess}%p 더 높아 보였을 '
        '것이다.',
    ).format(
        dropout=_DROPOUT[dropout],
        gain=gain.signed_percent(),
        judged=within_noise(gain),
        excess=f'{100 * np.mean(best - at_chosen):.2f}',
    )

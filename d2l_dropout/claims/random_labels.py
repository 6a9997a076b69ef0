"""Claim: a network can fit labels that say nothing about its inputs."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, measured, values
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text('Fitting random labels', '무작위 레이블 외우기')
QUESTION = Text(
    'Can the net learn labels by heart that say nothing about the images, and what '
    'does dropout do to that?',
    '신경망은 이미지와 아무 관계도 없는 레이블을 외울 수 있는가? 드롭아웃은 여기에 '
    '어떤 영향을 주는가?',
)
METHOD = Text(
    'The labels of the first training examples are permuted, so that they keep their '
    'frequencies and lose their meaning, and the net in Gluon is trained on them '
    "without dropout, with the chapter's (0.2, 0.5) and with (0.5, 0.5); and, for "
    'contrast, on the true labels of the same examples. The mini-batches are smaller '
    "than the chapter's and the learning rate is lower, for many small steps are "
    'needed. Accuracies are in predict mode after the last epoch; the test set keeps '
    'its true labels. An epoch counts as the one that fits the labels when the '
    'training accuracy in training mode is above 99 % from it on; it may be the last.',
    '학습 데이터 앞부분의 레이블을 뒤섞어, 빈도는 그대로 두고 의미만 없앤다. 그 '
    '데이터로 Gluon 모델을 드롭아웃 없이, 책의 (0.2, 0.5)로, (0.5, 0.5)로 학습하고, '
    '대조를 위해 같은 예제의 원래 레이블로도 학습한다. 작은 갱신이 많이 필요하므로 '
    '미니배치는 책보다 작고 학습률은 낮다. 정확도는 마지막 에포크 뒤에 예측 모드에서 '
    '잰 값이고, 테스트 데이터의 레이블은 그대로 둔다. 학습 모드의 학습 정확도가 99 %를 '
    '넘은 채 유지되기 시작하는 에포크를 레이블을 다 외운 에포크로 본다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_examples': 100, 'num_epochs': 110, 'batch_size': 5, 'lr': 0.1}
    ),
    'full': Scale(
        'full', 5, {'num_examples': 500, 'num_epochs': 300, 'batch_size': 20, 'lr': 0.1}
    ),
}
NONE, PAIR, STRONG = (0.0, 0.0), (0.2, 0.5), (0.5, 0.5)
#: Labels and dropout probabilities.
CASES = (
    ('permuted', NONE),
    ('permuted', PAIR),
    ('permuted', STRONG),
    ('true', NONE),
    ('true', PAIR),
)
_LABELS = {'permuted': Text('permuted', '뒤섞음'), 'true': Text('true', '참')}
_FITTED = 0.99
_CHANCE = 0.1


def specs(scale, kept):
    """Return the runs of each kind of labels and dropout."""
    return [spec for case in CASES for spec in _specs(scale, case)]


def _specs(scale, case):
    labels, (drop_prob1, drop_prob2) = case
    return scale.specs(
        model='gluon',
        labels=labels,
        drop_prob1=drop_prob1,
        drop_prob2=drop_prob2,
        measure='train_acc',
    )


def _train_acc(scale, kept, case):
    return measured(kept, _specs(scale, case), 'train_acc')


def _test_acc(scale, kept, case):
    return values(kept, _specs(scale, case))


def _fitting_epochs(scale, kept, case):
    """Return the epoch from which on each seed's training accuracy stays above 99 %."""
    epochs = []
    for spec in _specs(scale, case):
        below = [e.epoch for e in kept[spec].epochs if e.train_acc <= _FITTED]
        epoch = below[-1] + 1 if below else 1
        epochs.append(epoch if epoch <= spec.num_epochs else None)
    return epochs


def _in_words(epochs):
    """Return the range of the epochs, and how many seeds never got there."""
    reached = [epoch for epoch in epochs if epoch is not None]
    if not reached:
        return Text('in no seed', '어느 시드에도 없음')
    span = f'{min(reached)}-{max(reached)}'
    return Text('{span} ({n} of {all} seeds)', '{span} (시드 {all}개 중 {n}개)').format(
        span=span, n=len(reached), all=len(epochs)
    )


def tables(scale, kept):
    """Return both accuracies of each case, and when the labels were fitted."""
    rows = [
        [
            _LABELS[case[0]],
            str(case[1]),
            estimate(_train_acc(scale, kept, case)).percent(),
            estimate(_test_acc(scale, kept, case)).percent(),
            _in_words(_fitting_epochs(scale, kept, case)),
        ]
        for case in CASES
    ]
    head = [
        Text('labels', '레이블'),
        Text('dropout', '드롭아웃'),
        Text('train acc, %', '학습 정확도, %'),
        Text('test acc, %', '테스트 정확도, %'),
        Text('above 99 % from epoch', '99 %를 넘는 에포크'),
    ]
    return [Table(head, rows)]


def figure(scale, kept):
    """Draw the training accuracy of each seed, and the last test accuracy."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.4), layout='constrained')
        left, right = figure.subplots(1, 2, gridspec_kw={'width_ratios': (2, 1)})
        for case in CASES:
            look = _look(case)
            for i, spec in enumerate(_specs(scale, case)):
                accuracies = [100 * e.train_acc for e in kept[spec].epochs]
                epochs = range(1, len(accuracies) + 1)
                label = f'{case[0]}, {case[1]}' if i == 0 else None
                left.plot(epochs, accuracies, label=label, alpha=0.7, lw=1, **look)
        left.set(title='train acc in training mode, %', xlabel='epoch')
        left.legend(fontsize=7)
        for x, case in enumerate(CASES):
            accuracies = 100 * np.array(_test_acc(scale, kept, case))
            colour = _look(case)['color']
            right.plot([x] * len(accuracies), accuracies, 'o', color=colour, alpha=0.6)
        right.axhline(100 * _CHANCE, color=style.COLOURS['ink'], ls=':', lw=1)
        names = [f'{labels}\n{pair}' for labels, pair in CASES]
        right.set_xticks(range(len(CASES)), names, fontsize=6)
        right.set(title='test acc, % (dotted: by chance)')
        figure.supxlabel(scale.describe().en, fontsize=7)
        return figure


def _look(case):
    labels, pair = case
    linestyle = {NONE: '-', PAIR: '--', STRONG: ':'}[pair]
    colour = style.COLOURS['second' if labels == 'permuted' else 'first']
    return {'color': colour, 'linestyle': linestyle}


def verdict(scale, kept):
    """Return how well random labels are learned, without dropout and with."""
    said = [
        Text('{train} % with dropout {pair}', '드롭아웃 {pair}이면 {train} %').format(
            train=estimate(_train_acc(scale, kept, ('permuted', pair))).percent(),
            pair=pair,
        )
        for pair in (PAIR, STRONG)
    ]
    plain = ('permuted', NONE)
    chance = difference(_test_acc(scale, kept, plain), [_CHANCE] * scale.num_seeds)
    return Text(
        'The training accuracy on permuted labels comes to {train} % without dropout, '
        '{said}. The test accuracy without dropout is then {test} %, where guessing '
        'gives {chance} %: a difference {judged}.',
        '뒤섞은 레이블에서 학습 정확도는 드롭아웃이 없으면 {train} %, {said}이다. 이때 '
        '드롭아웃이 없는 모델의 테스트 정확도는 {test} %이고, 찍어서 맞힐 확률 '
        '{chance} %와의 차이는 {judged}.',
    ).format(
        train=estimate(_train_acc(scale, kept, plain)).percent(),
        said=join(said, None),
        test=estimate(_test_acc(scale, kept, plain)).percent(),
        chance=f'{100 * _CHANCE:.1f}',
        judged=against_noise(chance),
    )


def answer(scale, kept):
    """Return what the numbers say."""
    true = estimate(_test_acc(scale, kept, ('true', NONE))).percent()
    return [
        *(_effect(scale, kept, pair) for pair in (PAIR, STRONG)),
        Text(
            'In training mode dropout itself lowers the accuracy, so that the epochs '
            'with it are not those at which the net has learned the labels by heart.',
            '학습 모드에서는 드롭아웃 자체가 정확도를 낮추므로, 드롭아웃이 있을 때의 '
            '에포크는 레이블을 다 외운 때를 뜻하지 않는다.',
        ),
        Text(
            'With the true labels of the same examples the test accuracy without '
            'dropout is {true} %.',
            '같은 예제의 원래 레이블로 학습하면 드롭아웃이 없는 모델의 테스트 정확도는 '
            '{true} %이다.',
        ).format(true=true),
    ]


def _effect(scale, kept, pair):
    """Say what dropout does to the fitting of permuted labels."""
    of = [_train_acc(scale, kept, ('permuted', p)) for p in (pair, NONE)]
    change = difference(*of, 2)
    return Text(
        'Dropout {pair} changes the training accuracy on permuted labels by {change} '
        'points, {judged}. In training mode the accuracy stays above 99 % {when}; '
        'without dropout, {plain}.',
        '드롭아웃 {pair}를 쓰면 뒤섞은 레이블의 학습 정확도가 {change}%p 달라진다. 이 '
        '차이는 {judged}. 학습 모드의 정확도가 줄곧 99 %를 넘기 시작하는 에포크: '
        '{when}. 드롭아웃이 없으면 {plain}.',
    ).format(
        pair=pair,
        change=change.signed_percent(),
        judged=against_noise(change),
        when=_since(_fitting_epochs(scale, kept, ('permuted', pair))),
        plain=_since(_fitting_epochs(scale, kept, ('permuted', NONE))),
    )


def _since(epochs):
    words = _in_words(epochs)
    if not any(epochs):
        return words
    return Text('from epoch {epochs} on', '{epochs}').format(epochs=words)

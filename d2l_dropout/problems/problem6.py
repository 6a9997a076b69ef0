"""Problem 6: dropout against weight decay, and both together."""

import dataclasses

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, values
from d2l_dropout.studies.text import Table, Text, join

TITLE = Text(
    'Dropout against weight decay, and both', '드롭아웃과 가중치 감쇠, 그리고 둘 다'
)
QUESTION = Text(
    'How does dropout compare with weight decay, and does it help to use both?',
    '드롭아웃은 가중치 감쇠와 비교해 어떠한가? 둘을 함께 쓰면 더 나아지는가?',
)
METHOD = Text(
    'Both are tuned on a coarse grid: the net in Gluon is trained, as in the chapter '
    'otherwise, on the training set without its last sixth, which validates. Four '
    'pairs of dropout probabilities without weight decay, four weight decays (wd) '
    'without dropout and six settings of both are tried. Of each, the one of the best '
    'mean accuracy on the validation set is trained anew on the whole training set, '
    'with other seeds and twice as many, and judged on the test set. Gluon decays the '
    'biases as well as the weights: each step takes lr * wd * param off.',
    '둘 다 성긴 격자에서 튜닝한다. 학습 데이터의 마지막 6분의 1을 검증용으로 떼어 '
    '놓고 Gluon 모델을 학습하며, 나머지 설정은 책과 같다. 가중치 감쇠 없이 드롭아웃 '
    '확률 쌍 네 가지, 드롭아웃 없이 가중치 감쇠(wd) 네 가지, 둘을 함께 쓴 설정 여섯 '
    '가지를 시험한다. 각각에서 평균 검증 정확도가 가장 높은 설정을 골라 전체 학습 '
    '데이터로, 다른 시드를 두 배 써서 다시 학습하고 테스트 데이터로 평가한다. Gluon은 '
    '가중치뿐 아니라 편향도 감쇠시킨다. 단계마다 lr * wd * param을 뺀다.',
)
SCALES = {
    'quick': Scale(
        'quick', 2, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
#: Settings are (drop_prob1, drop_prob2, wd), by what they use.
NEITHER = 'neither'
_PAIRS = ((0.1, 0.25), (0.2, 0.5), (0.3, 0.3), (0.5, 0.5))
_WDS = (1e-4, 3e-4, 1e-3, 3e-3)
TRIED = {
    NEITHER: [(0.0, 0.0, 0.0)],
    'wd': [(0.0, 0.0, wd) for wd in _WDS],
    'dropout': [(*pair, 0.0) for pair in _PAIRS],
    'both': [(*pair, wd) for pair in _PAIRS[:2] for wd in _WDS[:3]],
}
_NAMES = {
    NEITHER: Text('neither', '둘 다 없음'),
    'wd': Text('weight decay alone', '가중치 감쇠만'),
    'dropout': Text('dropout alone', '드롭아웃만'),
    'both': Text('both', '둘 다'),
}
#: Added to the seeds of the first stage.
OTHER_SEEDS = 100
#: What is compared with what.
_COMPARED = (
    ('wd', NEITHER),
    ('dropout', NEITHER),
    ('dropout', 'wd'),
    ('both', 'dropout'),
    ('both', 'wd'),
)


def specs(scale, kept):
    """Return the runs that choose; when they are kept, those that judge too."""
    first = [
        spec
        for settings in TRIED.values()
        for setting in settings
        for spec in _validating(scale, setting)
    ]
    if any(spec not in kept for spec in first):
        return first
    second = [spec for use in TRIED for spec in _judging(scale, kept, use)]
    return first + second


def _specs(scale, setting, times=1, **settings):
    drop_prob1, drop_prob2, wd = setting
    return scale.specs(
        times * scale.num_seeds,
        model='gluon',
        drop_prob1=drop_prob1,
        drop_prob2=drop_prob2,
        wd=wd,
        **settings,
    )


def _validating(scale, setting):
    return _specs(scale, setting, test_on='validation')


def _judging(scale, kept, use):
    return [
        dataclasses.replace(spec, seed=spec.seed + OTHER_SEEDS)
        for spec in _specs(scale, chosen(scale, kept, use), 2)
    ]


def chosen(scale, kept, use):
    """Return the setting of the best mean accuracy on the validation set.

    Parameters
    ----------
    scale : Scale
    kept : dict of RunSpec to RunResult
        With the first stage.
    use : str
        A key of `TRIED`.

    Returns
    -------
    (float, float, float)
        drop_prob1, drop_prob2 and wd.
    """
    return max(
        TRIED[use], key=lambda setting: np.mean(_validation_acc(scale, kept, setting))
    )


def _validation_acc(scale, kept, setting):
    return values(kept, _validating(scale, setting))


def _test_acc(scale, kept, use):
    return values(kept, _judging(scale, kept, use))


def _said(setting):
    drop_prob1, drop_prob2, wd = setting
    return f'({drop_prob1:g}, {drop_prob2:g}), wd {wd:g}'


def tables(scale, kept):
    """Return the accuracies that chose, those that judge, and the comparisons."""
    picked = {chosen(scale, kept, use) for use in TRIED}
    first = [
        [
            _NAMES[use],
            _said(setting) + (' *' if setting in picked else ''),
            estimate(_validation_acc(scale, kept, setting)).percent(),
        ]
        for use, settings in TRIED.items()
        for setting in settings
    ]
    second = [
        [
            _NAMES[use],
            _said(chosen(scale, kept, use)),
            estimate(_test_acc(scale, kept, use)).percent(),
        ]
        for use in TRIED
    ]
    third = [
        [
            Text('{a} less {b}', '{a} - {b}').format(a=_NAMES[a], b=_NAMES[b]),
            _difference(scale, kept, a, b).signed_percent(),
        ]
        for a, b in _COMPARED
    ]
    used = Text('used', '쓴 것')
    setting = Text('setting (* is chosen)', '설정 (*가 고른 것)')
    return [
        Table([used, setting, Text('validation acc, %', '검증 정확도, %')], first),
        Table(
            [used, Text('setting', '설정'), Text('test acc, %', '테스트 정확도, %')],
            second,
        ),
        Table(
            [
                Text('difference of five', '비교 다섯 가지'),
                Text(
                    'test acc, points; the five share 5 %',
                    '테스트 정확도, %p; 다섯이 5 %를 나눔',
                ),
            ],
            third,
        ),
    ]


def _difference(scale, kept, use, other):
    accuracies = (_test_acc(scale, kept, name) for name in (use, other))
    return difference(*accuracies, len(_COMPARED))


def figure(scale, kept):
    """Draw the validation accuracy of all settings, and the test accuracy by seed."""
    with style.context():
        figure = plt.Figure(figsize=(9, 3.8), layout='constrained')
        axes = figure.subplots(1, 2, gridspec_kw={'width_ratios': (1.3, 1)})
        _draw_validation(axes[0], scale, kept)
        accuracies = 100 * np.array([_test_acc(scale, kept, use) for use in TRIED])
        for seed in accuracies.T:
            colour = style.COLOURS['first']
            axes[1].plot(seed, 'o-', color=colour, alpha=0.35, markersize=3)
        axes[1].plot(
            accuracies.mean(axis=1),
            'D',
            color=style.COLOURS['second'],
            label='mean',
        )
        names = [_NAMES[use].en.replace(' alone', '\nalone') for use in TRIED]
        axes[1].set_xticks(range(len(TRIED)), names)
        axes[1].set(title='test acc of the chosen, %')
        axes[1].legend()
        figure.supxlabel(_CAPTION.format(scale.describe().en), fontsize=7)
        return figure


_CAPTION = (
    '{}; bars: 95 % intervals; right: a line a seed, twice as many and other seeds'
)


def _draw_validation(ax, scale, kept):
    settings = [setting for tried in TRIED.values() for setting in tried]
    picked = {chosen(scale, kept, use) for use in TRIED}
    for y, setting in enumerate(settings):
        acc = estimate(_validation_acc(scale, kept, setting))
        colour, marker = ('second', 'D') if setting in picked else ('first', 'o')
        how = {'color': style.COLOURS[colour], 'fmt': marker, 'markersize': 5}
        ax.errorbar(100 * acc.mean, y, xerr=100 * acc.half_width, **how)
    ax.set_yticks(range(len(settings)), map(_said, settings))
    ax.invert_yaxis()
    ax.set(title='validation acc, % (diamond: chosen)')


def verdict(scale, kept):
    """Return which of the two is better, and whether both together are."""
    return Text('{which} {one} {both}', '{which} {one} {both}').format(
        which=_which_is_better(_difference(scale, kept, 'dropout', 'wd')),
        one=_say_difference(scale, kept, 'dropout', 'wd'),
        both=_both(scale, kept),
    )


def _which_is_better(lead):
    if not lead.excludes_zero:
        return Text('Neither is clearly better.', '어느 쪽도 확실히 낫지 않다.')
    if lead.mean > 0:
        return Text('Dropout is clearly better.', '드롭아웃이 확실히 낫다.')
    return Text('Weight decay is clearly better.', '가중치 감쇠가 확실히 낫다.')


def answer(scale, kept):
    """Return what the numbers say."""
    return [
        Text(
            'The validation set chose {wd} for weight decay alone, {dropout} for '
            'dropout alone and {both} for both.',
            '검증 데이터로 고른 설정은 가중치 감쇠만 쓸 때 {wd}, 드롭아웃만 쓸 때 '
            '{dropout}, 둘 다 쓸 때 {both}이다.',
        ).format(**{use: _said(chosen(scale, kept, use)) for use in TRIED}),
        *(
            _say_difference(scale, kept, *pair)
            for pair in _COMPARED
            if pair != ('dropout', 'wd')
        ),
        _LIMIT,
    ]


_LIMIT = Text(
    'The settings chosen differ in more than one thing, so that these are differences '
    'of whole settings, not the effect of weight decay or of dropout alone; those at '
    'the edge of the grid might be beaten by what lies beyond it.',
    '고른 설정들은 한 가지만 다른 것이 아니므로, 이 차이는 설정 전체의 차이이지 가중치 '
    '감쇠나 드롭아웃 하나만의 효과가 아니다. 격자의 끝에 있는 설정은 그 바깥에 더 나은 '
    '것이 있을 수 있다.',
)


def _say_difference(scale, kept, use, other):
    change = _difference(scale, kept, use, other)
    return Text(
        'Test accuracy of {a} less that of {b}: {change} points, {judged}.',
        '테스트 정확도 차이, [{a}] - [{b}]: {change}%p. 이 차이는 {judged}.',
    ).format(
        a=_NAMES[use],
        b=_NAMES[other],
        change=change.signed_percent(),
        judged=against_noise(change),
    )


def _both(scale, kept):
    gains = {use: _difference(scale, kept, 'both', use) for use in ('wd', 'dropout')}
    worse = [use for use, gain in gains.items() if gain.excludes_zero and gain.mean < 0]
    if all(gain.excludes_zero and gain.mean > 0 for gain in gains.values()):
        return Text(
            'The setting chosen for both is clearly better than each alone.',
            '둘 다 쓰도록 고른 설정이 하나만 쓰는 각각보다 확실히 낫다.',
        )
    if worse:
        return Text(
            'The setting chosen for both is clearly worse than: {which}.',
            '둘 다 쓰도록 고른 설정은 다음보다 확실히 못하다: {which}.',
        ).format(which=join([_NAMES[use] for use in worse], None))
    return Text(
        'That both together beat each of the two alone is not shown here.',
        '둘을 함께 쓰는 것이 각각 하나만 쓰는 것보다 낫다는 것은 여기서 '
        '확인되지 않았다.',
    )

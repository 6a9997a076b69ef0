"""The claim that dropout keeps hidden units from relying on each other."""

import numpy as np

from d2l_dropout.d2l.plotting import plt
from d2l_dropout.plots import style
from d2l_dropout.studies.estimates import against_noise, difference, estimate
from d2l_dropout.studies.study import Scale, measured, values
from d2l_dropout.studies.text import Table, Text

TITLE = Text('Co-adaptation', '공적응(co-adaptation)')
QUESTION = Text(
    'Do the hidden units go together less, and are fewer of them active at a time, '
    'when the net is trained with dropout?',
    '드롭아웃으로 학습하면 은닉 유닛들이 서로 덜 함께 움직이고, 한 번에 활성화되는 '
    '유닛이 줄어드는가?',
)
METHOD = Text(
    'The net in Gluon is trained with dropout (0.2, 0.5) and without, with the same '
    'seeds, on all the examples of its scale and on a small training set (in full mode '
    'with batch size 64 and lr 0.2). The '
    'activations of the trained net on test images, in predict mode, give for each '
    'hidden layer: the mean |r| of two units; the number of dimensions '
    'that the activations fill, (sum of variances)^2 / (sum of their squares) along '
    'the principal axes; the share of live units that an image activates; and the '
    'share of dead units, which are the same for all images. Co-adaptation itself is '
    'not measured: these are traces that it might leave.',
    'Gluon 모델을 드롭아웃 (0.2, 0.5)로, 그리고 드롭아웃 없이 같은 시드로, 전체 '
    '학습 데이터와 작은 학습 데이터(전체 실행에서는 배치 크기 64, 학습률 0.2)에서 '
    '학습한다. 테스트 이미지에 대한 예측 '
    '모드의 활성화로부터 은닉층마다 다음을 잰다. 두 유닛 사이의 평균 |r|, 활성화가 '
    '차지하는 차원 수, 곧 주축별 (분산의 합)^2 / (분산 제곱의 합), 한 이미지가 '
    '활성화하는 살아 있는 유닛의 비율, 모든 이미지에서 값이 같은 죽은 유닛의 '
    '비율이다. 공적응 자체를 재는 것은 아니며, 공적응이 남길 법한 흔적을 잰다.',
)
SCALES = {
    'quick': Scale(
        'quick', 3, {'num_epochs': 3, 'num_examples': 6000, 'batch_size': 64}
    ),
    'full': Scale('full', 5, {}),
}
_PLAIN, _DROPOUT = (0.0, 0.0), (0.2, 0.5)
_LAYERS = ('H1', 'H2')
_SMALL = {
    'quick': {'num_examples': 1500, 'num_epochs': 6},
    'full': {'num_examples': 3000, 'num_epochs': 30, 'batch_size': 64, 'lr': 0.2},
}
_SETS = ('all', 'small')
_TRACES = {
    'correlation': Text('mean |r| of two units', '두 유닛의 평균 |r|'),
    'dimensions': Text('dimensions', '차원 수'),
    'active': Text('active share', '활성 비율'),
    'dead': Text('dead share', '죽은 유닛의 비율'),
}
_KEYS = [(layer, trace) for layer in _LAYERS for trace in _TRACES]


def specs(scale, kept):
    """Return the runs with and without dropout on both training sets."""
    return [
        spec
        for which in _SETS
        for pair in (_PLAIN, _DROPOUT)
        for spec in _specs(scale, which, pair)
    ]


def _specs(scale, which, pair):
    settings = _SMALL[scale.name] if which == 'small' else {}
    return scale.specs(
        model='gluon',
        drop_prob1=pair[0],
        drop_prob2=pair[1],
        measure='units',
        **settings,
    )


def _name(scale, which):
    spec = _specs(scale, which, _PLAIN)[0]
    n = f'{spec.num_examples or 60000:,}'
    return Text(
        f'{n} examples, {spec.num_epochs} epochs',
        f'데이터 {n}개, {spec.num_epochs} 에포크',
    )


def _both(scale, kept, which, key):
    """Return what was measured without and with dropout, a number a seed."""
    return [
        measured(kept, _specs(scale, which, pair), *key) for pair in (_PLAIN, _DROPOUT)
    ]


def _change(scale, kept, which, key):
    """Return dropout less none; all the differences of the table share the 5 %."""
    plain, dropout = _both(scale, kept, which, key)
    return difference(dropout, plain, len(_SETS) * len(_KEYS))


def _say(whole, sign=''):
    return f'{whole.mean:{sign}.3f} ± {whole.half_width:.3f}'


def tables(scale, kept):
    """Return the traces and test accuracy without and with dropout, for each set."""
    return [_table(scale, kept, which) for which in _SETS]


def _table(scale, kept, which):
    rows = []
    for layer, trace in _KEYS:
        both = _both(scale, kept, which, (layer, trace))
        change = _change(scale, kept, which, (layer, trace))
        name = Text('{layer}: {trace}', '{layer}: {trace}')
        name = name.format(layer=layer, trace=_TRACES[trace])
        rows.append([name, *(_say(estimate(v)) for v in both), _say(change, '+')])
    accuracy = [values(kept, _specs(scale, which, p)) for p in (_PLAIN, _DROPOUT)]
    rows.append(
        [
            Text('test acc, %', '테스트 정확도, %'),
            *(estimate(acc).percent() for acc in accuracy),
            difference(*accuracy[::-1]).signed_percent(),
        ]
    )
    head = [
        _name(scale, which),
        Text('no dropout', '드롭아웃 없음'),
        Text('dropout {pair}', '드롭아웃 {pair}').format(pair=_DROPOUT),
        Text('difference', '차이'),
    ]
    return Table(head, rows)


_CAPTION = '{}; weights: red and blue have opposite signs, each image scaled on its own'


def figure(scale, kept):
    """Draw weights into first-layer units of seed 0, and three traces by seed."""
    with style.context():
        figure = plt.Figure(figsize=(9, 5.6), layout='constrained')
        above, below = figure.subfigures(2, 1, height_ratios=(1, 1.25))
        halves = above.subfigures(1, 2)
        for half, pair, name in zip(
            halves, (_PLAIN, _DROPOUT), ('no dropout', f'dropout {_DROPOUT}')
        ):
            _draw_weights(half, kept[_specs(scale, 'all', pair)[0]])
            half.suptitle(f'weights into units of largest norm, {name}', fontsize=9)
        axes = below.subplots(1, 3)
        for ax, trace in zip(axes, ('correlation', 'dimensions', 'active')):
            _draw_trace(ax, scale, kept, trace)
        below.supxlabel(_CAPTION.format(scale.describe().en), fontsize=7)
        return figure


def _draw_weights(half, result):
    axes = half.subplots(2, 6).ravel()
    for ax in axes:
        ax.axis('off')
    for ax, image in zip(axes, result.measured['images']):
        ax.imshow(np.reshape(image, (28, 28)), cmap='RdBu', vmin=-127, vmax=127)


def _draw_trace(ax, scale, kept, trace):
    places = [(which, layer) for which in _SETS for layer in _LAYERS]
    for x, (which, layer) in enumerate(places):
        both = _both(scale, kept, which, (layer, trace))
        for pair in np.transpose(both):
            ax.plot((x - 0.15, x + 0.15), pair, '-', color='#999999', linewidth=0.7)
        for dx, seeds, name, (colour, marker) in zip(
            (-0.15, 0.15),
            both,
            ('no dropout', 'dropout'),
            (('first', 'o'), ('second', '^')),
        ):
            ax.plot(
                [x + dx] * len(seeds),
                seeds,
                marker,
                color=style.COLOURS[colour],
                markersize=4,
                label=name if x == 0 else None,
            )
    ax.set_xticks(range(len(places)), [f'{which}\n{layer}' for which, layer in places])
    ax.set(title=_TRACES[trace].en + ', a line a seed')
    if trace == 'correlation':
        ax.legend(fontsize=7)


_CLEAR = Text(
    'Of the {n} differences between training with dropout and without (see the '
    'tables), beyond the noise: {clear}.',
    '드롭아웃이 있을 때와 없을 때의 차이 {n}개(표 참조) 가운데 변동 범위를 넘는 것: '
    '{clear}.',
)
_ONE = Text('{trace}, {layer}, {place}: {by}', '{trace}, {layer}, {place}: {by}')
_PLACES = {
    'all': Text('all examples', '전체 데이터'),
    'small': Text('small set', '작은 데이터'),
}


def _places():
    return [(which, layer) for which in _SETS for layer in _LAYERS]


def _clear(scale, kept):
    """Say which traces differ by more than the noise."""
    found = [
        _ONE.format(
            trace=_TRACES[trace], layer=layer, place=_PLACES[which], by=_say(by, '+')
        )
        for trace in _TRACES
        for which, layer in _places()
        for by in [_change(scale, kept, which, (layer, trace))]
        if by.excludes_zero
    ]
    listed = Text(*('; '.join(texts) for texts in zip(*found))) if found else _NONE
    return _CLEAR.format(n=len(_TRACES) * len(_places()), clear=listed)


_NONE = Text('none', '없음')
_VERDICT = Text(
    'Less going together would show as a lower correlation and more dimensions: of '
    '{n} numbers {fitting} point clearly that way and {against} clearly the other '
    'way. Fewer active units: of {m} shares {fewer} clearly fell and {more} clearly '
    'rose. The rest are within the noise.',
    '함께 움직이는 정도가 줄었다면 상관은 낮아지고 차원은 늘어나야 한다. 수치 {n}개 '
    '가운데 {fitting}개가 확실히 그 방향이고 {against}개는 확실히 반대 방향이다. 활성 '
    '유닛의 비율 {m}개 가운데 확실히 준 것은 {fewer}개, 확실히 는 것은 {more}개이다. '
    '나머지는 변동 범위 안이다.',
)
_LIMIT = Text(
    'That is as far as the evidence goes: units may depend on each other in ways that '
    'correlation does not show, dropout may also change how far training gets in the '
    'same number of epochs, and the pictures are those of one seed.',
    '증거가 말해 주는 것은 여기까지다. 유닛들은 상관에 드러나지 않는 방식으로도 서로 '
    '의존할 수 있고, 드롭아웃은 같은 에포크 수 안에 학습이 진행되는 정도도 바꿀 수 '
    '있으며, 그림은 시드 하나의 것이다.',
)


def verdict(scale, kept):
    """Return how many numbers show less going together, and fewer active units."""
    together = _directions(scale, kept, 'dimensions') + [
        -direction for direction in _directions(scale, kept, 'correlation')
    ]
    active = _directions(scale, kept, 'active')
    return _VERDICT.format(
        n=len(together),
        fitting=together.count(1),
        against=together.count(-1),
        m=len(active),
        fewer=active.count(-1),
        more=active.count(1),
    )


def _directions(scale, kept, trace):
    """Return 1, -1 or 0 for each layer and set: clearly up, clearly down, neither."""
    changes = [
        _change(scale, kept, which, (layer, trace)) for which, layer in _places()
    ]
    return [int(np.sign(e.mean)) if e.excludes_zero else 0 for e in changes]


def answer(scale, kept):
    """Return what the numbers say."""
    accuracy = [values(kept, _specs(scale, 'small', p)) for p in (_PLAIN, _DROPOUT)]
    gain = difference(*accuracy[::-1])
    small = Text(
        'On the small set dropout changes the test accuracy by {gain} points, '
        '{judged}.',
        '작은 데이터에서 드롭아웃은 테스트 정확도를 {gain}%p 바꾼다. 이 차이는 '
        '{judged}.',
    ).format(gain=gain.signed_percent(), judged=against_noise(gain))
    return [_clear(scale, kept), small, _LIMIT]

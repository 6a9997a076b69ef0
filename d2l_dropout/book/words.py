"""What `chapter` says, in English and Korean: sentences with places for numbers."""

ENGLISH = {
    'scratch': 'the net from scratch',
    'gluon': 'the net in Gluon',
    'metric': '{metric} of epoch {epoch} of {net}',
    'ordinary': (
        'This run is an ordinary one among ours: of its {metrics} metrics the '
        'farthest from the mean of the {runs} runs that ship is {where}, by '
        '{far:.1f} standard deviations, and {as_far} of these {runs} lie as far '
        'from the others somewhere.'
    ),
    'strange': (
        'This run lies farther from ours than they lie from each other: of its '
        '{metrics} metrics the farthest from the mean of the {runs} runs that ship '
        'is {where}, by {far:.1f} standard deviations, and none of these {runs} '
        'lies as far from the others. By chance that happens to about one run in '
        '{one_in}; if it happens again, `d2l-dropout reproduce` compares many '
        'runs.'
    ),
    'book': (
        "The book's metrics lie up to {far:.1f} standard deviations away, in "
        '{where}, and up to {random:.1f} from our runs on random splits of the '
        'same pictures.'
    ),
    's.d.': (
        's.d.: how many standard deviations a metric of this run lies from the '
        'mean of the seeded runs that ship with this package for such data '
        '(`d2l-dropout reproduce --shipped` compares these with the book).'
    ),
    'masks': "cell 2: the book's masks, exactly",
    'no masks': (
        "cell 2: the book's masks, NOT reproduced (a GPU draws other numbers; on a "
        'CPU: d2l-dropout doctor)'
    ),
    'data': 'data: {data}',
    'unseeded': 'shuffling: unseeded, as in the book',
    'seeded': 'shuffling: NumPy seed {seed}',
    'with': 'with: {versions}',
    'time': 'time: {seconds:.0f} seconds',
    'how to read': (
        "How to read it: the book's metrics come from one unseeded run of each net "
        'on the 2017-08-26 revision of the data. A run here is one random draw as '
        'well: from one to the next the metrics differ by a few units of the third '
        'decimal in the last epochs, and by more in the first.'
    ),
    '2017-08-26': 'This run used the same data as the book.',
    '2017-08-31': (
        'This run used the 2017-08-31 revision, on which the runs that ship with '
        'this package end with a test accuracy {scratch:.1f} (scratch) and '
        '{gluon:.1f} (Gluon) points below that on random splits of the same '
        'images: expect the last test accuracies to lie about one point below the '
        "book's, in this code as in any other."
    ),
    'synthetic': (
        'This run used synthetic data made by code, NOT Fashion-MNIST: its metrics '
        'are not comparable with the book.'
    ),
    'unknown': (
        'This run used data of unknown revision, so that nothing can be said about '
        'differences from the book.'
    ),
}
KOREAN = {
    'scratch': '직접 구현한 신경망',
    'gluon': 'Gluon 신경망',
    'metric': '{net}의 에포크 {epoch} {metric}',
    'ordinary': (
        '이번 실행은 흔히 나오는 결과입니다. 수치 {metrics}개 가운데, 들어 있는 '
        '실행 {runs}개의 평균에서 가장 먼 것은 {where}로 표준편차의 '
        '{far:.1f}배만큼 떨어져 있고, 그 {runs}개 가운데 {as_far}개도 어디에선가 '
        '나머지와 그만큼 떨어져 있습니다.'
    ),
    'strange': (
        '이번 실행은 들어 있는 실행들끼리 떨어진 것보다 더 멀리 떨어져 있습니다. '
        '수치 {metrics}개 가운데, 실행 {runs}개의 평균에서 가장 먼 것은 {where}로 '
        '표준편차의 {far:.1f}배만큼 떨어져 있는데, 그 {runs}개 가운데 나머지와 '
        '그만큼 떨어진 것은 없습니다. 우연히 그럴 확률은 {one_in}번에 한 '
        '번쯤입니다. 다시 그렇다면 `d2l-dropout reproduce`로 여러 실행을 비교해 '
        '보세요.'
    ),
    'book': (
        '책의 수치는 많게는 표준편차의 {far:.1f}배만큼({where}) 떨어져 있고, 같은 '
        '사진을 무작위로 나눈 실행들에서는 많게는 {random:.1f}배만큼 떨어져 '
        '있습니다.'
    ),
    's.d.': (
        's.d.: 이번 실행의 수치가, 같은 종류의 데이터로 실행하여 이 패키지에 넣어 '
        '둔 결과의 평균에서 표준편차의 몇 배만큼 떨어져 있는지를 '
        '나타냅니다(`d2l-dropout reproduce --shipped`는 그 결과들을 책과 '
        '비교합니다).'
    ),
    'masks': '셀 2: 책의 마스크와 정확히 같음',
    'no masks': (
        '셀 2: 책의 마스크와 다름(GPU는 다른 난수를 뽑습니다. CPU라면 d2l-dropout '
        'doctor를 실행해 보세요)'
    ),
    'data': '데이터: {data}',
    'unseeded': '섞는 순서: 책과 같이 시드를 고정하지 않음',
    'seeded': '섞는 순서: NumPy 시드 {seed}',
    'with': '환경: {versions}',
    'time': '시간: {seconds:.0f}초',
    'how to read': (
        '읽는 법: 책의 수치는 2017-08-26판 데이터로 신경망마다 시드 없이 한 번 '
        '실행한 것입니다. 여기의 실행도 한 번의 무작위 결과여서, 실행할 때마다 '
        '마지막 에포크에서는 소수점 아래 셋째 자리가 몇 단위씩, 처음 에포크에서는 '
        '그보다 많이 달라집니다.'
    ),
    '2017-08-26': '이번 실행은 책과 같은 데이터를 썼습니다.',
    '2017-08-31': (
        '이번 실행은 2017-08-31판을 썼습니다. 이 패키지에 넣어 둔 실행들의 마지막 '
        '테스트 정확도는 이 판에서, 같은 사진을 무작위로 나누었을 때보다 '
        '{scratch:.1f}퍼센트포인트(직접 구현), {gluon:.1f}퍼센트포인트(Gluon) '
        '낮습니다. 그러니 어떤 코드로 실행하든 마지막 테스트 정확도는 책보다 '
        '1퍼센트포인트쯤 낮게 나올 것입니다.'
    ),
    'synthetic': (
        '이번 실행은 코드로 만든 합성 데이터를 썼습니다. Fashion-MNIST가 '
        '아니므로(NOT Fashion-MNIST) 수치를 책과 비교할 수 없습니다.'
    ),
    'unknown': (
        '어느 판인지 알 수 없는 데이터를 썼으므로 책과 다른 점에 대해 아무것도 '
        '말할 수 없습니다.'
    ),
}
WORDS = {'en': ENGLISH, 'ko': KOREAN}

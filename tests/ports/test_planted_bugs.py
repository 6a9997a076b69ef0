"""Mistakes planted in an independent port: caught, and named rightly or not at all."""

import collections

import pytest
from planted_bugs import PLANTED
from small_port import SmallPort, thin

from d2l_dropout.ports import compare, files
from d2l_dropout.ports.tensors import GIVEN

CASES = ('tiny-scratch', 'tiny-gluon', 'epochs-scratch', 'epochs-gluon')
each_case = pytest.mark.parametrize('name', CASES)
#: One of each kind, of both kinds of file.
SAMPLE = ('lr-.37', 'swapped-probs', 'nesterov-.9', 'wd-.1-weights', 'labels+1')
UNKNOWN = ('squared-relu', 'lr-and-swapped')
#: What a file of a framework's training step cannot show, because it is recorded right.
NOT_IN_THIN = {
    *('probabilities', 'log-probabilities', 'Z1-in-place', 'H1-in-place', 'aliased'),
    *('acc-percent', 'acc-count', 'gradient-of-sum', 'cleared-gradient'),
    'negative-gradient',
}


def tensors_of(port, case, is_thin):
    given = {n: v for n, v in case.tensors.items() if n in GIVEN}
    computed = port(given, case.settings).run()
    if is_thin:
        return thin(computed)
    # As of a port that says nothing of what it copied.
    return {n: v for n, v in computed.items() if not n.startswith('init/')}


def judged(bug, case, is_thin):
    """Return 'right cause', 'wrong cause', 'no cause' or 'not caught'."""
    rights, port = PLANTED[bug]
    comparison = compare.compare(tensors_of(port, case, is_thin), case)
    if comparison.same:
        return 'not caught'
    if not comparison.causes:
        assert comparison.place
        return 'no cause'
    texts = (rights,) if isinstance(rights, str) else rights or ()
    is_right = any(text in cause for text in texts for cause in comparison.causes)
    return 'right cause' if is_right else 'wrong cause'


def load(name):
    return files.load(files.SHIPPED / f'{name}.npz')


@each_case
def test_the_port_without_bugs_is_right(name):
    case = load(name)
    for is_thin in (False, True):
        assert compare.compare(tensors_of(SmallPort, case, is_thin), case).same


@pytest.mark.parametrize('is_thin', [False, True])
@pytest.mark.parametrize('bug', [*SAMPLE, *UNKNOWN])
def test_a_planted_bug_is_named_or_none_is(bug, is_thin):
    expected = 'no cause' if bug in UNKNOWN else 'right cause'
    assert judged(bug, load('tiny-scratch'), is_thin) == expected


def test_a_hundred_bugs_are_planted():
    assert len(PLANTED) >= 100


@pytest.mark.slow
@pytest.mark.parametrize('is_thin', [False, True])
@pytest.mark.parametrize('name', ['tiny-scratch', 'epochs-gluon'])  # a minute each
def test_no_planted_bug_is_given_a_wrong_cause(name, is_thin):
    case = load(name)
    bugs = [bug for bug in PLANTED if not (is_thin and bug in NOT_IN_THIN)]
    verdicts = collections.defaultdict(list)
    for bug in bugs:
        verdicts[judged(bug, case, is_thin)].append(bug)
    counts = {verdict: len(found) for verdict, found in verdicts.items()}
    print(f'{name}, {"thin" if is_thin else "full"}: {counts}')
    assert verdicts['not caught'] == verdicts['wrong cause'] == []
    assert len(verdicts['right cause']) >= 2 / 3 * len(bugs)

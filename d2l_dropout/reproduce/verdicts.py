"""What a reproduction shows, in sentences: one verdict on the code, one on the data."""

import math
from typing import List

from d2l_dropout import fashion_mnist
from d2l_dropout.fashion_mnist.revisions import TEST_LABELS, TRAIN_LABELS
from d2l_dropout.metrics import DECIMALS, FIGURES, as_array

TITLES = {'scratch': 'net from scratch', 'gluon': 'net in Gluon'}
_PARTS = {
    'plain': "the runs on the book's own data",
    'control': 'the control (fresh splits of the same images)',
}


def code(reproduction) -> List[str]:
    """Say whether this code would print the book's figures.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    list of str
        The verdict, then its reasons, a sentence each.
    """
    agrees = reproduction.code_agrees()
    heads = {
        True: 'The code AGREES with the book.',
        False: 'The code DOES NOT AGREE with the book.',
        None: 'The code COULD NOT BE JUDGED.',
    }
    return [
        heads[agrees],
        *_why_not_judged(reproduction),
        *_what_lies_outside(reproduction),
        *_against_the_shipped(reproduction),
        _cell_2(reproduction.masks_exact),
    ]


def _why_not_judged(reproduction):
    if not reproduction.origin.is_fashion_mnist:
        yield f'These are {reproduction.origin.description}.'
    for name, part in reproduction.parts().items():
        missing = len(part.specs) - len(part.results)
        if missing:
            yield f'{missing} of the {len(part.specs)} {name} runs are missing.'
        for failure in part.failures:
            spec = failure.spec
            yield f'{name}, {spec.model}, seed {spec.seed}: {failure.error}'


def _what_lies_outside(reproduction):
    part = reproduction.judged()
    if not (part.rows and reproduction.origin.is_fashion_mnist):
        return
    name = _PARTS['plain' if part is reproduction.plain else 'control']
    outside = part.outside()
    if outside:
        yield (
            f'{_counted(part)} of the book lie outside the '
            f'intervals of {name}: {listed(outside)}.'
        )
    else:
        yield f'All {_looks(part)} of the book lie inside the intervals of {name}.'


def _looks(part):
    return f'{len(part.rows)} figures and {len(part.averages)} late averages'


def _counted(part):
    figures, averages = (
        f'{sum(not row.inside for row in rows)} of {len(rows)}'
        for rows in (part.rows, part.averages)
    )
    return f'{figures} figures and {averages} late averages'


def _against_the_shipped(reproduction):
    for name, part in reproduction.parts().items():
        if part.num_same:
            yield (
                f'{part.num_same} of the {len(part.results)} {name} runs are runs that '
                'ship with this package, to the bit.'
            )
        differing = part.differing()
        if differing:
            which = ', '.join(
                f'{TITLES[d.model]}, {FIGURES[d.figure]} {d.here:.4f} against '
                f'{d.shipped:.4f}'
                for d in differing
            )
            yield (
                f'The {name} runs DIFFER in {len(differing)} of '
                f'{len(part.differences)} late averages from other runs that ship with '
                f'this package: {which}.'
            )
        elif part.differences:
            yield (
                f'The {name} runs do not differ in {len(part.differences)} late '
                'averages from other runs that ship with this package.'
            )


def _cell_2(masks_exact):
    return {
        True: "Cell 2 prints the book's masks, exactly.",
        False: "Cell 2 does NOT print the book's masks; see `d2l-dropout doctor`.",
        None: "Cell 2 was not compared: a GPU draws other masks than the book's CPU.",
    }[masks_exact]


def listed(rows):
    """Name rows briefly: 'net from scratch, test acc of epochs 5, 9, 6-10'.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    str
    """
    epochs = {}
    for row in rows:
        epochs.setdefault((row.model, row.figure), []).append(span(row))
    return '; '.join(
        f'{TITLES[model]}, {FIGURES[figure]} of {_epochs(numbers)} {", ".join(numbers)}'
        for (model, figure), numbers in epochs.items()
    )


def _epochs(numbers):
    return 'epoch' if len(numbers) == 1 and '-' not in numbers[0] else 'epochs'


def span(row) -> str:
    """Name the epochs of a row: '9', or '6-10' for an average.

    Parameters
    ----------
    row : Row

    Returns
    -------
    str
    """
    return (
        f'{row.epoch}'
        if row.first_epoch == row.epoch
        else (f'{row.first_epoch}-{row.epoch}')
    )


def data(reproduction) -> List[str]:
    """Say which data were used, and which differences they explain.

    Parameters
    ----------
    reproduction : Reproduction

    Returns
    -------
    list of str
        The verdict, then its reasons, a sentence each.
    """
    origin = reproduction.origin
    if origin.is_book_revision:
        return [f"The data are the book's: {origin.description}."]
    head = f"The data are NOT the book's: {origin.description}."
    if not origin.is_fashion_mnist:
        return [head, 'Nothing here can be compared with the book.']
    reasons = [
        *_what_the_split_explains(reproduction),
        *_effect_of_the_split(reproduction),
    ]
    return [head, *reasons, *_hashes(origin.revision)]


def _what_the_split_explains(reproduction):
    plain, control = reproduction.plain, reproduction.control
    if plain is None:
        yield 'No plain runs were asked for, so that nothing can be explained by them.'
        return
    if not plain.rows:
        yield 'There are not enough plain runs here for anything to be explained.'
        return
    outside = plain.outside()
    if not outside:
        yield (
            f'All {_looks(plain)} of the book lie inside the intervals of the plain '
            'runs too: the one draw that the book is does not show a difference.'
        )
        return
    beyond = {(row.model, span(row), row.figure) for row in control.outside()}
    explained, left = [], []
    for row in outside:
        key = (row.model, span(row), row.figure)
        (left if key in beyond or not control.rows else explained).append(row)
    yield f'{_counted(plain)} lie outside on these data.'
    if explained:
        yield (
            'Explained by the split, as the wider spread on fresh splits of the same '
            f'images has them inside: {listed(explained)} ({_direction(explained)}).'
        )
    if left:
        yield f'NOT explained by the split: {listed(left)} ({_direction(left)}).'


def _direction(rows):
    above = sum(row.book > row.mean for row in rows)
    return f'the book above in {above}, below in {len(rows) - above}'


def _effect_of_the_split(reproduction):
    """How much harder the revision's test set is than that of a random split."""
    plain, control = reproduction.plain, reproduction.control
    if plain is None or not (plain.rows and control.rows):
        return
    last = list(DECIMALS).index('test_acc')
    for model in dict.fromkeys(row.model for row in plain.rows):
        ours, fresh = (
            as_array(part.epochs(model))[:, -1, last] for part in (plain, control)
        )
        points = 100 * (fresh.mean() - ours.mean())
        error = 100 * math.sqrt(
            sum(values.var(ddof=1) / len(values) for values in (ours, fresh))
        )
        yield (
            f'{TITLES[model]}: the last test acc is {points:+.2f} points on fresh '
            f'splits against this one (standard error {error:.2f}).'
        )


def _hashes(revision):
    for name in (TRAIN_LABELS, TEST_LABELS):
        here, book = (
            fashion_mnist.REVISIONS[r] for r in (revision, fashion_mnist.BOOK_REVISION)
        )
        yield (
            f'{name}: {here.algorithm.upper()} {here.digests[name]} (decompressed); '
            f"the book's has {book.algorithm.upper()} {book.digests[name]} (as "
            'compressed upstream).'
        )
    yield (
        'On 2017-08-31 the authors replaced 44 duplicated images and shuffled all '
        '70,000 into another split (zalandoresearch/fashion-mnist, issue 44).'
    )

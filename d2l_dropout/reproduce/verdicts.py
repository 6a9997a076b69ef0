"""What a reproduction shows, in sentences: one verdict on the code, one on the data."""

import math
from typing import List

from d2l_dropout import fashion_mnist
from d2l_dropout.fashion_mnist.revisions import TEST_LABELS, TRAIN_LABELS
from d2l_dropout.metrics import DECIMALS, LABELS, as_array
from d2l_dropout.reproduce.control import noticeable, official_among_random
from d2l_dropout.reproduce.enough import too_little
from d2l_dropout.reproduce.names import GROUPS, NETS, epochs_of, listed

_JUDGES = {
    'official': "the runs on the book's own data",
    'control': 'the control (fresh random splits of the same images)',
}


def code(reproduction) -> List[str]:
    """Say whether this code might have printed the book's metrics.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    list of str
        The verdict, then its reasons, a sentence each.
    """
    agrees = reproduction.code_agrees()
    heads = {
        True: 'The code AGREES with the book, as far as these runs can tell.',
        False: 'The code DOES NOT AGREE with the book.',
        None: 'The code COULD NOT BE JUDGED.',
    }
    why_not = list(_why_not_judged(reproduction))
    if agrees is None and not why_not:
        heads[None] = 'TOO LITTLE TO TELL whether the code agrees with the book.'
        why_not = too_little(reproduction)
    return [
        heads[agrees],
        *why_not,
        *_what_lies_outside(reproduction),
        *_against_the_shipped(reproduction),
        _cell_2(reproduction.masks_exact),
    ]


def _why_not_judged(reproduction):
    if not reproduction.origin.is_fashion_mnist:
        yield f'The data are {reproduction.origin.description}.'
    for name, group in reproduction.groups().items():
        missing = len(group.specs) - len(group.results)
        if missing:
            yield (
                f'{missing} of the {len(group.specs)} runs of the {GROUPS[name]} are '
                'missing.'
            )
        for failure in group.failures:
            spec = failure.spec
            yield (
                f'{GROUPS[name]}, {NETS[spec.model]}, seed {spec.seed} failed: '
                f'{failure.error}'
            )


def _what_lies_outside(reproduction):
    name = reproduction.judged
    group = reproduction.groups()[name]
    if not (group.rows and reproduction.origin.is_fashion_mnist):
        return
    outside = group.outside()
    if outside:
        yield (
            f'{_counted(group)} of the book lie outside the intervals of '
            f'{_JUDGES[name]}: {listed(outside)}.'
        )
    else:
        yield f'{_all_rows(group)} lie inside the intervals of {_JUDGES[name]}.'
        yield _what_would_show(group)


def _all_rows(group):
    return (
        f'All {len(group.rows)} metrics and {len(group.averages)} late averages of the '
        'book'
    )


def _counted(group):
    metrics, averages = (
        f'{sum(not row.inside for row in rows)} of {len(rows)}'
        for rows in (group.rows, group.averages)
    )
    return f'{metrics} metrics and {averages} late averages'


def _what_would_show(group):
    """Say how large a difference must be for the intervals to show it."""
    span = epochs_of((group.averages or group.rows)[0])
    sizes = ' or '.join(
        f'{100 * size:.2f} points ({NETS[model]})'
        for model, size in noticeable(group).items()
    )
    return (
        "Small differences would not show: the book's test acc of "
        f'epoch{"s" * bool(group.averages)} {span} lies outside only if it is more '
        f'than {sizes} off our mean.'
    )


def _against_the_shipped(reproduction):
    for name, group in reproduction.groups().items():
        runs = f'runs of the {GROUPS[name]}'
        if group.num_identical:
            yield (
                f'{group.num_identical} of the {len(group.results)} {runs} are, bit '
                'for bit, runs that ship with this package.'
            )
        differing = group.differing()
        if differing:
            which = ', '.join(
                f'{NETS[d.model]}, {LABELS[d.metric]} {d.here:.4f} against '
                f'{d.shipped:.4f}'
                for d in differing
            )
            yield (
                f'The {runs} DIFFER from the other runs that ship with this package in '
                f'{len(differing)} of {len(group.differences)} late averages: {which}.'
            )
        elif group.differences:
            yield (
                f'The {runs} cannot be told from the other runs that ship with this '
                f'package in any of {len(group.differences)} late averages.'
            )


def _cell_2(masks_exact):
    return {
        True: "Cell 2 prints the book's masks, exactly.",
        False: "Cell 2 does NOT print the book's masks; see `d2l-dropout doctor`.",
        None: "Cell 2 was not compared: a GPU draws other masks than the book's CPU.",
    }[masks_exact]


def data(reproduction) -> List[str]:
    """Say which data were used, and which differences from the book they can explain.

    Parameters
    ----------
    reproduction : groups.Reproduction

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
    return [
        head,
        *_what_the_split_can_explain(reproduction),
        *_effect_of_the_split(reproduction),
        *_what_the_control_presumes(reproduction),
        *_hashes(origin.revision),
    ]


def _what_the_split_can_explain(reproduction):
    official, control = reproduction.official, reproduction.control
    if official is None:
        yield 'Without runs on the official split, its effect cannot be told.'
        return
    if not official.rows:
        yield 'There are too few runs on the official split to say anything about it.'
        return
    outside = official.outside()
    if not outside:
        yield (
            f'{_all_rows(official)} lie inside the intervals of the official split '
            "too: the book's one run does not show that the data differ."
        )
        return
    beyond = {_key(row) for row in control.outside()}
    can, cannot = [], []
    for row in outside:
        (cannot if _key(row) in beyond or not control.rows else can).append(row)
    yield (
        f'{_counted(official)} of the book lie outside the intervals of the official '
        'split.'
    )
    if can:
        yield (
            'Another split can explain these, since they lie inside the intervals of '
            f'the control: {listed(can)} ({_direction(can)}; the intervals of the '
            f'control are {_times_as_wide(can, control)} times as wide).'
        )
    if cannot:
        yield (
            'Another split does NOT explain these, which lie outside the intervals of '
            f'the control as well: {listed(cannot)} ({_direction(cannot)}).'
        )


def _key(row):
    return row.model, epochs_of(row), row.metric


def _times_as_wide(rows, control):
    """Compare the widths of `control`'s intervals with these: '1.2' or '1.2 to 1.6'."""
    theirs = {_key(r): r.high - r.low for r in [*control.rows, *control.averages]}
    ratios = [theirs[_key(row)] / (row.high - row.low) for row in rows]
    low, high = (f'{ratio:.1f}' for ratio in (min(ratios), max(ratios)))
    return low if low == high else f'{low} to {high}'


def _direction(rows):
    above = sum(row.book > row.mean for row in rows)
    return (
        f'the book lies above our mean in {above} and below it in {len(rows) - above}'
    )


def _effect_of_the_split(reproduction):
    """Say how much harder the official test set is than that of a random split."""
    official, control = reproduction.official, reproduction.control
    if official is None or not (official.rows and control.rows):
        return
    last = list(DECIMALS).index('test_acc')
    for model in dict.fromkeys(row.model for row in official.rows):
        ours, fresh = (
            as_array(group.epochs(model))[:, -1, last] for group in (official, control)
        )
        points = 100 * (fresh.mean() - ours.mean())
        error = 100 * math.sqrt(
            sum(values.var(ddof=1) / len(values) for values in (ours, fresh))
        )
        yield (
            f"{NETS[model]}: the last epoch's test acc is on average {points:+.2f} "
            f'points on fresh splits against the official one (standard error '
            f'{error:.2f}).'
        )


def _what_the_control_presumes(reproduction):
    """Say where the official split at hand lies among random ones."""
    splits = official_among_random(reproduction)
    if not splits:
        return
    where = ' and '.join(
        f'{-split.gap / split.split_sd:+.1f} s.d. ({NETS[split.model]}: '
        f'{-100 * split.gap:+.2f} points)'
        for split in splits
        if split.split_sd is not None
    )
    yield (
        "The control presumes that the book's split is like a random one. An official "
        'split need not be'
        + (
            f': by late test acc, the one at hand lies about {where} of random splits '
            'from their mean.'
            if where
            else '.'
        )
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

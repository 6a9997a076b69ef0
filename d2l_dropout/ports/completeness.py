"""Whether enough was compared for a pass, and whether a name was misspelt."""

import difflib
import re

from d2l_dropout.ports.tensors import ORDER, PARAMS

_LAYERS = ('Z1', 'H1', 'H1_dropped', 'Z2', 'H2', 'H2_dropped', 'scores')
_METRICS = ('mean_loss', 'train_acc', 'test_acc')
#: What must be among the tensors, by the names of `--require`. For a framework, it is
#: what a port can give without being rewritten for the comparison: `train_on_batch` of
#: Keras returns neither gradients nor layers, a jitted step of JAX no layers.
REQUIREMENTS = ('least', 'keras', 'flax', 'torch', 'numpy', 'all')
# Similarity, from 0 to 1, from which another name is taken to be meant.
_CUTOFF = 0.8


def lacking(comparison, require='least'):
    """Return the tensors that were not given but are required for a pass.

    Parameters
    ----------
    comparison : compare.Comparison
    require : str, one of `REQUIREMENTS`
        'least' are the parameters after the last update and the scores in predict mode,
        because all that is computed before has an effect on them.

    Returns
    -------
    list of str
        In the order of computation; empty if enough was given.

    Raises
    ------
    ValueError
        If `require` is none of these.
    """
    if require not in REQUIREMENTS:
        raise ValueError(
            f'require is {require!r}; it must be one of {", ".join(REQUIREMENTS)}.'
        )
    names = [*(row.name for row in comparison.rows), *comparison.missing]
    last = max([n.partition('/')[0] for n in names if n.startswith('step')], default='')
    return [n for n in comparison.missing if _is_required(n, require, last)]


def why_no_pass(comparison, require='least'):
    """Return why a port that agrees is no pass: misspelt names, tensors not given.

    Parameters
    ----------
    comparison : compare.Comparison
    require : str, one of `REQUIREMENTS`

    Returns
    -------
    list of str
        Sentences; empty if the port passes, or if a tensor differs and no name is
        misspelt.

    Raises
    ------
    ValueError
        If `require` is none of these.
    """
    sentences = [
        f'{ascii(name)} is unknown and was not compared. Did you mean {meant}?'
        for name, meant in misspelt(comparison).items()
    ]
    names = lacking(comparison, require)
    if comparison.same and not comparison.num_computed:
        sentences.append(
            'The file has only inputs and no tensor that a port computes: nothing was '
            'tested.'
        )
    if comparison.same and names:
        others = f' and {len(names) - 8} others' if len(names) > 8 else ''
        sentences.append(
            f'No pass: --require {require} asks for tensors that were not given: '
            f'{", ".join(names[:8])}{others}.'
        )
    return sentences


def _is_required(name, require, last_step):
    place, _, what = name.rpartition('/')
    if require == 'all' or name == 'predict/scores':
        return True
    if require == 'least':
        return place == last_step and what in PARAMS
    if (
        place == 'images'
    ):  # a port may get its X from elsewhere; `check_images` tests it
        return False
    if place.startswith('epoch') or what in _METRICS:
        return True
    if place == 'step1/grad' or what == 'loss':
        return require != 'keras'
    if what in _LAYERS:
        return require in ('torch', 'numpy')
    return what in PARAMS


def has_short_batches(comparison):
    """Return whether the case has mini-batches that are not full.

    Only these tell the mean loss of a framework from the sum divided by `batch_size`.

    Parameters
    ----------
    comparison : compare.Comparison

    Returns
    -------
    bool
    """
    names = [*(row.name for row in comparison.rows), *comparison.missing]
    return any(name.startswith('epoch') for name in names)


def misspelt(comparison):
    """Return the unknown names that were probably meant for others.

    Parameters
    ----------
    comparison : compare.Comparison

    Returns
    -------
    dict of str to str
        The name that was probably meant, by the name that was given; a name that was
        given too was not meant.
    """
    given = {row.name for row in comparison.rows}
    nearest = {name: nearest_name(name) for name in comparison.unknown}
    return {
        name: meant
        for name, meant in nearest.items()
        if meant not in (None, name) and meant not in given
    }


def nearest_name(name):
    """Return the exported tensor whose name is most like this, or None.

    Parameters
    ----------
    name : str
        Compared without regard to case, and to whether words are separated by '/',
        '.', '_', '-' or not at all.

    Returns
    -------
    str or None
    """
    plain = {_plain(known): known for known in ORDER}
    found = difflib.get_close_matches(_plain(name[:80]), plain, 1, _CUTOFF)
    return plain[found[0]] if found else None


def _plain(name):
    return re.sub(r'[/._\s-]', '', name).lower()

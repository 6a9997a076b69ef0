"""Whether what a file holds is a case: settings, names, shapes and numbers."""

import numpy as np

from d2l_dropout.models.model import KINDS
from d2l_dropout.ports.tensors import ORDER, PARAMS, STEPS_PER_EPOCH, num_steps


def fault_of(case):
    """Return why no port can be compared with a case.

    Parameters
    ----------
    case : files.Case

    Returns
    -------
    str or None
        None if nothing is wrong with it.
    """
    if not _are_valid(case.settings):
        return f'its settings are {tuple(case.settings)}'
    steps = max(1, num_steps(case.tensors))
    lacking = [n for n in ORDER if _is_needed(n, steps) and n not in case.tensors]
    if lacking:
        return f'it lacks {lacking[0]}' + ' and others' * (len(lacking) > 1)
    has_epochs = any(name.startswith('epoch') for name in case.tensors)
    if has_epochs and case.settings.steps_per_epoch != STEPS_PER_EPOCH:
        return f'it has epochs that are not of {STEPS_PER_EPOCH} steps'
    for name, value in case.tensors.items():
        if value.dtype.kind not in 'biuf' or not np.isfinite(value).all():
            return f'{name!r} is not of finite numbers'
    return _fault_of_shapes(case) or _fault_of_labels(case)


def _are_valid(settings):
    sizes = [
        n for n in (settings.batch_size, settings.steps_per_epoch) if n is not None
    ]
    return (
        settings.model in list(KINDS)
        and all(_is_within(p, 1) for p in (settings.drop_prob1, settings.drop_prob2))
        and _is_within(settings.lr, 1e6)
        and all(type(size) is int and size > 0 for size in sizes)
    )


def _is_within(number, limit):
    return type(number) in (int, float) and 0 <= number < limit


def _is_needed(name, steps):
    place = name.partition('/')[0]
    if place.startswith('step'):
        return int(place[4:]) <= steps
    return place in ('init', 'predict')


def _fault_of_shapes(case):
    try:
        expected = _shapes(case.tensors, case.settings.in_scratch_layout)
    except (IndexError, KeyError, ValueError):
        return 'the shapes of its inputs are not those of a net'
    for name, shape in expected.items():
        if case.tensors[name].shape != shape:
            return f'{name} has the shape {case.tensors[name].shape}, not {shape}'
    return None


def _shapes(tensors, in_scratch_layout):
    """Return the shape of each tensor, as initial values and labels determine it."""
    params = {name: tensors[f'init/{name}'].shape for name in PARAMS}
    (h1,), (h2,), (num_outputs,) = (params[name] for name in ('b1', 'b2', 'b3'))
    num_inputs = params['W1'][0 if in_scratch_layout else 1]
    weights = {'W1': (num_inputs, h1), 'W2': (h1, h2), 'W3': (h2, num_outputs)}
    for name, shape in weights.items():
        params[name] = shape if in_scratch_layout else shape[::-1]
    widths = {'X': num_inputs, 'scores': num_outputs}
    widths.update(dict.fromkeys(('mask1', 'Z1', 'H1', 'H1_dropped'), h1))
    widths.update(dict.fromkeys(('mask2', 'Z2', 'H2', 'H2_dropped'), h2))
    found = {}
    for name in set(tensors) & set(ORDER):
        place, _, what = name.rpartition('/')
        if place == 'images':
            found[name] = _shape_of_images(tensors, what)
        elif what in params:
            found[name] = params[what]
        else:
            n = len(tensors[f'{place}/y']) if f'{place}/y' in tensors else None
            of_examples = (n, widths[what]) if what in widths else (n,)
            is_metric = n is None or what in ('mean_loss', 'train_acc', 'test_acc')
            found[name] = () if is_metric else of_examples
    return found


def _shape_of_images(tensors, what):
    count, height, width = tensors['images/bytes'].shape
    return (count, height, width) if what == 'bytes' else (count, height * width)


def _fault_of_labels(case):
    num_outputs = len(case.tensors['init/b3'])
    for name, value in case.tensors.items():
        if name.endswith('/y') and not (
            value.dtype.kind in 'iu'
            and value.size
            and ((0 <= value) & (value < num_outputs)).all()
        ):
            return f'{name} has labels other than 0 to {num_outputs - 1}'
    return None

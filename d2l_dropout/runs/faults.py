"""Deliberately wrong ports, as changes to a RunSpec: a comparison must notice them."""

from dataclasses import replace

from d2l_dropout.models.model import KINDS

#: By name: what is wrong, and the settings that make it so.
FAULTS = {
    'swapped': (
        'drop_prob swapped between the layers',
        {'drop_prob1': 0.5, 'drop_prob2': 0.2},
    ),
    'unscaled': (
        'no rescaling by 1 / (1 - drop_prob), scratch only',
        {'noise': 'unscaled'},
    ),
    'test-time': ('dropout left on when testing', {'dropout_at_test': True}),
    'lr': ('learning rate 0.1 in place of 0.5', {'lr': 0.1}),
}


def models_with(name):
    """Return the models that can have a fault.

    Parameters
    ----------
    name : str, a key of `FAULTS`

    Returns
    -------
    list of str
    """
    noise = FAULTS[name][1].get('noise', 'dropout')
    return [model for model, kind in KINDS.items() if noise in kind.noises]


def with_fault(spec, name):
    """Return the specification of the same run by a wrong port.

    Parameters
    ----------
    spec : RunSpec
    name : str, a key of `FAULTS`

    Returns
    -------
    RunSpec

    Raises
    ------
    ValueError
        If the model cannot have that fault.
    """
    return replace(spec, **FAULTS[name][1])

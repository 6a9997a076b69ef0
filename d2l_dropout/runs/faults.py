"""Deliberate faults that a port can have, as changes to a RunSpec.

The reproduction trains with them to measure how many seeds a comparison needs to notice
that a port is wrong (docs/power.md).
"""

from dataclasses import replace

from d2l_dropout.models.model import KINDS

#: The faults by name: a description, and the settings that produce the fault.
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
    """Return the models in which a fault can be produced.

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
    """Return the specification of the same run with a fault.

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
        If the model of `spec` does not support the settings of the fault.
    """
    return replace(spec, **FAULTS[name][1])

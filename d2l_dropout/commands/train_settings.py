"""The settings of a run as options of `d2l-dropout train`: one for each in RunSpec."""

import argparse
import dataclasses

from d2l_dropout.commands import integer
from d2l_dropout.models.model import KINDS
from d2l_dropout.runs.spec import (
    LABELS,
    MEASURES,
    MODELS,
    NOISES,
    SUBSETS,
    TEST_SETS,
    RunSpec,
)

_CHOICES = {
    'model': MODELS,
    'noise': NOISES,
    'labels': LABELS,
    'test_on': TEST_SETS,
    'subset': SUBSETS,
}
_HELP = {
    'model': 'the net from scratch, or in Gluon',
    'num_hiddens1': 'number of units in the first hidden layer',
    'num_hiddens2': 'number of units in the second hidden layer',
    'drop_prob1': 'dropout probability after the first hidden layer, below 1',
    'drop_prob2': 'dropout probability after the second hidden layer, below 1',
    'num_epochs': 'number of epochs; with --resume, including the finished ones',
    'batch_size': 'examples in a mini-batch; with several workers, in that of each',
    'lr': 'learning rate',
    'wd': 'weight decay, for the Gluon net only',
    'seed': "seed of Python's random, NumPy and MXNet",
    'num_examples': 'train on N of the training examples (default: all)',
    'subset': 'which of them: the first ones, or a stratified subset drawn by the seed',
    'resplit': 'pool the training and test sets and split them again, by the seed',
    'no_shuffle': 'use the training examples in the same order in each epoch',
    'noise': 'noise on the hidden units or, with dropconnect, on the weights in '
    'training; '
    + '; '.join(
        f'the {name} net supports {", ".join(kind.noises)}'
        for name, kind in KINDS.items()
    ),
    'input_drop_prob': 'probability of the same noise on the pixels, below 1',
    'input_noise': 'standard deviation of Gaussian noise added to each pixel in '
    'training; pixels are in [0, 1]',
    'labels': "'permuted' shuffles the training labels, so that they do not depend on "
    'the images',
    'test_on': "'validation' holds out the last sixth of the training set and tests on "
    'it in place of the test set',
    'test_every': 'evaluate on the test set after every N-th epoch and after the last',
    'measure': 'measure more of the trained net and print it as JSON: '
    + ', '.join(MEASURES)
    + "; several are joined by '+'",
    'dropout_at_test': 'leave dropout on in evaluation (a deliberate fault)',
    'revision': 'revision of Fashion-MNIST to train on',
    'data_digest': "SHA-256 of the data; others are refused. 'unknown' and 'synthetic' "
    'do not say which data they are (default: that of the data on this machine)',
}


def add(group):
    """Add the options; what is not given leaves no trace.

    Parameters
    ----------
    group : argparse group
    """
    for field in dataclasses.fields(RunSpec):
        _add_setting(group, field)


def _add_setting(group, field):
    name, default = field.name, field.default
    if default is True:
        name = 'no_' + name
    option = '--' + name.replace('_', '-')
    said = {'dest': field.name, 'default': argparse.SUPPRESS, 'help': _HELP[name]}
    if isinstance(default, bool):
        group.add_argument(option, action='store_const', const=not default, **said)
        return
    if default is not None and field.name != 'revision':
        said['help'] += f' (default: {default})'
    if field.name in _CHOICES:
        said['choices'] = _CHOICES[field.name]
    elif field.name == 'revision':
        said['help'] += ' (default: what is on this machine)'
    elif name == 'measure':
        said['metavar'] = 'NAME'
    elif name == 'data_digest':
        said['metavar'] = 'SHA256'
    elif isinstance(default, float):
        said.update(type=float, metavar='X')
    else:
        said.update(type=integer(0 if field.name == 'seed' else 1), metavar='N')
    group.add_argument(option, **said)


def given(args):
    """Return the settings that were given.

    Parameters
    ----------
    args : argparse.Namespace

    Returns
    -------
    dict
        Of RunSpec.
    """
    names = [field.name for field in dataclasses.fields(RunSpec)]
    return {name: getattr(args, name) for name in names if hasattr(args, name)}

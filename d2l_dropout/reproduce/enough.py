"""Could these runs have told a wrong port from a right one?

Wide intervals hold everything. That the book lies inside them is evidence only if a
wrong port would have been noticed.
"""

import itertools
import math
from dataclasses import fields
from typing import Dict, List

from d2l_dropout.book.printed import EPOCHS
from d2l_dropout.intervals import t_quantile
from d2l_dropout.metrics import as_array
from d2l_dropout.reproduce.comparison import late_average, level_of_each_family
from d2l_dropout.reproduce.control import noticeable
from d2l_dropout.reproduce.names import NETS
from d2l_dropout.runs import shipped
from d2l_dropout.runs.spec import RunSpec

#: A difference of the late test acc that has to be noticed as often as not: two points,
#: about five standard deviations of a run.
LARGEST = 0.02


def unusual_settings(reproduction) -> Dict[str, List[str]]:
    """Return the settings of the runs that are not the chapter's.

    Parameters
    ----------
    reproduction : groups.Reproduction

    Returns
    -------
    dict of str to list of str
        Values by the name of the setting; empty unless a fault was asked for.
    """
    varied = {'model', 'seed', 'num_epochs', 'resplit', 'revision', 'data_digest'}
    found: Dict[str, Dict[str, None]] = {}
    for group in reproduction.groups().values():
        for spec in group.specs:
            for field in fields(RunSpec):
                value = getattr(spec, field.name)
                if field.name not in varied and value != field.default:
                    found.setdefault(field.name, {})[str(value)] = None
    return {setting: list(values) for setting, values in found.items()}


def too_little(reproduction) -> List[str]:
    """Say why agreement with the book would mean nothing, a sentence for each reason.

    Parameters
    ----------
    reproduction : groups.Reproduction
        Complete, with rows of the group that judges.

    Returns
    -------
    list of str
        Empty if a port that is `LARGEST` off would be noticed as often as not.
    """
    judge = reproduction.groups()[reproduction.judged]
    reasons = [
        f'{setting} is {", ".join(values)}, not what the chapter has: that the book '
        'lies inside shows that such a fault goes unnoticed here, not that it is none.'
        for setting, values in unusual_settings(reproduction).items()
    ]
    num_epochs = max(row.epoch for row in judge.rows)
    all_epochs = len(EPOCHS['scratch'])
    if num_epochs < all_epochs:
        reasons.append(
            f"No more than {num_epochs} of the book's {all_epochs} epochs are "
            'compared, where right and wrong ports hardly differ yet: more seeds would '
            'not help.'
        )
        return reasons
    sizes = {m: size for m, size in noticeable(judge).items() if size > LARGEST}
    if sizes:
        points = (f'{100 * size:.1f} points ({NETS[m]})' for m, size in sizes.items())
        reasons.append(
            'The runs are too few: a port would be noticed, as often as not, only if '
            f'its late test acc were {" or ".join(points)} off. With '
            f'about {seeds_needed(reproduction)} seeds, '
            f'{100 * LARGEST:.0f} points would do.'
        )
    return reasons


def seeds_needed(reproduction) -> int:
    """Return how many seeds it takes to notice `LARGEST`, by the scatter of our runs.

    Parameters
    ----------
    reproduction : groups.Reproduction
        For the models and the level that count.

    Returns
    -------
    int
        More than there are. docs/power.md has the table of what more of them notice.
    """
    judge = reproduction.groups()[reproduction.judged]
    models = dict.fromkeys(row.model for row in judge.rows)
    level = level_of_each_family(reproduction.level)
    # Of the scatter here and that of the runs that ship, the larger one: few runs may
    # scatter little by chance.
    sd = max(
        late_average(as_array(epochs)).std(axis=0, ddof=1)[0, -1]
        for model in models
        for epochs in (
            judge.epochs(model),
            [run.epochs for run in shipped.results(model, True)],
        )
    )
    here = min(len(judge.epochs(model)) for model in models)
    for n in itertools.count(here + 1):
        quantile = t_quantile(n - 1, 3 * len(models), level)
        if quantile * sd * math.sqrt(1 + 1 / n) <= LARGEST:
            break
    return n

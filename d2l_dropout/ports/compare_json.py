"""The comparison of a port's tensors as JSON."""

import json
import math
from typing import Sequence

from d2l_dropout.ports.compare import Comparison
from d2l_dropout.ports.tensors import COMPUTED, GIVEN


def finite(values: dict) -> dict:
    """Return values for JSON, which has no number that is not finite: null instead.

    Parameters
    ----------
    values : dict

    Returns
    -------
    dict
    """
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in values.items()
    }


def as_json(comparison: Comparison, why_no_pass: Sequence[str] = ()) -> str:
    """Return the comparison as a JSON object, that of docs/ports.md.

    Parameters
    ----------
    comparison : Comparison
    why_no_pass : sequence of str
        Sentences on what was not given, though it is asked for, or was misspelt.

    Returns
    -------
    str
        With null for numbers that are not finite.
    """
    computed = [row for row in comparison.rows if row.name in COMPUTED]
    first = comparison.first
    values = {
        'same': comparison.same,
        'reference': comparison.reference,
        'first': None if first is None else first.name,
        'formula': None if first is None else {**GIVEN, **COMPUTED}[first.name],
        'causes': comparison.causes,
        'place': comparison.place,
        'num_computed': len(computed),
        'num_same': sum(row.same for row in computed),
        'not_given': comparison.missing,
        'unknown': comparison.unknown,
        'why_no_pass': list(why_no_pass),
        'tensors': [
            {**finite(row._asdict()), 'shape': list(row.shape)}
            for row in comparison.rows
        ],
    }
    return json.dumps(values, indent=1, allow_nan=False)

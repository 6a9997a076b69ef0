"""How results are prepared for the package: small, with what can be checked kept.

`python -m d2l_dropout.experiments.prepare_shipped FILE STORE ...` writes the results of
some stores to a file to ship. It is a store as well.
"""

import json
import sys
from dataclasses import asdict, fields, replace
from typing import Any, Dict, List

import numpy as np

from d2l_dropout.files import write_whole
from d2l_dropout.runs.result import RunResult
from d2l_dropout.runs.spec import RunSpec
from d2l_dropout.runs.store import Store

_DIGITS = 5
_DEFAULTS = {field.name: field.default for field in fields(RunSpec)}


def compact(result: RunResult) -> str:
    """Return a result as a short line of JSON, which `runs.result.parse` reads.

    Left out are settings that have their default, epochs that were not evaluated, and
    images of the weights, except for seed 0. Metrics and measurements have five
    significant digits.

    Parameters
    ----------
    result : RunResult

    Returns
    -------
    str
    """
    values = asdict(result)
    values['spec'] = {
        name: value
        for name, value in values['spec'].items()
        if value != _DEFAULTS[name] or name == 'revision'
    }
    values['epochs'] = [
        _rounded(epoch) for epoch in result.epochs if np.isfinite(epoch.test_acc)
    ]
    values['measured'] = _rounded(values['measured'])
    if result.spec.seed and 'images' in (values['measured'] or ()):
        del values['measured']['images']  # 40 KB a run, and one net is shown
    if values['measured'] is None:
        del values['measured']
    return json.dumps(values, separators=(',', ':'))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return float(f'{value:.{_DIGITS}g}') if isinstance(value, float) else value


def ship(path: str, stores: List[str]) -> int:
    """Write the results of some stores to a file to ship.

    Parameters
    ----------
    path : path
    stores : list of path
        Where several have a result of the same specification, the first counts. A run
        is left out if the same one is there with all of its measures and more.

    Returns
    -------
    int
        The number of results.
    """
    results: Dict[RunSpec, RunResult] = {}
    for store in stores:
        for spec, result in Store(store).results().items():
            results.setdefault(spec, result)
    lines = [compact(results[spec]) + '\n' for spec in _not_covered(list(results))]
    write_whole(path, ''.join(lines).encode())
    return len(lines)


def _not_covered(specs: List[RunSpec]) -> List[RunSpec]:
    """Return the specifications whose measures no other one of the same run has."""
    measures: Dict[RunSpec, List[set]] = {}
    for spec in specs:
        same = replace(spec, measure=None)
        measures.setdefault(same, []).append(set(spec.measures()))
    return [
        spec
        for spec in specs
        if not any(
            set(spec.measures()) < others
            for others in measures[replace(spec, measure=None)]
        )
    ]


if __name__ == '__main__':
    print(f'{ship(sys.argv[1], sys.argv[2:])} results in {sys.argv[1]}')

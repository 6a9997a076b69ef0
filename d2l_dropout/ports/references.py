"""The cases that ports are compared with, by name or path."""

from pathlib import Path
from typing import List

from d2l_dropout.ports import full_size
from d2l_dropout.ports.files import SHIPPED, Case, load


def shipped_names() -> List[str]:
    """Return the names of the cases that ship with the package, such as tiny-scratch.

    Returns
    -------
    list of str
        Sorted.
    """
    return sorted(path.stem for path in SHIPPED.glob('*.npz'))


def load_case(reference) -> Case:
    """Return a case: what a port has to be given, and what it has to compute.

    Parameters
    ----------
    reference : str, path or Case
        A name of `shipped_names` or of `full_size.CASES`, the path of an exported
        `.npz`, or a case.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If it is not a case.
    """
    return find_case(reference)[0]


def find_case(reference):
    """Return a case and its name; parameters are those of `load_case`."""
    if isinstance(reference, Case):
        return reference, 'a case'
    if reference in full_size.CASES:
        return full_size.make(reference), reference
    shipped = SHIPPED / f'{reference}.npz'
    path = shipped if shipped.is_file() else Path(reference).with_suffix('.npz')
    if not path.is_file():
        names = ', '.join([*shipped_names(), *full_size.CASES])
        raise ValueError(
            f'{reference} is not a reference: use one of {names}, or a .npz that '
            '`d2l-dropout export` wrote.'
        )
    return load(path), path.stem

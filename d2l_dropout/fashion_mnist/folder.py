"""One folder with the four files: which are there, are they good, do they agree."""

import os
from dataclasses import dataclass
from typing import Dict, Optional

import numpy as np

from d2l_dropout.fashion_mnist import idx
from d2l_dropout.fashion_mnist.errors import BadFileError, DataNotFoundError
from d2l_dropout.fashion_mnist.revisions import (
    BOOK_REVISION,
    FILES,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    UNKNOWN,
)

PAIRS = ((TRAIN_IMAGES, TRAIN_LABELS), (TEST_IMAGES, TEST_LABELS))


@dataclass(frozen=True)
class Entry:
    """One of the four files as found: good if `problem` is None."""

    name: str
    path: str
    array: Optional[np.ndarray] = None
    revision: str = UNKNOWN
    problem: Optional[str] = None
    missing: bool = False


@dataclass(frozen=True)
class Found:
    """A folder whose four files are good and agree: name -> array."""

    folder: str
    revision: str
    arrays: Dict[str, np.ndarray]


def paths(folder, name):
    """List the paths under which file `name` lies in `folder`, the .gz one first."""
    dotted = name.replace('-idx', '.idx')  # as some archivers spell it
    candidates = (name + '.gz', name, dotted + '.gz', dotted)
    candidates = [os.path.join(folder, candidate) for candidate in candidates]
    return [path for path in candidates if os.path.lexists(path)]


def holds_any(folder):
    """True if at least one of the four files lies in `folder`, good or bad."""
    return any(paths(folder, name) for name in FILES)


def examine(folder):
    """Read the four files of a folder.

    Returns
    -------
    tuple of four `Entry`, in the order of `revisions.FILES`
    """
    return tuple(_examine(folder, name) for name in FILES)


def _examine(folder, name):
    first_bad = None
    for path in paths(folder, name):
        try:
            return Entry(name, path, *idx.read(path, name))
        except BadFileError as error:
            first_bad = first_bad or Entry(name, path, problem=error.problem)
    return first_bad or Entry(
        name, os.path.join(folder, name + '.gz'), problem='is missing', missing=True
    )


def accept(folder, entries):
    """Take a folder as it is, if its four files are good and fit each other.

    Returns
    -------
    Found
        Its revision is 'unknown' if that of any file is.

    Raises
    ------
    DataNotFoundError
        Naming the files that are missing.
    BadFileError
        Naming the first file that is bad or does not fit the others.
    """
    missing = [os.path.basename(entry.path) for entry in entries if entry.missing]
    if missing:
        raise DataNotFoundError(
            f'the folder {folder} lacks {", ".join(sorted(missing))} (each may be '
            f'there with or without .gz)'
        )
    for entry in entries:
        if entry.problem:
            raise BadFileError(entry.path, entry.problem)
    by_name = {entry.name: entry for entry in entries}
    _check_revisions(by_name)
    _check_counts(by_name)
    revisions = {entry.revision for entry in entries}
    revision = revisions.pop() if len(revisions) == 1 else UNKNOWN
    return Found(folder, revision, {entry.name: entry.array for entry in entries})


def _check_revisions(by_name):
    known = [name for name in by_name if by_name[name].revision != UNKNOWN]
    for name in known[1:]:
        first, other = by_name[known[0]], by_name[name]
        if first.revision != other.revision:
            raise BadFileError(
                other.path,
                f'is of revision {other.revision}, but {os.path.basename(first.path)} '
                f'beside it is of {first.revision}: the labels of one revision do not '
                f'belong to the images of the other',
            )


def _check_counts(by_name):
    for images, labels in PAIRS:
        num_images, num_labels = (len(by_name[name].array) for name in (images, labels))
        if num_images != num_labels:
            raise BadFileError(
                by_name[labels].path,
                f'holds {num_labels} labels for the {num_images} images of '
                f'{os.path.basename(by_name[images].path)}',
            )


def faults(entries, revision):
    """List the entries that are not good files of `revision`."""
    return [entry for entry in entries if entry.problem or entry.revision != revision]


def fault(entry, revision):
    """Say what keeps an entry from being a file of `revision`, as a predicate."""
    return entry.problem or f'is not the file of revision {revision}'


def meant_revision(folder, entries):
    """Tell which revision a folder of mixed or incomplete files is meant to be.

    Returns
    -------
    str
        The one on which the known files agree; 'unknown' if none is known and the
        four are a well-formed set; else the book's.
    """
    known = {entry.revision for entry in entries if entry.revision != UNKNOWN}
    if len(known) == 1:
        return known.pop()
    try:
        return accept(folder, entries).revision
    except (BadFileError, DataNotFoundError):
        return BOOK_REVISION

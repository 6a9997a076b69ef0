"""One folder with the four files: which are there, are they valid, do they agree."""

import os
import warnings
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

_SWAPPED = 'Perhaps the train-... and t10k-... files are swapped'
PAIRS = ((TRAIN_IMAGES, TRAIN_LABELS), (TEST_IMAGES, TEST_LABELS))


@dataclass(frozen=True)
class Entry:
    """One of the four files as found; it is valid if `problem` is None."""

    name: str
    path: str
    array: Optional[np.ndarray] = None
    revision: str = UNKNOWN
    problem: Optional[str] = None
    missing: bool = False


@dataclass(frozen=True)
class Found:
    """A folder whose four files are valid and agree; `arrays` maps names to arrays."""

    folder: str
    revision: str
    arrays: Dict[str, np.ndarray]


def paths(folder, name):
    """List the paths under which file `name` lies in `folder`, the .gz one first."""
    dotted = name.replace('-idx', '.idx')  # as some unpackers rename the files
    candidates = (name + '.gz', name, dotted + '.gz', dotted)
    candidates = [os.path.join(folder, candidate) for candidate in candidates]
    return [path for path in candidates if os.path.lexists(path)]


def holds_any(folder):
    """Return whether any of the four files lies in `folder`, valid or not."""
    return any(paths(folder, name) for name in FILES)


def examine(folder):
    """Read the four files of a folder.

    Returns
    -------
    tuple of Entry
        Four, in the order of `revisions.FILES`.
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
    """Return the contents of a folder if its four files are valid and agree.

    Parameters
    ----------
    folder : str
    entries : sequence of Entry
        What `examine` returned for it.

    Returns
    -------
    Found
        Its revision is 'unknown' if that of any file is.

    Raises
    ------
    DataNotFoundError
        If files are missing; the message names them.
    BadFileError
        If a file is not valid or does not agree with the others; the message names
        the first.
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
            sizes = {len(entry.array) for entry in by_name.values()}
            hint = f'. {_SWAPPED}' if len(sizes) == 2 else ''
            raise BadFileError(
                by_name[labels].path,
                f'holds {num_labels} labels for the {num_images} images of '
                f'{os.path.basename(by_name[images].path)}{hint}',
            )


def warn_if_swapped(found):
    """Warn if the files to train on and to test on may have each other's names.

    Parameters
    ----------
    found : Found
    """
    if len(found.arrays[TRAIN_IMAGES]) < len(found.arrays[TEST_IMAGES]):
        warnings.warn(
            f'{found.folder} holds fewer examples to train on than to test on. '
            f'{_SWAPPED}.',
            stacklevel=2,
        )


def faults(entries, revision):
    """List the entries that are not valid files of `revision`."""
    return [entry for entry in entries if entry.problem or entry.revision != revision]


def fault(entry, revision):
    """Return what is wrong with an entry of `faults`, as a predicate."""
    return entry.problem or f'is not the file of revision {revision}'


def meant_revision(folder, entries):
    """Guess which revision a folder of mixed or incomplete files is meant to hold.

    Returns
    -------
    str
        The revision of the files that are of a known one, if they agree; 'unknown' if
        no file is of a known revision and the four are a valid set; else the book's.
    """
    known = {entry.revision for entry in entries if entry.revision != UNKNOWN}
    if len(known) == 1:
        return known.pop()
    try:
        return accept(folder, entries).revision
    except (BadFileError, DataNotFoundError):
        return BOOK_REVISION

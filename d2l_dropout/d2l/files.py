"""Folders."""

import os


def mkdir_if_not_exist(path):
    """Make a folder, and those above it, unless it is there.

    Parameters
    ----------
    path : str or list of str
        A path, or its parts to be joined.

    Raises
    ------
    OSError
        If it cannot be made.

    Defined in d2l v0.5.0, chapter_computer-vision/kaggle-gluon-cifar10.md.
    """
    parts = [path] if isinstance(path, (str, os.PathLike)) else path
    os.makedirs(os.path.join(*parts), exist_ok=True)

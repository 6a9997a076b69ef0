"""Which `d2l` an `import d2l` finds: this project's, or the other package of that name.

The later editions of the book have a package `d2l` on PyPI. It has another interface,
and where both are installed it comes first.
"""

import importlib.util
from pathlib import Path

_OURS = Path(__file__).resolve().parents[2] / 'd2l.py'


def other_d2l():
    """Return what is wrong with the `d2l` that would be imported here.

    Returns
    -------
    str
        One sentence with the mend; '' if it is this project's.
    """
    try:
        spec = importlib.util.find_spec('d2l')
    except ValueError:  # it is imported already, and has no specification
        return ''
    if spec is None:
        return (
            "There is no module d2l here: install this project (pip install '.' in its "
            'checkout), or add the folder of the checkout to sys.path.'
        )
    found = Path(spec.origin or '').resolve()
    # Once imported, its specification is that of the module behind it.
    if found in (_OURS, _OURS.parent / 'd2l_dropout' / 'd2l' / '__init__.py'):
        return ''
    return (
        f'The module d2l here is another one ({found}), without the functions that the '
        'chapter uses: remove it (pip uninstall d2l) or use an environment of its own; '
        '`import d2lzh as d2l` works beside it.'
    )


def check_d2l():
    """Refuse to go on if `import d2l` would find another package.

    Raises
    ------
    ImportError
        With the mend.
    """
    wrong = other_d2l()
    if wrong:
        raise ImportError(wrong)

"""Where planted mistakes are kept, each with what `compare` should say of it."""

from small_port import SmallPort

#: Name -> (text of the right cause, texts or None; class of the port). One of the
#: causes must contain the text, or one of the texts; None if `compare` knows no such
#: mistake and must name none.
PLANTED = {}


def plant(name, cause, **methods):
    """Add a mistake: a port some of whose methods are replaced."""
    PLANTED[name] = cause, type('Planted', (SmallPort,), methods)

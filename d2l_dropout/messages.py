"""What of foreign text may be shown: no password, nothing that drives a terminal."""

import re

# Up to the last @, because a password with a / in it is no valid URL, but is one.
_USER = re.compile(r'^([a-z][a-z0-9+.-]*:)?(//)?.*@', re.DOTALL | re.IGNORECASE)


def printable(text, keep=''):
    r"""Return text in which every character is visible.

    A file, or the answer of a server, could otherwise move the cursor, colour what
    follows, turn its direction or feign a line of ours.

    Parameters
    ----------
    text : object
        What is no string is converted.
    keep : str
        Characters to leave as they are, such as the line ends of a whole message.

    Returns
    -------
    str
        Others, such as escape sequences, stand there as in Python's source: \x1b[2J.
    """
    text = str(text)
    if text.isprintable():
        return text
    return ''.join(
        c if c.isprintable() or c in keep else c.encode('unicode_escape').decode()
        for c in text
    )


def printable_lines(text):
    """Return a message, which may have several lines, in which the rest is visible.

    Parameters
    ----------
    text : object

    Returns
    -------
    str
    """
    return printable(text, keep='\n\t')


def printable_values(values):
    """Return what JSON holds with every string in it visible, keys included.

    Parameters
    ----------
    values : dict, list, str, int, float, bool or None

    Returns
    -------
    of the same kind
    """
    if isinstance(values, str):
        return printable(values)
    if isinstance(values, list):
        return [printable_values(value) for value in values]
    if isinstance(values, dict):
        return {printable(key): printable_values(values[key]) for key in values}
    return values


def without_password(url):
    """Return a URL as it may be shown: without the user's name and password in it.

    Parameters
    ----------
    url : str
        It need not be valid.

    Returns
    -------
    str
        With `***@` in their place.
    """
    return printable(_USER.sub(r'\1\2***@', url))

"""Sentences in English and Korean, and tables of them, as Markdown."""

from typing import List, NamedTuple, Sequence, Union

LANGUAGES = ('en', 'ko')


class Text(NamedTuple):
    """The same sentences in two languages.

    Attributes
    ----------
    en, ko : str
        English and Korean; both may have fields such as `{value}`.
    """

    en: str
    ko: str

    def format(self, **values):
        """Return the text with its fields filled in.

        Parameters
        ----------
        **values
            A `Text` is put in in the language of each.

        Returns
        -------
        Text
        """
        return Text(
            *(
                getattr(self, language).format(
                    **{name: say(value, language) for name, value in values.items()}
                )
                for language in LANGUAGES
            )
        )


def say(value, language):
    """Return a text in one language, and anything else as it is.

    Parameters
    ----------
    value : Text or object
    language : 'en' or 'ko'

    Returns
    -------
    str or object
    """
    return getattr(value, language) if isinstance(value, Text) else value


def join(texts, none):
    """Return a list in words, in both languages.

    Parameters
    ----------
    texts : sequence of Text or str
    none : Text
        What is said of an empty list.

    Returns
    -------
    Text
    """
    if not texts:
        return none
    return Text(*(', '.join(say(t, language) for t in texts) for language in LANGUAGES))


class Table(NamedTuple):
    """Rows of cells under a head.

    Attributes
    ----------
    head : sequence of Text or str
    rows : list of sequence of Text or str
        As many cells as the head has.
    """

    head: Sequence[Union[Text, str]]
    rows: List[Sequence[Union[Text, str]]]

    def markdown(self, language):
        """Return the table as Markdown, its columns aligned for reading as text too.

        Parameters
        ----------
        language : 'en' or 'ko'

        Returns
        -------
        str
        """
        lines = [
            # A bar would end the cell.
            [str(say(cell, language)).replace('|', '\\|') for cell in row]
            for row in [self.head, *self.rows]
        ]
        widths = [max(len(line[j]) for line in lines) for j in range(len(self.head))]
        lines.insert(1, ['-' * width for width in widths])
        return '\n'.join(
            '| '
            + ' | '.join(cell.ljust(width) for cell, width in zip(line, widths))
            + ' |'
            for line in lines
        )

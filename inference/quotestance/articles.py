"""Step 1: an `Article`, whose text and offsets never change afterwards."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

from quotestance.cleaning import clean
from quotestance.dates import find_dates, parse_date
from quotestance.errors import InputError
from quotestance.layout import Paragraph, paragraphs
from quotestance.textview import View

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Article:
    """A news article as it was read.

    Parameters
    ----------
    text : str
        The text as read; every span of every result points into it.
    id : str
        Unique in a batch.
    date : str or None
        ISO date; sides are looked up at this date.
    title : str or None
        The headline, where it is not part of the text.
    date_source : {"given", "text", "none"}
        Where the date comes from.
    """

    text: str
    id: str
    date: str | None = None
    title: str | None = None
    date_source: str = field(default="none", compare=False)

    @classmethod
    def of(
        cls,
        text: str,
        *,
        id: str | None = None,
        date: object = None,
        title: str | None = None,
        source: str | None = None,
        row: int | None = None,
    ) -> Article:
        """Check a text and its fields, and make an article of them.

        Without an id, the text's hash is the id. Without a date, the first complete date in
        the first or last 600 characters is taken. Lone surrogates, which no output file can
        hold, become U+FFFD one for one, so offsets stay.

        Raises
        ------
        InputError
            If the text is empty, is not text, or the date is none.
        """
        if not isinstance(text, str):
            raise InputError(
                f"text is {type(text).__name__}, expected a string", source=source, row=row
            )
        if not text.strip():
            raise InputError("the text is empty; expected an article", source=source, row=row)
        try:
            given = parse_date(date)
        except ValueError as error:
            raise InputError(str(error), source=source, row=row) from error
        found = given or _date_in(text)
        where = "given" if given else "text" if found else "none"
        text = _SURROGATE.sub("\ufffd", text)
        name = _SURROGATE.sub("\ufffd", id or hashlib.sha256(text.encode()).hexdigest()[:12])
        title = _SURROGATE.sub("\ufffd", title) if title else title
        return cls(text=text, id=name, date=found, title=title, date_source=where)

    @cached_property
    def view(self) -> View:
        """The cleaned text with its map to `text`."""
        return clean(self.text)

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        """The view's paragraphs with their roles (body, caption, furniture, ...)."""
        return paragraphs(self.view.text, article_date=self.date)


def _date_in(text: str) -> str | None:
    for part in (text[:600], text[-600:]):
        for day, _ in find_dates(part):
            return day.isoformat()
    return None

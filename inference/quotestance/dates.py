"""Dates written out in English news text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_PATTERNS = (
    re.compile(r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<mon>{_MONTH}),?\s(?P<y>(?:19|20)\d\d)\b", re.I
    ),
    re.compile(
        rf"\b(?P<mon>{_MONTH})\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>(?:19|20)\d\d)\b", re.I
    ),
)


def find_dates(text: str) -> Iterator[tuple[date, int]]:
    """Yield ``(date, offset)`` of each complete date, in order of their offsets."""
    found: list[tuple[int, date]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = parts.get("m") or _MONTHS.index(parts["mon"][:3].lower()) + 1
            try:
                found.append((match.start(), date(int(parts["y"]), int(month), int(parts["d"]))))
            except ValueError:  # 31 June and the like are no dates
                continue
    for at, day in sorted(found):
        yield day, at


def parse_date(value: object) -> str | None:
    """Read a date field as ISO ``YYYY-MM-DD``.

    Accepts ISO dates and date-times, ``20131012``, dates written out in English, and date objects.

    Raises
    ------
    ValueError
        If there is a value and it is none of these.
    """
    if value is None or not str(value).strip():
        return None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        for day, _ in find_dates(text):
            return day.isoformat()
    raise ValueError(f"date {text!r} is not a date; use YYYY-MM-DD")

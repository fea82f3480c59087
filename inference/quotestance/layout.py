"""What each line of a page is: body, headline, caption, furniture, a repeat, another story's tail.

Nothing is deleted: a `Paragraph` keeps its place in the view, and later steps read `body` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from quotestance.dates import find_dates

Role = Literal["body", "headline", "caption", "furniture", "repeat", "tail"]

_FURNITURE = re.compile(
    r"^(?:share\b|print\b|e-?mail\b|tweet\b|follow us|sign up|subscribe|advertisement|related\b"
    r"|read (?:next|more|also)|see also|more (?:on|from|stories)\b|click (?:for|here)"
    r"|watch:|listen:|home\s*[>»|]|last updated|copyright|©|all rights reserved"
    r"|find .{2,40} on your tv|get (?:email|e-mail|news)|photo:|image:|file (?:photo|picture)"
    r"|(?-i:(?:By|BY|by) [A-Z][\w.'’-]+ [A-Z])"
    r"|updated?:|published:|posted\b|comments?\b|tags?:|topics?:|source:|[-–—]?\s*more,? [A-Z]"
    r"|(?:story|article) continues|skip (?:to|past)|most (?:read|popular)|newsletter"
    r"|press release$|office of the|directorate of|remarks (?:to|by|at)\b|washington, d\.?c\.?$"
    r"|\(?the (?:briefing|press conference|interview) (?:was|has been)? ?(?:concluded|ended))",
    re.I,
)
_CREDIT = re.compile(r"/(?:Reuters|[A-Z]{2,6})\)?$|^\((?:Photo|Image)", re.I)
_SENTENCE_END = re.compile(r"[.?!:…][\"”’'»)\]]*$|[\"”’»]$")
_WORD = re.compile(r"\w+")
_DOUBLE = re.compile('["“”«]')


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the view: ``view.text[start:end]`` and what it is."""

    start: int
    end: int
    role: Role


def paragraphs(text: str, *, article_date: str | None = None) -> list[Paragraph]:
    """Split a view's text into paragraphs and say what each one is.

    Parameters
    ----------
    text : str
        The text of a cleaned view; one line is one paragraph.
    article_date : str, optional
        ISO date; a last paragraph that is dated years later belongs to another story.
    """
    lines = list(_lines(text))
    seen: set[str] = set()
    result: list[Paragraph] = []
    for start, end in lines:
        line = text[start:end]
        top = all(p.role != "body" for p in result)
        role = _role(line, top=top)
        key = " ".join(_WORD.findall(line.lower()))
        if key in seen and (role != "body" or len(key) > 40):
            role = "repeat" if role == "body" else "caption"
        seen.add(key)
        result.append(Paragraph(start, end, role))
    if not any(p.role == "body" for p in result):
        result = [Paragraph(p.start, p.end, "body") for p in result]
    return _mark_captions(_mark_tail(result, text, article_date), text)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = at + line.index(stripped)
            yield start, start + len(stripped)
        at += len(line) + 1


def _role(line: str, *, top: bool) -> Role:
    words = line.split()
    ends_sentence = bool(_SENTENCE_END.search(line))
    if _CREDIT.search(line) and len(words) < 40:
        return "caption"
    if _FURNITURE.match(line) and len(words) < 25 and not (ends_sentence and _DOUBLE.search(line)):
        return "furniture"
    if not ends_sentence and len(words) <= 14 and not _may_be_speech(line):
        return "headline" if top else "furniture"
    return "body"


def _may_be_speech(line: str) -> bool:
    """Short unfinished lines that still hold speech: a quotation mark or a turn's colon."""
    return (
        line[0] in '"“‘«”'
        or bool(re.match(r"[A-Z][A-Z. ]+:", line))
        or (any(mark in line for mark in '"“”«') and len(line.split()) > 6)
    )


def _mark_captions(result: list[Paragraph], text: str) -> list[Paragraph]:
    """A line that is printed again directly below is a caption, both times."""
    marked = list(result)
    for i, (a, b) in enumerate(pairwise(result)):
        if text[a.start : a.end] == text[b.start : b.end]:
            marked[i] = Paragraph(a.start, a.end, "caption")
            marked[i + 1] = Paragraph(b.start, b.end, "caption")
    return marked if any(p.role == "body" for p in marked) else result


def _mark_tail(result: list[Paragraph], text: str, article_date: str | None) -> list[Paragraph]:
    """The last paragraph is another story's if its own dateline is years away."""
    if article_date is None or len(result) < 3:
        return result
    last = result[-1]
    dates = [d for d, at in find_dates(text[last.start : last.start + 60]) if at < 30]
    if dates and abs(dates[0] - date.fromisoformat(article_date)) > timedelta(days=700):
        return [*result[:-1], Paragraph(last.start, last.end, "tail")]
    return result

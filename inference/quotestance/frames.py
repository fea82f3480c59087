"""A paragraph made ready for the parser.

Whole sentences between quotation marks (turns) confuse a parser and tell it nothing about who
speaks, so each becomes a short dummy clause; marks around mere fragments are dropped, so that
"said the deal was “an insult”" parses like plain text. The map back to the article is kept.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from quotestance.marks import Quotation, names_a_thing, quotations
from quotestance.textview import Edit, Span, View

_DUMMY = "This is so"
_RANK = re.compile(
    r"\b(?:Col|Gen|Lt|Maj|Brig|Sgt|Capt|Cmdr|Adm|Sen|Rep|Gov|Amb|Cpl|Spc|Pvt|Rev)\.(?=\s)"
)
_SENTENCE = re.compile(r"[.?!][\"”’»]?\s+")
_NOUN_START = re.compile(
    r"(?:The|A|An|His|Her|Its|Their|This|That|These|Those|[A-Z]\w+(?:'s|’s))\s"
)
_ENDS = ".?!,…;:—–-"
_LEADS = '.?!:,;—–-”"»'


@dataclass(frozen=True, slots=True)
class Turn:
    """A quoted stretch that stands for itself.

    Parameters
    ----------
    quotation : Quotation
        Its place in the article's view.
    at, to : int
        The place of its dummy clause in the frame's text.
    """

    quotation: Quotation
    at: int
    to: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A paragraph as it goes to the parser, with its turns and quoted fragments."""

    start: int
    view: View
    turns: tuple[Turn, ...]
    fragments: tuple[Quotation, ...]
    role: str = "body"

    @property
    def stays_open(self) -> bool:
        """Whether a quotation is not closed at the paragraph's end."""
        return any(not q.closed for q in (*(t.quotation for t in self.turns), *self.fragments))

    @property
    def text(self) -> str:
        """The text for the parser."""
        return self.view.text

    def to_article(self, start: int, end: int) -> Span:
        """Map a span of `text` to the article's view."""
        s, e = self.view.to_source(start, end)
        return s + self.start, e + self.start

    def turn_over(self, at: int) -> Turn | None:
        """The turn whose dummy clause holds the character `at`, if any."""
        return next((t for t in self.turns if t.at <= at < t.to), None)


def frame(
    text: str, start: int, end: int, *,
    single_style: bool = False, goes_on: bool = False, role: str = "body",
) -> Frame:  # fmt: skip
    """Build the frame of the paragraph ``text[start:end]`` of an article's view."""
    found = quotations(text, start, end, single_style=single_style, goes_on=goes_on)
    whole = [q for i, q in enumerate(found) if _is_turn(text, q, start, end, found[:i])]
    fragments = tuple(q for q in found if q not in whole)
    edits = [Edit(q.open - start, q.close - start, _dummy(text, q)) for q in whole]
    for q in fragments:
        edits.append(Edit(q.open - start, q.start - start, ""))
        if q.closed:
            edits.append(Edit(q.end - start, q.close - start, ""))
    for match in _RANK.finditer(text, start, end):  # the parser ends a sentence at "Col."
        edits.append(Edit(match.end() - 1 - start, match.end() - start, ""))
    view = View.of(text[start:end], edits)
    turns = []
    for q in whole:
        at = bisect_left(view.starts, q.open - start)
        turns.append(Turn(q, at, bisect_left(view.starts, q.close - start)))
    return Frame(start, view, tuple(turns), fragments, role)


def sentence_frame(text: str, start: int, end: int) -> Frame:
    """The frame of quoted words alone; the comma that they break off at becomes a full stop."""
    inner = text[start:end]
    edits = [Edit(len(inner) - 1, len(inner), ".")] if inner.endswith(",") else []
    return Frame(start, View.of(inner, edits), (), ())


def _dummy(text: str, q: Quotation) -> str:
    last = text[q.end - 1]
    stop = "," if last == "," else "." if last in ".?!…" else ""
    return f'"{_DUMMY}{stop}"'


def _is_turn(text: str, q: Quotation, start: int, end: int, before: list[Quotation]) -> bool:
    """Whether a quotation stands for itself, rather than inside the reporter's clause."""
    inner = text[q.start : q.end]
    lead = text[start : q.open].rstrip()
    follow = text[q.close : end].lstrip()[:1]
    finished = inner[-1] in _ENDS or not q.closed or follow in ("", ",", ".")
    words = len(inner.split())
    if lead.endswith(":") and (words > 2 or not follow.isalnum()):
        return True
    if names_a_thing(text, q) or not re.search(r"[^\W\d_]", inner):
        return False
    first = inner.lstrip("…. ([—–-‘'\"“")[:1]
    if first.isupper() or first.isdigit():
        if lead and lead[-1] not in _LEADS:
            return words >= 5 and inner[-1] in ".?!,"
        return finished or words >= 8
    if lead == "":
        return inner[-1] in ".?!," or words >= 6
    if lead.endswith(","):
        return (
            inner[-1] in ".?!,…"
            and not _is_inserted(lead)
            and (
                _leads_by_cue(lead)
                or bool(before and before[-1].end >= start and _ended(text, before))
            )
        )
    return False


def _ended(text: str, before: list[Quotation]) -> bool:
    """The quotation before broke off at a comma: the sentence is split by its attribution."""
    return text[before[-1].end - 1] in ",—–-"


def _is_inserted(lead: str) -> bool:
    """Read "The orders, he said, “stand”": the reporter's clause goes on in the quotation."""
    parts = _SENTENCE.split(lead)[-1].rstrip(",").split(", ")
    return len(parts) > 1 and bool(_NOUN_START.match(parts[0])) and len(parts[-1].split()) <= 4


def _leads_by_cue(lead: str) -> bool:
    return bool(re.search(r"\b\w+(?:ed|id|ys|es|ld|te|ke|d)\b(?:\s\w+){0,3},$", lead))

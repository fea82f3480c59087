"""Speakers' turns of transcripts: "MR. HALL: We wait." (verbatim by their layout)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quotestance.articles import Article
from quotestance.cleaning import TURN_TITLE
from quotestance.textview import Span

_HEAD = re.compile(
    r"(?P<head>[A-Z][A-Z.'’ -]*[A-Z.](?:\s[A-Z][a-z]+)?|(?:[A-Z]\.?|[A-Z][A-Za-z.'’-]+"
    r"(?:\s[A-Z][A-Za-z.'’-]+){0,3})(?=:\s)):\s+(?P<aside>\([^)]{0,60}\)\s*)?"
)
_QUESTION = re.compile(r"(?:Q|QUESTION|REPORTER|MODERATOR|OPERATOR|JOURNALIST)\b\.?", re.I)
_NOISE = re.compile(r"\s*(?:\((?:Laughter|Applause|Crosstalk|Inaudible)[^)]*\)\s*)+$", re.I)


@dataclass(frozen=True, slots=True)
class Speech:
    """A turn: the paragraph that it stands in, its head and what was said (view offsets)."""

    paragraph: int
    head: Span
    content: Span
    question: bool = False


def speeches(article: Article) -> list[Speech]:
    """The turns of a transcript, without reporters' questions; none if it is no transcript."""
    turns = list(_turns(article))
    titled = sum(bool(TURN_TITLE.match(article.view.text[slice(*t.head)])) for t in turns)
    if titled == 0 and len(turns) < 3:
        return []
    return [t for t in turns if not t.question]


def _turns(article: Article) -> Iterator[Speech]:
    text = article.view.text
    for i, p in enumerate(article.paragraphs):
        if p.role not in ("body", "headline"):
            continue
        match = _HEAD.match(text, p.start, p.end)
        if match is None:
            continue
        head = match.span("head")
        shouted = text[slice(*head)].isupper() or TURN_TITLE.match(text[slice(*head)])
        if not shouted:
            continue
        noise = _NOISE.search(text, match.end(), p.end)
        end = noise.start() if noise else p.end
        if end > match.end():
            question = bool(_QUESTION.fullmatch(text[slice(*head)]))
            yield Speech(i, head, (match.end(), end), question)

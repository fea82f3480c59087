"""Speakers' turns of transcripts: "MR. HALL: We wait." (verbatim by their layout)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from quotestance.articles import Article
from quotestance.cleaning import TURN_TITLE
from quotestance.textview import Span

_ASIDE = r"\([^)]{0,60}\)"
_HEAD = re.compile(
    r"(?P<head>[A-Z][A-Z.'’ -]*[A-Z.](?:\s[A-Z][a-z]+)?|(?:[A-Z]\.?|[A-Z][A-Za-z.'’-]+"
    rf"(?:\s[A-Z][A-Za-z.'’-]+){{0,3}})(?=(?:\s{_ASIDE})?:\s))(?:\s{_ASIDE})?:\s+(?:{_ASIDE}\s*)?"
)
_QUESTION = re.compile(r"(?:Q|QUESTION|REPORTER|MODERATOR|OPERATOR|JOURNALIST)\b\.?", re.I)
_NOISE = re.compile(r"\((?:Laughter|Applause|Crosstalk|Inaudible|Chuckles|Pause)[^)]*\)", re.I)


@dataclass(frozen=True, slots=True)
class Speech:
    """Words that are verbatim by their layout, in offsets of the view.

    Parameters
    ----------
    paragraphs : tuple of int
        The paragraphs that it takes up; nothing else is read in them.
    head : (int, int) or None
        The words that name the speaker.
    contents : tuple of (int, int)
        What was said.
    question : bool
        Whether it is a reporter's question.
    """

    paragraphs: tuple[int, ...]
    head: Span | None
    contents: tuple[Span, ...]
    question: bool = False


def transcript(article: Article) -> list[Speech]:
    """The turns of a transcript, reporters' questions among them; none if it is no transcript."""
    turns = list(_turns(article))
    text = article.view.text
    heads = [text[slice(*t.head)] for t in turns if t.head is not None]
    titled = sum(bool(TURN_TITLE.match(head)) for head in heads)
    if titled == 0 and len(turns) < 3:
        return []
    asking = _interviewers(text, turns)
    return [
        replace(t, question=t.question or (t.head is not None and _surname(text, t.head) in asking))
        for t in turns
    ]


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
        contents = tuple(_without_noise(text, match.end(), p.end))
        if contents:
            yield Speech((i,), head, contents, bool(_QUESTION.fullmatch(text[slice(*head)])))


def _without_noise(text: str, start: int, end: int) -> Iterator[Span]:
    """The stretches between "(Laughter.)" and the like."""
    at = start
    for noise in (*_NOISE.finditer(text, start, end), None):
        part = text[at : noise.start() if noise else end]
        if re.search(r"\w", part):
            lead = len(part) - len(part.lstrip())
            yield at + lead, at + len(part.rstrip())
        at = noise.end() if noise else end


def _interviewers(text: str, turns: list[Speech]) -> set[str]:
    """Those who only ask: at least two turns, and most of them end with a question mark."""
    asked: dict[str, list[bool]] = {}
    for turn in turns:
        if turn.head is not None:
            question = text[turn.contents[-1][1] - 1] == "?"
            asked.setdefault(_surname(text, turn.head), []).append(question)
    return {
        who for who, marks in asked.items() if len(marks) > 1 and sum(marks) * 3 > 2 * len(marks)
    }


def _surname(text: str, head: Span) -> str:
    return text[slice(*head)].split()[-1].upper()

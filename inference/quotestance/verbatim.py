"""All words that are verbatim by their layout: transcripts' turns, posts, first-person pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quotestance.articles import Article
from quotestance.layout import Paragraph
from quotestance.marks import quotations
from quotestance.textview import Span
from quotestance.transcripts import Speech, transcript

# "— Name (@handle) October 15, 2016" below a post, "Name @handle" above it
_SIGNED = re.compile(
    r"(?:[—–-]{1,2}\s*)?(?P<name>[^()\n@]{2,60}?)\s*\(@\w+\)(?:\s*[·•|,]?\s*[\w., :]{0,30}\d{4})?$"
)
_HEADED = re.compile(
    r"(?!By\s)(?P<name>[A-Z][^()\n@:]{1,60}?)\s+\(?@\w{2,}\)?(?:\s*[·•|].{0,40})?$"
)
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z“\"‘])")
_FIRST_PERSON = re.compile(r"\b(?:we|our|ours|us|I|my|me)\b", re.I)
_PLURAL = re.compile(r"\b(?:we|our|ours|us)\b", re.I)
_KIND = re.compile(
    r"\b(?:statement|communiqu[eé]|declaration|remarks|address|speech|open letter|message"
    r"|press release|appeal)\b", re.I,
)  # fmt: skip
_BY = re.compile(r"\b(?:by|from|of)\s+(?P<name>(?:the\s)?[A-Z][^,;:\n]{2,80})")
_BODY = re.compile(
    r"\b(?:Ministry|Embassy|Office|Department|Palace|Government|Union|Committee|Commission|Council"
    r"|Association|Party|Presidency|Directorate|Mission|Chamber|Federation)\b"
)
_MOST = 0.4  # share of sentences in the first person that makes a page one voice


def speeches(article: Article) -> list[Speech]:
    """Everything that is verbatim by its layout, reporters' questions among it."""
    return transcript(article) or [*_posts(article)] or _statement(article)


def _posts(article: Article) -> Iterator[Speech]:
    """Embedded posts, with their author's line below or above."""
    text, paragraphs = article.view.text, article.paragraphs
    used = -1  # the last line that belongs to a post
    for i, p in enumerate(paragraphs):
        signed = _SIGNED.match(text, p.start, p.end)
        headed = _HEADED.match(text, p.start, p.end)
        if signed is not None:
            block = [k for k in _block_above(text, paragraphs, i) if k > used]
            yield from _post(paragraphs, block, i, signed.span("name"))
            used = i
        elif headed is not None and i + 1 < len(paragraphs):
            yield from _post(paragraphs, [i + 1], i, headed.span("name"))
            used = i + 1


def _block_above(text: str, paragraphs: list[Paragraph], i: int) -> list[int]:
    """The lines right above a signature, up to a blank one; one line where none is blank."""
    first = max(0, i - 1)
    if "\n\n" in text:
        while first > 0 and i - first < 4 and "\n\n" not in _gap(text, paragraphs, first - 1):
            first -= 1
    return list(range(first, i))


def _gap(text: str, paragraphs: list[Paragraph], i: int) -> str:
    return text[paragraphs[i].end : paragraphs[i + 1].start].replace(" ", "")


def _post(paragraphs: list[Paragraph], block: list[int], line: int, head: Span) -> Iterator[Speech]:
    kept = [k for k in block if paragraphs[k].role not in ("repeat", "tail", "caption")]
    if kept:
        contents = tuple((paragraphs[k].start, paragraphs[k].end) for k in kept)
        yield Speech((*kept, line), head, contents)


def _statement(article: Article) -> list[Speech]:
    """A page that is one voice in the first person, without quotation marks around speech."""
    text = article.view.text
    body = [(i, p) for i, p in enumerate(article.paragraphs) if p.role == "body"]
    sentences = [s for _, p in body for s in _SENTENCE.split(text[p.start : p.end])]
    if len(sentences) < 3 or any(_holds_speech(text, p) for _, p in body):
        return []
    kind = _KIND.search(text, 0, body[0][1].start)
    voice = _FIRST_PERSON if kind else _PLURAL  # a column may say "I"; a page of "we" is a body's
    if sum(bool(voice.search(s)) for s in sentences) < _MOST * len(sentences):
        return []
    contents = tuple((p.start, p.end) for _, p in body)
    return [
        Speech(tuple(i for i, _ in body), _issuer(text, article.paragraphs, body[0][0]), contents)
    ]


def _holds_speech(text: str, p: Paragraph) -> bool:
    return any(
        not q.closed or len(text[q.start : q.end].split()) >= 3
        for q in quotations(text, p.start, p.end)
    )


def _issuer(text: str, paragraphs: list[Paragraph], body: int) -> Span | None:
    """Who issues a statement: "Statement by X", else the first line that names a body."""
    lines = [p for p in paragraphs[:body] if p.role != "repeat"]
    for p in lines:
        line = text[p.start : p.end]
        by = _BY.search(line) if _KIND.search(line) else None
        if by is not None:
            return p.start + by.start("name"), p.start + by.end("name")
    named = (
        p for p in lines if _BODY.search(text[p.start : p.end]) and "|" not in text[p.start : p.end]
    )
    return next(((p.start, p.end) for p in named), None)

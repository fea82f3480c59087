"""Pairs of quotation marks, from context first and glyphs second.

Scraped pages mix curly, straight, single and wrong-way marks, and drop some. A mark's
neighbours (space before, letter after) tell more than its glyph; the glyph decides where
the neighbours don't. Nothing here fails: an odd mark is skipped or closed at the paragraph's end.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass

DOUBLE = '"“”„«»'
_OPENING_GLYPHS = "“„«‘‚"
_CLOSING_GLYPHS = "”»’"
_MARK = re.compile(f"[{DOUBLE}]")
_SINGLE_OPEN = re.compile(r"(?:(?<=^)|(?<=[\s(\[—–“\"]))[‘'’‚](?=[\w\[(“\"])")
_SINGLE_CLOSE = re.compile(r"(?<=[\w.,?!…)\]”\"–—])[’'](?![\w])")
_NAMES_A_THING = re.compile(
    r"(?:so-called|known as|dubbed|nicknamed|named|titled|entitled|the word|the term)"
    r"\s*[\"“‘'«]?\s*$", re.I,
)  # fmt: skip
_CUE_BEFORE = re.compile(r"\b(?:said|says|say|added|adds|asked|wrote|writes|replied|told \w+)[,:]$")
_CLIPPED = re.compile(r"(?i)(?:tis|twas|em|til|cause|n|\d0s)\b")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Text between marks: ``text[start:end]`` is inside, without outer white space.

    ``text[open:close]`` has the marks too; ``closed`` is false where the last one is missing.
    """

    start: int
    end: int
    open: int
    close: int
    closed: bool = True


def names_a_thing(text: str, q: Quotation) -> bool:
    """Whether the words before a quotation make it a name or a title."""
    return bool(_NAMES_A_THING.search(text[max(0, q.open - 30) : q.open]))


def quotations(
    text: str, start: int, end: int, *, single_style: bool = False, goes_on: bool = False
) -> list[Quotation]:
    """Return the outermost quotations in ``text[start:end]``, in order.

    Parameters
    ----------
    text : str
        A view's text.
    start, end : int
        One paragraph of it.
    single_style : bool
        Whether single marks are the page's main quotation marks; then double ones may
        stand inside them, else the reverse.
    goes_on : bool
        Whether a double mark is still open from the paragraph before.
    """
    doubles = _pair_doubles(text, start, end, goes_on)
    singles = _pair_singles(text, start, end)
    primary, secondary = (singles, doubles) if single_style else (doubles, singles)
    starts = [p.start for p in primary]
    extra = []
    for q in secondary:
        before = bisect(starts, q.end)  # pairs of one style never overlap: the last one decides
        if q.closed and not (before and _overlap(q, primary[before - 1])):
            extra.append(q)
    return sorted([*primary, *extra], key=lambda q: q.start)


def is_single_style(text: str) -> bool:
    """Whether single marks are the page's main style."""
    opens = sum(1 for m in _SINGLE_OPEN.finditer(text) if not _CLIPPED.match(text, m.end()))
    return opens > len(_MARK.findall(text)) / 2 and opens >= 1


def _overlap(a: Quotation, b: Quotation) -> bool:
    return a.start < b.end + 1 and b.start < a.end + 1


def _pair_doubles(text: str, start: int, end: int, goes_on: bool) -> list[Quotation]:
    pairs: list[Quotation] = []
    opened: int | None = None
    for match in _MARK.finditer(text, start, end):
        at = match.start()
        role = _role(text, at, start, end, is_open=opened is not None)
        if role == "apostrophe":
            continue
        if goes_on and role == "close" and opened is None and at > start:
            pairs.append(Quotation(start, at, start, at + 1))
        goes_on = False
        if opened is None:
            if role == "open":
                opened = at
        elif role == "close":
            _append(pairs, text, opened + 1, at, closed=True)
            opened = None
        else:  # a second opening mark: the first was never closed, or it nests the same glyph
            if _sentence_over(text, opened + 1, at):
                _append(pairs, text, opened + 1, at, closed=False)
                opened = at
    if opened is not None:
        _append(pairs, text, opened + 1, end, closed=False)
    return pairs


def _sentence_over(text: str, start: int, at: int) -> bool:
    while at > start and text[at - 1].isspace():
        at -= 1
    return at == start or text[at - 1] in ".?!,…:"


def _role(text: str, at: int, start: int, end: int, *, is_open: bool) -> str:
    """Tell what the double mark at `at` does: open, close or apostrophe."""
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    if before.isalpha() and after.isalpha():
        return "close" if is_open else "apostrophe"
    if not is_open and before in ",:" and _CUE_BEFORE.search(text, max(start, at - 30), at):
        return "open"  # 'he said," we wait"': the space stands on the wrong side
    space_before = before.isspace() or before in "([—–-/"
    space_after = after.isspace() or after in ")]—–-/.,;:?!"
    if space_before and not space_after:
        return "open"
    if space_after and not space_before:
        return "close"
    glyph = text[at]
    if glyph in _OPENING_GLYPHS and not is_open:
        return "open"
    if glyph in _CLOSING_GLYPHS and is_open:
        return "close"
    return "close" if is_open else "open"


def _append(pairs: list[Quotation], text: str, start: int, end: int, *, closed: bool) -> None:
    """Trim white space (shape: a space after the opening mark) and keep what is not empty."""
    inner = text[start:end]
    s = start + len(inner) - len(inner.lstrip())
    e = start + len(inner.rstrip())
    if e > s:
        pairs.append(Quotation(s, e, start - 1, end + 1 if closed else end, closed))


def _pair_singles(text: str, start: int, end: int) -> list[Quotation]:
    pairs: list[Quotation] = []
    at = start
    while match := _SINGLE_OPEN.search(text, at, end):
        opened = match.start()
        at = match.end()
        if _CLIPPED.match(text, at):
            continue
        close = _single_close(text, opened, end)
        if close is not None:
            _append(pairs, text, opened + 1, close, closed=True)
            at = close + 1
        else:  # no closing mark at all from here on
            if text[opened] == "‘" and opened == start:
                _append(pairs, text, opened + 1, end, closed=False)
            break
    return pairs


def _single_close(text: str, opened: int, end: int) -> int | None:
    """The mark that closes: the first after punctuation, or the first that is no possessive.

    A second opening mark on the way means that the candidates before it count alone.
    """
    possible: int | None = None
    following = _SINGLE_OPEN.search(text, opened + 1, end)
    limit = following.start() if following else end
    for match in _SINGLE_CLOSE.finditer(text, opened + 1, end):
        at = match.start()
        if possible is not None and at > limit:
            break
        if text[at - 1] in ".,?!…":
            return at
        if possible is None or not (
            text[at - 1] == "s" and text[at + 1 : at + 3].strip().isalpha()
        ):
            plural = text[at - 1] == "s" and re.match(r"\s[a-z]", text[at + 1 : at + 3])
            if not plural:
                return at
            possible = possible or at
    return possible

"""Repairs of what scraping does to a news text, as edits that keep a map to the source.

Each function yields `Edit`s for one kind of damage; `clean` applies them in two layers
(characters first, then layout), so that layout rules see repaired characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import ftfy

from quotestance.textview import Edit, View

# A word; a no-break space may be the second half of a damaged character, as in "Â\u00a0".
_WORD = re.compile(r"(?:\S|(?<=[^\s\x00-\x7f])[^\S\x00-\x7f]){1,400}")
_KOI8 = re.compile("Б─.")
_LOSSY = {"â„¢": "’", "âˆ™": "’"}  # a right single quote that lost its middle byte
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_SPACES = re.compile(r"[\t\u00a0\u1680\u2000-\u200a\u202f\u3000]")
_LINE_END = re.compile(r"\r\n?|[\x0c\u2028\u2029]")
_DOUBLED = re.compile(r"‘‘|’’|``|(?<!')''(?!')")
_BACKTICK = re.compile(r"(?<=\w)[`´](?=\w)|(?<=s)[`´](?=\s)")
_DASH_FOR_HYPHEN = re.compile(
    r"(?<=[\w.])[—–](?=(?:led|term|based|backed|run|style|wide|range|held|Qaeda|Qaida|Shabaab)\b)"
)
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])[”“\"](?=(?:s|t|re|ve|ll|d|m)\b)")

_TIME = r"\d{1,2}(?::\d\d)+[.,]?\d*"
_TIMECODE = re.compile(rf"^[^\w\n]*{_TIME}[^\w\n>]*>[^\w\n>]*{_TIME}", re.M)
_GLUED_CREDIT = re.compile(r"^\((?:Photo|Image|Picture|File)[^)\n]{0,120}\)(?=\S)", re.M)
_GLUED_STOP = re.compile(r"(?<=[a-z]{2}[.?!])(?=[A-Z][a-z])|(?<=[a-z][.?!,][”’\"])(?=[A-Z][a-z])")
_DOUBLE = re.compile('["“”]')
_GLUED_AFTER = re.compile(r"\b(after|before)(?=(?:his|her|their|its|the)\b)", re.I)
_PLACE = r"[A-Z][A-Z.'’ -]{2,30}(?:/[A-Z][A-Z.'’ -]{2,30})?"
_DATELINE = re.compile(
    rf"^{_PLACE}(?:,\s[A-Z][\w .]{{2,20}})?"
    r"(?:,?\s(?:[A-Z][a-z]{{2,8}}\.?\s\d{{1,2}}(?:,\s\d{{4}})?))?"
    r"[^\S\n]{0,4}(?:\([^)\n]{0,30}\)?)?[^\S\n]{0,4}(?:--|—|–|-|(?<=\d|\)):)[^\S\n]+"
    r"|^[–—-]{1,2}\s(?=[A-Z])",
    re.M,
)
TURN_TITLE = re.compile(
    r"(?:MR|MRS|MS|DR|SEN|REP|GEN|LT|COL|MAJ|ADM|AMB|Q|A|QUESTION|ANSWER|SECRETARY|DEPUTY|MINISTER"
    r"|PRESIDENT|AMBASSADOR|SENATOR|GENERAL|SPOKES\w+|MODERATOR|REPORTER|JOURNALIST|OPERATOR|THE|STAFF)\b"
)
_HARD_WRAP = re.compile(r"(?<=\S)[ ]?\n(?=[^\s\n])")
_DASH_PARAGRAPH = re.compile(r" -{2,3} ")


def clean(source: str) -> View:
    """Return the cleaned view of an article's text."""
    view = View.of(source, character_edits(source))
    return view.edit(layout_edits(view.text))


def character_edits(text: str) -> Iterator[Edit]:
    """Encoding damage, control characters, and marks that stand for other marks."""
    yield from _mojibake(text)
    for match in _CONTROL.finditer(text):
        yield Edit(match.start(), match.end(), "" if match[0] != "\x0b" else " ")
    for match in _SPACES.finditer(text):
        yield Edit(match.start(), match.end(), " ")
    for match in _LINE_END.finditer(text):
        yield Edit(match.start(), match.end(), "\n")
    for match in _DOUBLED.finditer(text):
        yield Edit(match.start(), match.end(), "”" if match[0] in ("’’", "''") else "“")
    for match in _BACKTICK.finditer(text):
        yield Edit(match.start(), match.end(), "’")
    for match in _DASH_FOR_HYPHEN.finditer(text):
        yield Edit(match.start(), match.end(), "-")
    for match in _APOSTROPHE.finditer(text):
        yield Edit(match.start(), match.end(), "’")


def _mojibake(text: str) -> Iterator[Edit]:
    """Encoding damage, repaired word by word so that the map stays fine."""
    if text.isascii():
        return
    for run in _WORD.finditer(text):
        word = run[0]
        if word.isascii():
            continue
        fixed = _KOI8.sub(_from_koi8, word)
        for bad, good in _LOSSY.items():
            fixed = fixed.replace(bad, good)
        fixed = ftfy.fix_encoding(fixed)
        if fixed != word:
            yield _narrow(run.start(), word, fixed)


def _from_koi8(match: re.Match[str]) -> str:
    """UTF-8 punctuation that was read as KOI8-R."""
    try:
        return match[0].encode("koi8-r").decode("utf-8")
    except UnicodeError:
        return match[0]


def _narrow(at: int, old: str, new: str) -> Edit:
    """The smallest edit that turns `old` into `new`."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Edit(at + head, at + len(old) - tail, new[head : len(new) - tail])


def layout_edits(text: str) -> Iterator[Edit]:
    """Datelines, time codes, glued words, hard wraps, paragraphs marked by dashes."""
    for match in _GLUED_CREDIT.finditer(text):
        yield Edit(match.start(), match.end(), "")
    for i, match in enumerate(_TIMECODE.finditer(text)):
        start = match.start()
        while i > 0 and start > 0 and text[start - 1].isspace():
            start -= 1  # time-coded lines are one running text
        yield Edit(start, match.end(), " " if start < match.start() else "")
    yield from _datelines(text)
    yield from _glued_stops(text)
    for match in _GLUED_AFTER.finditer(text):
        yield Edit(match.end(), match.end(), " ")
    if _is_hard_wrapped(text):
        for match in _HARD_WRAP.finditer(text):
            yield Edit(match.start(), match.end(), " ")
    if text.count("\n") <= 2 and len(_DASH_PARAGRAPH.findall(text)) >= 4:
        for match in _DASH_PARAGRAPH.finditer(text):
            yield Edit(match.start(), match.end(), "\n\n")


def _glued_stops(text: str) -> Iterator[Edit]:
    """A space behind a full stop; before its quotation mark where that one opens."""
    at = marks = 0
    for match in _GLUED_STOP.finditer(text):
        stop = match.start()
        line = text.rfind("\n", at, stop) + 1
        if line:
            at, marks = line, 0
        marks += sum(1 for _ in _DOUBLE.finditer(text, at, stop))
        at = stop
        opens = text[stop - 1] == '"' and marks % 2 == 1
        yield Edit(stop - opens, stop - opens, " ")


def _datelines(text: str) -> Iterator[Edit]:
    """Datelines, told from the heads of a transcript's turns (titled, or repeated)."""
    matches = list(_DATELINE.finditer(text))
    heads = Counter(match[0] for match in matches)
    for match in matches:
        if heads[match[0]] == 1 and not TURN_TITLE.match(match[0]):
            yield Edit(match.start(), match.end(), "")


def _is_hard_wrapped(text: str) -> bool:
    """Whether single line breaks only wrap lines: most break off in mid-sentence."""
    lines = [line.strip() for line in text.split("\n")]
    breaks = [a for a, b in pairwise(lines) if a and b]
    if len(breaks) < 6:
        return False
    unfinished = sum(40 <= len(a) <= 100 and a[-1] not in '.?!”":’' for a in breaks)
    return unfinished / len(breaks) > 0.6

"""A cleaned view of a text that remembers where each character came from.

Cleaning (encoding repair, datelines dropped, glued words parted) changes offsets, yet every
span that leaves this package must point into the text as it was read. A `View` is the cleaned
text together with the source interval of each of its characters; views can be stacked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``source[start:end]`` by ``text`` (empty to drop, ``start == end`` to insert)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """A text and the source interval of each of its characters.

    Parameters
    ----------
    text : str
        The cleaned text.
    starts, ends : list of int, each of length ``len(text)``
        Character ``i`` of the view stands for ``source[starts[i]:ends[i]]``.
    """

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, source: str, edits: Iterable[Edit] = ()) -> View:
        """Apply non-overlapping edits; where two overlap, the one that begins first wins."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for edit in sorted(edits, key=lambda e: (e.start, e.end)):
            if edit.start < at:
                continue
            pieces.append(source[at : edit.start])
            starts.extend(range(at, edit.start))
            ends.extend(range(at + 1, edit.start + 1))
            pieces.append(edit.text)
            starts.extend([edit.start] * len(edit.text))
            ends.extend([edit.end] * len(edit.text))
            at = edit.end
        pieces.append(source[at:])
        starts.extend(range(at, len(source)))
        ends.extend(range(at + 1, len(source) + 1))
        return cls("".join(pieces), starts, ends)

    def edit(self, edits: Iterable[Edit]) -> View:
        """Stack further edits, given in offsets of this view's text."""
        upper = View.of(self.text, edits)
        last = len(self.starts)
        starts: list[int] = []
        ends: list[int] = []
        for s, e in zip(upper.starts, upper.ends, strict=True):
            starts.append(self.starts[s] if s < last else (self.ends[-1] if last else 0))
            # an insertion inside a longer edit's text must not end before its neighbour does
            before = ends[-1] if ends else 0
            ends.append(self.ends[e - 1] if e > s else max(starts[-1], before))
        return View(upper.text, starts, ends)

    def to_source(self, start: int, end: int) -> Span:
        """Map a span of the view to the source characters that it covers."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"span ({start}, {end}) outside a view of {len(self.text)} characters")
        return self.starts[start], max(self.ends[start:end])

    def to_source_spans(self, start: int, end: int, *, gap: int = 6) -> list[Span]:
        """Map a span, split where more than `gap` source characters were dropped inside it."""
        cuts = [start]
        for i in range(start, end):
            if self.ends[i] - self.starts[i] > gap:
                cuts += [i, i + 1]
            elif i > start and self.starts[i] - self.ends[i - 1] > gap:
                cuts.append(i)
        cuts.append(end)
        spans = []
        for s, e in pairwise(cuts):
            part = self.text[s:e]
            s, e = s + len(part) - len(part.lstrip()), s + len(part.rstrip())
            if e > s:
                spans.append(self.to_source(s, e))
        return spans

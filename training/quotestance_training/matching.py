"""Match predicted quotes with gold quotes, article by article, by overlap of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from quotestance.positions import Position
from quotestance.textview import Span
from quotestance_training.labelled import GoldQuote, LabelledDocument


@dataclass(frozen=True)
class Match:
    """A gold quote and the rows of the predicted quote that it was matched with, if any.

    ``overlap`` is the Jaccard index of their characters.
    """

    gold: GoldQuote
    rows: tuple[Position, ...] = ()
    overlap: float = 0.0


@dataclass
class Matched:
    """One article: its gold quotes with their matches, and the predictions left over."""

    matches: list[Match] = field(default_factory=list)
    extra: list[tuple[Position, ...]] = field(default_factory=list)


def characters(spans: Sequence[Sequence[int]]) -> set[int]:
    """The character offsets that spans cover."""
    return {i for start, end in spans for i in range(start, end)}


def overlaps(a: Span | Sequence[int] | None, b: Span | Sequence[int] | None) -> bool:
    """Whether two spans share a character; two missing ones agree."""
    if a is None or b is None:
        return a is None and b is None
    return a[0] < b[1] and b[0] < a[1]


def match(
    document: LabelledDocument, rows: Sequence[Position], *, threshold: float = 0.5
) -> Matched:
    """Match one-to-one, best overlap first, at a Jaccard index of at least `threshold`.

    A gold quote marked optional takes its match away, so that neither counts.
    """
    by_quote: dict[str, list[Position]] = {}
    for row in rows:
        by_quote.setdefault(row.quote_id, []).append(row)
    predicted = [tuple(rs) for rs in by_quote.values()]
    chosen = assign([q.spans for q in document.quotes], [rs[0].spans for rs in predicted],
                    threshold=threshold)  # fmt: skip
    taken = {j for j, _ in chosen.values()}
    result = Matched()
    for i, gold in enumerate(document.quotes):
        if not gold.optional:
            j, score = chosen.get(i, (-1, 0.0))
            result.matches.append(Match(gold, predicted[j] if j >= 0 else (), score))
    result.extra = [rs for j, rs in enumerate(predicted) if j not in taken]
    return result


def assign(
    gold: Sequence[Sequence[Sequence[int]]],
    found: Sequence[Sequence[Sequence[int]]],
    *,
    threshold: float,
) -> dict[int, tuple[int, float]]:
    """Pair gold and found spans one-to-one, best overlap first.

    Returns
    -------
    dict of int to (int, float)
        Gold index → index of the found one and their Jaccard index.
    """
    sets = [characters(spans) for spans in found]
    pairs = []
    for i, spans in enumerate(gold):
        wanted = characters(spans)
        for j, other in enumerate(sets):
            shared = len(wanted & other)
            if shared and shared / len(wanted | other) >= threshold:
                pairs.append((shared / len(wanted | other), i, j))
    chosen: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for score, i, j in sorted(pairs, key=lambda p: (-p[0], p[1], p[2])):
        if i not in chosen and j not in taken:
            chosen[i] = (j, score)
            taken.add(j)
    return chosen

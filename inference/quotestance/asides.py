"""Content around a cue that is set off by commas: "The deal, he said, was dead"."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from quotestance.attributions import STOPS, trimmed
from quotestance.syntax import Range, noun_phrase, verb_group

_CONTINUES = {"who", "which", "whose", "whom", "where", "adding", "saying", "according"}


def aside(
    verb: Token, source: Token, dummy: set[int]
) -> tuple[tuple[Range, ...], int | None] | None:
    """Content around a cue set off by commas: "The deal, he said, was dead"."""
    doc = verb.doc
    if any(c.dep_ in ("ccomp", "xcomp") and c.i > verb.i and c.i not in dummy and
           doc[c.left_edge.i - 1].text != "," for c in verb.rights):  # fmt: skip
        return None
    low = min(noun_phrase(source)[0], verb_group(verb)[0])
    sent_start, sent_end = verb.sent.start, verb.sent.end
    if low <= sent_start or doc[low - 1].text not in (",", "—", "–", "--", "?"):
        return None
    high = _region_end(verb, source)
    clause = _reported_clause(verb, low)
    if clause is None:
        return None
    start = max(sent_start, clause_start(doc, clause.left_edge.i, low - 1))
    left = (start, low - 1)
    if left[1] <= left[0] or any(i in dummy for i in range(*left)):
        return None
    right = _after(doc, high, sent_end, source, dummy)
    return ((left, right) if right else (left,)), clause.i


def _reported_clause(verb: Token, low: int) -> Token | None:
    """The clause before an aside: the cue's own left complement, or what it hangs on."""
    for child in verb.lefts:
        if child.dep_ in ("ccomp", "advcl", "csubj", "xcomp", "dep") and child.i < low:
            return child
    head: Token = verb.head
    if verb.dep_ in ("parataxis", "ccomp", "advcl", "dep", "relcl") and head != verb:
        return head
    if verb.dep_ == "ROOT":
        roots = [t for t in verb.lefts if t.i < low and t.dep_ not in ("punct", "advmod", "cc")]
        wide = [
            t for t in roots if t.right_edge.i - t.left_edge.i >= 2 and t.pos_ in ("VERB", "AUX")
        ]
        return wide[0] if wide else None
    return None


def _region_end(verb: Token, source: Token) -> int:
    """Where the aside ends: behind source, cue and what belongs to them, at the next comma."""
    high = max(noun_phrase(source)[1], verb_group(verb)[1])
    rest = verb.doc[high : verb.sent.end]
    return int(next((t.i for t in rest if t.text in STOPS), verb.sent.end))


def clause_start(doc: Doc, start: int, end: int) -> int:
    """Skip a leading conjunction or "that" and punctuation."""
    while start < end and (
        doc[start].dep_ in ("cc", "punct") or doc[start].lower_ in ("that", "though", "although")
    ):
        start += 1
    return start


def _after(doc: Doc, high: int, end: int, source: Token, dummy: set[int]) -> Range | None:
    """What follows an aside: the rest of the reported clause, unless it is an appositive."""
    if high >= end - 1 or doc[high].text != ",":
        return None
    first = doc[high + 1]
    if first.lower_ in _CONTINUES or first.tag_ == "VBG" or source in [first, *first.ancestors]:
        return None
    start, stop = high + 1, end
    for i in range(start, stop):
        if i in dummy or doc[i].text in (";", ":"):
            stop = i
            break
    start, stop = trimmed(doc, start, stop)
    return (start, stop) if stop - start >= 2 else None

"""Which candidates stand: one reading a cue, outer quotes before inner ones, relays told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Doc

from quotestance.attributions import Attribution
from quotestance.speakable import is_relay
from quotestance.syntax import Range


def settle(doc: Doc, candidates: Sequence[Attribution], least: float) -> list[Attribution]:
    """Choose among scored candidates.

    Parameters
    ----------
    doc : Doc
    candidates : sequence of Attribution
        With their scores.
    least : float
        Candidates below this probability fall.
    """
    best: dict[tuple[int | None, int | None], Attribution] = {}
    for a in candidates:
        key = a.verb, a.head  # a gapped cue has several sources
        if a.score >= least and (key not in best or a.score > best[key].score):
            best[key] = a
    return _resolve_nesting(doc, _apart(list(best.values())))


def _apart(found: list[Attribution]) -> list[Attribution]:
    """Of contents that overlap without holding each other's cue, the likelier."""
    kept: list[Attribution] = []
    for a in sorted(found, key=lambda a: -a.score):
        if not any(_clash(a, b) for b in kept):
            kept.append(a)
    return sorted(kept, key=lambda a: a.content[0])


def _clash(a: Attribution, b: Attribution) -> bool:
    if _holds(a, b) or _holds(b, a):
        return False
    return any(s < q and p < e for s, e in a.content for p, q in b.content)


def _resolve_nesting(doc: Doc, found: list[Attribution]) -> list[Attribution]:
    """Keep outer quotes; where a relay only passes on another's position, keep the inner one.

    "Karzai wanted it shut, the palace said" holds Karzai's position: the codebook keeps the
    holder as source, and the relay as `via`.
    """
    inside = {
        i: [j for j, inner in enumerate(found) if i != j and _holds(outer, inner)]
        for i, outer in enumerate(found)
    }
    dropped: set[int] = set()
    via: dict[int, Range | None] = {}
    for i, outer in enumerate(found):
        relayed = [j for j in inside[i] if _relays(doc, outer, found[j])]
        if relayed and i not in dropped:
            dropped.add(i)
            via[relayed[0]] = outer.source
            passed_on = {relayed[0], *inside[relayed[0]]}  # a relay may pass on a relay
            dropped.update(j for j in inside[i] if j not in passed_on)
    for i in range(len(found)):
        if i not in dropped:
            dropped.update(inside[i])
    return [replace(a, via=via.get(i)) for i, a in enumerate(found) if i not in dropped]


def _relays(doc: Doc, outer: Attribution, inner: Attribution) -> bool:
    """Whether `outer` merely passes on `inner`: as an aside, or as a newspaper's report."""
    if inner.verb != outer.clause or outer.head is None or inner.head is None:
        return False
    if doc[inner.head].pos_ == "PRON":
        return False
    return outer.aside or is_relay(doc[outer.head])


def _holds(outer: Attribution, inner: Attribution) -> bool:
    return inner.verb is not None and any(s <= inner.verb < e for s, e in outer.content)

"""Gapped cues: "The first called it vital, the second a trap": one cue, several sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Doc

from quotestance.attributions import STOPS, Attribution, trimmed
from quotestance.syntax import Range, tense

_FOLLOWERS = frozenset(
    "another other others second third fourth next latter former rest two some one".split()
)
_JOINTS = STOPS | {"and", "but", "while"}
_DETERMINERS = {"the", "a", "an"}


def ungapped(doc: Doc, candidates: list[Attribution]) -> list[Attribution]:
    """Part the candidates that hold a gapped second source.

    Parameters
    ----------
    doc : Doc
    candidates : list of Attribution
    """
    if not any(t.lower_ in _FOLLOWERS for t in doc):
        return candidates
    return [part for a in candidates for part in _parts(doc, a)]


def _parts(doc: Doc, a: Attribution) -> Iterator[Attribution]:
    start, end = a.content[-1]
    limit = doc[start].sent.end
    follower = _follower(doc, start, limit) if len(a.content) == 1 else None
    if follower is None or a.verb is None or start <= a.verb:
        yield a
        return
    first = trimmed(doc, start, min(end, follower[0]), _JOINTS)
    if first[1] > first[0]:
        yield replace(a, content=(first,))
    while follower is not None:
        after = _follower(doc, follower[1], limit)
        stop = after[0] if after else limit
        begin = follower[1] + (doc[follower[1]].text == ",")  # "the other, “a trap”"
        rest = trimmed(doc, begin, stop, _JOINTS)
        if rest[1] > rest[0] and not _holds_clause(doc, rest):
            yield replace(
                a, content=(rest,), source=follower, head=follower[1] - 1, opening=rest[0], via=None
            )
        follower = after


def _follower(doc: Doc, start: int, limit: int) -> Range | None:
    """The next "..., the second" in a stretch: the tokens of the second source."""
    for token in doc[start + 1 : limit - 1]:
        if token.text not in (",", ";"):
            continue
        at = token.i + 1
        if doc[at].lower_ in ("and", "but", "while"):
            at += 1
        first = at
        if at < limit and doc[at].lower_ in _DETERMINERS:
            at += 1
        if at < limit - 1 and doc[at].lower_ in _FOLLOWERS:
            comma = doc[at + 1].text == ","
            if not _holds_clause(doc, (at + 1, _stop(doc, at + 1 + comma, limit))):
                return first, at + 1
    return None


def _stop(doc: Doc, start: int, limit: int) -> int:
    return next((i for i in range(start, limit) if doc[i].text in (",", ";", ".", ":")), limit)


def _holds_clause(doc: Doc, part: Range) -> bool:
    """Whether a stretch has a finite verb of its own, so that nothing is gapped."""
    return any(t.pos_ in ("VERB", "AUX") and tense(t) is not None for t in doc[slice(*part)])

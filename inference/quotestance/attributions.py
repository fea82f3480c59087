"""What an attribution is: cue, source and content as token ranges of a parsed paragraph."""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc

from quotestance.syntax import Range

STOPS = frozenset({",", ";", ":", ".", "?", "!", "--", "—", "–", "-", '"', "(", ")"})


def trimmed(doc: Doc, start: int, stop: int, ends: frozenset[str] = STOPS) -> Range:
    """A token range without the stops (or other `ends`) that it ends in; it may become empty."""
    while stop > start and doc[stop - 1].text in ends:
        stop -= 1
    return start, stop


@dataclass(frozen=True, slots=True)
class Attribution:
    """An attribution before its spans are mapped to the article.

    Parameters
    ----------
    content : tuple of (int, int)
        Token ranges of what was said.
    cue, source : (int, int) or None
        Token ranges.
    kind : str
        The cue's class ("say", "demand", "refuse", ...).
    verb, head : int or None
        The tokens of the cue's verb and of the source's head.
    clause : int or None
        The root token of a reported clause; a cue there means relayed speech.
    aside : bool
        Whether the cue is set off by commas ("..., the ministry said").
    via : (int, int) or None
        The source of the relay.
    frame : str
        The syntactic frame that the content was found by: c, i, o, s or x (see `complements`),
        "aside", "according" or "noun".
    opening : int or None
        The token that heads the content.
    known : bool
        Whether the cue table lists this frame for the cue.
    score : float
        Probability that this is a quote.
    """

    content: tuple[Range, ...]
    cue: Range | None
    source: Range | None
    kind: str
    verb: int | None
    head: int | None
    clause: int | None = None
    aside: bool = False
    via: Range | None = None
    frame: str = ""
    opening: int | None = None
    known: bool = True
    adjective: bool = False
    score: float = 1.0

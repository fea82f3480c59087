"""Where the content of a cue may stand: every opening that the syntax behind the cue offers.

The frames are those of the cue table (see `cues`): a clause (c), an infinitive or participle
(i), an object (o), an object with what is said of it (s), a prepositional phrase (x).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Token


@dataclass(frozen=True, slots=True)
class Opening:
    """Where content may begin: the first token, the token that heads it, and the cue's end."""

    frame: str
    start: int
    head: Token
    cue_end: int | None = None


FRAMES = "xcsio"


def openings(verb: Token, kinds: frozenset[str]) -> Iterator[Opening]:
    """Yield the places to the right of a cue where its content may begin, one a frame.

    Parameters
    ----------
    verb : Token
        The cue's verb, adjective or participle.
    kinds : frozenset of str
        The classes that the cue table gives it; empty for a word that it does not have.
    """
    children = [c for c in verb.rights if c.dep_ != "punct"]
    yield from _prepositional(verb, children)
    for frame, opens in (("c", _clause), ("s", _small_clause), ("i", _infinitive), ("o", _object)):
        child = next((c for c in children if opens(c, verb, kinds)), None)
        if child is not None:
            yield _start(frame, child)
        elif frame == "c":
            yield from _misplaced(children)


def _prepositional(verb: Token, children: list[Token]) -> Iterator[Opening]:
    for child in children:
        near = child.i <= verb.i + 2 or (child.i <= verb.i + 3 and child.head == verb)
        if child.dep_ in ("prep", "agent", "prt") and near and child.right_edge.i > child.i:
            yield Opening("x", child.i + 1, child, child.i + 1)
            return


def _clause(child: Token, verb: Token, kinds: frozenset[str]) -> bool:
    return child.dep_ == "ccomp" or (
        child.dep_ in ("advcl", "xcomp", "acl", "relcl")
        and any(c.lower_ in ("whether", "if", "that", "why", "how", "what")
                and c.i <= child.i for c in child.lefts)
        and child.left_edge.i <= verb.i + 6
    )  # fmt: skip


def _infinitive(child: Token, verb: Token, kinds: frozenset[str]) -> bool:
    infinitive = any(c.tag_ == "TO" for c in child.lefts)
    participle = child.tag_ == "VBG" or any(
        c.tag_ == "VBG" and c.dep_ == "aux" for c in child.lefts
    )
    return child.dep_ in ("xcomp", "advcl", "ccomp") and (
        infinitive or (participle and child.left_edge.i <= verb.i + 2)
    )


def _object(child: Token, verb: Token, kinds: frozenset[str]) -> bool:
    return child.dep_ in ("dobj", "ccomp", "attr") and child.left_edge.i <= verb.i + 3


def _small_clause(child: Token, verb: Token, kinds: frozenset[str]) -> bool:
    """An object with something said of it, or a clause that the parser made of the two."""
    if child.dep_ == "ccomp" and child.left_edge.i == verb.i + 1:
        return not any(c.dep_ == "mark" for c in child.lefts)
    if child.dep_ not in ("dobj", "nsubj", "dative"):
        return False
    more = [c for c in verb.rights if c.i > child.i and c.dep_ != "punct"]
    if any(
        c.dep_ in ("oprd", "xcomp", "ccomp", "advcl", "acl")
        or (c.dep_ in ("prep", "agent") and c.lower_ in ("as", "of", "to", "for"))
        for c in more
    ):
        return True
    if "believe" in kinds:  # "has seen the text" says nothing of the text
        return False
    return any(c.dep_ in ("acl", "prep", "relcl", "appos") for c in child.rights)


def _misplaced(children: list[Token]) -> Iterator[Opening]:
    """A that-clause that the parser hung on a noun: "said in a statement that it ..."."""
    for child in children:
        nouns = [c for c in child.rights if c.dep_ == "pobj"] if child.dep_ == "prep" else []
        if child.dep_ in ("dobj", "dative"):
            nouns = [child]
        for clause in (c for noun in nouns for c in noun.rights):
            first = clause.doc[clause.left_edge.i]
            subjects = [c for c in clause.lefts if c.dep_ in ("nsubj", "nsubjpass", "expl")]
            if first.lower_ == "that" and subjects and subjects[0].i != first.i:
                yield _start("c", clause)
                return


def _start(frame: str, child: Token) -> Opening:
    """Behind an introductory "that"; a "for" belongs to the cue ("pressed for it to be")."""
    start: int = child.left_edge.i
    while start < child.i and child.doc[start].is_punct:
        start += 1
    for token in child.doc[start : min(start + 6, child.i)]:
        if token.lower_ == "that" and (token.dep_ == "mark" or token.i == start):
            return Opening(frame, token.i + 1, child)
        if token.lower_ == "for" and token.dep_ == "mark" and token.i == start:
            return Opening(frame, start + 1, child, start + 1)
        if token.pos_ in ("VERB", "AUX", "PRON", "PROPN"):
            break
    return Opening(frame, start, child)

"""Reported content in a parsed paragraph: clauses, demands, refusals, beliefs, judgements.

Each cue in the text is tried with the syntactic frames that the cue table gives it; relays and
nested attributions are settled at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Doc, Token

from quotestance.asides import aside, clause_start
from quotestance.attributions import Attribution, trimmed
from quotestance.complements import CONTENT_FRAMES, right_content
from quotestance.cues import ADJECTIVE_CUES, CUES, NOMINAL_CUES, Cue
from quotestance.frames import Frame
from quotestance.speakable import can_speak, is_relay
from quotestance.syntax import Range, noun_phrase, subject, verb_group, verb_key
from quotestance.turn_cues import according_to

_COPULAS = {"be", "seem", "appear", "remain", "become", "feel", "sound"}
_NARRATORS = {"i", "we", "you"}
_CONDITIONS = {"if", "unless", "until", "whether", "once", "lest", "till"}


def indirect(doc: Doc, frame: Frame, taken: set[int]) -> list[Attribution]:
    """Find all reported content in a paragraph.

    Parameters
    ----------
    doc : Doc
        The parse of ``frame.text``.
    frame : Frame
        The paragraph.
    taken : set of int
        Verbs that already attribute a turn.
    """
    dummy = {t.i for t in doc if frame.turn_over(t.idx) is not None}
    found: list[Attribution] = []
    for token in doc:
        if token.i in dummy or token.i in taken:
            continue
        if token.lower_ == "according":
            found.extend(_of_according(token, dummy))
        elif token.lower_ in ADJECTIVE_CUES and _copula(token) is not None:
            found.extend(_of_adjective(token, dummy))
        elif token.pos_ in ("VERB", "AUX"):
            found.extend(_of_verb(token, dummy))
        elif token.pos_ == "NOUN" and token.lemma_.lower() in NOMINAL_CUES:
            found.extend(_of_noun(token, dummy))
    return _resolve_nesting(doc, found)


def _of_verb(verb: Token, dummy: set[int]) -> Iterator[Attribution]:
    key = verb_key(verb)
    cues = CUES.get(key) or CUES.get(verb.lemma_.lower())
    if not cues or _is_hypothetical(verb) or _is_bare_participle(verb):
        return
    source = subject(verb)
    if source is None or source.i in dummy or source.lower_ in _NARRATORS:
        return
    speech = cues[0].kind in ("say", "ask", "deny", "concede", "demand")
    if not can_speak(source, speech=speech):
        return
    for cue in cues:
        match = _match(verb, cue, source, dummy)
        if match is not None and not _is_anonymity(verb.doc, match):
            yield match
            return


def _is_bare_participle(verb: Token) -> bool:
    """Read "Asked whether ...": somebody else did that."""
    helped = any(c.dep_ in ("aux", "auxpass") for c in verb.lefts)
    return verb.tag_ == "VBN" and verb.dep_ in ("advcl", "acl", "amod") and not helped


def _is_anonymity(doc: Doc, found: Attribution) -> bool:
    """Read "asked not to be named": no position."""
    start, end = found.content[0]
    words = {t.lower_ for t in doc[start : min(end, start + 8)]}
    return bool(words & {"named", "identified", "anonymity"})


def _copula(token: Token) -> Token | None:
    """The "be" (or "seem") of a predicate adjective or participle, if it is one."""
    if token.dep_ == "acomp" and token.head.lemma_ in _COPULAS and token.head.i < token.i:
        return token.head
    passive = [c for c in token.lefts if c.dep_ == "auxpass"]
    return passive[0] if passive else None


def _of_adjective(token: Token, dummy: set[int]) -> Iterator[Attribution]:
    """Read "The White House was willing to ...": cue is the adjective, source its subject."""
    copula = _copula(token)
    if copula is None or _is_hypothetical(copula):
        return
    if token.dep_ == "acomp":
        source, left = subject(copula), verb_group(copula)[0]
    else:
        passive = [c for c in token.lefts if c.dep_ == "nsubjpass"]
        source, left = (passive[0] if passive else None), verb_group(token)[0]
    if source is None or source.i in dummy or not can_speak(source, speech=False):
        return
    for cue in ADJECTIVE_CUES[token.lower_]:
        match = _match(token, cue, source, dummy)
        if match is not None and match.cue is not None:
            yield replace(match, cue=(left, match.cue[1]))
            return


def _is_hypothetical(verb: Token) -> bool:
    """Speech that is only supposed: "if they agree to ...", "until powers had shown ..."."""
    clause = verb
    while clause.dep_ == "conj" and clause.head is not clause:
        clause = clause.head
    if clause.dep_ != "advcl":
        return False
    return any(c.dep_ == "mark" and c.lower_ in _CONDITIONS for c in clause.children)


def _match(verb: Token, cue: Cue, source: Token, dummy: set[int]) -> Attribution | None:
    """Apply one cue's frames; the first that finds content wins."""
    if "c" in cue.frames:
        around = aside(verb, source, dummy)
        if around is not None:
            return replace(_attribution(verb, cue, source, *around), aside=True)
    for frame in CONTENT_FRAMES:
        if frame.letter in cue.frames:
            opening = frame.find(verb, cue)
            if opening is None:
                continue
            start, child, cue_end = opening
            content = right_content(verb, start, child, dummy)
            if content is not None:
                clause = child.i if frame.letter == "c" else None
                return _attribution(verb, cue, source, (content,), clause, cue_end)
    return None


def _attribution(
    verb: Token,
    cue: Cue,
    source: Token,
    content: tuple[Range, ...],
    clause: int | None,
    cue_end: int | None = None,
) -> Attribution:
    left, right = verb_group(verb)
    head = verb.head
    if verb.dep_ == "xcomp" and head.lemma_.lower() in ("hasten", "go", "like", "continue", "have"):
        left = verb_group(head)[0]
    phrase = noun_phrase(source)
    if phrase[0] <= left < phrase[1]:
        phrase = (phrase[0], left)
    return Attribution(
        content, (left, max(right, cue_end or 0)), phrase, cue.kind, verb.i, source.i, clause
    )


def _of_according(token: Token, dummy: set[int]) -> Iterator[Attribution]:
    """Read "According to X, ...", "..., according to X" and "..., according to X, ..."."""
    doc, sent = token.doc, token.sent
    found = according_to(doc, token.i, sent.end)
    if found is None or found.source is None or found.head is None:
        return
    end = _behind_source(doc, found.source[1], sent.end)
    spans = [trimmed(doc, end + 1, sent.end)] if end < sent.end and doc[end].text == "," else []
    if sum(t.is_alpha for t in doc[sent.start : token.i]) > 1:
        start = _true_start(doc, sent.start)
        left = trimmed(doc, clause_start(doc, start, token.i), token.i)
        aside = spans and doc[spans[0][0]].tag_ != "VBG" and spans[0][1] - spans[0][0] > 2
        spans = [left, *(spans if aside else [])]
    spans = [(s, e) for s, e in spans if e - s >= 2]
    if not spans or any(i in dummy for s, e in spans for i in range(s, e)):
        return
    root = doc[slice(*spans[0])].root.i
    yield Attribution(tuple(spans), found.cue, found.source, "say", found.verb, found.head, root)


def _behind_source(doc: Doc, end: int, limit: int) -> int:
    """The comma behind a source and its appositive: "the coach, A. Name, ..."."""
    first = _next_comma(doc, end, limit)
    second = _next_comma(doc, first + 1, limit)
    between = doc[first + 1 : second]
    if (
        second < limit
        and 2 <= len(between) <= 8
        and doc[second].text == ","
        and (between[0].pos_ == "DET" or all(t.pos_ == "PROPN" for t in between))
        and not any(t.pos_ in ("VERB", "AUX") for t in between)
    ):
        return second
    return first


def _next_comma(doc: Doc, at: int, limit: int) -> int:
    while at < limit and doc[at].text not in (",", ".", ";"):
        at += 1
    return at


def _true_start(doc: Doc, start: int) -> int:
    """Where a sentence begins, also where the parser cut it without a stop."""
    while start > 0 and doc[start - 1].text not in (".", "?", "!", '"', ":", ";"):
        start = doc[start - 1].sent.start
    return start


def _of_noun(noun: Token, dummy: set[int]) -> Iterator[Attribution]:
    """Read "Washington's request to ...", "his demand that ...", "a U.S. refusal to ..."."""
    owners = [c for c in noun.lefts if c.dep_ == "poss"]
    owners += [c for c in noun.lefts if c.dep_ in ("compound", "nmod") and c.pos_ == "PROPN"]
    if not owners or not can_speak(owners[0], speech=False) or owners[0].lower_ in _NARRATORS:
        return
    for child in noun.rights:
        infinitive = any(c.tag_ == "TO" for c in child.lefts)
        start = child.left_edge.i
        if child.dep_ == "prep" and child.lower_ in ("for", "of") and child.i == noun.i + 1:
            start = child.i + 1
        elif child.dep_ not in ("acl", "ccomp", "relcl", "advcl"):
            continue
        elif noun.doc[start].lower_ == "that" and child.tag_ in ("VBD", "VBZ", "VBP", "VB", "VBN"):
            start += 1
        elif not infinitive:
            continue
        start, end = trimmed(noun.doc, start, child.right_edge.i + 1)
        if end - start < 2 or any(i in dummy for i in range(start, end)):
            continue
        source = noun_phrase(owners[0])
        if owners[0].dep_ == "poss" and noun.doc[source[1] - 1].tag_ == "POS":
            source = (source[0], source[1] - 1)
        cue = (noun.i, start) if child.dep_ == "prep" else (noun.i, noun.i + 1)
        kind = NOMINAL_CUES[noun.lemma_.lower()]
        yield Attribution(((start, end),), cue, source, kind, noun.i, owners[0].i)
        return


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
            dropped.update(j for j in inside[i] if j != relayed[0])
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

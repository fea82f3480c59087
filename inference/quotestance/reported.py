"""Candidates of reported content in a parsed paragraph: clauses, demands, beliefs, judgements.

Every verb, adjective and noun that may attribute is tried with every place where its content may
begin, whether the cue table lists it or not; `acceptance` and the judge tell what is a quote, and
`nesting` settles what stands inside what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Doc, Token

from quotestance.asides import aside, clause_start
from quotestance.attributions import Attribution, trimmed
from quotestance.boundaries import right_content
from quotestance.complements import Opening, openings
from quotestance.cues import ADJECTIVE_CUES, CUES, NOMINAL_CUES, SPEECH_LEMMAS, Cue
from quotestance.gapping import ungapped
from quotestance.speakable import can_speak, could_speak
from quotestance.syntax import (
    Range,
    is_reduced_main,
    noun_phrase,
    quoted_as,
    subject,
    verb_group,
    verb_key,
)
from quotestance.turn_cues import according_to

OPEN = "open"  # the class of a cue that the table does not have
_COPULAS = {"be", "seem", "appear", "remain", "become", "feel", "sound"}
_NARRATORS = {"i", "we", "you"}
_VIEWS = {"view", "opinion", "account", "reckoning", "words", "word", "judgment", "judgement",
          "telling", "estimate", "estimation", "eyes", "assessment", "version", "phrase", "count",
          "admission", "language"}  # fmt: skip
_OWNERS = {"his", "her", "their", "its"}
_CONDITIONS = {"if", "unless", "until", "whether", "once", "lest", "till"}


def candidates(doc: Doc, role: str, dummy: set[int], taken: set[int]) -> list[Attribution]:
    """Propose all that may be reported content in a paragraph, several readings of a cue included.

    Parameters
    ----------
    doc : Doc
        The parse of the paragraph's frame.
    role : str
        The paragraph's role.
    dummy : set of int
        Tokens that stand for quoted sentences.
    taken : set of int
        Verbs that already attribute one of these.
    """
    found: list[Attribution] = []
    for token in doc:
        if token.i in dummy or token.i in taken:
            continue
        if token.lower_ == "according":
            found.extend(_of_according(token, dummy))
            continue
        pos = token.pos_
        if token.dep_ in ("aux", "auxpass"):
            continue
        if pos in ("VERB", "AUX"):
            if _copula(token) is not None:
                found.extend(_of_adjective(token, dummy))
            found.extend(_of_verb(token, dummy))
        elif pos == "NOUN":
            found.extend(_of_noun(token, dummy))
            found.extend(_in_the_view(token, dummy))
        elif pos in ("ADJ", "ADV") and _copula(token) is not None:
            found.extend(_of_adjective(token, dummy))
    if role == "headline":
        found.extend(_of_headline(doc, dummy))
    return ungapped(doc, found)


def _of_headline(doc: Doc, dummy: set[int]) -> Iterator[Attribution]:
    """Read "Minister: no deal before vote" and "No deal before vote: minister"."""
    colons = [t.i for t in doc if t.text == ":" and t.i not in dummy]
    if len(colons) != 1:
        return
    at = colons[0]
    for named, said in (((0, at), (at + 1, len(doc))), ((at + 1, len(doc)), (0, at))):
        name = doc[slice(*named)]
        content = trimmed(doc, *said)
        if not 1 <= len(name) <= 6 or content[1] - content[0] < 2:
            continue
        head = name.root
        if can_speak(head, speech=False) and not any(i in dummy for i in range(*content)):
            yield Attribution(
                (content,), None, trimmed(doc, *named), "say", at, head.i,
                frame="headline", opening=doc[slice(*content)].root.i,
            )  # fmt: skip
            return


def _of_verb(verb: Token, dummy: set[int]) -> Iterator[Attribution]:
    if _is_hypothetical(verb) or _is_bare_participle(verb):
        return
    source = subject(verb)
    if source is None or source.i in dummy or source.lower_ in _NARRATORS:
        return
    if not could_speak(source):
        return
    cues = CUES.get(verb_key(verb)) or CUES.get(verb.lemma_.lower()) or ()
    if not cues or any("c" in cue.frames for cue in cues):
        around = aside(verb, source, dummy)
        if around is not None:
            kind = cues[0].kind if cues else OPEN
            found = _attribution(verb, kind, source, *around)
            yield replace(found, aside=True, frame="aside", known=bool(cues), opening=around[1])
    yield from _as_told(verb, cues, source, dummy)
    yield from _by_frames(verb, cues, source, dummy)


def _as_told(
    verb: Token, cues: tuple[Cue, ...], source: Token, dummy: set[int]
) -> Iterator[Attribution]:
    """Read "As the envoy told reporters, the text is ready"."""
    first, sent, doc = verb.left_edge, verb.sent, verb.doc
    if first.lower_ != "as" or verb.dep_ != "advcl" or verb.lemma_.lower() not in SPEECH_LEMMAS:
        return
    end = verb.right_edge.i + 1
    if first.i > sent.start + 1 or end >= sent.end or doc[end].text != ",":
        return
    content = trimmed(doc, end + 1, sent.end)
    if content[1] - content[0] < 2 or any(i in dummy for i in range(*content)):
        return
    kind = cues[0].kind if cues else OPEN
    found = _attribution(verb, kind, source, (content,), verb.head.i)
    yield replace(found, frame="aside", aside=True, opening=verb.head.i)


def _by_frames(
    verb: Token, cues: tuple[Cue, ...], source: Token, dummy: set[int]
) -> Iterator[Attribution]:
    """One candidate for each place where the cue's content may begin."""
    base: Attribution | None = None  # cue and source are the same for all
    contents: dict[tuple[int, int], Range | None] = {}
    for opening in openings(verb, frozenset(cue.kind for cue in cues)):
        at = opening.start, opening.head.i
        if at not in contents:
            contents[at] = right_content(verb, opening.start, opening.head, dummy)
        content = contents[at]
        if content is None or _is_anonymity(verb.doc, content):
            continue
        base = base or _attribution(verb, OPEN, source, (), None)
        cue = next((c for c in cues if _lists(c, opening)), None)
        left, right = base.cue or (verb.i, verb.i + 1)
        yield replace(
            base,
            content=(content,),
            cue=(left, max(right, opening.cue_end or 0)),
            kind=cue.kind if cue else cues[0].kind if cues else OPEN,
            clause=opening.head.i if opening.frame == "c" else None,
            frame=opening.frame,
            known=cue is not None,
            opening=opening.head.i,
        )


def _lists(cue: Cue, opening: Opening) -> bool:
    """Whether the cue table gives a cue this frame."""
    if opening.frame not in cue.frames:
        return False
    return opening.frame != "x" or opening.head.lower_ in cue.prepositions


def _is_bare_participle(verb: Token) -> bool:
    """Read "Asked whether ...": somebody else did that."""
    if verb.tag_ != "VBN" or verb.dep_ not in ("advcl", "acl", "amod") or is_reduced_main(verb):
        return False
    return not any(c.dep_ in ("aux", "auxpass") for c in verb.lefts)


def _is_anonymity(doc: Doc, content: Range) -> bool:
    """Read "asked not to be named": no position."""
    start, end = content
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
    for found in _by_frames(token, ADJECTIVE_CUES.get(token.lower_, ()), source, dummy):
        if found.cue is not None:
            yield replace(found, cue=(left, found.cue[1]), adjective=True)


def _is_hypothetical(verb: Token) -> bool:
    """Speech that is only supposed: "if they agree to ...", "until powers had shown ..."."""
    clause = verb
    while clause.dep_ == "conj" and clause.head != clause:
        clause = clause.head
    if clause.dep_ != "advcl":
        return False
    return any(c.dep_ == "mark" and c.lower_ in _CONDITIONS for c in clause.children)


def _attribution(
    verb: Token,
    kind: str,
    source: Token,
    content: tuple[Range, ...],
    clause: int | None,
) -> Attribution:
    left, right = verb_group(verb)
    head = verb.head
    if quoted_as(verb) is not None:
        left = verb_group(head.head)[0]
    if verb.dep_ == "xcomp" and head.lemma_.lower() in ("hasten", "go", "like", "continue", "have"):
        left = verb_group(head)[0]
    phrase = noun_phrase(source)
    if phrase[0] <= left < phrase[1]:
        phrase = (phrase[0], left)
    return Attribution(content, (left, right), phrase, kind, verb.i, source.i, clause)


def _of_according(token: Token, dummy: set[int]) -> Iterator[Attribution]:
    """Read "According to X, ...", "..., according to X" and "..., according to X, ..."."""
    doc, sent = token.doc, token.sent
    found = according_to(doc, token.i, sent.end)
    if found is None or found.source is None or found.head is None:
        return
    end = _behind_source(doc, found.source[1], sent.end)
    comma = end < sent.end and doc[end].text == ","
    behind = end + 1 if comma else found.source[1]
    spans = [trimmed(doc, behind, sent.end)] if behind < sent.end else []
    if not comma and token.i > sent.start + 1:
        spans = []
    if sum(t.is_alpha for t in doc[sent.start : token.i]) > 1:
        start = _true_start(doc, sent.start)
        left = trimmed(doc, clause_start(doc, start, token.i), token.i)
        aside = spans and doc[spans[0][0]].tag_ != "VBG" and spans[0][1] - spans[0][0] > 2
        spans = [left, *(spans if aside else [])]
    spans = [(s, e) for s, e in spans if e - s >= 2]
    if not spans or any(i in dummy for s, e in spans for i in range(s, e)):
        return
    root = doc[slice(*spans[0])].root.i
    yield Attribution(
        tuple(spans), found.cue, found.source, "say", found.verb, found.head, root,
        frame="according", opening=root,
    )  # fmt: skip


def _in_the_view(noun: Token, dummy: set[int]) -> Iterator[Attribution]:
    """Read "In his view the club ...", "by the palace's account, ...", "in the judge's words"."""
    owner = next((c for c in noun.lefts if c.dep_ == "poss"), None)
    prep, doc = noun.head, noun.doc
    if noun.lemma_.lower() not in _VIEWS or owner is None or prep.lower_ not in ("in", "by", "to"):
        return
    sent = noun.sent
    end = noun.i + 1
    start = clause_start(doc, sent.start, prep.i)
    left = trimmed(doc, start, prep.i) if prep.i - start > 1 else None
    right = trimmed(doc, end + (end < sent.end and doc[end].text == ","), sent.end)
    inserted = end < sent.end and doc[end].text in (",", "—", "–", "-")
    parts = [p for p in (left, right if left is None or inserted else None) if p and p[1] > p[0]]
    if not parts or any(i in dummy for s, e in parts for i in range(s, e)):
        return
    source = noun_phrase(owner)
    if doc[source[1] - 1].tag_ == "POS":
        source = (source[0], source[1] - 1)
    root = doc[slice(*parts[-1])].root.i
    yield Attribution(
        tuple(parts), (prep.i, noun.i + 1), source, "say", noun.i, owner.i, root,
        frame="view", opening=root,
    )  # fmt: skip


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
    known = NOMINAL_CUES.get(noun.lemma_.lower())
    if known:
        owners += [c for c in noun.lefts if c.dep_ in ("compound", "nmod") and c.pos_ == "PROPN"]
    if not owners or owners[0].lower_ in _NARRATORS:
        return
    if owners[0].lower_ not in _OWNERS and not can_speak(owners[0], speech=False):
        return
    for child in noun.rights:
        infinitive = any(c.tag_ == "TO" for c in child.lefts)
        start = child.left_edge.i
        if (
            known
            and child.dep_ == "prep"
            and child.lower_ in ("for", "of")
            and (child.i == noun.i + 1)
        ):
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
        yield Attribution(
            ((start, end),), cue, source, known or OPEN, noun.i, owners[0].i,
            frame="noun", opening=child.i, known=known is not None,
        )  # fmt: skip
        return

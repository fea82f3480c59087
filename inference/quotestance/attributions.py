"""Who attributes what in a parsed paragraph: cue, source and content as token ranges.

Two readers share one parse. `turn_attribution` finds the cue and source of whole quoted
sentences; `indirect` finds reported clauses, demands, refusals, beliefs and judgements by the
cue's syntactic frame. Ranges are token indices of the frame's parse, end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Token

from quotestance.cues import ADJECTIVE_CUES, CUES, SPEECH_LEMMAS, Cue, cue_class
from quotestance.frames import Frame
from quotestance.speakable import can_speak, is_relay
from quotestance.syntax import Range, is_passive, noun_phrase, subject, verb_group, verb_key

_STOP = {",", ";", ":", ".", "?", "!", "--", "—", "–", "-", '"', "(", ")"}
_SPEECH_ADJUNCTS = {"prep", "npadvmod", "advmod", "dative", "dobj", "advcl", "prt", "acl", "pobj"}
_CONTINUES = {"who", "which", "whose", "whom", "where", "adding", "saying", "according"}
_INVERTED = {"nsubj", "dobj", "attr", "oprd", "npadvmod", "dep", "appos"}
_COPULAS = {"be", "seem", "appear", "remain", "become", "feel", "sound"}
_CONDITIONS = {"if", "unless", "until", "whether", "once", "lest", "till"}


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


# ---------------------------------------------------------------- turns


def turn_attribution(doc: Doc, low: int, high: int, *, after: bool) -> Attribution | None:
    """Find cue and source of a turn in the tokens ``doc[low:high]`` beside it.

    Parameters
    ----------
    after : bool
        Whether the tokens follow the turn ("...," he said) or lead in (he said: "...").
    """
    verbs = [t for t in doc[low:high] if t.pos_ in ("VERB", "AUX") and t.dep_ != "aux"]
    if after:
        verbs = [v for v in verbs if not _crosses_stop(doc, low, v.i)]
    else:
        verbs.reverse()
    for verb in sorted(verbs, key=lambda v: verb_key(v) not in CUES):
        source = _turn_subject(verb, low, high, inverted=after and _opens(doc, low, verb))
        if source is None:
            continue
        left, right = verb_group(verb)
        nominal = noun_phrase(source)
        return Attribution((), (left, right), nominal, cue_class(verb_key(verb)), verb.i, source.i)
    return _according(doc, low, high)


def _crosses_stop(doc: Doc, low: int, at: int) -> bool:
    return any(t.text in ".;?!" and t.i > low for t in doc[low:at])


def _opens(doc: Doc, low: int, verb: Token) -> bool:
    """Whether a verb stands right behind a turn: "...," grunted the brigadier."""
    return not any(t.is_alpha for t in doc[low : verb.i])


def _turn_subject(verb: Token, low: int, high: int, *, inverted: bool) -> Token | None:
    """The verb's subject within the window, also where the parser took it for something else."""
    found = subject(verb)
    if found is not None and low <= found.i < high and found.lower_ not in ("this", "that"):
        return found
    if not inverted and (verb_key(verb) not in SPEECH_LEMMAS or is_passive(verb)):
        return None
    for child in verb.rights:  # inverted order misread as an object
        if child.dep_ in _INVERTED and can_speak(child) and child.i < high:
            return child
    return _next_noun(verb, high) if inverted else None


def _next_noun(verb: Token, high: int) -> Token | None:
    """The head of the noun phrase that begins right behind a verb."""
    for token in verb.doc[verb.i + 1 : min(high, verb.i + 9)]:
        if token.text in _STOP or token.pos_ in ("VERB", "ADP", "SCONJ", "CCONJ"):
            return None
        head = token.head
        if token.pos_ in ("NOUN", "PROPN", "PRON") and not (
            token.dep_ in ("compound", "poss", "nmod", "amod") and token.i < head.i < high
        ):
            return token if can_speak(token) else None
    return None


def _according(doc: Doc, low: int, high: int) -> Attribution | None:
    for token in doc[low:high]:
        if token.lower_ == "according" and token.i + 1 < high and doc[token.i + 1].lower_ == "to":
            head = _object_of(doc[token.i + 1], high)
            if head is not None:
                cue = (token.i, token.i + 2)
                return Attribution((), cue, noun_phrase(head), "say", token.i, head.i)
    return None


def _object_of(prep: Token, high: int) -> Token | None:
    for child in prep.children:
        if child.dep_ == "pobj":
            return child
    nouns = [t for t in prep.doc[prep.i + 1 : high] if t.pos_ in ("NOUN", "PROPN", "PRON")]
    return nouns[0] if nouns else None


# ---------------------------------------------------------------- reported clauses


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
    return _resolve_nesting(doc, found)


def _of_verb(verb: Token, dummy: set[int]) -> Iterator[Attribution]:
    key = verb_key(verb)
    cues = CUES.get(key) or CUES.get(verb.lemma_.lower())
    if not cues or _is_hypothetical(verb):
        return
    source = subject(verb)
    if source is None or source.i in dummy:
        return
    speech = cues[0].kind in ("say", "ask", "deny", "concede", "demand")
    if not can_speak(source, speech=speech):
        return
    for cue in cues:
        match = _match(verb, cue, source, dummy)
        if match is not None:
            yield match
            return


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
        match = _match(token, replace(cue, frames=cue.frames.replace("a", "")), source, dummy)
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
        aside = _aside(verb, source, dummy)
        if aside is not None:
            return replace(_attribution(verb, cue, source, *aside), aside=True)
    for frame in _FRAMES:
        if frame.letter in cue.frames:
            opening = frame.find(verb, cue)
            if opening is None:
                continue
            start, child, cue_end = opening
            content = _right_content(verb, start, child, dummy)
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


class _Frame:
    """How one frame letter finds the first token of its content."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def find(self, verb: Token, cue: Cue) -> tuple[int, Token, int | None] | None:
        """Return the content's first token, the child that it starts in, and the cue's end."""
        children = [c for c in verb.rights if c.dep_ != "punct"]
        if self.letter == "x":
            return self._prepositional(verb, cue, children)
        for child in children:
            if self._opens(child, verb):
                return self._start(child)
        return None

    def _opens(self, child: Token, verb: Token) -> bool:
        if self.letter == "c":
            return child.dep_ == "ccomp" or (
                child.dep_ in ("advcl", "xcomp", "acl", "relcl")
                and any(c.lower_ in ("whether", "if", "that", "why", "how", "what")
                        and c.i <= child.i for c in child.lefts)
                and child.left_edge.i <= verb.i + 6
            )  # fmt: skip
        if self.letter == "i":
            infinitive = any(c.tag_ == "TO" for c in child.lefts)
            return child.dep_ in ("xcomp", "advcl", "ccomp") and (
                infinitive or (child.tag_ == "VBG" and child.left_edge.i <= verb.i + 2)
            )
        if self.letter == "o":
            return child.dep_ in ("dobj", "ccomp", "attr") and child.left_edge.i <= verb.i + 3
        if self.letter == "s":
            return self._small_clause(child, verb)
        return False

    @staticmethod
    def _small_clause(child: Token, verb: Token) -> bool:
        """An object with something said of it, or a clause that the parser made of the two."""
        if child.dep_ == "ccomp" and child.left_edge.i == verb.i + 1:
            return not any(c.dep_ == "mark" for c in child.lefts)
        if child.dep_ not in ("dobj", "nsubj", "dative"):
            return False
        more = [c for c in verb.rights if c.i > child.i and c.dep_ != "punct"]
        return any(
            c.dep_ in ("oprd", "xcomp", "ccomp", "advcl", "acl")
            or (c.dep_ in ("prep", "agent") and c.lower_ in ("as", "of", "to", "for", "on", "at"))
            for c in more
        ) or any(c.dep_ in ("acl", "prep", "relcl", "appos") for c in child.rights)

    @staticmethod
    def _start(child: Token) -> tuple[int, Token, int | None]:
        """Behind an introductory "that"; a "for" belongs to the cue ("pressed for it to be")."""
        start: int = child.left_edge.i
        first = child.doc[start]
        if first.lower_ == "that" and first.tag_ in ("IN", "WDT") and child.i > start:
            start += 1
        elif first.lower_ == "for" and first.dep_ == "mark":
            start += 1
            return start, child, start
        return start, child, None

    @staticmethod
    def _prepositional(
        verb: Token, cue: Cue, children: list[Token]
    ) -> tuple[int, Token, int | None] | None:
        for child in children:
            near = child.i <= verb.i + 2 or (child.i <= verb.i + 3 and child.head is verb)
            if child.lower_ in cue.prepositions and near and child.right_edge.i > child.i:
                return child.i + 1, child, child.i + 1
        return None


_FRAMES = tuple(_Frame(letter) for letter in "xcsio")


def _right_content(verb: Token, start: int, child: Token, dummy: set[int]) -> Range | None:
    """From the first content token to the end of the cue's own clause."""
    end = child.right_edge.i + 1
    for sibling in verb.rights:
        if sibling.i <= child.i:
            continue
        if sibling.dep_ in ("cc", "conj", "parataxis") or sibling.text in (
            ";",
            ":",
            "--",
            "—",
            "–",
        ):
            break
        if sibling.dep_ == "punct":
            continue
        end = max(end, sibling.right_edge.i + 1)
    end = _before_trailing_attribution(verb.doc, start, end)
    while end > start and verb.doc[end - 1].text in _STOP | {"and", "but"}:
        end -= 1
    if start in dummy:
        return None
    for i in range(start, end):
        if i in dummy:
            end = i
            break
    while end > start and verb.doc[end - 1].text in _STOP:
        end -= 1
    return (start, end) if end > start else None


def _before_trailing_attribution(doc: Doc, start: int, end: int) -> int:
    """Cut ", the official said" from the end of a content range."""
    for i in range(end - 1, start, -1):
        if doc[i].text == "," and i + 1 < end:
            tail = doc[i + 1 : end]
            if len(tail) <= 14 and any(
                t.lemma_.lower() in SPEECH_LEMMAS and t.pos_ == "VERB" and t.tag_ in ("VBD", "VBZ")
                and any(c.dep_ == "nsubj" and c.i > i for c in t.children)
                for t in tail
            ) and tail[0].lower_ not in ("which", "who", "and", "but", "that"):  # fmt: skip
                return i
            break
    return end


def _aside(
    verb: Token, source: Token, dummy: set[int]
) -> tuple[tuple[Range, ...], int | None] | None:
    """Content around a cue set off by commas: "The deal, he said, was dead"."""
    doc = verb.doc
    if any(c.dep_ in ("ccomp", "xcomp") and c.i > verb.i and c.i not in dummy and
           doc[c.left_edge.i - 1].text != "," for c in verb.rights):  # fmt: skip
        return None
    low, high = _region(verb, source)
    sent_start, sent_end = verb.sent.start, verb.sent.end
    if low <= sent_start or doc[low - 1].text not in (",", "—", "–", "--", "?"):
        return None
    clause = _reported_clause(verb, low)
    if clause is None:
        return None
    start = max(sent_start, _clause_start(doc, clause.left_edge.i, low - 1))
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
    if verb.dep_ in ("parataxis", "ccomp", "advcl", "dep", "relcl") and head is not verb:
        return head
    if verb.dep_ == "ROOT":
        roots = [t for t in verb.lefts if t.i < low and t.dep_ not in ("punct", "advmod", "cc")]
        wide = [
            t for t in roots if t.right_edge.i - t.left_edge.i >= 2 and t.pos_ in ("VERB", "AUX")
        ]
        return wide[0] if wide else None
    return None


def _region(verb: Token, source: Token) -> Range:
    """The aside itself: source, cue and what belongs to them up to the next comma."""
    s, e = noun_phrase(source)
    left, right = verb_group(verb)
    low, high = min(s, left), max(e, right)
    doc = verb.doc
    while high < verb.sent.end and doc[high].text not in _STOP:
        high += 1
    return low, high


def _clause_start(doc: Doc, start: int, end: int) -> int:
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
    while stop > start and doc[stop - 1].text in _STOP:
        stop -= 1
    return (start, stop) if stop - start >= 2 else None


def _of_according(token: Token, dummy: set[int]) -> Iterator[Attribution]:
    doc, sent = token.doc, token.sent
    found = _according(doc, token.i, sent.end)
    if found is None or found.source is None:
        return
    end = found.source[1]
    while end < sent.end and doc[end].text not in (",", ".", ";"):
        end += 1
    if token.i <= sent.start + 1:
        span = (end + 1, sent.end)
    else:
        span = (_clause_start(doc, sent.start, token.i), token.i)
    start, stop = span
    while stop > start and doc[stop - 1].text in _STOP:
        stop -= 1
    if stop - start < 2 or any(i in dummy for i in range(start, stop)):
        return
    yield Attribution(
        ((start, stop),), found.cue, found.source, "say", found.verb, found.head,
        doc[start:stop].root.i,
    )  # fmt: skip


# ---------------------------------------------------------------- nesting


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

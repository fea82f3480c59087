"""Questions asked of a dependency parse: subjects, noun phrases, verb groups."""

from __future__ import annotations

from collections.abc import Iterable

from spacy.tokens import Token

from quotestance.cues import ADJECTIVE_CUES, CUES, cue_class
from quotestance.speakable import can_speak, is_text

Range = tuple[int, int]  # token indices, end exclusive

_NP_LEFT = {
    "det", "amod", "compound", "poss", "nummod", "nmod", "advmod", "predet", "quantmod",
    "preconj", "case", "punct", "npadvmod", "cc", "conj", "prep", "dep",
}  # fmt: skip
_REPORTED = {"hear", "overhear", "quote", "cite", "say", "report", "know", "understand", "believe"}
_AGENTS = ("er", "or", "ist", "ian", "man", "woman", "ant", "ent", "official", "ary", "oy")
_UTTERANCES = frozenset(
    "comment remark statement word claim letter report message speech call complaint".split()
)
_RELATIVE = {"who", "which", "that", "whom"}
_TIME_NOUNS = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "week", "month",
    "year", "day", "night", "morning", "evening", "yesterday", "today", "afternoon", "condition",
    "weekend", "telephone", "interview", "statement", "briefing",
}  # fmt: skip


def verb_key(verb: Token) -> str:
    """The verb's lemma with its particle: "rule_out"."""
    lemma: str = verb.lemma_.lower()
    for child in verb.children:
        if child.dep_ == "prt" and child.i > verb.i:
            return f"{lemma}_{child.lower_}"
    return lemma


def is_passive(verb: Token) -> bool:
    """Whether the verb's subject is not its agent."""
    return any(c.dep_ in ("auxpass", "nsubjpass") for c in verb.children)


_PAST = {"VBD"}
_PRESENT = {"VBZ", "VBP"}
_PAST_MODALS = {"would", "could", "might", "'d", "’d"}


def tense(verb: Token) -> str | None:
    """Past or present by the first finite word of a verb's group; None where none is finite."""
    for token in (*(c for c in verb.lefts if c.dep_ in ("aux", "auxpass")), verb):
        if token.tag_ == "MD":
            return "past" if token.lower_ in _PAST_MODALS else "present"
        if token.tag_ in _PAST:
            return "past"
        if token.tag_ in _PRESENT:
            return "present"
        if token.tag_ == "TO":
            return None
    return None


def subject(verb: Token, *, depth: int = 0) -> Token | None:
    """Find the noun or pronoun that does what the verb says.

    Coordination, relative clauses ("Karzai, who has said"), participles and infinitives of
    purpose are followed.
    """
    if depth > 4:
        return None
    for child in verb.children:
        if child.dep_ in ("nsubj", "csubj"):
            if (
                child.text != "WHO"
                and child.lower_ in _RELATIVE
                and child.tag_ in ("WP", "WDT", "IN")
            ):
                return _antecedent(verb)
            return child if child.dep_ == "nsubj" else None
    if is_passive(verb):
        return _agent(verb)
    author = _author(verb)
    if author is not None:
        return author
    head = _joined_to(verb)
    if quoted_as(verb) is not None:
        return quoted_as(verb)
    if verb.dep_ in ("conj", "advcl", "xcomp") and head != verb and head.pos_ in ("VERB", "AUX"):
        if is_passive(head):  # "could be heard muttering", "is said to have suggested"
            heard = verb.dep_ == "xcomp" and head.lemma_.lower() in _REPORTED
            return _first(head, "nsubjpass") if heard else None
        return subject(head, depth=depth + 1)
    if verb.dep_ == "acl" and verb.tag_ == "VBG":
        return head
    if is_reduced_main(verb):
        return verb.sent.root
    return _noun_before(verb) if verb.dep_ == "ROOT" and tense(verb) is not None else None


def _author(verb: Token) -> Token | None:
    """Whose words a participle goes on about: "comments this week from Karzai alleging ..."."""
    if verb.tag_ != "VBG" or verb.i == 0:
        return None
    name = verb.doc[verb.i - 1]
    if name.dep_ != "pobj" or name.head.lower_ not in ("from", "by", "of"):
        return None
    near = verb.doc[max(verb.sent.start, name.head.i - 4) : name.head.i]
    return name if any(t.lemma_.lower() in _UTTERANCES for t in near) else None


def _joined_to(verb: Token) -> Token:
    """The verb whose subject a coordinated verb shares: by tense the cue above, or the conjunct.

    "He says the law is dead and has asked ..." joins "asked" with "says".
    """
    head = verb.head
    if verb.dep_ == "conj" and head.dep_ == "ccomp" and rejoins(verb, head.head, head):
        return head.head
    return head


def rejoins(follower: Token, cue: Token, content: Token) -> bool:
    """Whether a finite verb goes on with the cue rather than with the cue's content.

    Parameters
    ----------
    follower : Token
        The coordinated verb.
    cue : Token
    content : Token
        The head of the content.
    """
    now = tense(cue)
    if now is None or tense(follower) != now:
        return False
    if tense(content) != now:
        return True
    if any(c.dep_ in ("nsubj", "nsubjpass") for c in follower.lefts):
        return False
    below, above = _auxiliaries(content), _auxiliaries(follower)
    if not above and any(c.tag_ == "MD" for c in below):
        return True  # "promised that it would go and apologised": no "would ... apologised"
    if follower.lemma_.lower() not in CUES:
        return False
    subject = next((c for c in content.lefts if c.dep_ in ("nsubj", "nsubjpass")), None)
    if subject is not None and not can_speak(subject, speech=False):
        return True  # "said the gate was open and denied ...": no gate denies
    return [c.lemma_ for c in above] != [c.lemma_ for c in below]


def _auxiliaries(verb: Token) -> list[Token]:
    return [c for c in verb.lefts if c.dep_ in ("aux", "auxpass")]


def quoted_as(verb: Token) -> Token | None:
    """Who "was quoted as saying": the subject of the passive around a participle."""
    if verb.dep_ != "pcomp" or verb.head.lower_ != "as":
        return None
    passive = verb.head.head
    return _first(passive, "nsubjpass") if passive.lemma_.lower() in _REPORTED else None


def is_reduced_main(verb: Token) -> bool:
    """A main verb that the parser took for a participle: "A plumber offered to help"."""
    if verb.tag_ != "VBN" or verb.dep_ != "acl":
        return False
    root = verb.sent.root
    return (
        root.i < verb.i
        and root.pos_ in ("NOUN", "PROPN", "NUM", "PRON")
        and not any(c.dep_ in ("aux", "auxpass", "agent") for c in verb.children)
        and any(c.dep_ in ("xcomp", "ccomp", "dobj") for c in verb.rights)
    )  # fmt: skip


def _noun_before(verb: Token) -> Token | None:
    """The noun left of a main verb that has no subject: "In Kabul, an adviser dismissed ..."."""
    sent = verb.sent
    for token in reversed(verb.doc[sent.start : verb.i]):
        if token.dep_ == "appos" and token.right_edge.i < verb.i and token.lemma_.endswith(_AGENTS):
            return token
    name = verb.doc[verb.i - 1] if verb.i > sent.start else verb
    if name.text == "," and name.i > sent.start:  # "In defence, A. Name, a lawyer, said"
        name = name.nbor(-1)
    while name.dep_ in ("appos", "compound") and name.head.i < verb.i:
        name = name.head
    return name if name.pos_ == "PROPN" and name.dep_ in ("npadvmod", "dep", "nmod") else None


def _first(verb: Token, dep: str) -> Token | None:
    return next((c for c in verb.children if c.dep_ == dep), None)


def _antecedent(verb: Token) -> Token | None:
    """The noun that a relative clause belongs to; coordinated clauses share it."""
    clause = verb
    while clause.dep_ == "conj" and clause.head != clause:
        clause = clause.head
    return clause.head if clause.dep_ == "relcl" else None


def _agent(verb: Token) -> Token | None:
    for child in verb.children:
        if child.dep_ == "agent":
            return next((c for c in child.children if c.dep_ == "pobj"), None)
    return None


def noun_phrase(head: Token) -> Range:
    """Find the words that name `head`: title and restrictive phrases.

    Relative clauses and appositives set off by commas stay out, but "the deputy minister,
    Akbar Yusufi" keeps its name.
    """
    left = head.i
    for child in sorted((c for c in head.lefts), key=lambda c: -c.i):
        if child.dep_ not in _NP_LEFT or child.text in (",", ";", ":", "--", "—", "–"):
            break
        if child.dep_ == "punct" and child.text in '"“”':
            break
        left = min(left, child.left_edge.i)
    right = head.i + 1
    for child in head.rights:
        if child.dep_ == "prep" and child.i == right and not _is_adjunct(child):
            right = _restrictive_end(child)
        elif child.dep_ in ("case", "nummod", "compound", "flat", "nmod") and child.i == right:
            right = child.right_edge.i + 1
        elif child.dep_ == "acl" and child.i == right and child.tag_ == "VBN" and is_text(head):
            right = _restrictive_end(child)  # "a report released last week by the institute"
        elif child.dep_ == "appos" and child.pos_ == "PROPN":
            if child.left_edge.i == right or (
                head.pos_ == "NOUN" and child.left_edge.i == right + 1
            ):
                right = child.i + 1
        elif (
            child.dep_ == "conj"
            and child.pos_ in ("NOUN", "PROPN", "PRON")
            and child.i <= right + 3
            and head.doc[right].text != ","
        ):
            right = noun_phrase(child)[1]
    return left, right


def _is_adjunct(prep: Token) -> bool:
    return any(
        c.dep_ == "pobj" and c.lemma_.lower() in _TIME_NOUNS and prep.lower_ in ("on", "in", "at")
        for c in prep.children
    )


def _restrictive_end(prep: Token) -> int:
    """Where a restrictive prepositional phrase ends: before its first comma or relative clause."""
    end: int = prep.i + 1
    for token in prep.doc[prep.i + 1 : prep.right_edge.i + 1]:
        if token.text in (",", ";", ":", "(", "--", "—", "–", "-") or token.dep_ == "relcl":
            break
        if token.lower_ in _RELATIVE and token.dep_ in ("nsubj", "nsubjpass", "dobj"):
            break
        end = token.i + 1
    return end


def verb_group(verb: Token) -> Range:
    """The verb with its auxiliaries, negation and particle: "has long maintained"."""
    left = verb.i
    for child in verb.lefts:
        if child.dep_ in ("aux", "auxpass", "neg"):
            left = min(left, child.i)
    if any(t.dep_ in ("nsubj", "expl") for t in verb.doc[left : verb.i]):
        left = verb.i  # "did he say": the auxiliary stands before the subject
    right = verb.i + 1
    for child in verb.rights:
        if child.dep_ == "prt" and child.i <= verb.i + 2:
            right = child.i + 1
    return left, right


def class_of_cue(words: Iterable[Token]) -> str:
    """The class of a cue given as tokens, told by its last word that is in the table."""
    for token in reversed(list(words)):
        if token.lower_ in ADJECTIVE_CUES and token.pos_ != "VERB":
            return ADJECTIVE_CUES[token.lower_][0].kind
        for key in (verb_key(token), token.lemma_.lower()):
            if key in CUES:
                return cue_class(key)
    return "say"

"""Where content ends and the reporter's own voice begins again.

The parser often hangs the reporter's next clause on the reported one. Tense tells them apart:
"says the drug was safe and has refused to ..." goes back to the present of "says"; a content that
is no clause ("wants a text") cannot hold another finite verb at all.
"""

from __future__ import annotations

from spacy.tokens import Doc, Token

from quotestance.attributions import STOPS, trimmed
from quotestance.cues import CUES, SPEECH_LEMMAS
from quotestance.syntax import Range, rejoins, tense

_LONGEST = 250  # tokens of one reported sentence; what is longer is no sentence
_CONCESSIONS = {"though", "although"}
_CONTRASTS = {"while", "whereas"}
_RESULTS = {"further", "thus", "thereby"}
_RELATIVES = {"which", "where", "who", "whose"}
# Nouns that sum up what was said before: ", a charge that ..." is the reporter's comment.
_COMMENTS = frozenset(
    "charge claim accusation allegation notion phrase condition demand move step process position "
    "view argument offer warning threat proposal idea suggestion figure sum amount journey "
    "prospect "
    "description characterization assertion promise pledge request decision reference practice "
    "question point issue matter goal target deadline date formula version sign blow".split()
)


def right_content(verb: Token, start: int, child: Token, dummy: set[int]) -> Range | None:
    """From the first content token to the end of the cue's own clause.

    Parameters
    ----------
    verb : Token
        The cue.
    start : int
        The content's first token.
    child : Token
        The token that heads the content.
    dummy : set of int
        Tokens that stand for quoted sentences.
    """
    doc = verb.doc
    end = child.right_edge.i + 1
    for sibling in verb.rights:
        if sibling.i <= child.i:
            continue
        if _ends_content(sibling, verb, child):
            break
        if sibling.dep_ not in ("punct", "cc"):
            end = max(end, sibling.right_edge.i + 1)
    end = min(end, start + _LONGEST)
    end = _before_reporter(doc, start, end, verb, child)
    end = _before_trailing_attribution(doc, start, end)
    start, end = trimmed(doc, start, end, STOPS | {"and", "but"})
    if start in dummy:
        return None
    end = next((i for i in range(start, end) if i in dummy), end)
    start, end = trimmed(doc, start, end)
    return (start, end) if end > start else None


def _ends_content(sibling: Token, verb: Token, content: Token) -> bool:
    """Whether a right dependent of the cue belongs to the reporter again: another verb, a dash."""
    if sibling.dep_ == "parataxis" or sibling.text in (";", "--", "—", "–"):
        return True
    if sibling.dep_ == "conj":
        now = tense(sibling)
        own = any(c.dep_ in ("nsubj", "nsubjpass") for c in sibling.lefts)
        if own and now is not None and now == tense(content) != tense(verb):
            return False  # "claims that she was sent there and she was forced to work"
        return now is not None
    return sibling.dep_ == "advcl" and _is_comment_clause(sibling)


def _is_comment_clause(clause: Token) -> bool:
    """Read ", saying ..." and ", while others ..." behind a cue's content."""
    first = clause.doc[clause.left_edge.i]
    if first.i == 0 or clause.doc[first.i - 1].text != ",":
        return False
    if clause.tag_ == "VBG" and clause.lemma_.lower() in CUES:
        return bool(first.i == clause.i)
    return bool(first.lower_ in _CONTRASTS)


def _before_reporter(doc: Doc, start: int, end: int, verb: Token, head: Token) -> int:
    """Cut what the parser hung on the content but the reporter says."""
    clausal = tense(head) is not None or any(c.dep_ in ("nsubj", "nsubjpass") for c in head.lefts)
    for token in doc[start + 1 : end - 1]:
        if token.text != "," and token.lower_ not in ("and", "but"):
            continue
        i, after = token.i, doc[token.i + 1]
        if token.text == "," and _opens_comment(after, i - start, clausal):
            return int(i)
        if token.lower_ in ("and", "but") or (token.text == "," and after.lower_ in _CONTRASTS):
            follower = None if after.lower_ == "that" else _finite_behind(doc, i, end)
            if follower is None or follower.i <= head.i:
                continue
            if not clausal or rejoins(follower, verb, head):
                return int(i)
    return end


def _opens_comment(token: Token, length: int, clausal: bool) -> bool:
    """Whether a comma is followed by the reporter's comment on the content before it."""
    if token.tag_ == "VBG" and token.lemma_.lower() in SPEECH_LEMMAS:
        return True
    if token.lower_ in _RESULTS and token.i + 1 < len(token.doc) and token.nbor().tag_ == "VBG":
        return True  # ", further straining ..." is what the reporter makes of it
    if token.lower_ in _CONCESSIONS:
        return length >= 3
    if token.lower_ in _RELATIVES:
        return not clausal
    noun = token.head if token.dep_ == "det" else token
    return token.lower_ in ("a", "an") and noun.lemma_.lower() in _COMMENTS


def _finite_behind(doc: Doc, at: int, end: int) -> Token | None:
    """The finite verb of the clause that a conjunction opens, if it is joined to a clause."""
    for token in doc[at + 1 : min(end, at + 14)]:
        if token.text in (",", ";", ":"):
            return None
        if token.pos_ in ("VERB", "AUX") and token.dep_ not in ("aux", "auxpass", "acl", "relcl"):
            joined = token.dep_ in ("conj", "ccomp", "ROOT", "advcl", "parataxis")
            return token if joined and tense(token) is not None else None
    return None


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

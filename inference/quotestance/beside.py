"""The words beside a source that say who it is: appositives and relative clauses."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from quotestance.syntax import noun_phrase, tense

_RELATIVES = {"who", "whose", "which", "where"}
_ENDS = {".", ";", ":", '"', ")", "?"}
_MOST_WORDS = 24


def beside(doc: Doc, head: int | None, right: int | None = None) -> str:
    """The appositive or relative clause beside a source, up to where it ends.

    Parameters
    ----------
    doc : Doc
    head : int or None
        The source's head; None for no source.
    right : int, optional
        Where the source's noun phrase ends, if it is known already.
    """
    if head is None:
        return ""
    right = noun_phrase(doc[head])[1] if right is None else right
    commas = right < len(doc) and doc[right].text in (",", "(")
    if commas:
        right += 1
    elif right >= len(doc) or doc[right].lower_ not in _RELATIVES:
        return ""
    rest = doc[right : doc[head].sent.end if commas else doc[head].right_edge.i + 1]
    relative = len(rest) > 0 and rest[0].lower_ in _RELATIVES
    words: list[str] = []
    for token in rest:
        if token.text in _ENDS or (token.text == "," and len(words) > 1):
            break
        if not relative and _is_predicate(token):
            break
        words.append(token.text_with_ws)
    return "".join(words[:_MOST_WORDS]).strip()


def _is_predicate(token: Token) -> bool:
    """A finite verb outside relative clauses: the sentence itself goes on."""
    return (
        token.pos_ in ("VERB", "AUX")
        and token.dep_ not in ("relcl", "acl", "aux", "auxpass")
        and tense(token) is not None
    )

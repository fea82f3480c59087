"""Where the content of a cue stands, by the cue's syntactic frames (see `cues`)."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from quotestance.attributions import STOPS, trimmed
from quotestance.cues import SPEECH_LEMMAS, Cue
from quotestance.syntax import Range


class ContentFrame:
    """How one frame letter finds the first token of its content."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def find(self, verb: Token, cue: Cue) -> tuple[int, Token, int | None] | None:
        """Return the content's first token, the child that it starts in, and the cue's end."""
        children = [c for c in verb.rights if c.dep_ != "punct"]
        if self.letter == "x":
            return self._prepositional(verb, cue, children)
        for child in children:
            if self._opens(child, verb, cue):
                return self._start(child)
        return self._misplaced(children) if self.letter == "c" and cue.kind == "say" else None

    def _misplaced(self, children: list[Token]) -> tuple[int, Token, int | None] | None:
        """A that-clause that the parser hung on a noun: "said in a statement that it ..."."""
        for child in children:
            nouns = [c for c in child.rights if c.dep_ == "pobj"] if child.dep_ == "prep" else []
            if child.dep_ in ("dobj", "dative"):
                nouns = [child]
            for clause in (c for noun in nouns for c in noun.rights):
                first = clause.doc[clause.left_edge.i]
                subjects = [c for c in clause.lefts if c.dep_ in ("nsubj", "nsubjpass", "expl")]
                if first.lower_ == "that" and subjects and subjects[0].i != first.i:
                    return self._start(clause)
        return None

    def _opens(self, child: Token, verb: Token, cue: Cue) -> bool:
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
            return self._small_clause(child, verb, cue.kind)
        return False

    @staticmethod
    def _small_clause(child: Token, verb: Token, kind: str) -> bool:
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
        if kind == "believe":  # "has seen the text" says nothing of the text
            return False
        return any(c.dep_ in ("acl", "prep", "relcl", "appos") for c in child.rights)

    @staticmethod
    def _start(child: Token) -> tuple[int, Token, int | None]:
        """Behind an introductory "that"; a "for" belongs to the cue ("pressed for it to be")."""
        start: int = child.left_edge.i
        for token in child.doc[start : min(start + 6, child.i)]:
            if token.lower_ == "that" and (token.dep_ == "mark" or token.i == start):
                return token.i + 1, child, None
            if token.lower_ == "for" and token.dep_ == "mark" and token.i == start:
                return start + 1, child, start + 1
            if token.pos_ in ("VERB", "AUX", "PRON", "PROPN"):
                break
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


CONTENT_FRAMES = tuple(ContentFrame(letter) for letter in "xcsio")


def right_content(verb: Token, start: int, child: Token, dummy: set[int]) -> Range | None:
    """From the first content token to the end of the cue's own clause."""
    end = child.right_edge.i + 1
    for sibling in verb.rights:
        if sibling.i <= child.i:
            continue
        if _ends_content(sibling):
            break
        if sibling.dep_ not in ("punct", "cc"):
            end = max(end, sibling.right_edge.i + 1)
    end = _before_concession(verb.doc, start, end)
    end = _before_trailing_attribution(verb.doc, start, end)
    start, end = trimmed(verb.doc, start, end, STOPS | {"and", "but"})
    if start in dummy:
        return None
    for i in range(start, end):
        if i in dummy:
            end = i
            break
    start, end = trimmed(verb.doc, start, end)
    return (start, end) if end > start else None


def _ends_content(sibling: Token) -> bool:
    """Whether a right dependent of the cue belongs to the reporter again: another verb, a dash."""
    if sibling.dep_ == "parataxis" or sibling.text in (";", "--", "—", "–"):
        return True
    return sibling.dep_ == "conj" and sibling.tag_ in ("VBD", "VBZ", "VBP", "MD")


def _before_concession(doc: Doc, start: int, end: int) -> int:
    """Cut ", though the reporter adds ..." from the end of a content range."""
    for i in range(start + 3, end):
        if doc[i].lower_ in ("though", "although") and doc[i - 1].text == ",":
            return i - 1
    return end


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

"""Cue and source of whole quoted sentences, told by the tokens beside them."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from quotestance.attributions import STOPS, Attribution
from quotestance.cues import CUES, SPEECH_LEMMAS, cue_class
from quotestance.speakable import can_speak
from quotestance.syntax import is_passive, noun_phrase, subject, verb_group, verb_key

_INVERTED = {"nsubj", "dobj", "attr", "oprd", "npadvmod", "dep", "appos"}


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
    return according_to(doc, low, high)


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
        if token.text in STOPS or token.pos_ in ("VERB", "ADP", "SCONJ", "CCONJ"):
            return None
        head = token.head
        if token.pos_ in ("NOUN", "PROPN", "PRON") and not (
            token.dep_ in ("compound", "poss", "nmod", "amod") and token.i < head.i < high
        ):
            return token if can_speak(token) else None
    return None


def according_to(doc: Doc, low: int, high: int) -> Attribution | None:
    """The cue "according to" and its source in ``doc[low:high]``."""
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

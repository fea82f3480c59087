"""The cue table: classes, frames, particles."""

from __future__ import annotations

import pytest

from quotestance.cues import CUES, NOMINAL_CUES, SPEECH_LEMMAS, cue_class
from quotestance.language import parse
from quotestance.syntax import noun_phrase, subject, verb_group, verb_key

CLASSES = {
    "say", "ask", "demand", "refuse", "deny", "concede", "believe", "intend", "praise", "criticise",
}  # fmt: skip


@pytest.mark.parametrize(
    ("lemma", "kind"),
    [
        ("say", "say"),
        ("wonder", "ask"),
        ("urge", "demand"),
        ("rule_out", "refuse"),
        ("dispute", "deny"),
        ("admit", "concede"),
        ("fear", "believe"),
        ("plan", "intend"),
        ("hail", "praise"),
        ("condemn", "criticise"),
        ("describe", "say"),
        ("say_up", "say"),
        ("juggle", "say"),
    ],
)
def test_class_of_a_cue(lemma: str, kind: str) -> None:
    assert cue_class(lemma) == kind


def test_every_cue_has_a_known_class_and_known_frames() -> None:
    for lemma, cues in CUES.items():
        for cue in cues:
            assert cue.kind in CLASSES, lemma
            assert cue.frames and set(cue.frames) <= set("ciosax"), lemma
            assert cue.prepositions or "x" not in cue.frames, lemma
    assert set(NOMINAL_CUES.values()) <= CLASSES


def test_speech_lemmas_say_and_ask_but_do_not_want() -> None:
    assert {"say", "tell", "ask", "call"} <= SPEECH_LEMMAS
    assert not {"refuse", "praise", "plan"} & SPEECH_LEMMAS


@pytest.mark.parametrize(
    ("text", "verb", "key", "who", "cue"),
    [
        ("The mayor has ruled out a sale.", "ruled", "rule_out", "The mayor", "has ruled out"),
        ("The mason, who built it, left.", "built", "build", "The mason", "built"),
        ("The clerk rose and left.", "left", "leave", "The clerk", "left"),
        ("The sale was not approved by the old council.", "approved", "approve",
         "the old council", "was not approved"),
        ("It was not sold.", "sold", "sell", None, "was not sold"),
    ],
)  # fmt: skip
def test_verb_subject_and_group(text: str, verb: str, key: str, who: str | None, cue: str) -> None:
    doc = next(iter(parse([text])))
    token = next(t for t in doc if t.text == verb)
    source = subject(token)
    assert verb_key(token) == key
    assert (doc[slice(*noun_phrase(source))].text if source else None) == who
    assert doc[slice(*verb_group(token))].text == cue

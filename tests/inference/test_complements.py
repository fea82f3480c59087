"""Where content may open behind a cue: the frame, the first word, and where the cue ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Token

from quotestance.complements import FRAMES, Opening, openings
from quotestance.cues import CUES
from quotestance.language import parse
from quotestance.syntax import verb_key


def _parsed(text: str) -> Doc:
    return next(iter(parse([text])))


def _kinds(verb: Token) -> frozenset[str]:
    return frozenset(cue.kind for cue in CUES.get(verb_key(verb), ()))


def of(text: str, cue: str) -> dict[str, tuple[str, str | None]]:
    """Frame → the text from the opening on, and the cue with what belongs to it."""
    doc = _parsed(text)
    verb = next(t for t in doc if t.text == cue)
    return {
        o.frame: (doc[o.start :].text, doc[verb.i : o.cue_end].text if o.cue_end else None)
        for o in openings(verb, _kinds(verb))
    }


SHUT = "the road was shut."


@pytest.mark.parametrize(
    ("text", "cue", "frame", "opens"),
    [
        # clauses, with and without "that", which stays outside
        (f"The minister said that {SHUT}", "said", "c", SHUT),
        (f"The minister said {SHUT}", "said", "c", SHUT),
        (f"The envoy warned, that {SHUT}", "warned", "c", SHUT),
        (f"The envoy said, however, that {SHUT}", "said", "c", SHUT),
        (f"The minister told reporters in the hall that {SHUT}", "told", "c", SHUT),
        # "whether" is content
        (f"The union asked whether {SHUT}", "asked", "c", f"whether {SHUT}"),
        # the parser hangs these clauses on a noun
        (f"The clerk said in a statement that {SHUT}", "said", "c", SHUT),
        (f"The clerk told the elders of the valley that {SHUT}", "told", "c", SHUT),
        # infinitives and participles
        ("The mayor plans to sign the lease.", "plans", "i", "to sign the lease."),
        ("The mayor refused to sign the lease.", "refused", "i", "to sign the lease."),
        ("The mayor ruled out signing the lease.", "ruled", "i", "signing the lease."),
        ("The union urged the council to open it.", "urged", "i", "to open it."),
        # objects
        ("The council wants a new text.", "wants", "o", "a new text."),
        ("The clerk dismissed the talk of a strike.", "dismissed", "o", "the talk of a strike."),
        # objects and what is said of them
        ("The mayor regards the lease as a gift.", "regards", "s", "the lease as a gift."),
        ("The clerk accused the mayor of theft.", "accused", "s", "the mayor of theft."),
        ("The union urged the council to open it.", "urged", "s", "the council to open it."),
    ],
)
def test_content_opens(text: str, cue: str, frame: str, opens: str) -> None:
    assert of(text, cue)[frame] == (opens, None)


@pytest.mark.parametrize(
    ("text", "cue", "frame", "opens", "whole"),
    [
        ("The council insists on the right to search.", "insists", "x", "the right to search.",
         "insists on"),
        ("The envoy complained about the noise.", "complained", "x", "the noise.",
         "complained about"),
        ("The union pressed for it to be shut.", "pressed", "i", "it to be shut.", "pressed for"),
        ("The union pressed for the road to be shut.", "pressed", "i", "the road to be shut.",
         "pressed for"),
    ],
)  # fmt: skip
def test_a_preposition_belongs_to_the_cue(
    text: str, cue: str, frame: str, opens: str, whole: str
) -> None:
    assert of(text, cue)[frame] == (opens, whole)


@pytest.mark.parametrize(
    ("text", "cue", "frame"),
    [
        # "has seen the text" says nothing of the text
        ("The clerk has seen the text of the lease.", "seen", "s"),
        # a plan is no clause, a clause no infinitive, a bare object neither
        ("The mayor plans to sign the lease.", "plans", "c"),
        (f"The minister said that {SHUT}", "said", "i"),
        (f"The minister said that {SHUT}", "said", "s"),
        ("The council wants a new text.", "wants", "i"),
        ("The council wants a new text.", "wants", "s"),
        # a place far behind the cue is not its preposition
        ("The clerk dismissed the long talk of a strike in the hall.", "dismissed", "x"),
    ],
)
def test_frames_that_the_syntax_does_not_offer(text: str, cue: str, frame: str) -> None:
    found = of(text, cue)
    assert found and frame not in found


@pytest.mark.parametrize(
    ("text", "cue"),
    [("The envoy slept.", "slept"), ("“It is late,” the envoy said.", "said"), ("Wait.", "Wait")],
)
def test_a_verb_with_nothing_behind_it_opens_nothing(text: str, cue: str) -> None:
    assert of(text, cue) == {}


def test_what_counts_as_said_of_an_object_depends_on_the_class_of_the_cue() -> None:
    doc = _parsed("The clerk has seen the text of the lease.")
    verb = next(t for t in doc if t.text == "seen")
    assert "s" not in {o.frame for o in openings(verb, frozenset({"believe"}))}
    assert "s" in {o.frame for o in openings(verb, frozenset({"criticise"}))}


PARTS = (
    "the mayor|a new text|that|the road was shut|to sign|signing it|on|in a statement|whether|for|"
    "it|to be|as a gift|of theft|,|and|“|—|however|said|wants|called|urged|vital|  |'s"
).split("|")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=10).map(" ".join))
def test_each_frame_is_offered_once_and_to_the_right(text: str) -> None:
    doc = _parsed(text)
    for verb in doc:
        found: list[Opening] = list(openings(verb, _kinds(verb)))
        frames = [o.frame for o in found]
        assert len(frames) == len(set(frames)) and set(frames) <= set(FRAMES)
        for o in found:
            assert o.start < len(doc)
            assert o.head.doc is doc and verb.is_ancestor(o.head)
            assert verb.i < o.start or o.head.left_edge.i <= verb.i
            assert o.cue_end is None or o.cue_end == o.start

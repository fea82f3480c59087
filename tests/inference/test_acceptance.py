"""The names that the judge weighs: what they say of the cue, the source and the content."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance.acceptance import reported_names, turn_names
from quotestance.attributions import Attribution
from quotestance.frames import frame
from quotestance.language import parse
from quotestance.reported import candidates


def candidates_of(text: str, role: str = "body") -> list[tuple[Attribution, tuple[str, ...]]]:
    """All candidates with their names."""
    paragraph = frame(text, 0, len(text), role=role)
    (doc,) = parse([paragraph.text])
    dummy = {t.i for t in doc if paragraph.turn_over(t.idx)}
    found = candidates(doc, role, dummy, set())
    return [(a, reported_names(doc, a, paragraph)) for a in found]


def names_of(text: str, shape: str, role: str = "body") -> set[str]:
    """The names of the one candidate that was found by a syntactic frame."""
    (found,) = (names for a, names in candidates_of(text, role) if a.frame == shape)
    return set(found)


SAID = "The minister said that the road was shut."


@pytest.mark.parametrize(
    ("text", "shape", "expected"),
    [
        # the cue
        (SAID, "c", {"kind=say", "known=True", "lemma=say", "tag=VBD", "dep=ROOT", "frame=c"}),
        ("The minister has not said that the road was shut.", "c", {"left=has", "left=not"}),
        ("The mayor juggled that the road was shut.", "c",
         {"kind=open", "known=False", "lemma=juggle"}),
        ("The council insisted on a pause.", "x",
         {"known=True", "prep=on", "lemma=insist*prep=on", "x*prep=on"}),
        ("The mayor has ruled out a sale.", "o", {"lemma=rule_out", "known=True"}),
        ("The White House was willing to wait.", "i",
         {"adjective=True", "lemma=willing", "kind=intend"}),
        # the source
        (SAID, "c", {"source=minister", "source.strict=True", "source.left=det", "source.det=the",
                     "known*True*strict=True", "source.text=False", "source.relay=False"}),
        ("The Herald report said the road must open.", "c",
         {"source=report", "source.text=True", "source.relay=True", "source.strict=False",
          "known*True*strict=False", "source.left=compound"}),
        # the content
        (SAID, "c", {"that=True", "gap=2", "first=the", "first.pos=DET", "next=.", "parts=1",
                     "head.lemma=shut", "verbal=True", "modal=False", "marked=False"}),
        ("The minister said the road was shut.", "c", {"that=False", "gap=1"}),
        ("The Herald report said the road must open.", "c", {"modal=True"}),
        ("The council wants a new text.", "o", {"verbal=False", "length=2"}),
        ("The mayor wants our guards to leave.", "i", {"first.person", "first=our"}),
        ("The clerk called the plan “a gift” to us.", "o", {"marked=True"}),
    ],
)  # fmt: skip
def test_reported_content(text: str, shape: str, expected: set[str]) -> None:
    assert expected <= names_of(text, shape)


def test_what_is_not_there_has_no_name() -> None:
    found = names_of(SAID, "c")
    assert "first.person" not in found
    assert not [n for n in found if n.startswith(("left=", "prep=", "verbatim"))]
    assert "turns=False" in found
    spoken = '"We wait for rain," he said. The minister said that the road was shut.'
    assert "turns=True" in names_of(spoken, "c")


def test_the_role_is_named() -> None:
    assert "role=body" in names_of(SAID, "c")
    assert "role=caption" in names_of(SAID, "c", role="caption")


@pytest.mark.parametrize(
    ("quoted", "share"),
    [("A Gift To The Town", 3), ("a gift to the town", 0), ("a Gift to the Town", 1)],
)
def test_the_capitals_of_quoted_words_tell_a_title(quoted: str, share: int) -> None:
    text = f"The council wants “{quoted}”."
    assert f"verbatim*capitals={share}" in names_of(text, "o")
    plain = names_of(text.replace("“", "").replace("”", ""), "o")
    assert not [n for n in plain if n.startswith("verbatim")]


def test_a_name_crossed_with_the_frame_repeats_a_plain_one() -> None:
    for a, names in candidates_of("The mayor wants our guards to leave the hall."):
        if a.verb != 2:
            continue
        crossed = {n.removeprefix(f"{a.frame}*") for n in names if n.startswith(f"{a.frame}*")}
        assert {"kind=demand", "lemma=want", "modal=False"} <= crossed
        assert crossed <= set(names)
        assert not [n for n in crossed if n.startswith(("source=", "first=", "role="))]


@pytest.mark.parametrize("lacks", ["verb", "head", "opening"])
def test_a_candidate_without_cue_source_or_content_head_is_refused(lacks: str) -> None:
    paragraph = frame(SAID, 0, len(SAID))
    (doc,) = parse([paragraph.text])
    given_ = {"verb": 2, "head": 1, "opening": 6, lacks: None}
    a = Attribution(
        ((4, 7),), (2, 3), (0, 2), "say", given_["verb"], given_["head"],
        opening=given_["opening"], frame="c",
    )  # fmt: skip
    with pytest.raises(ValueError, match="lacks its cue, source or content head"):
        reported_names(doc, a, paragraph)


@pytest.mark.parametrize(
    "text",
    [
        # a paragraph may be cut anywhere: by a teaser, a line break, an advertisement
        "The road was shut, according to the mayor,",
        "The road was shut according to the mayor, a tailor,",
        "According to the mayor, the road was shut,",
        "In his view, but, one a trap.",
        "In his view",
        "The mayor said",
        "The mayor said,",
        "The mayor insisted on",
        "said the mayor",
        "that the road",
        ": the road was shut",
        "The mayor's demand that",
    ],
)
def test_a_text_that_is_cut_off_can_be_described(text: str) -> None:
    for _, names in candidates_of(text):
        assert "frame=" in " ".join(names)


PARTS = (
    "the mayor|said|wants|that|the road was shut|a new text|to sign|,|and|“a trap”|according to|"
    "in his view|The Herald reported|insisted on|was willing|our|;|—|.|the second|'s demand|  "
).split("|")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS), max_size=10).map(" ".join))
def test_names_are_the_same_each_time_and_have_a_value(rest: str) -> None:
    text = f"The clerk said that {rest} it was late."
    found = candidates_of(text)
    assert found == candidates_of(text)
    for a, names in found:
        assert len([n for n in names if n.startswith("frame=")]) == 1
        assert f"frame={a.frame}" in names and f"known={a.known}" in names
        assert all(n and not n.endswith("None") for n in names)


def turn(text: str, *parts: str, form: str = "turn", **changes: object) -> set[str]:
    """The names of quoted sentences, given by their words."""
    spans = tuple((text.index(p), text.index(p) + len(p)) for p in parts)
    given_ = {"cue": "said", "cue_class": "say", "sourced": True, "role": "body", **changes}
    return set(turn_names(text, spans, form=form, **given_))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("“We will wait,” he said.", "We will wait,",
         {"ends=,", "lead=", "first.person=True", "finite=True", "upper=True", "single=False",
          "length=2", "parts=1", "capitals=1"}),
        ("He said: “wait for rain.”", "wait for rain.",
         {"ends=.", "lead=:", "first.person=False", "finite=False", "upper=False"}),
        ("He spoke of “the long wait”", "the long wait", {"ends=a", "lead=a", "capitals=0"}),
        ("He read “The Long Wait”", "The Long Wait", {"capitals=3"}),
        ("He came. «Wait!»", "Wait!", {"ends=!", "lead=.", "length=1"}),
        ("‘Wait,’ he said.", "Wait,", {"single=True"}),
        ("'Wait,' he said.", "Wait,", {"single=True"}),
        ("“I don’t know,” he said.", "I don’t know,", {"finite=True", "first.person=True"}),
        ("“... 7 ...”", "... 7 ...", {"capitals=0", "length=0", "finite=False", "upper=False"}),
    ],
)  # fmt: skip
def test_quoted_sentences(text: str, part: str, expected: set[str]) -> None:
    found = turn(text, part)
    assert expected <= found
    assert {f"turn*{n}" for n in expected if n.startswith(("ends=", "lead=", "length="))} <= found


@pytest.mark.parametrize("words", ["It’s a trap.", "It's a trap.", "They’re late.", "We’re late."])
def test_a_contracted_verb_is_finite_too(words: str) -> None:
    assert "finite=True" in turn(f"“{words}” he said.", words)


def test_the_parts_of_a_quote_count_together() -> None:
    text = "“wait,” he said. “We will decide!” “Go.” “Now.”"
    found = turn(text, "wait,", "We will decide!")
    assert {"parts=2", "length=3", "ends=!", "finite=True", "upper=False"} <= found
    assert "parts=3" in turn(text, "wait,", "We will decide!", "Go.", "Now.")
    assert "length=6" in turn("“" + "wait " * 500 + "”", "wait " * 499 + "wait")


def test_cue_source_form_and_role_are_named() -> None:
    text = "“We wait.”"
    said = turn(text, "We wait.")
    assert {"cue=say", "cue=True*sourced=True", "turn*sourced=True", "form=turn"} <= said
    bare = turn(
        text, "We wait.", form="bare", cue=None, cue_class=None, sourced=False, role="caption"
    )
    assert {"cue=None", "cue=False*sourced=False", "bare*sourced=False", "role=caption"} <= bare
    assert not [n for n in bare if n.startswith("turn")]


@given(data=st.data())
def test_any_text_can_be_described(data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    names = turn_names(
        text, ((start, end),), form="bare", cue=None, cue_class=None, sourced=False, role="body"
    )
    assert len(names) == len(set(names))
    # letters and digits have one common name, or the judge would learn the alphabet
    assert not [n for n in names if n.startswith(("ends=", "lead=")) and n[5:].isalnum()
                and n[5:] != "a"]  # fmt: skip

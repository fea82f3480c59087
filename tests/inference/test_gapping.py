"""Gapped cues: one verb, several sources, each with its own content."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from quotestance.articles import Article
from quotestance.attributions import Attribution
from quotestance.gapping import ungapped
from quotestance.language import parse
from quotestance.quotes import extract


def _parsed(text: str) -> Doc:
    return next(iter(parse([text])))


def _attribution(doc: Doc, cue: str, end: int | None = None) -> Attribution:
    """One source, one cue, and all behind it as its content, as a parser may have it."""
    verb = next(t.i for t in doc if t.text == cue)
    stop = len(doc) - 1 if end is None else end
    return Attribution(
        ((verb + 1, stop),), (verb, verb + 1), (0, verb), "say", verb, verb - 1, frame="o",
        opening=verb + 1, via=(0, 1),
    )  # fmt: skip


def of(text: str, cue: str) -> list[tuple[str, str]]:
    doc = _parsed(text)
    found = ungapped(doc, [_attribution(doc, cue)])
    for a in found:
        assert a.cue is not None and doc[slice(*a.cue)].text == cue, "the cue is shared"
    return [
        (doc[slice(*a.source)].text if a.source else "", doc[slice(*a.content[0])].text)
        for a in found
    ]


@pytest.mark.parametrize(
    ("text", "cue", "expected"),
    [
        ("The first called it vital, the second a trap.", "called",
         [("The first", "it vital"), ("the second", "a trap")]),
        ("One wanted a new text, another a pause.", "wanted",
         [("One", "a new text"), ("another", "a pause")]),
        ("One wanted a new text and the second a pause.", "wanted",
         [("One", "a new text and the second a pause")]),  # no comma, no gap
        ("One wanted a new text, and the other a pause.", "wanted",
         [("One", "a new text"), ("the other", "a pause")]),
        ("One wanted a new text, while others a feast.", "wanted",
         [("One", "a new text"), ("others", "a feast")]),
        ("One wanted a new text; the latter a pause.", "wanted",
         [("One", "a new text"), ("the latter", "a pause")]),
        ("One wanted a new text, a second a pause, and the rest a feast.", "wanted",
         [("One", "a new text"), ("a second", "a pause"), ("the rest", "a feast")]),
    ],
)  # fmt: skip
def test_each_source_gets_its_own_content(
    text: str, cue: str, expected: list[tuple[str, str]]
) -> None:
    assert of(text, cue) == expected


@pytest.mark.parametrize(
    "text",
    [
        "One called it vital; the other, a trap.",
        "One called it vital, the other, a trap.",
        "One called it vital, and the other, a trap.",
    ],
)
def test_a_comma_in_the_place_of_the_verb_is_no_content(text: str) -> None:
    assert of(text, "called")[1] == ("the other", "a trap")


def test_a_quoted_judgement_behind_such_a_comma_stays_direct() -> None:
    found = extract(Article.of("One called it “vital”; the other, “a trap”."))
    assert [(q.text, q.source, q.kind) for q in found][1:] == [("a trap", "the other", "direct")]


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("The mayor wanted a new text.", "wanted"),
        ("The mayor wanted a new text, a pause and a feast.", "wanted"),
        # a second source with a verb of its own
        ("One wanted a new text, the second said it was late.", "wanted"),
        ("One wanted a new text, and others agreed to it.", "wanted"),
        ("One wanted a new text, the other, he said, wanted a pause.", "wanted"),
    ],
)
def test_nothing_is_gapped(text: str, cue: str) -> None:
    doc = _parsed(text)
    given_ = [_attribution(doc, cue)]
    assert ungapped(doc, given_) == given_


def test_content_before_the_cue_or_in_two_parts_is_left_alone() -> None:
    doc = _parsed("It was vital, the other a trap, the mayor said, one a gift.")
    verb = next(t.i for t in doc if t.text == "said")
    before = Attribution(((0, 7),), (verb, verb + 1), (8, 10), "say", verb, verb - 1, aside=True)
    parts = Attribution(
        ((0, 7), (verb + 1, len(doc))), (verb, verb + 1), (8, 10), "say", verb, verb - 1
    )
    assert ungapped(doc, [before, parts]) == [before, parts]


def test_every_part_has_a_head_and_an_opening_in_its_own_words() -> None:
    doc = _parsed("One wanted a new text, the second a pause.")
    first, second = ungapped(doc, [_attribution(doc, "wanted")])
    assert (first.head, first.via, first.opening) == (0, (0, 1), 2)
    assert second.head is not None and doc[second.head].text == "second"
    assert second.opening is not None and doc[second.opening].text == "a"
    assert second.via is None, "who relays the first does not relay the second"
    assert first.content[0][1] <= second.source[0] if second.source else False


def test_a_gap_ends_with_its_sentence() -> None:
    doc = _parsed("One wanted a new text. The mayor left, another a gift.")
    a = _attribution(doc, "wanted", end=5)
    assert ungapped(doc, [a]) == [a]


@pytest.mark.parametrize(
    "text",
    [
        "In his view, but, one a trap.",
        "In the mayor's view - , another a trap.",
        "The mayor called (, another a trap.",
    ],
)
def test_no_content_is_empty(text: str) -> None:
    doc = _parsed(text)
    found = ungapped(doc, [_attribution(doc, "view" if "view" in text else "called")])
    assert all(start < end for a in found for start, end in a.content)
    extract(Article.of(text))


PARTS = (
    "one|another|the second|the other|a trap|a pause|it vital|,|;|and|but|while|the mayor|said|"
    "wanted|a new text|.|the rest"
).split("|")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=14).map(" ".join))
def test_parts_lie_in_order_and_apart(rest: str) -> None:
    doc = _parsed(f"One wanted a new text {rest}.")
    whole = _attribution(doc, "wanted", end=doc[0].sent.end)
    found = ungapped(doc, [whole])
    assert found and found[0].source == whole.source
    assert found[0].content[0][0] == whole.content[0][0]
    ends = 0
    for a in found:
        (start, end), source = a.content[0], a.source
        assert end <= doc[0].sent.end and source is not None
        if a is not found[0]:
            assert ends <= source[0] < source[1] <= start < end
        ends = end

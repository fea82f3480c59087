"""Which candidates stand beside each other: one reading a cue, outer before inner, relays told."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from quotestance.articles import Article
from quotestance.attributions import Attribution
from quotestance.nesting import settle
from quotestance.quotes import extract

# 0 1     2    3     4       5    6    7       8  9   10   11
WORDS = "The Post said the palace said the governor wanted it shut soon".split()
POS = "DET PROPN VERB DET NOUN VERB DET NOUN VERB PRON ADJ ADV".split()


def _doc(**pos: str) -> Doc:
    """The words above; a part of speech may be given to one of them."""
    vocab = spacy.blank("en").vocab
    return Doc(vocab, words=WORDS, pos=[pos.get(w, p) for w, p in zip(WORDS, POS, strict=True)])


DOC = _doc()
# each speaks of what the next one says
POST = Attribution(((3, 12),), (2, 3), (0, 2), "say", 2, 1, clause=5, score=0.9)
PALACE = Attribution(((6, 12),), (5, 6), (3, 5), "say", 5, 4, clause=8, score=0.8)
GOVERNOR = Attribution(((9, 12),), (8, 9), (6, 8), "demand", 8, 7, score=0.7)


def test_nothing_settles_to_nothing() -> None:
    assert settle(DOC, [], 0.5) == []


@pytest.mark.parametrize(("least", "kept"), [(0.69, True), (0.7, True), (0.71, False)])
def test_the_unlikely_fall(least: float, kept: bool) -> None:
    assert settle(DOC, [GOVERNOR], least) == ([GOVERNOR] if kept else [])


def test_of_two_readings_of_a_cue_the_likelier_stands() -> None:
    other = replace(GOVERNOR, content=((10, 12),), frame="s", score=0.75)
    assert settle(DOC, [GOVERNOR, other], 0.5) == [other]
    assert settle(DOC, [other, GOVERNOR], 0.5) == [other]


def test_a_gapped_cue_keeps_its_sources() -> None:
    first = replace(GOVERNOR, content=((9, 10),))
    second = replace(GOVERNOR, content=((11, 12),), source=(10, 11), head=10, score=0.6)
    assert settle(DOC, [second, first], 0.5) == [first, second], "in the order of the text"


def test_of_two_that_overlap_the_likelier_stands() -> None:
    other = Attribution(((10, 12),), (4, 5), (3, 4), "say", 4, 3, score=0.6)
    assert settle(DOC, [GOVERNOR, other], 0.5) == [GOVERNOR]
    assert settle(DOC, [GOVERNOR, replace(other, score=0.9)], 0.5) == [replace(other, score=0.9)]
    apart = replace(other, content=((5, 6), (7, 8)))
    assert settle(DOC, [GOVERNOR, apart], 0.5) == [apart, GOVERNOR]


def test_an_outer_quote_keeps_what_it_holds() -> None:
    # the palace speaks itself here: what the governor wants is part of what it says
    assert settle(DOC, [PALACE, GOVERNOR], 0.5) == [PALACE]
    assert settle(DOC, [GOVERNOR, PALACE], 0.5) == [PALACE]
    likelier = replace(GOVERNOR, score=0.99)
    assert settle(DOC, [PALACE, likelier], 0.5) == [PALACE], "nesting is no matter of scores"


def test_an_unlikely_outer_quote_does_not_hide_the_inner_one() -> None:
    assert settle(DOC, [replace(PALACE, score=0.1), GOVERNOR], 0.5) == [GOVERNOR]


def test_a_newspaper_only_passes_on() -> None:
    assert settle(DOC, [POST, PALACE], 0.5) == [replace(PALACE, via=(0, 2))]
    assert settle(DOC, [POST, PALACE, GOVERNOR], 0.5) == [replace(PALACE, via=(0, 2))]


def test_an_aside_only_passes_on() -> None:
    """“The governor wanted it shut, the palace said”: the governor's position."""
    aside = replace(PALACE, aside=True)
    assert settle(DOC, [aside, GOVERNOR], 0.5) == [replace(GOVERNOR, via=(3, 5))]


def test_a_relay_of_a_relay_still_leaves_the_position() -> None:
    aside = replace(PALACE, aside=True)
    (kept,) = settle(DOC, [POST, aside, GOVERNOR], 0.5)
    assert replace(kept, via=None) == GOVERNOR
    assert kept.via in ((0, 2), (3, 5))


@pytest.mark.parametrize(
    "text",
    [
        "The Post reported that the Herald said the governor wanted the road shut.",
        "According to the Post, the Herald reported that the governor wanted the road shut.",
    ],
)
def test_a_newspaper_that_quotes_another_leaves_the_position(text: str) -> None:
    (quote,) = extract(Article.of(text))
    assert (quote.text, quote.source) == ("the road shut", "the governor")


def test_a_relay_passes_on_the_main_clause_only() -> None:
    deeper = replace(POST, clause=10)
    assert settle(DOC, [deeper, PALACE], 0.5) == [deeper]
    assert settle(DOC, [replace(POST, clause=None), PALACE], 0.5) == [replace(POST, clause=None)]


def test_a_pronoun_inside_is_most_often_the_relay_itself() -> None:
    assert settle(_doc(palace="PRON"), [POST, PALACE], 0.5) == [POST]


@pytest.mark.parametrize("without", ["head", "source"])
def test_a_quote_without_a_source_is_not_relayed(without: str) -> None:
    bare = replace(PALACE, head=None, source=None)
    relay = replace(POST, head=None, source=None)
    pair = (POST, bare) if without == "head" else (relay, PALACE)
    assert settle(DOC, list(pair), 0.5) == [pair[0]]


def test_neighbours_come_in_the_order_of_the_text() -> None:
    late = replace(GOVERNOR, content=((11, 12),), verb=10, head=9, score=0.99)
    early = replace(PALACE, content=((3, 4),), verb=2, head=1, score=0.6)
    assert settle(DOC, [late, early], 0.5) == [early, late]


@pytest.mark.parametrize(
    ("text", "source", "via"),
    [
        ("The Herald reported that the palace wanted the road shut.", "the palace", "The Herald"),
        ("The governor wanted the road shut, the palace said.", "The governor", "the palace"),
        ("The palace said that the governor wanted the road shut.", "The palace", None),
    ],
)
def test_in_whole_texts(text: str, source: str, via: str | None) -> None:
    (quote,) = extract(Article.of(text))
    assert (quote.source, quote.via) == (source, via)


@st.composite
def nested(draw: st.DrawFn) -> list[Attribution]:
    """Candidates as a parse gives them: a cue stands outside its own content, trees inside it."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        verb = draw(st.integers(0, 10))
        end = draw(st.integers(verb + 2, 12))
        found.append(
            Attribution(
                ((verb + 1, end),), (verb, verb + 1), (0, 1), "say", verb, draw(st.integers(0, 11)),
                clause=draw(st.none() | st.integers(verb + 1, 11)), aside=draw(st.booleans()),
                score=draw(st.sampled_from([0.2, 0.5, 0.6, 0.8, 1.0])),
            )
        )  # fmt: skip
    return found


def _holds(a: Attribution, b: Attribution) -> bool:
    return any(s <= (b.verb or 0) < e for s, e in a.content)


@settings(max_examples=300)
@given(nested())
def test_what_settles_is_apart_and_nothing_is_lost(given_: list[Attribution]) -> None:
    found = settle(DOC, given_, 0.5)
    likely = [a for a in given_ if a.score >= 0.5]
    plain = [replace(a, via=None) for a in found]
    assert all(a in likely for a in plain)
    assert [a.content[0] for a in found] == sorted(a.content[0] for a in found)
    for a, b in combinations(found, 2):
        assert not _holds(a, b) and not _holds(b, a)
        assert not (a.content[0][0] < b.content[0][1] and b.content[0][0] < a.content[0][1])
    assert bool(found) == bool(likely), "whatever falls, falls for something that is kept"


@given(nested())
def test_the_order_of_candidates_is_no_matter(given_: list[Attribution]) -> None:
    unequal = [replace(a, score=0.5 + i / 20) for i, a in enumerate(given_)]
    backwards = list(reversed(unequal))
    assert settle(DOC, unequal, 0.5) == settle(DOC, backwards, 0.5)

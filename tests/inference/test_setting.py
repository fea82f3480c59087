"""What the article as a whole tells: whose board, whose report, whose president."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.actors import Actors
from quotestance.setting import BODY_NOUNS, TEXT_NOUNS, Setting


@pytest.fixture(scope="module")
def strait() -> Actors:
    """Two invented countries at a strait."""
    north, south = ({"title": "President of the country", "side": side, "start": "2031-01-01"}
                    for side in ("orven", "kestri"))  # fmt: skip
    return Actors.model_validate(
        {
            "schema_version": 1,
            "id": "strait",
            "sides": ["orven", "kestri"],
            "demonyms": {
                "orven": {"adjectives": ["Orvenian"], "countries": ["Orvenia"]},
                "kestri": {"adjectives": ["Kestrian"], "countries": ["Kestria"]},
                "other": {"adjectives": ["Lakish"]},
                "unknown": {"adjectives": ["Joint"]},
            },
            "people": [
                {"name": "Mira Tolvand", "prominent": True, "offices": [north]},
                {"name": "Petra Ravesku", "prominent": True, "offices": [south]},
            ],
            "bodies": [
                {"name": "the Tide Commission", "side": "kestri"},
                {"name": "the Pilot Union", "side": "other"},
            ],
            "office_nouns": ["official"],
        }
    )


TAKEN = [
    # a body by its noun, named in the file or behind an adjective
    ("The Tide Commission met.", "a commission clerk", "kestri", "Tide Commission"),
    ("The Orvenian High Pilot Board met.", "its deputy head, a member of the board",
     "orven", "Orvenian High Pilot Board"),
    ("Kestria’s tide ministry was shut.", "a spokesman for the ministry",
     "kestri", "Kestria’s tide ministry"),
    ("The Pilot Union struck.", "a union man", "other", "Pilot Union"),
    # a text by its author or owner
    ("A report that came on Monday, by the Tide Commission, is long.", "the report",
     "kestri", "report that came on Monday, by the Tide Commission"),
    ("Kestria’s long note came.", "the note", "kestri", "Kestria’s long note"),
    ("An Orvenian note came on Monday.", "the note", "orven", "Orvenian note"),
    # the president whom the article names most
    ("Tolvand came. Tolvand left. Ravesku slept. Tolvand wrote.", "a friend of the president",
     "orven", "Mira Tolvand"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "description", "side", "name"), TAKEN)
def test_a_noun_takes_up_what_the_article_named(
    text: str, description: str, side: str, name: str, strait: Actors
) -> None:
    assert Setting(text, strait, "2032-01-01").taken_up(description) == (side, name)


@pytest.mark.parametrize(
    ("text", "description"),
    [
        # two owners, so nothing is clear
        ("The Orvenian pilot board met the Kestrian river board.", "a member of the board"),
        ("An Orvenian note crossed a Kestrian note.", "the note"),
        ("Tolvand met Ravesku.", "the president"),
        # nothing of that noun, or too far behind
        ("The Tide Commission met.", "a member of the board"),
        ("The Orvenian envoy met the board.", "a member of the board"),
        ("Orvenian ships lay for days and weeks before the board met.", "the board"),
        ("The Tide Commission met.", "an old sailor"),
        # a body of both
        ("The Joint pilot board met.", "a member of the board"),
        ("", "the board, the report, the president"),
        ("The Tide Commission met.", ""),
    ],
)
def test_what_is_not_clear_stays_open(text: str, description: str, strait: Actors) -> None:
    assert Setting(text, strait, "2032-01-01").taken_up(description) is None


def test_two_thirds_of_the_evidence_are_enough(strait: Actors) -> None:
    two = "The Orvenian board met. The Orvenian board ate. The Kestrian board slept."
    assert Setting(two, strait).taken_up("the board") == ("orven", "Orvenian board")
    tied = two + " The Kestrian board woke."
    assert Setting(tied, strait).taken_up("the board") is None


def test_a_noun_that_tells_nothing_leaves_the_next_one(strait: Actors) -> None:
    setting = Setting("The Tide Commission met.", strait)
    assert setting.taken_up("the report of the commission") == ("kestri", "Tide Commission")


def test_an_office_noun_is_looked_up_only_where_it_is_given(strait: Actors) -> None:
    setting = Setting("The Orvenian chief pilot sat down.", strait)
    assert setting.taken_up("the pilot") is None
    assert setting.taken_up("the pilot", "chief pilot") == ("orven", "Orvenian chief pilot")


def test_a_president_is_one_at_the_articles_date(strait: Actors) -> None:
    text = "Tolvand came. Tolvand left."
    assert Setting(text, strait, "2031-01-01").taken_up("the president") == (
        "orven", "Mira Tolvand",
    )  # fmt: skip
    assert Setting(text, strait, "2030-12-31").taken_up("the president") is None


def test_sides_are_counted_over_the_whole_text(strait: Actors) -> None:
    text = "Orvenian ships met the Pilot Union.\n\nTolvand slept. Kestria did not."
    assert Setting(text, strait, "2032-01-01").counts == {"orven": 2, "other": 1, "kestri": 1}


NOUNS = st.sampled_from(sorted(BODY_NOUNS | TEXT_NOUNS | {"president"}))
WORDS = st.one_of(
    NOUNS, st.sampled_from(["Orvenian", "Kestrian", "Joint", "Tolvand", "by the", ".", "\n", "’s"])
)
JOINED = st.lists(WORDS, max_size=20).map(" ".join)


@given(
    text=st.one_of(JOINED, st.text(max_size=60)),
    description=st.one_of(NOUNS, st.text(max_size=20)),
)
def test_the_side_comes_from_an_actor_of_the_text(
    text: str, description: str, strait: Actors
) -> None:
    setting = Setting(text, strait, "2032-01-01")
    found = setting.taken_up(description)
    if found is None:
        return
    side, name = found
    assert side in setting.counts and side != "unknown"
    assert name in " ".join(text.split()) or name == "Mira Tolvand"
    assert name == " ".join(name.split())

"""A quote's words as outlets share them, and what is in common."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance import Position
from quotestance.wording import SHARE, is_telling, shared_part, spoken_words, words_of

WHOLE = (
    "The differences over the northern bases were narrowed on Friday evening, and both ministers "
    "asked their lawyers to settle the remaining wording before the assembly meets in Kabul."
)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("“We don’t agree,” ", "We do not agree."),
        ("It [the deal] must be signed", "It must be signed"),
        ("makes (it) more difficult", "makes more difficult"),
        ("[W]e will wait … for now", "We will wait for now"),
        ("He make[s] bread", "He makes bread"),
        ("U.S. counter-terrorism raids", "US counterterrorism raids"),
        ("87,000 troops and ten bases", "87000 troops and 10 bases"),
        ("they can't, won’t and cannot", "they can not, will not and can not"),
        ("sove\u00adreignty of the na\ufb01on", "sovereignty of the nafion"),
        ("[All of it stands in brackets]", "all of it stands in brackets"),
    ],
)
def test_house_styles_fall_away(text: str, other: str) -> None:
    assert words_of(text) == words_of(other)


@pytest.mark.parametrize(
    ("text", "other"),
    [("We will sign", "We will not sign"), ("3.5 billion", "35 billion"), ("now", "not now")],
)
def test_what_was_said_stays(text: str, other: str) -> None:
    assert words_of(text) != words_of(other)


def test_only_the_marked_words_of_a_mixed_quote_are_the_speakers(rows: list[Position]) -> None:
    text = "the draft was “an insult” to voters and a 'dead letter' for all"
    mixed = replace(rows[0], kind="mixed", text=text)
    assert spoken_words(mixed) == ("an", "insult", "dead", "letter")
    assert spoken_words(replace(mixed, kind="indirect")) == words_of(text)
    assert spoken_words(replace(mixed, text="no marks at all")) == ()


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("We will not be rushed.", False),
        ("Thank you very much.", False),
        ("This is a very important step in the right direction.", False),
        ("soldiers lawyers ministers bases wording", False),  # five content words
        ("soldiers lawyers ministers bases wording assembly", True),  # six
        ("If it suits us, it suits them, and we will go separate ways", False),  # three in thirteen
        ("If it suits us and them, then naturally we go our separate ways", True),  # four in twelve
        ("If it suits us and them, naturally we go separate ways", False),  # four in eleven
    ],
)
def test_how_many_words_tell(text: str, telling: bool) -> None:
    assert is_telling(words_of(text)) is telling


@pytest.mark.parametrize(
    "copy",
    [
        "The differences over the northern bases were narrowed on Friday evening",
        "both ministers asked their lawyers to settle the remaining wording",
        "The differences over the northern bases were narrowed on Friday … before the assembly "
        "meets in Kabul",
        "[They] were narrowed on Friday evening, and both [men] asked their lawyers to settle [it]",
        "The difference over the northern bases was narrowed on Friday evening and both of the "
        "ministers asked their lawyers to settle the remaining wording before the assembly meets",
    ],
)
def test_trimmed_spliced_and_slipped_copies_stand_in_the_whole(copy: str) -> None:
    assert shared_part(words_of(copy), words_of(WHOLE)) >= SHARE


@pytest.mark.parametrize(
    "other",
    [
        WHOLE.replace("were", "were not"),
        WHOLE.replace("asked", "never asked"),
        "The differences over 3 northern bases were narrowed on Friday evening",
        "The differences over the northern bases were narrowed on Sunday evening",
        "differences over bases were settled, ministers and lawyers asked for wording, assembly",
        "The bases and the lawyers and the assembly and the ministers and the wording and Kabul",
        "The differences over the northern bases were narrowed on Friday because nobody from the "
        "council objected to any of the seven maps that were drawn",
        "their lawyers to settle",
    ],
)
def test_other_statements_do_not(other: str) -> None:
    shorter, longer = sorted((words_of(other), words_of(WHOLE)), key=len)
    assert shared_part(shorter, longer) < SHARE


def test_one_thing_in_25_words_may_be_another() -> None:
    assert len(words_of(WHOLE)) >= 25
    assert shared_part(words_of(WHOLE.replace("lawyers", "advisers")), words_of(WHOLE)) >= SHARE
    less = WHOLE.replace(" before the assembly meets in Kabul", "")
    assert len(words_of(less)) < 25
    assert shared_part(words_of(less.replace("lawyers", "advisers")), words_of(less)) == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_words_and_a_part(a: str, b: str) -> None:
    shorter, longer = sorted((words_of(a), words_of(b)), key=len)
    assert all(w and w == w.strip() for w in longer)
    if shorter:
        assert 0 <= shared_part(shorter, longer) <= 1


@given(st.lists(st.sampled_from("the lawyers of both ministers sign no draft in 9 days".split())))
def test_a_quote_stands_in_itself(words: list[str]) -> None:
    said = tuple(words)
    if said:
        assert shared_part(said, said) in (1.0, 0.0)
        assert (shared_part(said, said) == 1.0) == (is_telling(said) and len(said) >= 5)

"""Frames: whole quoted sentences become dummy clauses, fragments lose their marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.frames import Frame, frame


def of(text: str) -> Frame:
    return frame(text, 0, len(text))


def test_a_whole_sentence_becomes_a_dummy() -> None:
    text = '"We open the gate at noon," the guard said.'
    result = of(text)
    assert result.text == '"This is so," the guard said.'
    (turn,) = result.turns
    assert text[turn.quotation.start : turn.quotation.end] == "We open the gate at noon,"
    assert result.turn_over(turn.at) is turn
    assert result.turn_over(turn.to) is None


def test_a_fragment_loses_its_marks_and_maps_back() -> None:
    text = "The guard called the gate “a disgrace” to us."
    result = of(text)
    assert result.text == "The guard called the gate a disgrace to us."
    assert not result.turns
    at = result.text.index("a disgrace")
    assert text[slice(*result.to_article(at, at + 10))] == "a disgrace"


def test_offsets_count_from_the_article() -> None:
    text = "One line.\nThe guard said “no more” loudly."
    result = frame(text, 10, len(text))
    at = result.text.index("loudly")
    assert text[slice(*result.to_article(at, at + 6))] == "loudly"


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ('The guard said: "no gate".', 1),
        ('The guard spoke of a "gate" and a "wall".', 0),
        ('"Gone," he said, "for good."', 2),
        ('"..." was all he wrote.', 0),
        ("No marks here.", 0),
        ('"The mark is never closed', 1),
    ],
)
def test_what_counts_as_a_turn(text: str, turns: int) -> None:
    assert len(of(text).turns) == turns


@given(st.text(alphabet="aB “”\"‘’'«».,:?!-\u200b\u202eש\U0001f600", min_size=1, max_size=60))
def test_every_character_of_a_frame_maps_into_the_paragraph(text: str) -> None:
    result = of(text)
    for i in range(len(result.text)):
        start, end = result.to_article(i, i + 1)
        assert 0 <= start <= end <= len(text)
    for turn in result.turns:
        assert '"This is so' in result.text[turn.at : turn.to]

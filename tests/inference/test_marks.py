"""Pairs of quotation marks in all the ways that pages print them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.marks import is_single_style, quotations

MARKED = st.text("\"“”„«»'‘’‚ aBs.,?\n([-—", max_size=60)
ANYTHING = st.one_of(st.text(st.characters(exclude_categories=())), MARKED)


def inside(text: str, *, single_style: bool = False) -> list[str]:
    found = quotations(text, 0, len(text), single_style=single_style)
    return [text[q.start : q.end] for q in found]


@given(st.data())
def test_quotations_lie_in_their_paragraph(data: st.DataObject) -> None:
    text = data.draw(ANYTHING)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = quotations(text, start, end, single_style=data.draw(st.booleans()))
    for q in found:
        assert start <= q.open < q.start < q.end <= q.close <= end
        assert text[q.start : q.end] == text[q.start : q.end].strip()
        assert text[q.open] in "\"“”„«»'‘’‚"
        if q.closed:
            assert text[q.close - 1] in "\"“”„«»'‘’‚"
            assert q.end < q.close
        else:
            assert not text[q.end : q.close].strip()
    assert all(a.close <= b.open for a, b in pairwise(found))


@given(ANYTHING)
def test_the_style_of_any_text_is_told(text: str) -> None:
    assert not (is_single_style(text) and not any(mark in text for mark in "'‘’‚"))


@given(st.lists(st.from_regex(r"[A-Z][a-z]{1,6}( [a-z]{1,6}){0,3}", fullmatch=True), max_size=6))
def test_well_made_pairs_are_all_found(words: list[str]) -> None:
    for left, right in ("“”", '""', "«»", "„“"):
        text = "".join(f"he said, {left}{w},{right} and " for w in words)
        assert inside(text) == [f"{w}," for w in words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 1 mixed_pair, 2 wrong_direction, 3 space_after_open
        ('“We will wait," the envoy said.', ["We will wait,"]),
        ('"We will wait,” the envoy said.', ["We will wait,"]),
        ("He said, ” we will wait.”", ["we will wait."]),
        ("He said, ”We will wait.“", ["We will wait."]),
        ("the Palace”s reply was “no”", ["no"]),
        ("he admitted “ errors” in the draft", ["errors"]),
        # 9 guillemets
        ("The general wrote that « nothing changes ».", ["nothing changes"]),
        ("Der Bote sagte: »Wir warten.«", ["Wir warten."]),
        # 12 split_quote, 15 inverted
        ('"We wait," he said. "Then we decide."', ["We wait,", "Then we decide."]),
        ('He left. "We will wait," said Rahimi', ["We will wait,"]),
        # 18 scare quotes and titles, 19 brackets
        ('the so-called "long wait"; on “Evening News”', ["long wait", "Evening News"]),
        ('("We will wait.") ["No."]', ["We will wait.", "No."]),
        ('"He [the envoy] will wait ... till May,"', ["He [the envoy] will wait ... till May,"]),
        # 20 nested
        ("\"We refuse the word 'wait' here,\" he said", ["We refuse the word 'wait' here,"]),
        # dashes at the marks
        ('The word—"wait"—was struck', ["wait"]),
        # single marks beside double ones
        ("the ‘long wait’ and the “short one”", ["long wait", "short one"]),
    ],
)
def test_pairs(text: str, expected: list[str]) -> None:
    assert inside(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "He waited.",
        "It’s the envoy's word, ’tis said, since the '90s",
        "the ministers’ reply and the envoys' word",
        '""',
        "“ ”",
        'isn"t',
    ],
)
def test_no_quotation(text: str) -> None:
    assert inside(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("‘We will wait until the vote,’ the statement said.", ["We will wait until the vote,"]),
        ("the 'insider talks' and 'long wait'", ["insider talks", "long wait"]),
        ("'We take the ministers' word,' he said.", ["We take the ministers' word,"]),
        ("'It's the envoy's word,' he said.", ["It's the envoy's word,"]),
        (
            "'We refuse the word \"wait\" here,' he said. 'We leave.'",
            ['We refuse the word "wait" here,', "We leave."],
        ),
        ("‘We will wait", ["We will wait"]),
    ],
)
def test_single_style(text: str, expected: list[str]) -> None:
    assert is_single_style(text)
    assert inside(text, single_style=True) == expected


@pytest.mark.parametrize("text", ["It's 'tis 'em, the '90s", "“We wait.” “No.” a 'word'", ""])
def test_other_styles(text: str) -> None:
    assert not is_single_style(text)


def test_an_unclosed_mark_goes_to_the_end_of_the_paragraph() -> None:
    text = 'The aide said: "First paragraph, no closing mark.\n"Second paragraph closes."'
    (first,) = quotations(text, 0, text.index("\n"))
    assert (text[first.start : first.end], first.closed) == (
        "First paragraph, no closing mark.",
        False,
    )
    (second,) = quotations(text, text.index("\n") + 1, len(text))
    assert (text[second.start : second.end], second.closed) == ("Second paragraph closes.", True)


def test_a_new_mark_behind_a_full_stop_ends_an_unclosed_one() -> None:
    text = "“We wait. The envoy left. “Then we decide,” he said."
    found = quotations(text, 0, len(text))
    assert [q.closed for q in found] == [False, True]
    assert text[found[1].start : found[1].end] == "Then we decide,"


def test_a_closing_mark_alone_is_skipped() -> None:
    assert inside("We wait,” he said. “Then we decide.”") == ["Then we decide."]


def test_the_outer_span_has_the_marks() -> None:
    text = "he admitted “ errors ” in it"
    (found,) = quotations(text, 0, len(text))
    assert text[found.open : found.close] == "“ errors ”"
    assert text[found.start : found.end] == "errors"


LONG = {
    "straight marks": lambda n: '"' * n,
    "curly marks": lambda n: "“" * n,
    "apostrophes": lambda n: "'" * n,
    "opening double marks": lambda n: ' "a' * n,
    "opening single marks": lambda n: " 'a" * n,
    "single and double pairs": lambda n: "\"a.\" 'b.' " * (n // 4),
    "plural possessives": lambda n: " 'as’ a" * (n // 4),
    "spaces between marks": lambda n: "“" + " " * n + "“",
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("single_style", [False, True])
def test_time_grows_with_the_length_only(
    make: Callable[[int], str], single_style: bool, seconds: Callable[[Callable[[], object]], float]
) -> None:
    def work(text: str) -> Callable[[], object]:
        return lambda: quotations(text, 0, len(text), single_style=single_style)

    # four times the text: a linear pass takes 4 times as long, a quadratic one 16 times
    assert seconds(work(make(100_000))) < 10 * seconds(work(make(25_000)))

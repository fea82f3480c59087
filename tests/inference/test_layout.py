"""What each line of a page is taken for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.layout import paragraphs

BODY = (
    "The envoy said on Sunday that the delegation would wait for the council.",
    "“We will wait,” he told the press at the gate of the old palace.",
    "The ministry did not reply to questions about the length of the stay.",
    "Both sides are to meet again in the spring, a clerk of the council said.",
)
FRAGMENTS = [
    "\n", "\n\n", "\r", "By ", "By A. Writer", "Share", "/AP", "/Reuters)", "(Photo: x)", "“", '"',
    "CITY -- ", "October 3, 2023 ", "Read more", "We will wait.", "سلام", "😀", "\x00", "\ud83d",
    " ", ":", "A headline of some words", "- More, Agency",
]  # fmt: skip
ANYTHING = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join),
)


def roles(text: str, date: str | None = None) -> list[str]:
    return [p.role for p in paragraphs(text, article_date=date)]


def role_in_page(line: str) -> str:
    """The role of a line between two paragraphs of a story."""
    return roles("\n".join([BODY[0], line, BODY[2]]))[1]


@given(ANYTHING, st.sampled_from([None, "2013-10-12"]))
def test_paragraphs_are_the_lines_of_any_text(text: str, date: str | None) -> None:
    found = paragraphs(text, article_date=date)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    assert [text[p.start : p.end] for p in found] == lines
    assert all(a.end < b.start for a, b in pairwise(found))


@given(ANYTHING.filter(lambda text: bool(text.strip())))
def test_some_body_is_always_left(text: str) -> None:
    assert "body" in roles(text)


def test_a_plain_story_is_headline_and_body() -> None:
    assert roles("\n\n".join(["Envoy waits for the council", *BODY])) == ["headline"] + ["body"] * 4


@pytest.mark.parametrize(
    "line",
    [
        "Share this story",
        "Sign up for our newsletter.",
        "Read more: the long wait",
        "Advertisement",
        "By A. Writer",
        "BY JOAN WRITER",
        "By Joan Writer and John Clerk, Some Agency",
        "Last updated 12 October 2013",
        "© Some Agency",
        "- More, Agency",
        "Home > World > Asia",
        "The talks so far",
    ],
)
def test_furniture(line: str) -> None:
    assert role_in_page(line) == "furniture"


@pytest.mark.parametrize(
    "line",
    [
        "By then the talks had ended.",
        "By late Tuesday the delegation had left the city.",
        "Comments such as “we will wait” did not help, the envoy said.",
        'Related words such as "wait" were struck out.',
        "He waited.",
        "“We will wait",
        "MINISTER X: We will wait",
        "Bylaws of the council forbid it.",
    ],
)
def test_speech_and_sentences_are_body(line: str) -> None:
    assert role_in_page(line) == "body"


@pytest.mark.parametrize(
    "line",
    [
        "The envoy at the gate. A. Name/Reuters",
        "The envoy on his “full wait” (A. Name/AFP)",
        "(Photo: A. Name) The envoy at the gate.",
        "The envoy at the gate /AP/Pool",
    ],
)
def test_captions_are_told_by_their_credit(line: str) -> None:
    assert role_in_page(line) == "caption"


def test_a_caption_that_is_printed_twice_is_one_both_times() -> None:
    caption = "The envoy, who asked for a “full wait”, at the gate of the palace."
    assert roles("\n".join([caption, caption, *BODY])) == ["caption"] * 2 + ["body"] * 4


def test_a_body_that_is_printed_twice_counts_once() -> None:
    assert roles("\n".join(BODY * 2)) == ["body"] * 4 + ["repeat"] * 4


def test_a_body_of_one_paragraph_that_is_printed_twice_counts_once() -> None:
    assert roles(f"{BODY[1]}\n\n{BODY[1]}") == ["body", "repeat"]


def test_repeats_are_seen_through_other_marks_and_case() -> None:
    other = BODY[1].replace("“", '"').replace("”", '"').upper()
    assert roles("\n".join([*BODY, other])) == ["body"] * 4 + ["repeat"]


def test_short_answers_may_be_repeated() -> None:
    text = "Q: Will you wait?\nA: Yes, we will.\nQ: For long?\nA: Yes, we will."
    assert roles(text) == ["body"] * 4


TAIL = "CITY, October 3, 2023 — Another story begins here and runs on for a while."


def test_a_last_paragraph_dated_years_later_is_another_storys() -> None:
    assert roles("\n".join([*BODY, TAIL]), "2013-10-12") == ["body"] * 4 + ["tail"]


@pytest.mark.parametrize(
    ("last", "date"),
    [
        (TAIL, None),
        (TAIL, "2022-12-01"),
        ("The council, an old one, has met since October 3, 1963, in one place.", "2013-10-12"),
    ],
)
def test_other_dates_in_the_last_paragraph_leave_it_body(last: str, date: str | None) -> None:
    assert roles("\n".join([*BODY, last]), date)[-1] == "body"


def test_a_page_of_fragments_is_all_body() -> None:
    assert roles("We will wait\nSo they said") == ["body", "body"]
    assert roles("") == []


LONG = {
    "marks": lambda n: '"' * n,
    "full stops and marks": lambda n: '."' * n + "x",
    "unfinished credits": lambda n: "/AP" * n + " x",
    "lines": lambda n: "“We wait.”\n" * (n // 10),
    "blank lines": lambda n: "\n" * n,
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG.keys())
def test_time_grows_with_the_length_only(
    make: Callable[[int], str], seconds: Callable[[Callable[[], object]], float]
) -> None:
    small, large = make(50_000), make(200_000)
    # four times the text: a linear pass takes 4 times as long, a quadratic one 16 times
    assert seconds(lambda: paragraphs(large)) < 10 * seconds(lambda: paragraphs(small))

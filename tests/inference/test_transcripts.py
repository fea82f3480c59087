"""Transcripts: speakers' turns are verbatim; reporters' questions are told and marked as such."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.articles import Article
from quotestance.quotes import extract
from quotestance.transcripts import transcript

BRIEFING = (
    "MS. DALE: The bridge opens at noon.\n\nQ: For trucks too?\n\n"
    "MS. DALE: (Through Translator) For trucks at night. (Laughter.) Mostly.\n"
)


def turns(text: str) -> list[tuple[str, list[str], bool]]:
    article = Article.of(text)
    view = article.view.text
    return [
        (view[slice(*t.head)] if t.head else "", [view[slice(*c)] for c in t.contents], t.question)
        for t in transcript(article)
    ]


def heads(text: str) -> list[str]:
    return [head for head, _, _ in turns(text)]


def test_turns_stand_without_asides_and_laughter() -> None:
    assert turns(BRIEFING) == [
        ("MS. DALE", ["The bridge opens at noon."], False),
        ("Q", ["For trucks too?"], True),
        ("MS. DALE", ["For trucks at night.", "Mostly."], False),
    ]


def test_questions_and_laughter_never_become_quotes() -> None:
    texts = [q.text for q in extract(Article.of(BRIEFING))]
    assert texts == ["The bridge opens at noon.", "For trucks at night. Mostly."]


@pytest.mark.parametrize("noise", ["(Laughter.)", "(Applause)", "(Crosstalk.) (Inaudible)"])
def test_a_turn_of_noise_alone_is_none(noise: str) -> None:
    assert turns(f"MR. HOLM: {noise}\n\nMR. HOLM: It rains.\n") == [
        ("MR. HOLM", ["It rains."], False)
    ]


def test_untitled_heads_need_three_turns() -> None:
    two = "HOLM: It rains.\n\nHOLM: It snows.\n"
    assert turns(two) == []
    assert heads(two + "\nHOLM: It hails.\n") == ["HOLM"] * 3


def test_a_speaker_with_a_single_turn_keeps_it() -> None:
    text = "HOLM: It rains.\n\nHOLM: It snows.\n\nBERG: It hails.\n\nHOLM: It stops.\n"
    assert heads(text) == ["HOLM", "HOLM", "BERG", "HOLM"]


@pytest.mark.parametrize(
    "text",
    [
        "The mayor put it thus: it rains.\n\nNobody agreed with her at all.\n",
        "Notes: bring boots.\n\nTime: noon.\n\nPlace: the old quay.\n\nPrice: none.\n",
    ],
)
def test_prose_and_lists_are_no_transcript(text: str) -> None:
    assert turns(text) == []


@pytest.mark.parametrize("head", ["Q", "QUESTION", "REPORTER", "MODERATOR", "OPERATOR"])
def test_who_asks_by_name_is_a_question(head: str) -> None:
    text = f"{head}: Tell us of the bridge.\n\nMR. HOLM: It opens. Why?\n"
    assert [question for _, _, question in turns(text)] == [True, False]


def test_an_interviewer_is_told_by_asking() -> None:
    text = (
        "ADA HOLM: Does it rain?\n\nOLA BERG: It does.\n\nADA HOLM: Since when?\n\n"
        "OLA BERG: Since May. Why?\n\nMS. HOLM: And before that?\n\nOLA BERG: Ask the river.\n"
    )
    assert [question for _, _, question in turns(text)] == [True, False] * 3


def test_one_question_back_makes_nobody_an_interviewer() -> None:
    text = "MR. BERG: What else?\n\nMR. HOLM: It rains.\n\nMR. HOLM: It snows.\n"
    assert [question for _, _, question in turns(text)] == [False] * 3


def test_statements_outweigh_a_few_questions() -> None:
    text = "HOLM: It rains.\n\nHOLM: Why not?\n\nHOLM: It snows.\n\nMR. BERG: It hails.\n"
    assert [question for _, _, question in turns(text)] == [False] * 4


@given(st.lists(st.sampled_from([
    "Q: ", "MR. HOLM: ", "HOLM:", "HOLM: ", "A: ", "It rains. ", "Why? ", "(Laughter.)", "\n",
    "\n\n", "(", ":", "\u202e",
])).map("".join))  # fmt: skip
def test_turns_lie_in_the_view(text: str) -> None:
    if not text.strip():
        return
    article = Article.of(text)
    view = article.view.text
    found = transcript(article)
    for turn in found:
        (number,) = turn.paragraphs
        paragraph = article.paragraphs[number]
        assert turn.head is not None
        assert paragraph.start == turn.head[0] < turn.head[1]
        at = turn.head[1]
        for start, end in turn.contents:
            assert at < start < end <= paragraph.end
            assert view[start:end] == view[start:end].strip()
            at = end
        if view[slice(*turn.head)] == "Q":
            assert turn.question
    numbers = [n for turn in found for n in turn.paragraphs]
    assert numbers == sorted(set(numbers))

"""Nouns that can be a source, and what a pronoun may stand for."""

from __future__ import annotations

import pytest
from spacy.tokens import Token

from quotestance.language import pipeline
from quotestance.speakable import can_speak, could_speak, gender, is_person, is_relay, is_text


def word(text: str, form: str) -> Token:
    """A word in a parsed sentence."""
    return next(t for t in pipeline()(text) if t.text == form)


@pytest.mark.parametrize(
    ("text", "form", "person"),
    [
        ("The envoy came.", "envoy", True),
        ("A beekeeper came.", "beekeeper", True),
        ("Ada Holm came.", "Holm", True),
        ("The envoy Ola Berg came.", "Berg", True),
        ("The Reverend Ada Holm came.", "Holm", True),
        # bodies, texts, days, things, nobody
        ("The board met.", "board", False),
        ("The newspaper closed.", "newspaper", False),
        ("The Taliban came.", "Taliban", False),
        ("The report came.", "report", False),
        ("Monday was cold.", "Monday", False),
        ("October was cold.", "October", False),
        ("The deal failed.", "deal", False),
        ("No minister came.", "minister", False),
    ],
)
def test_he_and_she_stand_for_persons(text: str, form: str, person: bool) -> None:
    assert is_person(word(text, form)) is person


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("Ms. Holm", "f"),
        ("Mrs Holm", "f"),
        ("a palace spokeswoman", "f"),
        ("the eldest daughter", "f"),
        ("Mr. Holm", "m"),
        ("King Harald", "m"),
        ("a deputy spokesman", "m"),
        ("the mayor", ""),
        ("Ada Holm", ""),
        # an owner's title says nothing of the person
        ("Mr. Holm's wife", "f"),
        ("the queen's spokesman", "m"),
        ("his sister's neighbor", ""),
    ],
)
def test_titles_and_ties_of_kin_tell_a_gender(phrase: str, expected: str) -> None:
    assert gender(next(pipeline()(phrase).sents).root) == expected


@pytest.mark.parametrize(
    ("text", "form", "relay"),
    [
        ("The Herald reported it.", "Herald", True),
        ("The Evening Post reported it.", "Post", True),
        ("Local media said it.", "media", True),
        ("The Reuters correspondent said it.", "correspondent", True),
        ("A summary of the meeting says so.", "summary", True),
        ("The mayor said it.", "mayor", False),
        ("The mayor of Post Falls said it.", "mayor", False),
        ("The embassy said it.", "embassy", False),
    ],
)
def test_the_press_passes_on_what_others_hold(text: str, form: str, relay: bool) -> None:
    assert is_relay(word(text, form)) is relay


@pytest.mark.parametrize(
    ("text", "form", "at_all", "as_person"),
    [
        ("He says that it rains.", "He", True, True),
        ("The board warns that it rains.", "board", True, True),
        ("The draft says that it rains.", "draft", True, False),
        ("The results suggest that it rains.", "results", True, False),
        ("The talks show that it rains.", "talks", True, False),
        ("This suggests that it rains.", "This", False, False),
        ("There is no doubt that he said it.", "There", False, False),
    ],
)
def test_more_can_be_a_source_than_can_want(
    text: str, form: str, at_all: bool, as_person: bool
) -> None:
    token = word(text, form)
    assert could_speak(token) is at_all
    assert can_speak(token, speech=False) is as_person


@pytest.mark.parametrize(("form", "text"), [("letter", True), ("letters", True), ("envoy", False)])
def test_it_says_stands_for_texts(form: str, text: bool) -> None:
    assert is_text(word(f"They read the {form} aloud.", form)) is text

"""The words beside a source: who it is, and nothing of what the sentence goes on to say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from quotestance.actors import Actors
from quotestance.articles import Article
from quotestance.beside import beside
from quotestance.language import parse
from quotestance.quotes import extract
from quotestance.sides import side_of
from quotestance.speakers import resolve
from quotestance.syntax import noun_phrase


def _parsed(text: str) -> Doc:
    return next(iter(parse([text])))


def of(text: str, head: str) -> str:
    doc = _parsed(text)
    return beside(doc, next(t.i for t in doc if t.text == head))


@pytest.mark.parametrize(
    ("text", "head", "expected"),
    [
        # appositives before and behind the verb
        ("Laila Noorzad, a deputy spokeswoman for the palace, said it was late.", "Noorzad",
         "a deputy spokeswoman for the palace"),
        ("It was late, said Laila Noorzad, a deputy spokeswoman for the palace.", "Noorzad",
         "a deputy spokeswoman for the palace"),
        ("It was late, said Laila Noorzad, a deputy spokeswoman", "Noorzad",
         "a deputy spokeswoman"),
        ("Laila Noorzad (a deputy spokeswoman) said it was late.", "Noorzad",
         "a deputy spokeswoman"),
        ("It was late, said Laila Noorzad, a clerk; the hall was empty.", "Noorzad", "a clerk"),
        # relative clauses keep their finite verb
        ("Laila Noorzad, who came in May, said it was late.", "Noorzad", "who came in May"),
        ("The palace, whose gates were shut, said it was late.", "palace",
         "whose gates were shut"),
        ("In Herat, where the envoy lives, it was late.", "Herat", "where the envoy lives"),
        # nothing
        ("Laila Noorzad said it was late.", "Noorzad", ""),
        ("It was late, said Laila Noorzad.", "Noorzad", ""),
        ("It was late, said Laila Noorzad", "Noorzad", ""),
        ("It was late, said Laila Noorzad,", "Noorzad", ""),
        # the sentence goes on
        ("The envoy, said the clerk, was late.", "envoy", ""),
    ],
)  # fmt: skip
def test_appositives_and_relative_clauses(text: str, head: str, expected: str) -> None:
    assert of(text, head) == expected


@pytest.mark.parametrize(
    ("text", "head", "expected"),
    [
        ("The farmer who came in May said the Pentagon was late.", "farmer", "who came in May"),
        ("A tailor who lives nearby said the American embassy was shut.", "tailor",
         "who lives nearby"),
    ],
)  # fmt: skip
def test_a_relative_clause_without_commas_ends_before_the_main_verb(
    text: str, head: str, expected: str
) -> None:
    assert of(text, head) == expected


def test_a_body_in_the_quote_lends_the_source_no_side(actors: Actors) -> None:
    article = Article.of("A shopkeeper who lives nearby said the American embassy was shut.")
    quotes = extract(article)
    (speaker,) = resolve(article, quotes, actors)
    assert side_of(speaker, actors, "2013-10-12").label == "other"


def test_no_source_has_nothing_beside_it() -> None:
    assert beside(_parsed("It was late, he said."), None) == ""


def test_the_end_of_the_noun_phrase_may_be_given() -> None:
    doc = _parsed("The envoy of the town, a tailor, said it was late.")
    town = next(t.i for t in doc if t.text == "town")
    assert beside(doc, 1, town + 1) == beside(doc, 1) == "a tailor"
    assert beside(doc, 1, 2) == "", "no comma stands behind “envoy” itself"


def test_it_stays_in_the_sentence() -> None:
    text = "It was late, said the envoy, Rahimi. A clerk of the palace came."
    doc = _parsed(text)
    found = beside(doc, next(t.i for t in doc if t.text == "envoy"))
    assert "clerk" not in found and "palace" not in found


def test_it_is_cut_after_a_number_of_words() -> None:
    text = "Laila Noorzad, who " + "came and went and " * 30 + "left, said it was late."
    found = of(text, "Noorzad")
    assert found.startswith("who came and went") and 20 <= len(found.split()) <= 24


WORDS = "Noorzad envoy who whose which , ( ) . ; : a clerk of the palace said was and May — ' \" ?"


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=20).map(" ".join))
def test_it_is_a_stretch_of_the_text_behind_the_source(text: str) -> None:
    doc = _parsed(text)
    for token in doc:
        right = noun_phrase(token)[1]
        found = beside(doc, token.i)
        assert found == found.strip()
        assert found in doc[min(right, len(doc) - 1) :].text
        assert not any(stop in found.split() for stop in ".;:)?")

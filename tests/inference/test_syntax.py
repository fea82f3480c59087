"""Subjects and tenses where the parse alone does not give them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Token

from quotestance.language import pipeline
from quotestance.syntax import (
    class_of_cue,
    is_passive,
    is_reduced_main,
    noun_phrase,
    quoted_as,
    subject,
    tense,
    verb_group,
)


def verb(text: str, form: str) -> Token:
    """The last word of that form in a parsed sentence."""
    return [t for t in pipeline()(text) if t.text == form][-1]


def subject_in(text: str, form: str) -> str | None:
    found = subject(verb(text, form))
    return found.text if found is not None else None


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("He said it.", "said", "past"),
        ("He says it.", "says", "present"),
        ("They say it.", "say", "present"),
        # the first finite word decides, whatever the verb's own form
        ("He has said it.", "said", "present"),
        ("He had said it.", "said", "past"),
        ("He did not say it.", "say", "past"),
        ("It was said.", "said", "past"),
        ("It is said.", "said", "present"),
        ("He will say it.", "say", "present"),
        ("He would say it.", "say", "past"),
        ("He might have said it.", "said", "past"),
        # no finite word of its own
        ("He wants to say it.", "say", None),
        ("Saying it, he left.", "Saying", None),
    ],
)
def test_tense(text: str, form: str, expected: str | None) -> None:
    assert tense(verb(text, form)) == expected


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("The mayor, who has said it rains, left.", "said", "mayor"),
        ("The mayor met the board and said that it rains.", "said", "mayor"),
        ("It was dismissed by the mayor.", "dismissed", "mayor"),
        ("It was dismissed.", "dismissed", None),
        ("In the valley, an adviser dismissed the report.", "dismissed", "adviser"),
        ("The driver was heard muttering that it rains.", "muttering", "driver"),
        ("The driver is said to have suggested a detour.", "suggested", "driver"),
    ],
)
def test_who_does_what_the_verb_says(text: str, form: str, expected: str | None) -> None:
    assert subject_in(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form", "who"),
    [
        ("A plumber offered to help the town repair the bridge.", "offered", "plumber"),
        ("A retired plumber from the valley offered to repair it.", "offered", "plumber"),
    ],
)
def test_a_main_verb_read_as_a_participle_keeps_its_subject(text: str, form: str, who: str) -> None:
    assert verb(text, form).dep_ == "acl"  # else the sentence tests nothing here
    assert is_reduced_main(verb(text, form))
    assert subject_in(text, form) == who


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("The bridge built by the plumber fell.", "built"),
        ("The plumber asked to repair the bridge left.", "left"),
        ("She met a plumber asked to repair the bridge.", "asked"),
        ("The mayor offered to help.", "offered"),
    ],
)
def test_true_participles_and_true_main_verbs_are_left(text: str, form: str) -> None:
    assert not is_reduced_main(verb(text, form))


@pytest.mark.parametrize(
    ("text", "form", "who"),
    [
        ("The mayor was quoted as saying that it rains.", "saying", "mayor"),
        ("Holm was quoted by the paper as saying that the talks are dead.", "saying", "Holm"),
        ("Holm was cited as warning that the talks are dead.", "warning", "Holm"),
        ("Holm was reported as saying that the talks are dead.", "saying", "Holm"),
        ("Holm was arrested as saying nothing helped.", "saying", None),
        ("Holm left after saying that it rains.", "saying", None),
    ],
)
def test_who_was_quoted_as_saying(text: str, form: str, who: str | None) -> None:
    found = quoted_as(verb(text, form))
    assert (found.text if found is not None else None) == who
    if who is not None:
        assert subject_in(text, form) == who


@pytest.mark.parametrize(
    ("text", "form", "who"),
    [
        ("The palace pointed to comments this week from Holm alleging that the raid was planned.",
         "alleging", "Holm"),
        ("The palace noted remarks by Holm accusing the army of theft.", "accusing", "Holm"),
        ("He read a letter from Holm accusing the army of theft.", "accusing", "Holm"),
        ("He met a man from Holm accusing the army of theft.", "accusing", "man"),
    ],
)  # fmt: skip
def test_comments_go_on_in_their_authors_voice(text: str, form: str, who: str) -> None:
    assert subject_in(text, form) == who


@pytest.mark.parametrize(
    ("text", "form", "who"),
    [
        # the tense joins the second cue with the first one, not with the reported clause
        ("He says the law is dead and has asked the court to rule.", "asked", "He"),
        ("The mayor says the clerk resigned and wants the court to rule.", "wants", "mayor"),
        ("Holm says the tunnel leaked and warns that it will flood.", "warns", "Holm"),
        ("Holm said the tunnel leaks and warned that it would flood.", "warned", "Holm"),
        # in one tense, a thing that cannot deny or a "would" that does not go on tells it
        ("Holm said the gate was open and denied that it leaked.", "denied", "Holm"),
        ("Holm promised that the gate would open and apologised for it.", "apologised", "Holm"),
        # one tense throughout, or the reported clause's: the clause goes on
        ("The mayor said that the clerk resigned and left the town.", "left", "clerk"),
        ("The mayor says that the clerk resigned and left the town.", "left", "clerk"),
    ],
)
def test_coordinated_cues_are_told_by_their_tense(text: str, form: str, who: str) -> None:
    assert subject_in(text, form) == who


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("He has never said it.", "said", "has never said"),
        ("He ruled out a deal.", "ruled", "ruled out"),
        ("“No,” did he say?", "say", "say"),
        ("It rains, he said.", "said", "said"),
    ],
)
def test_the_words_of_a_cue(text: str, form: str, words: str) -> None:
    token = verb(text, form)
    start, end = verb_group(token)
    assert token.doc[start:end].text == words


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("A senior aide at the ministry said so.", "aide", "A senior aide at the ministry"),
        ("The deputy minister, Ada Holm, said so.", "minister", "The deputy minister, Ada Holm"),
        ("The mayor, a plumber, said so.", "mayor", "The mayor"),
        ("The mayor who left said so.", "mayor", "The mayor"),
        ("The mayor on Monday said so.", "mayor", "The mayor"),
    ],
)  # fmt: skip
def test_the_words_that_name_a_source(text: str, form: str, words: str) -> None:
    token = verb(text, form)
    start, end = noun_phrase(token)
    assert token.doc[start:end].text == words


def test_a_cues_class_is_told_by_its_last_known_word() -> None:
    assert class_of_cue(pipeline()("has refused")) == "refuse"
    assert class_of_cue(pipeline()("blorked")) == "say"


WORDS = st.lists(st.sampled_from([
    "the mayor", "Holm", "who", "says", "said", "has", "asked", "was quoted as", "saying", "and",
    "that", "comments from", "alleging", "to", "offered", "it", ",", "“", "”", ".", "\n", "\u202e",
]), max_size=14).map(" ".join)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(WORDS)
def test_any_words_can_be_asked(text: str) -> None:
    doc = pipeline()(text)
    for token in doc:
        found = subject(token)
        assert found is None or (found.doc is doc and found != token)
        assert tense(token) in ("past", "present", None)
        for start, end in (verb_group(token), noun_phrase(token)):
            assert 0 <= start <= token.i < end <= len(doc)
        if quoted_as(token) is not None:
            assert is_passive(token.head.head)

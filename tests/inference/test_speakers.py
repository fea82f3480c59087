"""Speakers of invented articles: who is meant, and what kind of speaker it is."""

from __future__ import annotations

import pytest

from quotestance.actors import Actors
from quotestance.articles import Article
from quotestance.quotes import extract
from quotestance.sides import side_of
from quotestance.speakers import Speaker, resolve

OFFICIAL = "A senior Afghan official said the text was ready. "


def last(text: str, actors: Actors) -> tuple[Speaker, str]:
    """The last quote's speaker and side."""
    article = Article.of(text, date="2013-10-12")
    quotes = extract(article)
    speaker = resolve(article, quotes, actors)[-1]
    return speaker, side_of(speaker, actors, article.date, context=quotes[-1].before).label


NAMED = [
    ("Laila Noorzad, a deputy spokeswoman for the palace, came.\n\n“It is ready,” Noorzad said.",
     "Laila Noorzad"),
    ("Laila Noorzad met the elders. She said the text was ready.", "Laila Noorzad"),
    ("“It is ready,” Laila Noorzad said.\n\n“Nobody reads it,” she added.", "Laila Noorzad"),
    ("Governor Gul Rahim Popalzay of Ghor came. The governor said the road was shut.",
     "Gul Rahim Popalzay"),
    ("“It is ready,” said the envoy, Rahmat Dostyar.", "Rahmat Dostyar"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_names_short_forms_and_pronouns(text: str, name: str, actors: Actors) -> None:
    speaker, _ = last(text, actors)
    assert (speaker.name, speaker.kind) == (name, "named")


OTHERS = [
    (OFFICIAL + "The talks went on. The official said the vote would wait.", "anonymous", "afghan"),
    (OFFICIAL + "Another said it was not.", "anonymous", "afghan"),
    ("Three Afghan lawmakers walked out. One of them said it was a trap.", "anonymous", "afghan"),
    ("The State Department kept silent. Its spokesman said the text was ready.", "anonymous", "us"),
    ("The Afghan foreign ministry was shut. Its spokesman said the text was ready.",
     "anonymous", "afghan"),
    ("The draft says the force “shall leave the valley”.", "document", "unknown"),
    ("The palace said the talks would wait.", "collective", "afghan"),
    ("A US official in Kabul said the offer stood.", "anonymous", "us"),
    ("A senator on the Armed Services Committee said the offer stood.", "anonymous", "us"),
    ("“We will wait.”", "unknown", "unknown"),
    ("He said it was late.", "unknown", "unknown"),
    ("The draft runs to thirty pages. It says the force “shall leave”.", "document", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "side"), OTHERS)
def test_unnamed_speakers(text: str, kind: str, side: str, actors: Actors) -> None:
    speaker, found = last(text, actors)
    assert (speaker.name, speaker.kind, found) == (None, kind, side)


def test_the_reason_says_how_it_was_resolved(actors: Actors) -> None:
    assert last("Laila Noorzad met us. She said it was late.", actors)[0].reason == (
        "“she” is Laila Noorzad"
    )
    assert last(OFFICIAL + "Another said it was late.", actors)[0].reason.startswith(
        "“Another” follows"
    )
    assert last("Laila Noorzad said it was late.", actors)[0].reason == ""


ELDERS = "Ada Holm met the elders. "
PRONOUNS = [
    # a gender that a title tells is kept apart
    ("Ms. Holm met us. Mr. Berg sat by the door. She said it was late.", "Holm"),
    ("Ms. Holm met us. Mr. Berg sat by the door. He said it was late.", "Berg"),
    ("Mr. Berg met us. She said it was late.", None),
    ("Ada Holm met us. A spokesman left. She said it was late.", "Ada Holm"),
    # bodies, days, texts and places are nobody
    (ELDERS + "The board left. She said it was late.", "Ada Holm"),
    (ELDERS + "Monday was cold. She said it was late.", "Ada Holm"),
    (ELDERS + "The report came. She said it was late.", "Ada Holm"),
    (ELDERS + "Herat was cold. She said it was late.", "Ada Holm"),
    (ELDERS + "No minister came. She said it was late.", "Ada Holm"),
    ("The board met. He said it was late.", None),
    ("Herat was cold. She said it was late.", None),
    # a single capitalised word that stands only once is seldom a person
    (ELDERS + "Brimstone burned early. She said it was late.", "Ada Holm"),
    ("Brimstone left early. He said it was late.", None),
    ("Brimstone left early. Nobody saw Brimstone. He said it was late.", "Brimstone"),
    # titles and owners
    ("The Reverend Ada Holm left early. She said it was late.", "Ada Holm"),
]


@pytest.mark.parametrize(("text", "name"), PRONOUNS)
def test_pronouns_stand_for_persons_of_their_gender(
    text: str, name: str | None, actors: Actors
) -> None:
    speaker, _ = last(text, actors)
    assert (speaker.name, speaker.kind) == (name, "named" if name else "unknown")


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("The elders met Ada Holm. They said it was late.", "The elders"),
        ("Ada Holm met the elders. The ministry was shut. It said it was late.", "The ministry"),
        ("Mr. Berg’s wife left early. She said it was late.", "Mr. Berg’s wife"),
        ("The queen’s spokesman left early. He said it was late.", "The queen’s spokesman"),
    ],
)
def test_pronouns_of_other_kinds(text: str, description: str, actors: Actors) -> None:
    assert last(text, actors)[0].description == description


def test_a_prominent_surname_needs_no_second_mention(actors: Actors) -> None:
    speaker, side = last("Karzai left early. He said it was late.", actors)
    assert (speaker.name, side) == ("Hamid Karzai", "afghan")

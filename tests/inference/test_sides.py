"""Sides: office at a date, not nationality. Real people stand here without a word of speech."""

from __future__ import annotations

import pytest

from quotestance.actors import Actors
from quotestance.codebook import SpeakerKind
from quotestance.sides import side_of
from quotestance.speakers import UNKNOWN, Speaker

DAY = "2013-10-12"


@pytest.mark.parametrize(
    ("name", "day", "side"),
    [
        ("Hamid Karzai", "2013-10-12", "afghan"),
        ("Hamid Karzai", "2015-06-01", "other"),
        ("Chuck Hagel", "2013-02-26", "other"),
        ("Chuck Hagel", "2013-02-27", "us"),
        ("Leon Panetta", "2013-02-25", "us"),
        ("Leon Panetta", "2013-10-12", "other"),
        ("John Kerry", "2013-01-15", "us"),
    ],
)
def test_an_office_holds_from_its_first_day_to_its_last(
    name: str, day: str, side: str, actors: Actors
) -> None:
    result = side_of(Speaker(name, "named"), actors, day)
    assert result.label == side
    assert name in result.reason


@pytest.mark.parametrize(
    ("kind", "description", "side"),
    [
        ("collective", "Washington", "us"),
        ("collective", "the White House", "us"),
        ("collective", "The Pentagon", "us"),
        ("collective", "Kabul", "afghan"),
        ("collective", "the palace", "afghan"),
        ("collective", "The Afghans", "afghan"),
        ("collective", "ISAF", "other"),
        ("collective", "NATO", "other"),
        ("collective", "The Taliban", "other"),
        ("collective", "The United Nations", "other"),
        ("collective", "Pakistan's foreign ministry", "other"),
        ("collective", "The High Peace Council", "afghan"),
        ("anonymous", "A senior Afghan official", "afghan"),
        ("anonymous", "an American diplomat", "us"),
        ("anonymous", "A Pakistani general", "other"),
        ("anonymous", "A Western official", "unknown"),
        ("anonymous", "A Loya Jirga delegate", "afghan"),
        ("anonymous", "An Afghan farmer", "other"),
        ("anonymous", "An American analyst", "other"),
        ("anonymous", "A tailor", "other"),
        ("anonymous", "officials in Kabul", "afghan"),
        ("anonymous", "a man at the gate, tall", "other"),
        ("anonymous", "somebody", "unknown"),
        ("document", "The draft", "unknown"),
    ],
)
def test_unnamed_speakers(kind: SpeakerKind, description: str, side: str, actors: Actors) -> None:
    assert side_of(Speaker(None, kind, description), actors, DAY).label == side


@pytest.mark.parametrize(
    ("description", "side"),
    [
        ("a deputy spokeswoman for the palace", "afghan"),
        ("the deputy foreign minister of Afghanistan", "afghan"),
        ("a State Department spokeswoman", "us"),
        ("a former Afghan minister", "other"),
        ("a retired American general", "other"),
        ("a presidential candidate", "other"),
        ("a carpet seller, tall and thin", "other"),
        ("", "unknown"),
    ],
)
def test_invented_people_by_their_description(description: str, side: str, actors: Actors) -> None:
    assert side_of(Speaker("Laila Noorzad", "named", description), actors, DAY).label == side


def test_the_reason_names_the_words_that_decide(actors: Actors) -> None:
    former = side_of(Speaker(None, "anonymous", "a former US envoy"), actors, DAY)
    assert former.reason == "“former”: no office now"
    western = side_of(Speaker(None, "anonymous", "A Western diplomat"), actors, DAY)
    assert western.reason == "“Western”: no country named"
    again = Speaker(None, "collective", "The Pentagon", reason="“it” is The Pentagon")
    assert side_of(again, actors, DAY).reason == "“it” is The Pentagon; “Pentagon” is us"


def test_another_takes_the_side_of_the_group(actors: Actors) -> None:
    another = Speaker(None, "anonymous", "Another", group_of="three American lawmakers")
    assert side_of(another, actors, DAY).label == "us"


def test_the_sentence_before_helps_an_office_and_nobody_else(actors: Actors) -> None:
    before = "The Afghan officials met at noon."
    one = Speaker(None, "anonymous", "one official")
    assert side_of(one, actors, DAY).label == "unknown"
    assert side_of(one, actors, DAY, context=before).label == "afghan"
    assert side_of(Speaker(None, "anonymous", "somebody"), actors, DAY, context=before).label == (
        "unknown"
    )


def test_an_unknown_speaker_has_no_side(actors: Actors) -> None:
    assert side_of(UNKNOWN, actors, DAY, context="An American official came.").label == "unknown"

"""Sides: office at a date, not nationality. Real people stand here without a word of speech."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from quotestance.actors import Actors, load_actors
from quotestance.articles import Article
from quotestance.codebook import SpeakerKind
from quotestance.quotes import extract
from quotestance.setting import Setting
from quotestance.sides import Side, side_of
from quotestance.speakers import UNKNOWN, Speaker, resolve

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
        ("a council member and onetime governor", "other"),  # whose council, nothing tells
        ("a former governor and council member", "other"),
        ("an Afghan lawmaker and former warlord", "afghan"),
        ("", "other"),  # told by first and last name, and no office is said
    ],
)
def test_invented_people_by_their_description(description: str, side: str, actors: Actors) -> None:
    assert side_of(Speaker("Laila Noorzad", "named", description), actors, DAY).label == side


@pytest.mark.parametrize(
    ("name", "description", "side"),
    [
        ("Noorzad", "", "unknown"),  # a surname alone tells nobody
        ("Noorzad", "a baker, tall and thin", "other"),
        ("Noorzad", "the clerk, tall and thin", "unknown"),
        ("Latif Noorzad", "a spokesman", "unknown"),
        ("Tim Holt", "the press officer", "unknown"),  # "press" belongs to the office here
        ("Engineer Latif", "Engineer", "other"),
        ("Tim Holt", "Senator", "us"),
        ("Gulab Noorzai", "Senator", "unknown"),  # both parliaments have senators
    ],
)
def test_a_name_tells_less_than_an_office(
    name: str, description: str, side: str, actors: Actors
) -> None:
    assert side_of(Speaker(name, "named", description), actors, DAY).label == side


@pytest.mark.parametrize(
    ("description", "side"),
    [
        ("a beekeeper", "other"),
        ("two weavers", "other"),
        ("a midwife, tall", "other"),
        ("his cousin", "other"),
        ("an uncle", "other"),
        ("a monk", "other"),
        ("a beekeeper from Herat", "other"),
        ("an officer", "unknown"),
        ("one member", "unknown"),
        ("a number", "unknown"),
        ("another", "unknown"),
        ("a spokesperson", "unknown"),
    ],
)
def test_trades_and_ties_without_an_office(description: str, side: str, actors: Actors) -> None:
    assert side_of(Speaker(None, "anonymous", description), actors, DAY).label == side


@pytest.mark.parametrize(
    ("description", "side"),
    [
        ("officials in Herat", "afghan"),
        ("the mayor of Herat", "afghan"),
        ("a lawmaker from Ohio", "us"),
        ("a doctor in Herat", "other"),
        ("a carpenter from Ohio", "other"),
        ("someone in Herat", "unknown"),
    ],
)
def test_a_place_needs_an_office(description: str, side: str, actors: Actors) -> None:
    assert side_of(Speaker(None, "anonymous", description), actors, DAY).label == side


@pytest.mark.parametrize(
    ("description", "side"),
    [
        ("an ex-minister of Afghanistan", "other"),
        ("an ex minister of Afghanistan", "other"),
        ("an experienced Afghan official", "afghan"),
        ("the executive director of the US embassy", "us"),
        ("a previously silent US senator", "us"),
        ("the US ambassador to the former republic", "us"),
    ],
)
def test_a_former_office_is_a_whole_word_before_it(
    description: str, side: str, actors: Actors
) -> None:
    assert side_of(Speaker(None, "anonymous", description), actors, DAY).label == side


def in_article(
    text: str,
    description: str,
    actors: Actors,
    name: str | None = None,
    kind: SpeakerKind = "named",
) -> Side:
    setting = Setting(text, actors, DAY)
    return side_of(Speaker(name, kind, description), actors, DAY, setting=setting)


BOARD = "The Afghan Tunnel Board met on Monday."
TAKEN_UP: list[tuple[str, SpeakerKind, str, str]] = [
    (BOARD, "anonymous", "a member of the board", "afghan"),
    (BOARD, "anonymous", "its deputy head, a member of the board", "afghan"),
    (BOARD, "collective", "the board", "afghan"),
    (BOARD, "anonymous", "a member of the choir", "unknown"),
    ("A Pakistani Tunnel Board met.", "anonymous", "a member of the board", "other"),
    ("A report by the Pentagon came.", "document", "the report", "us"),
    ("A note from the State Department came. An Afghan note left.", "document", "the note",
     "unknown"),
    ("The Afghan negotiator sat down.", "anonymous", "the negotiator", "afghan"),
    ("The Afghan negotiator sat down.", "anonymous", "a negotiator", "unknown"),
    # what the speaker's own words say comes first
    (BOARD, "anonymous", "an American member of the board", "us"),
    (BOARD, "anonymous", "a former member of the board", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "description", "side"), TAKEN_UP)
def test_bodies_and_texts_are_taken_up(
    text: str, kind: SpeakerKind, description: str, side: str, actors: Actors
) -> None:
    found = in_article(text, description, actors, kind=kind)
    assert found.label == side
    assert in_article("", description, actors, kind=kind).label in ("unknown", side)


def test_an_office_before_a_former_one_holds(actors: Actors) -> None:
    both = "a council member and onetime governor"
    text = "The Afghan Tunnel Council met on Monday."
    assert in_article(text, both, actors, "Laila Noorzad").label == "afghan"
    turned = "a onetime governor and council member"
    assert in_article(text, turned, actors, "Laila Noorzad").label == "other"
    shadowed = "an exacting council member and ex-governor"
    assert in_article(text, shadowed, actors, "Laila Noorzad").label == "afghan"


def test_a_name_helps_an_office_where_its_side_is_spoken_of(actors: Actors) -> None:
    both = "Afghan clerks met American clerks. American clerks left."
    assert in_article(both, "the clerk", actors, "Gulab Noorzai").label == "afghan"
    assert in_article(both, "the clerk", actors, "Tim Holt").label == "us"
    foreign = both + " Pakistani, Iranian, Indian and Chinese clerks stayed."
    assert in_article(foreign, "the clerk", actors, "Gulab Noorzai").label == "afghan"
    assert in_article(foreign, "the clerk", actors, "Tim Holt").label == "unknown"
    elsewhere = "American clerks left."
    assert in_article(elsewhere, "the clerk", actors, "Gulab Noorzai").label == "unknown"
    assert in_article(both, "the baker", actors, "Gulab Noorzai").label == "other"
    assert in_article("Rain fell.", "the clerk", actors, "Tim Holt").label == "unknown"


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


def office(title: str, side: str, start: str, end: str | None = None) -> dict[str, Any]:
    return {"title": title, "side": side, "start": start, "end": end}


STRAIT: dict[str, Any] = {
    "schema_version": 1,
    "id": "strait2032",
    "sides": ["orven", "kestri"],
    "demonyms": {
        "orven": {
            "adjectives": ["Orvenian"],
            "people": ["Orvenian", "Orvenians"],
            "countries": ["Orvenia"],
            "capitals": ["Orvenholt"],
            "places": ["Saltmere"],
        },
        "kestri": {
            "adjectives": ["Kestrian"],
            "people": ["Kestrian", "Kestrians"],
            "countries": ["Kestria"],
            "capitals": ["Kestravik"],
            "places": ["Dunmark"],
        },
        "other": {"adjectives": ["Lakish"], "countries": ["Lakeland"]},
    },
    "neutral_adjectives": ["Northern"],
    "name_hints": {"kestri": {"words": ["Drago"], "endings": ["esku"]}},
    "people": [
        {
            "name": "Mira Tolvand",
            "prominent": True,
            "offices": [office("President", "orven", "2031-01-01", "2035-01-01")],
        },
        {
            "name": "Petra Ravesku",
            "offices": [office("Foreign Minister", "kestri", "2030-01-01")],
        },
    ],
    "bodies": [
        {"name": "the Blue House", "side": "orven", "kind": "government", "metonym": True},
        {"name": "the Tide Assembly", "side": "kestri"},
        {"name": "the Strait League", "side": "other"},
    ],
    "roles": [{"name": "harbour delegate", "side": "kestri"}],
    "office_nouns": ["official", "officials", "minister", "general", "mayor", "governor",
                     "spokesman", "negotiator"],
    "private_nouns": ["farmer", "analyst"],
    "former_markers": ["former"],
    "candidate_markers": ["candidate"],
}  # fmt: skip


@pytest.fixture(scope="module")
def strait(tmp_path_factory: pytest.TempPathFactory) -> Actors:
    """Another conflict: two invented countries in a file of their own."""
    path = tmp_path_factory.mktemp("strait") / "actors.yaml"
    path.write_text(yaml.safe_dump(STRAIT), encoding="utf-8")
    return load_actors(path)


def sides(text: str, strait: Actors, day: str = "2032-05-01") -> list[tuple[str | None, str]]:
    """Name and side of each quote's speaker, through the whole chain."""
    article = Article.of(text, date=day)
    quotes = extract(article)
    setting = Setting(article.view.text, strait, day)
    return [
        (s.name, side_of(s, strait, day, context=q.before, setting=setting).label)
        for q, s in zip(quotes, resolve(article, quotes, strait), strict=True)
    ]


NAMED_AT_THE_STRAIT = [
    ("Mira Tolvand said the strait was open.", "Mira Tolvand", "orven"),
    ("Tolvand came. She said the strait was open.", "Mira Tolvand", "orven"),
    ("Governor Hanno Brandt of Saltmere said the strait was open.", "Hanno Brandt", "orven"),
    ("Hanno Brandt, a Kestrian minister, said the strait was shut.", "Hanno Brandt", "kestri"),
    ("Hanno Brandt, an Orvenian farmer, said the strait was shut.", "Hanno Brandt", "other"),
    ("Hanno Brandt, a former Kestrian minister, said the strait was shut.", "Hanno Brandt",
     "other"),
    ("Kestrian ships came. Orvenian ships came. Governor Hanno Bradesku said the strait was shut.",
     "Hanno Bradesku", "kestri"),
    ("Kestrian ships came. Orvenian ships came. Governor Hanno Brandt said the strait was shut.",
     "Hanno Brandt", "orven"),
    # a nationality is no part of a name, whichever the conflict
    ("Kestrian Foreign Minister Petra Ravesku said the strait was shut.", "Petra Ravesku",
     "kestri"),
    ("Orvenian Governor Hanno Brandt said the strait was shut.", "Hanno Brandt", "orven"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "side"), NAMED_AT_THE_STRAIT)
def test_another_conflict_names_its_people(text: str, name: str, side: str, strait: Actors) -> None:
    assert sides(text, strait) == [(name, side)]


UNNAMED_AT_THE_STRAIT = [
    ("The Blue House said the strait was open.", ["orven"]),
    ("The Tide Assembly said the strait was shut.", ["kestri"]),
    ("The Strait League said the strait was shut.", ["other"]),
    ("Kestravik said the strait was shut.", ["kestri"]),
    ("The mayor of Saltmere said the strait was open.", ["orven"]),
    ("A Northern official said the strait was open.", ["unknown"]),
    ("A Lakish general said the strait was open.", ["other"]),
    ("A harbour delegate said the strait was open.", ["kestri"]),
    ("A Kestrian general said the strait was shut. The general said it was late. "
     "Another said it was not.", ["kestri"] * 3),
    ("The Orvenian Pilot Board met. Its deputy head, a member of the board, said it was late.",
     ["orven"]),
    # an aide has the owner's office behind him, a relative has none
    ("The Blue House was shut. Its spokesman said the strait was open.", ["orven"]),
    ("Mira Tolvand left. Her spokesman said the strait was open.", ["orven"]),
    ("Mira Tolvand left. Her uncle said the strait was open.", ["other"]),
    # the first subject's words are nobody here
    ("Kabul said the strait was shut.", ["unknown"]),
    ("An Afghan general said the strait was shut.", ["unknown"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), UNNAMED_AT_THE_STRAIT)
def test_another_conflict_tells_its_unnamed_sources(
    text: str, expected: list[str], strait: Actors
) -> None:
    assert [side for _, side in sides(text, strait)] == expected


def test_another_conflict_has_its_own_days(strait: Actors) -> None:
    text = "Mira Tolvand said the strait was open."
    days = ("2030-12-31", "2031-01-01", "2034-12-31", "2035-01-01")
    assert [sides(text, strait, day)[0][1] for day in days] == ["other", "orven", "orven", "other"]

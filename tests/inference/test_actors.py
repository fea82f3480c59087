"""The actors file: what it refuses and with which words, and what it finds in a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from quotestance.actors import Actors, Office, load_actors
from quotestance.errors import ActorsError


def small() -> dict[str, Any]:
    term = {"title": "Mayor", "side": "north", "start": "2013-01-01", "end": "2013-06-01"}
    return {
        "schema_version": 1,
        "id": "valley",
        "sides": ["north", "south"],
        "demonyms": {"north": {"adjectives": ["Northern"]}},
        "people": [{"name": "Ada Vale", "prominent": True, "offices": [term]}],
        "bodies": [{"name": "the Assembly", "side": "south"}],
        "office_nouns": ["mayor"],
    }


def load(data: object, folder: Path) -> Actors:
    path = folder / "actors.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_actors(path)


def rival(data: dict[str, Any]) -> None:
    data["bodies"].append({"name": "Senate", "aliases": ["The Assembly"], "side": "south"})


FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda d: d.update(colour=3), "colour: unknown key; accepted: schema_version, id, title,"),
    (lambda d: d["people"][0].update(nick="Addie"),
     "people.0.nick: unknown key; accepted: name, aliases, prominent, offices (got 'Addie')"),
    (rival, "'The Assembly' belongs to the Assembly and Senate"),
    (lambda d: d["bodies"][0].update(side="east"),
     "the Assembly: side 'east' is not one of north, other, south, unknown"),
    (lambda d: d["people"][0]["offices"][0].update(side="east"),
     "Ada Vale: side 'east' is not one of north, other, south, unknown"),
    (lambda d: d["people"][0]["offices"][0].update(end="2012-01-01"),
     "people.0.offices.0: office 'Mayor' ends 2012-01-01, before it starts"),
    (lambda d: d.update(name_hints={"east": {"words": ["Ada"]}}),
     "name_hints: side 'east' is not one of north, other, south, unknown"),
    (lambda d: d.update(name_hints={"north": {"surnames": ["Ada"]}}),
     "name_hints.north.surnames: unknown key"),
    (lambda d: d["demonyms"].update(east={"places": ["Lea"]}),
     "demonyms: side 'east' is not one of north, other, south, unknown"),
    (lambda d: d["demonyms"]["north"].update(places="Lea"),
     "demonyms.north.places"),
    (lambda d: d.pop("office_nouns"), "office_nouns: Field required"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), FAULTS)
def test_a_faulty_file_is_refused_in_words(
    spoil: Callable[[dict[str, Any]], object], message: str, tmp_path: Path
) -> None:
    data = small()
    spoil(data)
    with pytest.raises(ActorsError) as caught:
        load(data, tmp_path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "actors.yaml"))


def test_one_name_with_two_sides_is_refused(tmp_path: Path) -> None:
    data = small()
    data["bodies"].append({"name": "the Assembly", "side": "north"})
    with pytest.raises(ActorsError, match="the Assembly"):
        load(data, tmp_path)


def test_a_missing_file_and_a_list_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ActorsError, match="cannot be read"):
        load_actors(tmp_path / "none.yaml")
    with pytest.raises(ActorsError, match="holds list, expected a mapping of keys"):
        load(["Ada"], tmp_path)


def test_an_office_ends_before_its_last_date(tmp_path: Path) -> None:
    person = load(small(), tmp_path).person("Vale")
    assert person is not None
    days = ("2012-12-31", "2013-01-01", "2013-05-31", "2013-06-01")
    assert [person.side_on(day)[0] for day in days] == ["other", "north", "north", "other"]
    assert person.side_on("2013-02-01")[1] == "Ada Vale, Mayor"
    assert Office(title="Guest", side="north").held_on("1900-01-01")


def test_mentions_need_capitals_and_take_the_longest_name(tmp_path: Path) -> None:
    found = list(load(small(), tmp_path).mentions("The Assembly heard Ada Vale. Vale left."))
    assert [(m.kind, m.name, m.start) for m in found] == [
        ("body", "the Assembly", 4), ("person", "Ada Vale", 19), ("person", "Ada Vale", 29),
    ]  # fmt: skip
    assert not list(load(small(), tmp_path).mentions("an assembly in a vale"))


def with_places(folder: Path) -> Actors:
    data = small()
    data["demonyms"]["north"] |= {"places": ["Lea", "Upper Lea"], "capitals": ["Norton"]}
    data["bodies"].append({"name": "Lea Weekly", "side": "other", "kind": "media"})
    data["bodies"].append({"name": "the Mill", "side": "north", "metonym": True})
    data["people"].append({"name": "Lea Marsh", "offices": []})
    return load(data, folder)


def test_places_are_mentions_of_their_own_kind(tmp_path: Path) -> None:
    found = list(with_places(tmp_path).mentions("Lea, Upper Lea and Norton read the Lea Weekly."))
    assert [(m.kind, m.name, m.side) for m in found] == [
        ("place", "Lea", "north"), ("place", "Upper Lea", "north"), ("capital", "Norton", "north"),
        ("body", "Lea Weekly", "other"),
    ]  # fmt: skip
    assert [m.media for m in found] == [False, False, False, True]
    assert not list(with_places(tmp_path).mentions("a lea beside the upper lea"))


def test_a_place_in_a_name_is_the_person(tmp_path: Path) -> None:
    (found,) = with_places(tmp_path).mentions("Lea Marsh left.")
    assert (found.kind, found.name, found.side) == ("person", "Lea Marsh", "other")


def test_metonyms_are_marked(tmp_path: Path) -> None:
    found = with_places(tmp_path).mentions("The Mill asked the Assembly.")
    assert [(m.name, m.metonym) for m in found] == [("the Mill", True), ("the Assembly", False)]


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Drago Holm", "south"),
        ("DRAGO HOLM", "south"),
        ("Hanno Bradesku", "south"),
        ("Hanno Bradesku-Holm", "south"),
        ("Gen. Drago", "south"),
        ("Hanno Desku", None),  # a short word is no ending
        ("Eskuvar Holm", None),  # an ending stands at the end
        ("Dragon Holm", None),
        ("Björk Ölund", "north"),
        ("Drago Björk", None),  # of both
        ("Hanno Brandt", None),
        ("", None),
    ],
)
def test_the_words_of_a_name_hint_at_a_side(name: str, side: str | None, tmp_path: Path) -> None:
    data = small() | {
        "name_hints": {
            "south": {"words": ["Drago"], "endings": ["esku"]},
            "north": {"words": ["Björk"], "endings": []},
        }
    }
    assert load(data, tmp_path).side_of_name(name) == side


def test_without_hints_no_name_tells_a_side(tmp_path: Path) -> None:
    assert load(small(), tmp_path).side_of_name("Drago Bradesku") is None


@given(name=st.text(max_size=40))
def test_any_name_hints_at_one_compared_side_at_most(name: str, actors: Actors) -> None:
    found = actors.side_of_name(name)
    assert found is None or found in actors.name_hints
    assert actors.side_of_name(f"{name} Gulab Noorzai") in ("afghan", None)


def test_the_file_of_the_first_subject(actors: Actors) -> None:
    assert len(actors.people) + len(actors.bodies) >= 250
    assert actors.sides == ("us", "afghan")
    assert not list(actors.mentions("they told us so"))


@given(text=st.text(max_size=200))
def test_mentions_lie_in_order_inside_any_text(text: str, actors: Actors) -> None:
    at = 0
    for mention in actors.mentions(f"Kabul, {text} US", "2013-10-12"):
        assert at <= mention.start < mention.end <= len(text) + 10
        at = mention.end
    assert at > 0

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
     "people.0.offices.0: Value error, office 'Mayor' ends 2012-01-01, before it starts"),
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

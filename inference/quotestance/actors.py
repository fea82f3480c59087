"""The actors file: people with dated offices, bodies, metonyms, nationalities, office nouns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from quotestance.codebook import describe, read_mapping
from quotestance.errors import ActorsError
from quotestance.textview import Span

_FROZEN = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Office(BaseModel):
    """An office and the days from and to which it was held (null: open)."""

    model_config = _FROZEN

    title: str
    side: str
    start: Date | None = None
    end: Date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Office:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"office {self.title!r} ends {self.end}, before it starts")
        return self

    def held_on(self, day: str | None) -> bool:
        """Whether the office was held on an ISO day; without a day, whether it was ever held."""
        if day is None:
            return True
        return (self.start is None or self.start.isoformat() <= day) and (
            self.end is None or day < self.end.isoformat() or self.end == self.start
        )


class Person(BaseModel):
    """A person; `prominent` where the bare surname can mean nobody else."""

    model_config = _FROZEN

    name: str
    aliases: tuple[str, ...] = ()
    prominent: bool = False
    offices: tuple[Office, ...] = ()

    def side_on(self, day: str | None) -> tuple[str, str]:
        """Side and reason at a date; outside all offices a person is `other`."""
        for office in self.offices:
            if office.held_on(day):
                return office.side, f"{self.name}, {office.title}"
        return "other", f"{self.name} held no listed office on {day}"


class Body(BaseModel):
    """A government, ministry, force, party, medium or the like; or a place that stands for one."""

    model_config = _FROZEN

    name: str
    aliases: tuple[str, ...] = ()
    side: str
    kind: str = "body"
    metonym: bool = False


class Role(BaseModel):
    """An office noun that tells a side on its own ("Loya Jirga delegate")."""

    model_config = _FROZEN

    name: str
    side: str


class Demonyms(BaseModel):
    """The words for a nationality."""

    model_config = _FROZEN

    adjectives: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # provinces, states and towns, which stand for nobody


class NameHints(BaseModel):
    """Words and endings of names that are usual on a side: weak evidence beside an office."""

    model_config = _FROZEN

    words: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


MentionKind = Literal[
    "person", "body", "role", "adjective", "people", "country", "capital", "place"
]


@dataclass(frozen=True, slots=True)
class Mention:
    """An actor's name found in a text."""

    start: int
    end: int
    kind: MentionKind
    name: str
    side: str
    person: Person | None = None
    media: bool = False
    metonym: bool = False


class Actors(BaseModel):
    """Everything that tells a side; another conflict is another file of this shape."""

    model_config = _FROZEN

    schema_version: Literal[1]
    id: str
    title: str = ""
    sides: tuple[str, ...] = Field(min_length=1)
    demonyms: dict[str, Demonyms]
    neutral_adjectives: tuple[str, ...] = ()
    name_hints: dict[str, NameHints] = Field(default_factory=dict)
    people: tuple[Person, ...]
    bodies: tuple[Body, ...]
    roles: tuple[Role, ...] = ()
    office_nouns: tuple[str, ...]
    private_nouns: tuple[str, ...] = ()
    former_markers: tuple[str, ...] = ()
    candidate_markers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Actors:
        known = {*self.sides, "other", "unknown"}
        owner: dict[str, str] = {}
        named: tuple[Person | Body, ...] = (*self.people, *self.bodies)
        for entry in named:
            if entry.name.lower() in owner and owner[entry.name.lower()] == entry.name:
                raise ValueError(f"{entry.name!r} stands twice; join its entries")
            for name in (entry.name, *entry.aliases):
                if owner.setdefault(name.lower(), entry.name) != entry.name:
                    raise ValueError(f"{name!r} belongs to {owner[name.lower()]} and {entry.name}")
        used = [(b.name, b.side) for b in self.bodies]
        used += [(r.name, r.side) for r in self.roles]
        used += [(p.name, o.side) for p in self.people for o in p.offices]
        used += [("demonyms", side) for side in self.demonyms]
        used += [("name_hints", side) for side in self.name_hints]
        for name, side in used:
            if side not in known:
                raise ValueError(f"{name}: side {side!r} is not one of {', '.join(sorted(known))}")
        return self

    @cached_property
    def _lexicon(self) -> dict[str, tuple[MentionKind, str, str, Person | None, bool]]:
        """Lower-cased name → kind, canonical name, side, person, whether it is a medium."""
        entries: dict[str, tuple[MentionKind, str, str, Person | None, bool]] = {}
        for side, words in self.demonyms.items():
            groups: tuple[tuple[MentionKind, tuple[str, ...]], ...] = (
                ("adjective", words.adjectives),
                ("people", words.people),
                ("country", words.countries),
                ("capital", words.capitals),
                ("place", words.places),
            )
            for kind, names in groups:
                for name in names:
                    entries.setdefault(_bare(name), (kind, name, side, None, False))
        for role in self.roles:
            entries[_bare(role.name)] = ("role", role.name, role.side, None, False)
        for body in self.bodies:
            media = body.kind == "media"
            for name in (body.name, *body.aliases):
                entries[_bare(name)] = ("body", body.name, body.side, None, media)
        for person in self.people:
            for name in (person.name, *person.aliases):
                entries[_bare(name)] = ("person", person.name, "", person, False)
        for person in self.people:
            if person.prominent:
                surname = person.name.split()[-1].lower()
                entries.setdefault(surname, ("person", person.name, "", person, False))
        return entries

    @cached_property
    def _by_first_word(self) -> dict[str, list[tuple[str, ...]]]:
        index: dict[str, list[tuple[str, ...]]] = {}
        for name in self._lexicon:
            words = tuple(_TOKEN.findall(name))
            if words:
                index.setdefault(words[0], []).append(words)
        for candidates in index.values():
            candidates.sort(key=len, reverse=True)
        return index

    def mentions(self, text: str, day: str | None = None) -> Iterator[Mention]:
        """Yield the actors named in a text, the longest name at each place, left to right.

        Names of people, places and bodies must be capitalised as in the file; roles need not.
        """
        found = list(_TOKEN.finditer(text))
        lowered = [m[0].lower() for m in found]
        i = 0
        while i < len(found):
            step = 1
            for words in self._by_first_word.get(lowered[i], ()):
                if tuple(lowered[i : i + len(words)]) != words:
                    continue
                mention = self._mention(text, found[i], found[i + len(words) - 1], words, day)
                if mention is not None:
                    yield mention
                    step = len(words)
                    break
            i += step

    def first_named(self, text: str) -> dict[str, Span]:
        """Where a text first names each side that it names."""
        found: dict[str, Span] = {}
        for mention in self.mentions(text):
            found.setdefault(mention.side, (mention.start, mention.end))
        return found

    def _mention(
        self,
        text: str,
        first: re.Match[str],
        last: re.Match[str],
        words: tuple[str, ...],
        day: str | None,
    ) -> Mention | None:
        kind, name, side, person, media = self._lexicon[self._keys[" ".join(words)]]
        surface = text[first.start() : last.end()]
        if not _fits_case(surface, self._written[" ".join(words)], kind):
            return None
        if person is not None:
            side = person.side_on(day)[0]
        return Mention(
            first.start(), last.end(), kind, name, side, person, media, name in self._metonyms
        )

    @cached_property
    def _keys(self) -> dict[str, str]:
        return {" ".join(_TOKEN.findall(name)): name for name in self._lexicon}

    @cached_property
    def _metonyms(self) -> frozenset[str]:
        return frozenset(body.name for body in self.bodies if body.metonym)

    @cached_property
    def _written(self) -> dict[str, str]:
        """Each key as the file writes it, for its capitals."""
        names: list[str] = []
        for d in self.demonyms.values():
            names += [*d.adjectives, *d.people, *d.countries, *d.capitals, *d.places]
        named: tuple[Person | Body, ...] = (*self.people, *self.bodies)
        for entry in named:
            names += [entry.name, *entry.aliases]
        names += [p.name.split()[-1] for p in self.people if p.prominent]
        names += [r.name for r in self.roles]
        return {" ".join(_TOKEN.findall(_bare(name))): name for name in names}

    def side_of_name(self, name: str) -> str | None:
        """The side on which a name's words are usual; None where they are on none or on several.

        It says nothing of the bearer by itself: a side is an office, not a nationality.
        """
        words = re.findall(r"[^\W\d_]+", name.lower())
        found = {
            side for side, (known, endings) in self._hints.items()
            if any(w in known or (len(w) > 5 and w.endswith(endings)) for w in words)
        }  # fmt: skip
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _hints(self) -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
        return {
            side: (frozenset(w.lower() for w in hints.words), tuple(hints.endings))
            for side, hints in self.name_hints.items()
        }

    def person(self, name: str) -> Person | None:
        """The person with this full name, alias or (if prominent) surname."""
        entry = self._lexicon.get(_bare(name))
        return entry[3] if entry else None


_TOKEN = re.compile(r"[A-Za-z]\.(?:[A-Za-z]\.)+|[^\W_]+(?:[’'][^\W\ds_]\w*)?(?:-[^\W_]+)*")


def _fits_case(surface: str, name: str, kind: str) -> bool:
    """Whether a found word is written as a name must be ("us" is no country, "times" no paper).

    Roles and bodies of several words may be written either way; text in capitals fits all but
    the word "US".
    """
    proper = re.sub(r"^[Tt]he\s+", "", name)
    if kind == "role" or (kind == "body" and " " in proper):
        return True
    if surface.isupper() and len(surface) > 3:
        return True
    return surface[0].isupper() or not proper[0].isupper()


def _bare(name: str) -> str:
    """The key of a name: lower case, without a leading article."""
    return re.sub(r"^the\s+", "", name.lower().replace("’", "'"))


def load_actors(path: str | Path) -> Actors:
    """Load an actors file from YAML or JSON.

    Raises
    ------
    ActorsError
        If the file cannot be read, has unknown keys or does not hold together.
    """
    path = Path(path)
    try:
        return Actors.model_validate(read_mapping(path, ActorsError))
    except ValidationError as error:
        raise ActorsError(f"{path}: {describe(error, Actors)}") from error

"""What an article as a whole tells of sides: whose "the board" is, whose "the report".

News names a body once ("the Afghan Review Board") and then writes "the board", "its deputy
head", "a commission clerk". A `Setting` looks such words up in the article that they stand in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from quotestance.actors import Actors, Mention

# Nouns by which a body that was named before is taken up again.
BODY_NOUNS = frozenset(
    "board commission council committee ministry department directorate panel embassy assembly "
    "jirga court army police force forces agency bureau office command delegation team government "
    "palace parliament house administration mission cabinet inspectorate authority secretariat "
    "prosecution coalition movement union".split()
)
TEXT_NOUNS = frozenset(
    "report audit draft memo memorandum note letter paper document study resolution statement "
    "communique communiqué log tally summary cable decree order survey review filing".split()
)
_NOUN = re.compile(r"[a-zé]+", re.I)
_PHRASE = r"(?:\s(?!(?:the|a|an|and|or|of|to|with|for|by|that|met|said|told)\b)[\w’'-]+){0,2}?\s"
_LONG = 600  # characters from which an article that names neither side is about something else
_BY = r"\b{noun}\b(?:\s[\w,]+){{0,6}}?\s(?:by|from|of|for|to)\s(?:the\s)?"


@dataclass(frozen=True)
class Setting:
    """An article's text with the actors that it names.

    Parameters
    ----------
    text : str
    actors : Actors
    day : str or None
        ISO date of the article.
    """

    text: str
    actors: Actors
    day: str | None = None

    @cached_property
    def mentions(self) -> list[Mention]:
        """All actors that the article names, in order."""
        return list(self.actors.mentions(self.text, self.day))

    @cached_property
    def counts(self) -> Counter[str]:
        """How often the article names each side."""
        return Counter(m.side for m in self.mentions)

    @cached_property
    def names_a_side(self) -> bool:
        """Whether the article speaks of a side at all: a short text always may."""
        if len(self.text) < _LONG:
            return True
        kinds = ("adjective", "people", "country", "capital", "person")
        sides = self.actors.sides
        return any(
            m.side in sides and (m.kind in kinds or (m.kind == "body" and m.name[:1].isupper()))
            for m in self.mentions
        )

    def taken_up(self, description: str, office: str | None = None) -> tuple[str, str] | None:
        """The side and name of the body that a description takes up again, if one clearly fits.

        Parameters
        ----------
        description : str
            Such as "its deputy head, a member of the board".
        office : str, optional
            An office noun of a definite description ("the negotiator"), looked up likewise.
        """
        for match in _NOUN.finditer(description):
            noun = match[0].lower()
            if noun == "president":
                found = self._of_president()
            elif noun in BODY_NOUNS or (office is not None and noun == office.split()[-1].lower()):
                found = self._of_body(noun)
            elif noun in TEXT_NOUNS:
                found = self._of_text(noun)
            else:
                continue
            if found is not None:
                return found
        return None

    def _of_president(self) -> tuple[str, str] | None:
        """Whose president "the president" is: the one whom the article names most."""
        return _clear(
            (m.side, m.name)
            for m in self.mentions
            if m.person is not None and m.side in self.actors.sides and any(
                office.title.startswith("President") and office.held_on(self.day)
                for office in m.person.offices
            )
        )  # fmt: skip

    def _of_body(self, noun: str) -> tuple[str, str] | None:
        """Who owns the bodies with this noun in their name, where most have one owner."""
        return _clear(self._bodies(noun))

    def _bodies(self, noun: str) -> Iterator[tuple[str, str]]:
        follows = _behind_adjective(noun)
        for m in self.mentions:
            surface = self.text[m.start : m.end]
            if m.kind in ("body", "role"):
                fits = noun in _NOUN.findall(surface.lower())
            else:
                owner = m.kind in ("adjective", "country")
                behind = follows.match(self.text, m.end) if owner else None
                fits, surface = behind is not None, surface + (behind[0] if behind else "")
            if fits:
                yield m.side, surface

    def _of_text(self, noun: str) -> tuple[str, str] | None:
        """Whose text it is: "a report by the inspector general", "an American note"."""
        return _clear(self._texts(noun))

    def _texts(self, noun: str) -> Iterator[tuple[str, str]]:
        starts = {m.start: m for m in self.mentions}
        for match in _author(noun).finditer(self.text):
            mention = starts.get(match.end())
            if mention is not None:
                yield mention.side, self.text[match.start() : mention.end]
        owned = _behind_adjective(noun)
        for m in self.mentions:
            behind = owned.match(self.text, m.end)
            if m.kind in ("adjective", "body", "country") and behind is not None:
                yield m.side, self.text[m.start : m.end] + behind[0]


def _clear(evidence: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The side with two thirds of all evidence, and the first name it goes by, if there is one."""
    sides: Counter[str] = Counter()
    names: dict[str, str] = {}
    for side, name in evidence:
        sides[side] += 1
        names.setdefault(side, name)
    if not sides:
        return None
    (side, count), *_ = sides.most_common(1)
    if count * 3 < sum(sides.values()) * 2 or side == "unknown":
        return None
    return side, " ".join(names[side].split())


@lru_cache(maxsize=256)
def _behind_adjective(noun: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[’']s?)?{_PHRASE}{re.escape(noun)}\b", re.I)


@lru_cache(maxsize=256)
def _author(noun: str) -> re.Pattern[str]:
    return re.compile(_BY.format(noun=re.escape(noun)), re.I)

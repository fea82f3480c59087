"""Step 4: a speaker's side at the article's date, with the reason in words.

Side is office, not nationality. The rules are tried in the order of `side_of`; each says in the
result why it held, and where none holds the side is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from quotestance.actors import Actors, Mention
from quotestance.speakers import Speaker

_WORDS = re.compile(r"[\w’'-]+")


@dataclass(frozen=True, slots=True)
class Side:
    """A side and why."""

    label: str
    reason: str


UNKNOWN = Side("unknown", "nothing in the article tells")


def side_of(speaker: Speaker, actors: Actors, day: str | None, *, context: str = "") -> Side:
    """Tell the side of a speaker.

    Parameters
    ----------
    speaker : Speaker
        With all that the article says of it.
    actors : Actors
        People, bodies, nationalities and office nouns of the conflict.
    day : str or None
        ISO date of the article: offices hold at a date.
    context : str
        The sentence before; used only for an office without nationality ("one official").
    """
    side = _side_of(speaker, actors, day, context)
    if speaker.reason and side.label != "unknown":
        return Side(side.label, f"{speaker.reason}; {side.reason}")
    return side


def _side_of(speaker: Speaker, actors: Actors, day: str | None, context: str) -> Side:
    if speaker.kind == "unknown":
        return UNKNOWN
    if speaker.name:
        person = actors.person(speaker.name)
        if person is not None:
            return Side(*person.side_on(day))
    found = _from_description(speaker, actors, day)
    if found is not None:
        return found
    if speaker.group_of:
        group = Speaker(None, "anonymous", speaker.group_of)
        return _side_of(group, actors, day, context)
    if context and _has_noun(speaker.description, actors.office_nouns):
        return _from_context(context, actors, day)
    if speaker.kind == "named" and "," in speaker.description:
        return Side("other", "described without an office of either government")
    return UNKNOWN


def _from_description(speaker: Speaker, actors: Actors, day: str | None) -> Side | None:
    text = speaker.description
    if not text:
        return None
    marker = _marker(text, actors)
    if marker:
        return Side("other", f"“{marker}”: no office now")
    head = text.split(",")[0]
    office = _has_noun(head, actors.office_nouns)
    private = _has_noun(head, actors.private_nouns)
    neutral = _has_noun(head, tuple(w for w in actors.neutral_adjectives))
    for part in (head, text):
        mentions = list(actors.mentions(part, day))
        if neutral and office and not mentions:
            return Side("unknown", f"“{neutral}”: no country named")
        side = _from_mentions(mentions, part, office, private, speaker, actors)
        if side is not None:
            return side
    if private:
        return Side("other", f"“{private}” holds no office")
    return None


def _from_mentions(
    mentions: list[Mention],
    text: str,
    office: str | None,
    private: str | None,
    speaker: Speaker,
    actors: Actors,
) -> Side | None:
    """The first actor named decides; a nationality needs an office noun beside it."""
    for mention in mentions:
        name = text[mention.start : mention.end]
        if mention.kind == "person":
            return Side(mention.side, f"speaks for {mention.name}")
        if mention.kind == "body":
            if mention.media and speaker.kind != "collective":
                return Side("other", f"of {mention.name}")
            return Side(mention.side, f"“{name}” is {mention.side}")
        if mention.kind == "role":
            return Side(mention.side, f"“{name}” is an office")
        if mention.kind in ("country", "people", "adjective") and speaker.kind == "collective":
            return Side(mention.side, f"“{name}” stands for the government")
        if mention.kind == "capital":
            if office or speaker.kind == "collective":
                return Side(mention.side, f"{office or 'government'} in {name}")
            continue
        if office:
            return Side(mention.side, f"“{name}” with the office “{office}”")
        if private:
            return Side("other", f"“{private}” holds no office")
        if mention.side == "other":
            return Side("other", f"“{name}”")
    return None


def _from_context(context: str, actors: Actors, day: str | None) -> Side:
    for mention in actors.mentions(context, day):
        if mention.side in actors.sides and mention.kind != "capital":
            return Side(mention.side, f"the sentence before speaks of “{mention.name}”")
    return UNKNOWN


def _marker(text: str, actors: Actors) -> str | None:
    """A word that says that the office is over, or only sought, at the head of the description."""
    pattern = _markers((*actors.former_markers, *actors.candidate_markers))
    match = pattern.search(text)
    return match[0].strip() if match else None


@lru_cache(maxsize=8)
def _markers(words: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?:(?<=^)|(?<=[\s,])|(?<=\ba\s))(?:{alternatives})(?=[\s,A-Z]|$)", re.I)


@lru_cache(maxsize=8)
def _nouns(words: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"\b(?:{alternatives})\b", re.I)


def _has_noun(text: str, nouns: tuple[str, ...]) -> str | None:
    if not nouns:
        return None
    match = _nouns(nouns).search(text)
    return match[0] if match else None

"""Step 4: a speaker's side at the article's date, with the reason in words.

Side is office, not nationality. The rules are tried in the order of `side_of`; each says in the
result why it held, and where none holds the side is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from quotestance.actors import Actors, Mention
from quotestance.setting import Setting
from quotestance.speakers import Speaker

_BODY = re.compile(
    r"\b(?:team|side|delegation|negotiators?|camp|military|army|government|command|panel|board"
    r"|commission|committee|council|mission|unit|force|forces|lawmakers?|party|security)\b", re.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """A side and why."""

    label: str
    reason: str


_PLACES = ("capital", "country", "place")
_WHO = re.compile(r"\b(?:who|whose|which)\b")
_AUTHOR = re.compile(r"\b(?:by|from)\s(?:the\s|a\s|an\s)?(?:[a-z]+\s){0,2}[A-Z]")
_UNTIL = re.compile(
    r"\bwho \w+\b[^.]*\buntil (?:the |last |this )?"
    r"(?:\d{4}|spring|summer|autumn|fall|winter|year|month|(?-i:[A-Z][a-z]+ \d{4}))\b"
)
_KIN = re.compile(
    r"\b(?:mother|father|brother|sister|cousin|nephew|uncle|aunt|niece|wife|husband|widow|son"
    r"|daughter|neighbou?r|friend|kin)s?$", re.I,
)  # fmt: skip
_TRADE = re.compile(
    r"\b(?!official|officer|soldier|minister|adviser|member|speaker|leader|commander|inspector|other"
    r"|another|number|spokes)\w*(?:er|or|ist|ian|man|woman|men|women|smith|herd|keeper|midwife|nurse"
    r"|cook|guide|monk|monitor|guest|villager|youth|lad|boy|girl|cleric|mullah)s?"
    r"(?=$|\s(?:of|from|in|at|on|near|with|who)\b)", re.I,
)  # fmt: skip

UNKNOWN = Side("unknown", "nothing in the article tells")


def side_of(
    speaker: Speaker, actors: Actors, day: str | None, *,
    context: str = "", setting: Setting | None = None,
) -> Side:  # fmt: skip
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
    setting : Setting, optional
        The article, in which "the board" and "the report" are looked up.
    """
    side = _side_of(speaker, actors, day, context, setting)
    if speaker.reason and side.label != "unknown":
        return Side(side.label, f"{speaker.reason}; {side.reason}")
    return side


def _side_of(
    speaker: Speaker, actors: Actors, day: str | None, context: str, setting: Setting | None
) -> Side:
    if speaker.kind == "unknown":
        return UNKNOWN
    if setting is not None and not setting.names_a_side:
        return Side("other", "the article speaks of neither side")
    if speaker.name:
        person = actors.person(speaker.name)
        if person is not None:
            return Side(*person.side_on(day))
    found = _from_description(speaker, actors, day, setting)
    if found is not None:
        return found
    office = _has_noun(speaker.description, actors.office_nouns)
    named = speaker.kind == "named"
    if named and office and setting is not None:
        hinted = _from_name(speaker.name or "", office, actors, setting)
        if hinted is not None:
            return hinted
    head = speaker.description.split(",")[0]
    if _KIN.search(head) and speaker.kind == "anonymous":
        return Side("other", "told by a tie of kin or friendship, without an office")
    if speaker.group_of:
        group = Speaker(None, "collective", speaker.group_of)
        return _side_of(group, actors, day, context, setting)
    described = named and "," in speaker.description
    if context and (office or (named and not described)):
        near = _from_context(context, actors, day, offices=named)
        if near is not None:
            return near
    if speaker.kind == "document" and _by_others(speaker.description, actors):
        return Side("other", "a text by somebody else")
    return _without_office(speaker, office)


def _from_name(name: str, office: str, actors: Actors, setting: Setting) -> Side | None:
    """Which of the governments that an article speaks of an office is in, by the holder's name."""
    side = actors.side_of_name(name)
    if side is not None:
        return Side(side, f"“{office}”, and {name} is a name of that side") if (
            setting.counts[side]) else None  # fmt: skip
    foreign = setting.counts["other"]
    others = [s for s in actors.sides
              if s not in actors.name_hints and setting.counts[s] > foreign]  # fmt: skip
    if len(others) == 1 and actors.name_hints and " " in name:
        return Side(others[0], f"“{office}”, and {name} is no name of another side")
    return None


def _by_others(text: str, actors: Actors) -> bool:
    """Whether a text is by somebody with a name that is no actor's: "a report by the Institute"."""
    by = _AUTHOR.search(text)
    return by is not None and not any(True for _ in actors.mentions(text[by.start() :]))


def _without_office(speaker: Speaker, office: str | None) -> Side:
    """Whoever is told by name or trade and holds no office is another source."""
    if office:
        return UNKNOWN
    if speaker.kind == "named" and ("," in speaker.description or " " in (speaker.name or "")):
        return Side("other", "described without an office of either government")
    if speaker.kind == "anonymous" and _TRADE.search(speaker.description.split(",")[0]):
        return Side("other", "told by a trade or a tie, without an office")
    return UNKNOWN


def _from_description(
    speaker: Speaker, actors: Actors, day: str | None, setting: Setting | None
) -> Side | None:
    text = speaker.description
    if not text:
        return None
    if _UNTIL.search(text):
        return Side("other", "an office that is over")
    marker = _marker(text, actors)
    if marker and not _serves(text[: marker.start()], actors, setting):
        return Side("other", f"“{marker[0].strip()}”: no office now")
    head = text.split(",")[0]
    office = _has_noun(head, actors.office_nouns)
    private = _has_noun(head, actors.private_nouns)
    if private and private[0].isupper() and speaker.kind == "named":
        private = None  # a title, "Engineer Latif"
    neutral = _has_noun(head, actors.neutral_adjectives)
    for part in dict.fromkeys((head, text)):
        mentions = _outside_name(list(actors.mentions(part, day)), part, speaker.name)
        mentions = [m for m in mentions if not (_is_place(m) and _WHO.search(part[: m.start]))]
        office = office or _has_noun(_WHO.split(part)[0], actors.office_nouns)
        if neutral and office and all(_is_place(m) for m in mentions):
            return Side("unknown", f"“{neutral}”: no country named")
        side = _from_mentions(mentions, part, office, private, speaker, actors)
        if side is not None:
            return side
        taken = _taken_up(part, office, setting)
        if taken is not None:
            return Side(taken[0], f"takes up “{taken[1]}”")
    if private and not office:
        return Side("other", f"“{private}” holds no office")
    return None


def _taken_up(text: str, office: str | None, setting: Setting | None) -> tuple[str, str] | None:
    """What the description takes up in the article; an office noun only behind "the"."""
    if setting is None:
        return None
    definite = office if re.match(r"the\s", text, re.I) else None
    return setting.taken_up(text, definite)


def _serves(text: str, actors: Actors, setting: Setting | None) -> bool:
    """Whether an office stands before a former one: "a council member and onetime governor"."""
    return bool(_has_noun(text, actors.office_nouns)) or (
        setting is not None and setting.taken_up(text) is not None
    )


def _outside_name(mentions: list[Mention], text: str, name: str | None) -> list[Mention]:
    """Leave out what only seems an actor inside the speaker's own name ("Fereshta Danish")."""
    words = set((name or "").split())
    kept = [m for m in mentions if text[m.start : m.end] not in words or m.kind == "person"]
    nations = [m for m in kept if m.kind not in ("role", "capital", "place")]
    # "Pakistan's foreign ministry", "minister of Iran": the country says more than the role
    roles = [m for m in kept if m.kind == "role"]
    if roles and nations and _governs(nations[0], roles[0], text):
        return [nations[0], *(m for m in kept if m is not nations[0])]
    return kept


def _governs(nation: Mention, role: Mention, text: str) -> bool:
    return nation.start < role.start or text[role.end : nation.start].strip() in ("of", "of the")


def _from_mentions(
    mentions: list[Mention], text: str, office: str | None, private: str | None,
    speaker: Speaker, actors: Actors,
) -> Side | None:  # fmt: skip
    """The first actor named decides; a nationality needs an office or a body beside it."""
    if _speaks_for_both(mentions, text, actors):
        return Side("unknown", "office-holders of both sides together")
    for mention in mentions:
        name = text[mention.start : mention.end]
        if mention.kind == "person":
            return Side(mention.side, f"speaks for {mention.name}")
        if mention.media and speaker.kind == "anonymous" and not private:
            continue  # "an official who spoke to Reuters"
        if mention.kind == "body" and mention.side == "unknown":
            continue  # a text or a body of both governments; another word may still tell
        if mention.kind == "body" and not (mention.metonym and private):
            return Side(mention.side, f"“{name}” is {mention.side}")
        if mention.kind == "role":
            hinted = actors.side_of_name(speaker.name or "")
            if hinted not in (None, mention.side) and " " not in name:
                continue  # "Senator Gulab ...": both parliaments have senators
            return Side(mention.side, f"“{name}” is an office")
        if private and not office:
            return Side("other", f"“{private}” holds no office")
        if mention.kind in ("capital", "body", "place"):
            if office or speaker.kind == "collective":
                return Side(mention.side, f"{office or 'government'} in {name}")
            continue
        if (
            speaker.kind in ("collective", "document")
            or office
            or _BODY.search(text[mention.end :])
        ):
            return Side(mention.side, f"“{name}” with “{office or 'government'}”")
        if mention.side == "other":
            return Side("other", f"“{name}” holds no office of either government")
    return None


def _is_place(mention: Mention) -> bool:
    return mention.kind in _PLACES or mention.metonym


def _speaks_for_both(mentions: list[Mention], text: str, actors: Actors) -> bool:
    """Read "Afghan and American officials"."""
    nations = [m for m in mentions if m.kind == "adjective" and m.side in actors.sides]
    return any(
        a.side != b.side and text[a.end : b.start].strip() == "and" for a, b in pairwise(nations)
    )


def _from_context(context: str, actors: Actors, day: str | None, *, offices: bool) -> Side | None:
    """The side that the sentence before speaks of; for a name it must speak of office-holders."""
    for mention in actors.mentions(context, day):
        if mention.side not in actors.sides or mention.kind in ("capital", "place"):
            continue
        if offices and not (
            mention.kind in ("adjective", "role")
            and _has_noun(context[mention.start : mention.end + 30], actors.office_nouns)
        ):
            continue
        return Side(mention.side, f"the sentence before speaks of “{mention.name}”")
    return None


def _marker(text: str, actors: Actors) -> re.Match[str] | None:
    """A word that says that the office is over, or only sought, at the head of the description."""
    return _markers((*actors.former_markers, *actors.candidate_markers)).search(text)


@lru_cache(maxsize=8)
def _markers(words: tuple[str, ...]) -> re.Pattern[str]:
    whole = _any_of(tuple(w for w in words if not w.endswith("-"))) or "(?!)"
    prefixes = _any_of(tuple(w for w in words if w.endswith("-"))) or "(?!)"
    return re.compile(
        rf"(?:(?<=^)|(?<=[\s,]))(?:(?:{whole})(?=[\s,]|$)|(?:{prefixes})(?=\w))", re.I
    )


@lru_cache(maxsize=8)
def _nouns(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of(words)})\b", re.I)


def _any_of(words: tuple[str, ...]) -> str:
    """A pattern's alternatives, the longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


def _has_noun(text: str, nouns: tuple[str, ...]) -> str | None:
    if not nouns:
        return None
    match = _nouns(nouns).search(text)
    return match[0] if match else None

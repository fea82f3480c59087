"""Step 3: who a quote's source is: pronouns, surnames, roles and anonymous officials resolved.

The antecedent rules are plain: a pronoun takes the nearest subject that fits in number and
kind, else the speaker before; "another", "one" and "the other" keep the group of the speaker
before; a definite role ("the official") takes the last speaker of that role. Where nothing
fits the speaker stays unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from quotestance.actors import Actors, Mention
from quotestance.articles import Article
from quotestance.codebook import SpeakerKind
from quotestance.found import Antecedent
from quotestance.quotes import Quote

_SINGULAR = {"he", "she", "him", "her"}
_TITLES = re.compile(
    r"^(?:(?:the|a|an|mr|mrs|ms|dr|sir|president|vice|prime|minister|secretary|deputy|assistant|of"
    r"|state|defen[cs]e|foreign|interior|senator|sen|representative|rep|congress\w+|general|gen|lt"
    r"|lieutenant|brig|brigadier|maj|major|col|colonel|capt|captain|sgt|adm|admiral|ambassador|envoy"
    r"|spokes\w+|governor|chief|justice|judge|mullah|maulavi|maulvi|mawlawi|haji|hajji|engineer"
    r"|professor|prof|marine|corps|army|navy|air|force|former|then|republican|democratic|democrat"
    r"|correspondent|our|his|her|its|their|special|national|security"
    r"|adviser|advisor|analyst|commander|director|chairman|staff|retired|first|lady|king|prince"
    r"|under|undersecretary|attorney|finance|head|leader|candidate|delegate|elder|member|aide"
    r"|police|district|provincial|council|lawmaker|mp|senior|reverend|rev|bishop|hon)\b\.?\s*)+",
    re.I,
)
_GROUP_WORDS = re.compile(r"^(?:another|one|a (?:second|third|fourth)|the (?:other|second|third)"
                          r"|others?|both|some|two|several|a colleague)\b", re.I)  # fmt: skip
_OWNED = re.compile(r"(?:its|his|her|their)\s", re.I)
_DOCUMENTS = re.compile(
    r"\b(?:draft|text|document|resolution|communiqu[eé]|letter|memo|note|cable|clause|article"
    r"|agreement|pact|accord|treaty|constitution|decree|report|paper|annex|bill|it)s?\b", re.I,
)  # fmt: skip
_COLLECTIVE = re.compile(
    r"\b(?:government|ministry|palace|embassy|administration|parliament|council|committee|house"
    r"|commission|assembly|jirga|congress|senate|cabinet|army|police|force|command|coalition|group"
    r"|movement|party|team|delegation|side|department|office|agency|presidency|capital|members"
    r"|union|organi[sz]ation|body|alliance|taliban|nato|isaf|pentagon|kremlin|newspaper|paper"
    r"|magazine|media|authorities|leadership|mission|company|board|station|bloc|faction|villages?"
    r"|court|directorate|secretariat|services?)\b", re.I,
)  # fmt: skip
_OF_TEXT = re.compile(r"\s(?:of|by|from|for|on|released|issued|published|prepared|written)\s")
_PREPOSITION = re.compile(r"\s(?:of|at|on|in|from|for|with|to)\s")
_BEHIND_PREPOSITION = re.compile(r"\b(?:of|at|on|in|from|for|with|to)\s(?:the\s)?$")
_NAME = re.compile(
    r"[A-Z][\w’'-]*\.?(?:\s(?:[A-Z]\.|[A-Z][\w’'-]+|al-[A-Z]\w+|bin|ul|ur|of(?=\s[A-Z])))*"
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks.

    Parameters
    ----------
    name : str or None
        The fullest name that the article gives, without titles; None where there is none.
    kind : {"named", "anonymous", "collective", "document", "unknown"}
    description : str
        All that the article says of the speaker; sides are told from it.
    reason : str
        How a pronoun or a short form was resolved, "" where nothing had to be.
    group_of : str
        For "another", "one of them": the description of the speaker before, whose side holds.
    """

    name: str | None
    kind: SpeakerKind
    description: str = ""
    reason: str = ""
    group_of: str = ""


UNKNOWN = Speaker(None, "unknown")
_MAX_NOTES = 200  # of two characters or more, these overfill a description


def resolve(article: Article, quotes: Sequence[Quote], actors: Actors) -> list[Speaker]:
    """Resolve the speaker of each quote of one article.

    Parameters
    ----------
    article : Article
    quotes : sequence of Quote
        All quotes of the article, in order.
    actors : Actors
        Tells bodies and prominent people from other names.
    """
    resolver = _Resolver(article, actors)
    speakers: list[Speaker] = []
    for quote in quotes:
        speakers.append(resolver.resolve(quote, speakers))
        resolver.remember(quote, speakers[-1])
    return speakers


class _Resolver:
    def __init__(self, article: Article, actors: Actors) -> None:
        self.article = article
        self.actors = actors
        self.text = article.view.text
        self.last_at = -1  # where the source before stands, in the view
        self.described: dict[str, Speaker] = {}  # the last speaker described by each word
        self.introduced: dict[str, tuple[list[str], list[str]]] = {}
        self.titled: dict[str, str | None] = {}

    def remember(self, quote: Quote, speaker: Speaker) -> None:
        """Keep what later quotes may refer to."""
        for word in speaker.description.lower().split(",")[0].split():
            self.described[word] = speaker
        if quote.source_span is not None:
            self.last_at = self.at(quote.source_span[0])

    def at(self, offset: int) -> int:
        """The view's offset of a character of the article."""
        return bisect_left(self.article.view.starts, offset)

    def resolve(self, quote: Quote, before: list[Speaker]) -> Speaker:
        """The speaker of one quote, given the speakers of the quotes before it."""
        source = " ".join((quote.source or "").split())
        if not source:
            return (
                _again(before[-1], "the speaker before goes on")
                if quote.continues and before
                else UNKNOWN
            )
        word = source.lower()
        if word in _SINGULAR or word in ("they", "it"):
            return self._pronoun(word, quote, before)
        if word in ("i", "we", "you", "who"):
            return UNKNOWN
        if _GROUP_WORDS.match(source) and not self._names_side(source):
            return self._of_group(source, quote, before)
        speaker = self.describe(source, quote.apposition)
        if quote.form == "bare" and speaker.kind == "collective":
            return UNKNOWN  # the paragraph before speaks of a body, not of who speaks now
        if _OWNED.match(source):
            return replace(speaker, group_of=self._of_owner(source, quote, before))
        if speaker.kind == "anonymous" and word.startswith("the ") and not self._names_side(source):
            return self._definite(source, speaker, before)
        return speaker

    def describe(self, source: str, beside: str = "") -> Speaker:
        """Tell kind and name of a speaker from the words that name him."""
        told = _joined(source, beside)
        possessive = re.sub(r"^.*[’']s\s(?=[A-Z])", "", source)
        name = self._name_in(possessive)
        person = self.actors.person(name) if name else None
        if person is not None:
            return Speaker(person.name, "named", told)
        if re.fullmatch(rf"(?:(?:the|a|an)\s)?{_DOCUMENTS.pattern}", source, re.I):
            return Speaker(None, "document", told)
        body = next((m for m in self.actors.mentions(source, self.article.date)
                     if _stands_for_body(m, source)), None)  # fmt: skip
        if body is not None:
            return Speaker(None, "collective", told)
        if name and not self._is_common(name):
            return self._named(name, source, beside)
        if _COLLECTIVE.search(_PREPOSITION.split(source)[0].split()[-1]):
            return Speaker(None, "collective", told)
        if _DOCUMENTS.search(_OF_TEXT.split(source)[0].split()[-1]):
            return Speaker(None, "document", told)
        return Speaker(None, "anonymous", told)

    def _name_in(self, source: str) -> str | None:
        """The proper name at the head of a source, its titles taken off."""
        head = re.split(r"\s(?:of|at|on|in|from|for|with|who|to)\s", source)[0]
        head = head if re.search(r"[A-Z]", _TITLES.sub("", head)) else source
        last = head.split(", ")[-1]
        bare = self._untitled(last.replace("  ", " "))
        if last.isupper():
            bare = bare.title()
        match = re.search(rf"{_NAME.pattern}$", bare)
        if match is None or _BEHIND_PREPOSITION.search(bare[: match.start()]):
            return None  # "an official in Kabul" is not called Kabul
        return match[0] if match[0][0].isupper() else None

    def _untitled(self, words: str) -> str:
        """Words without the titles and nationalities that lead in a name."""
        while True:
            bare = _TITLES.sub("", words)
            first = next(iter(self.actors.mentions(bare, self.article.date)), None)
            if first is not None and first.start == 0 and first.kind == "adjective":
                bare = bare[first.end :].lstrip()
            if bare in (words, ""):
                return bare
            words = bare

    def _is_common(self, name: str) -> bool:
        """Whether a capitalised word is a nationality or an office rather than a name."""
        kinds = ("adjective", "people", "role", "country", "capital")
        found = list(self.actors.mentions(name, self.article.date))
        return any(m.kind in kinds and m.end - m.start == len(name) for m in found)

    def _named(self, name: str, source: str, beside: str) -> Speaker:
        """A named speaker with his full name and what the article says where it introduces him."""
        full = name
        candidates, notes = self._introduced(name.split()[-1])
        for candidate in candidates:
            longer = set(candidate.split()) > set(full.split())  # no brother's, no wife's name
            if longer and not name.isupper():
                full = candidate
        person = self.actors.person(full)
        reason = f"“{name}” is {full}" if full != name else ""
        unique = list(dict.fromkeys(n for n in (source, beside, *notes) if n and n != full))
        return Speaker(person.name if person else full, "named", ", ".join(unique)[:400], reason)

    def _introduced(self, surname: str) -> tuple[list[str], list[str]]:
        """The names that end in a surname, each longer than the last, and what stands beside."""
        if surname in self.introduced:
            return self.introduced[surname]
        names: list[str] = []
        notes: dict[str, None] = {}
        for match in _introductions(surname, self.text):
            titled = match["name"]
            name = self._untitled(titled).strip()
            if not names or len(name.split()) > len(names[-1].split()):
                names.append(name)
            if len(titled.split()) > 1 or match["after"]:
                notes[titled.removesuffix(name).strip()] = None
                notes[(match["after"] or "").strip(", ")] = None
        notes.pop("", None)
        self.introduced[surname] = names, list(notes)[:_MAX_NOTES]
        return self.introduced[surname]

    def _names_side(self, source: str) -> bool:
        kinds = {"adjective", "body", "people", "country", "person"}
        return any(m.kind in kinds for m in self.actors.mentions(source, self.article.date))

    def _pronoun(self, word: str, quote: Quote, before: list[Speaker]) -> Speaker:
        """The nearest subject that fits or the speaker before, whichever stands nearer."""
        fitting = [a for a in quote.antecedents if self._fits(word, a)]
        nearest = ([a for a in fitting if a.subject] or fitting)[-1:]
        last = next((s for s in before[:-4:-1] if _may_be(word, s)), None)
        if last is not None and not (nearest and nearest[0].at > self.last_at):
            return _again(last, f"“{word}” is the speaker before")
        if nearest:
            text = " ".join(nearest[0].text.split())
            if _GROUP_WORDS.match(text) and last is not None:
                return _again(last, f"“{word}” is the speaker before")
            return _again(self.describe(text, nearest[0].beside), f"“{word}” is {text}")
        return UNKNOWN

    def _fits(self, word: str, a: Antecedent) -> bool:
        mentions = list(self.actors.mentions(a.text, self.article.date))
        ends = [m for m in mentions if m.end >= len(a.text) - 1]
        person = any(m.kind == "person" for m in ends)
        body = (
            bool(ends) and not person and ends[-1].kind in ("body", "capital", "country", "people")
        )
        collective = body or bool(_COLLECTIVE.search(a.text.split()[-1]))
        text = bool(_DOCUMENTS.search(re.split(r"\s(?:of|on|in|for|by|to)\s", a.text)[0]))
        if word in _SINGULAR:
            other = "m" if word in ("she", "her") else "f"
            place = bool(ends) and ends[-1].kind == "place"
            seldom = a.proper and not person and self.text.count(a.text) < 2 and " " not in a.text
            fits = a.person and a.gender != other and not place and not seldom
            return fits and not (a.plural or collective or text)
        if word == "they":
            return (a.plural or collective) and not text
        return collective or text

    def _of_group(self, source: str, quote: Quote, before: list[Speaker]) -> Speaker:
        """Read "Another", "one of them": a new anonymous speaker on the side of the one before."""
        if _DOCUMENTS.search(source):
            return Speaker(None, "document", source)
        plural = [a for a in quote.antecedents if a.plural and a.at > self.last_at]
        group = f"{plural[-1].text}, {plural[-1].beside}" if plural else ""
        if not group and before:
            group = before[-1].group_of or before[-1].description or before[-1].name or ""
        reason = f"“{source}” follows {group.split(',')[0]}" if group else ""
        text = _joined(source, quote.apposition)
        return Speaker(None, "anonymous", text, reason, group)

    def _definite(self, source: str, speaker: Speaker, before: list[Speaker]) -> Speaker:
        """Read "The official": the last speaker whose words have that noun."""
        noun = re.split(r"\s(?:of|on|in|at|for|from|with|who)\s", source.lower())[0].split()[-1]
        earlier = self.described.get(noun)
        if earlier is not None:
            return _again(earlier, f"“{source}” is {earlier.description.split(',')[0]}")
        if noun not in self.titled:
            title = f"{noun.title()} "
            pattern = rf"\b{re.escape(title)}((?:[A-Z][\w’'-]+ ?){{1,3}})"
            found = re.findall(pattern, self.text) if title in self.text else []
            self.titled[noun] = re.sub(r"[’']s$", "", found[-1].strip()) if found else None
        named = self.titled[noun]
        if named is not None:
            person = self.describe(named)
            told = _joined(source, person.description)
            return replace(person, description=told, reason=f"“{source}” is {named}")
        if before and before[-1].kind in ("anonymous", "named"):
            group = before[-1].group_of or before[-1].description
            return Speaker(None, "anonymous", speaker.description, "", group)
        return speaker

    def _of_owner(self, source: str, quote: Quote, before: list[Speaker]) -> str:
        """Read "Its spokesman", "his aide": whose, told like a pronoun."""
        word = {"its": "it", "their": "they"}.get(source.split()[0].lower(), "he")
        owner = self._pronoun(word, quote, before)
        return owner.description or owner.name or ""


def _stands_for_body(mention: Mention, source: str) -> bool:
    """Whether a source is a body or a country: "the U.S.", not "an officer in Kabul"."""
    if mention.end < len(source) - 1 or _PREPOSITION.search(source[: mention.start]):
        return False
    if mention.kind == "adjective":
        return source[: mention.start].strip().lower() in ("", "the")
    return mention.kind in ("body", "capital", "country", "people")


def _introductions(surname: str, text: str) -> Iterator[re.Match[str]]:
    """Where an article names somebody with more than the surname, or describes him behind it.

    Only the lines that hold the surname are searched: the pattern never goes beyond a line.
    """
    pattern = _introduction(surname)
    at = text.find(surname)
    while at >= 0:
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        end = end if end >= 0 else len(text)
        yield from pattern.finditer(text, start, end)
        at = text.find(surname, end)


@lru_cache(maxsize=512)
def _introduction(surname: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<name>(?:[A-Z][\w.’'-]* ){{0,6}}{re.escape(surname)})\b"
        r"(?P<after>, (?!said|says|told|who said)[^.“”\",\n]{3,90}"
        r"(?:, (?:a|an|the|who|and|of|his|her|its)\s[^.“”\",\n]{3,60})?)?"
    )


def _may_be(word: str, speaker: Speaker) -> bool:
    """Whether a pronoun may take up a speaker: "he" no ministry, "it" no man."""
    if word in _SINGULAR:
        return speaker.kind in ("named", "anonymous")
    if word == "it":
        return speaker.kind in ("collective", "document")
    return speaker.kind in ("anonymous", "collective", "document")


def _again(speaker: Speaker, reason: str) -> Speaker:
    return replace(speaker, reason=reason)


def _joined(source: str, beside: str) -> str:
    """A description: the source's own words and what stands beside them."""
    return f"{source}, {beside}".strip(", ")

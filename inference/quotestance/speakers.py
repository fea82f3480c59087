"""Step 3: who a quote's source is: pronouns, surnames, roles and anonymous officials resolved.

The antecedent rules are plain: a pronoun takes the nearest subject that fits in number and
kind, else the speaker before; "another", "one" and "the other" keep the group of the speaker
before; a definite role ("the official") takes the last speaker of that role. Where nothing
fits the speaker stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quotestance.actors import Actors
from quotestance.articles import Article
from quotestance.codebook import SpeakerKind
from quotestance.paragraph_quotes import Antecedent
from quotestance.quotes import Quote

_SINGULAR = {"he", "she", "him", "her"}
_TITLES = re.compile(
    r"^(?:(?:the|a|an|mr|mrs|ms|dr|sir|president|vice|prime|minister|secretary|deputy|assistant|of"
    r"|state|defen[cs]e|foreign|interior|senator|sen|representative|rep|congress\w+|general|gen|lt"
    r"|lieutenant|brig|brigadier|maj|major|col|colonel|capt|captain|sgt|adm|admiral|ambassador|envoy"
    r"|spokes\w+|governor|chief|justice|judge|mullah|maulavi|maulvi|mawlawi|haji|hajji|engineer"
    r"|professor|prof|marine|corps|army|navy|air|force|former|then|republican|democratic|democrat"
    r"|u\.?s\.?|american|afghan|correspondent|our|his|her|its|their|special|national|security"
    r"|adviser|advisor|analyst|commander|director|chairman|staff|retired|first|lady|king|prince"
    r"|under|undersecretary|attorney|finance|head|leader|candidate|delegate|elder|member|aide"
    r"|police|district|provincial|council|lawmaker|mp|senior)\b\.?\s*)+",
    re.I,
)
_GROUP_WORDS = re.compile(r"^(?:another|one|a (?:second|third|fourth)|the (?:other|second|third)"
                          r"|others?|both|some|two|several|a colleague)\b", re.I)  # fmt: skip
_DOCUMENTS = re.compile(
    r"\b(?:draft|text|document|resolution|communiqu[eé]|letter|memo|note|cable|clause|article"
    r"|agreement|pact|accord|treaty|constitution|decree|report|paper|annex|bill|it)\b", re.I,
)  # fmt: skip
_COLLECTIVE = re.compile(
    r"\b(?:government|ministry|palace|embassy|administration|parliament|council|committee|house"
    r"|commission|assembly|jirga|congress|senate|cabinet|army|police|force|command|coalition|group"
    r"|movement|party|team|delegation|side|department|office|agency|presidency|capital|members"
    r"|union|organi[sz]ation|body|alliance|taliban|nato|isaf|pentagon|kremlin|newspaper|paper"
    r"|magazine|media|authorities|leadership|mission|company|board|station|bloc|faction|villages?"
    r"|court|directorate|secretariat|services?)\b", re.I,
)  # fmt: skip
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
    return speakers


class _Resolver:
    def __init__(self, article: Article, actors: Actors) -> None:
        self.article = article
        self.actors = actors
        self.text = article.view.text

    def resolve(self, quote: Quote, before: list[Speaker]) -> Speaker:
        """The speaker of one quote, given the speakers of the quotes before it."""
        source = " ".join((quote.source or "").split())
        if not source:
            return _again(before[-1], "continues") if quote.continues and before else UNKNOWN
        word = source.lower()
        if word in _SINGULAR or word in ("they", "it"):
            return self._pronoun(word, quote, before)
        if word in ("i", "we", "you", "who"):
            return UNKNOWN
        if _GROUP_WORDS.match(source) and not self._names_side(source):
            return self._of_group(source, quote, before)
        speaker = self.describe(source, quote.apposition)
        if speaker.kind == "anonymous" and word.startswith("the ") and len(word.split()) <= 4:
            return self._definite(source, speaker, before)
        return speaker

    def describe(self, source: str, beside: str = "") -> Speaker:
        """Tell kind and name of a speaker from the words that name him."""
        possessive = re.sub(r"^.*[’']s\s(?=[A-Z])", "", source)
        name = self._name_in(possessive)
        person = self.actors.person(name) if name else None
        if person is not None:
            return Speaker(person.name, "named", f"{source}, {beside}".strip(", "))
        body = next((m for m in self.actors.mentions(source, self.article.date)
                     if m.kind in ("body", "capital", "country", "people")
                     and m.end >= len(source) - 1), None)  # fmt: skip
        if body is not None:
            return Speaker(None, "collective", f"{source}, {beside}".strip(", "))
        if name and not self._is_common(name):
            return self._named(name, source, beside)
        if _COLLECTIVE.search(source.split(" of ")[0].split(" in ")[0]):
            last = source.split(" of ")[0].split(" in ")[0].split(" at ")[0]
            if _COLLECTIVE.search(last.split()[-1]):
                return Speaker(None, "collective", f"{source}, {beside}".strip(", "))
        if _DOCUMENTS.search(source.split(" of ")[0].split()[-1]):
            return Speaker(None, "document", source)
        return Speaker(None, "anonymous", f"{source}, {beside}".strip(", "))

    def _name_in(self, source: str) -> str | None:
        """The proper name at the head of a source, its titles taken off."""
        head = re.split(r"\s(?:of|at|on|in|from|for|with|who|to)\s", source)[0]
        head = head if re.search(r"[A-Z]", _TITLES.sub("", head)) else source
        last = head.split(", ")[-1]
        bare = _TITLES.sub("", last.replace("  ", " "))
        if last.isupper():
            bare = bare.title()
        match = re.search(rf"{_NAME.pattern}$", bare)
        return match[0] if match and match[0][0].isupper() else None

    def _is_common(self, name: str) -> bool:
        """Whether a capitalised word is a nationality or an office rather than a name."""
        found = list(self.actors.mentions(name, self.article.date))
        return any(m.kind in ("adjective", "people", "role", "country", "capital") for m in found)

    def _named(self, name: str, source: str, beside: str) -> Speaker:
        """A named speaker with his full name and what the article says where it introduces him."""
        surname = re.escape(name.split()[-1])
        pattern = rf"((?:[\w.,’'-]+[ ]){{0,6}}?)((?:[A-Z][\w.’'-]*\s){{0,3}}{surname})\b(,[^.“”\"]{{0,120}})?"
        full, notes = name, [source, beside]
        for match in re.finditer(pattern, self.text, 0 if not name.isupper() else re.I):
            candidate = _TITLES.sub("", match[2]).strip()
            if len(candidate.split()) > len(full.split()) and candidate.endswith(name.split()[-1]):
                full = candidate
            if len(match[2].split()) > 1 or match[3]:
                lead = " ".join(match[1].split()[-4:]) if match[2].split()[0] != name else ""
                after = re.split(r",\s(?=said|says|told)", match[3] or "")[0]
                title = match[2] if match[2] != candidate else ""
                notes += [title, after.strip(", ")]
                del lead
        person = self.actors.person(full)
        reason = f"“{name}” is {full}" if full != name else ""
        unique = list(dict.fromkeys(n for n in notes if n))
        return Speaker(person.name if person else full, "named", ", ".join(unique)[:400], reason)

    def _names_side(self, source: str) -> bool:
        kinds = {"adjective", "body", "people", "country"}
        return any(m.kind in kinds for m in self.actors.mentions(source, self.article.date))

    def _pronoun(self, word: str, quote: Quote, before: list[Speaker]) -> Speaker:
        """The nearest subject that fits, else the speaker of the quote before."""
        fitting = [a for a in quote.antecedents if self._fits(word, a)]
        subjects = [a for a in fitting if a.subject]
        nearest = (subjects or fitting)[-1:]
        last_quote = before[-1] if before and before[-1].kind != "unknown" else None
        if nearest:
            found = self.describe(" ".join(nearest[0].text.split()), nearest[0].beside)
            if found.kind in ("named", "collective", "document") or last_quote is None:
                return _again(found, f"“{word}” is {nearest[0].text}")
            if found.kind == "anonymous" and not _GROUP_WORDS.match(nearest[0].text):
                return _again(found, f"“{word}” is {nearest[0].text}")
        if last_quote is not None:
            return _again(last_quote, f"“{word}” is the speaker before")
        return UNKNOWN

    def _fits(self, word: str, a: Antecedent) -> bool:
        mentions = list(self.actors.mentions(a.text, self.article.date))
        ends = [m for m in mentions if m.end >= len(a.text) - 1]
        person = any(m.kind == "person" for m in ends)
        body = bool(ends) and not person and ends[-1].kind in ("body", "capital", "country", "people")
        collective = body or bool(_COLLECTIVE.search(a.text.split()[-1]))
        if word in _SINGULAR:
            return not a.plural and not collective
        if word == "they":
            return a.plural or collective
        return collective or bool(_DOCUMENTS.search(a.text))

    def _of_group(self, source: str, quote: Quote, before: list[Speaker]) -> Speaker:
        """ "Another", "one of them": a new anonymous speaker on the side of the one before."""
        plural = [a for a in quote.antecedents if a.plural]
        near = plural[-1].text if plural and not before else ""
        origin = before[-1] if before else None
        description = origin.description or origin.name or "" if origin else near
        group = description if description else near
        return Speaker(None, "anonymous", f"{source}, {quote.apposition}".strip(", "),
                       f"“{source}” follows {group.split(',')[0]}" if group else "", group)  # fmt: skip

    def _definite(self, source: str, speaker: Speaker, before: list[Speaker]) -> Speaker:
        """ "The official": the last speaker whose words have that noun."""
        noun = source.lower().split()[-1]
        for earlier in reversed(before):
            if noun in earlier.description.lower().split(",")[0].split():
                return _again(earlier, f"“{source}” is {earlier.description.split(',')[0]}")
        person = re.findall(rf"\b{re.escape(noun.title())}\s((?:[A-Z][\w’'-]+\s?){{1,3}})", self.text)
        if person:
            return _again(self.describe(person[-1].strip()), f"“{source}” is {person[-1].strip()}")
        if before and before[-1].kind in ("anonymous", "named"):
            return Speaker(None, "anonymous", speaker.description, "", before[-1].description)
        return speaker


def _again(speaker: Speaker, reason: str) -> Speaker:
    return Speaker(speaker.name, speaker.kind, speaker.description, reason, speaker.group_of)

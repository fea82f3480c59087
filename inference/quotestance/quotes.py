"""Step 2: from an `Article` to its `Quote`s: spans, kind, cue and source."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from typing import Literal

from spacy.tokens import Doc

from quotestance.articles import Article
from quotestance.found import Antecedent, Found, Reading
from quotestance.frames import Frame, frame
from quotestance.judge import Judge, shipped_judge
from quotestance.language import MAX_PARSE_CHARS, parse
from quotestance.marks import is_single_style
from quotestance.paragraph_quotes import judged, read_paragraph, turn_names
from quotestance.syntax import class_of_cue
from quotestance.textview import Span
from quotestance.transcripts import Speech
from quotestance.verbatim import speeches

Kind = Literal["direct", "indirect", "mixed"]
_SENTENCE_STOP = re.compile(r"(?<=[.?!])[\"”’»]?\s+(?=[\"“‘«A-Z])")


@dataclass(frozen=True)
class Quote:
    """An attributed statement.

    Parameters
    ----------
    text : str
        The content; several spans are joined by a space.
    kind : {"direct", "indirect", "mixed"}
    spans : tuple of (int, int)
        Character offsets into the article's text, end exclusive.
    cue, cue_span : str or None, (int, int) or None
        The words that attribute.
    cue_class : str or None
        say, ask, demand, refuse, deny, concede, believe, intend, praise or criticise.
    form : str
        What the content is: "turn" (whole quoted sentences, or words verbatim by their layout),
        "bare" (the same, where only the sentence before tells who speaks),
        "clause", "infinitive", "phrase", "judgement" ("called it vital"), "nominal" ("his demand
        that"), "headline", or "given".
    source, source_span : str or None, (int, int) or None
        The words that name the speaker.
    via : str or None
        Who relays the statement.
    apposition : str
        What the article says beside the source ("a deputy spokesman for the president").
    context : str
        The sentence around the content.
    before : str
        The sentence before it.
    position : float
        Where in the article it stands, 0 to 1.
    index : int
        Its number in the article.
    continues : bool
        Whether the speaker must be the one of the quote before.
    antecedents : tuple of Antecedent
        What a pronoun in the source may stand for, the nearest last.
    score : float or None
        Probability that this is a quote, None for one that was given.
    side, issue : str or None
        Given by the caller for a quote that stands alone.
    """

    text: str
    kind: Kind = "direct"
    spans: tuple[Span, ...] = ()
    cue: str | None = None
    cue_span: Span | None = None
    cue_class: str | None = None
    source: str | None = None
    source_span: Span | None = None
    via: str | None = None
    apposition: str = ""
    context: str = ""
    before: str = ""
    position: float = 0.0
    index: int = 0
    continues: bool = False
    antecedents: tuple[Antecedent, ...] = field(default=(), repr=False)
    form: str = "given"
    score: float | None = None
    side: str | None = field(default=None, compare=False)
    issue: str | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        text: str,
        *,
        side: str | None = None,
        issue: str | None = None,
        kind: Kind = "direct",
        cue: str | None = None,
        source: str | None = None,
        context: str = "",
    ) -> Quote:
        """A quote that stands alone, for `StanceClassifier.predict_quotes`."""
        kind_of_cue = class_of_cue(next(parse([cue]))) if cue else None
        return cls(
            text=text, kind=kind, cue=cue, cue_class=kind_of_cue, source=source,
            context=context or text, side=side, issue=issue,
        )  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A candidate before it is judged, for training a judge.

    Parameters
    ----------
    head : {"reported", "turn"}
        Who judges it.
    names : tuple of str
        Its features.
    spans : tuple of (int, int)
        Its content in the article's text.
    at : int or None
        Where the cue of reported content stands in the article's text.
    """

    head: str
    names: tuple[str, ...]
    spans: tuple[Span, ...]
    at: int | None


def extract(article: Article, *, judge: Judge | None = None) -> list[Quote]:
    """Extract all quotes of one article, in order of their first span."""
    return next(extract_many([article], judge=judge))


def extract_many(
    articles: Iterable[Article], *, judge: Judge | None = None, window: int = 64
) -> Iterator[list[Quote]]:
    """Extract quotes from many articles, parsing their paragraphs in common batches.

    Parameters
    ----------
    articles : iterable of Article
    judge : Judge, optional
        Accepts or refuses what the rules propose; the one in the wheel by default.
    window : int
        How many articles are held at once.
    """
    for article, readings in _read_many(articles, judge or shipped_judge(), window):
        found = [quote for r in readings for quote in r.quotes]
        antecedents = [a for r in readings for a in r.antecedents]
        yield _finish(article, sorted(found, key=lambda f: f.spans[0]), antecedents)


def propose_many(
    articles: Iterable[Article], *, judge: Judge, window: int = 64
) -> Iterator[list[Proposal]]:
    """All candidates in many articles, for training a judge.

    Parameters
    ----------
    articles : iterable of Article
    judge : Judge
        Decides what later paragraphs lead on from, such as `RULES_ALONE`.
    """
    for article, readings in _read_many(articles, judge, window, keep_proposals=True):
        view = article.view
        yield [
            Proposal(
                f.judged_by, f.names,
                tuple(s for a, b in f.spans for s in view.to_source_spans(a, b)),
                view.starts[f.at] if f.at is not None else None,
            )
            for r in readings for f in r.proposed
        ]  # fmt: skip


def _read_many(
    articles: Iterable[Article], judge: Judge, window: int, *, keep_proposals: bool = False
) -> Iterator[tuple[Article, list[Reading]]]:
    rest = iter(articles)
    while batch := list(islice(rest, window)):
        frames = [_frames(article) for article in batch]
        docs = parse(f.text for fs in frames for f in fs)
        for article, fs in zip(batch, frames, strict=True):
            parsed = [next(docs) for _ in fs]
            yield article, _read(article, fs, parsed, judge, keep_proposals)


def _frames(article: Article) -> list[Frame]:
    """The frames of the paragraphs that are read: headlines and body, without layout speech."""
    text = article.view.text
    single = is_single_style(text)
    skip = {i for s in speeches(article) for i in s.paragraphs}
    result: list[Frame] = []
    for i, p in enumerate(article.paragraphs):
        if p.role not in ("body", "headline") or i in skip:
            continue
        for start, end in _pieces(text, p.start, p.end):
            goes_on = bool(result) and result[-1].stays_open
            result.append(
                frame(text, start, end, single_style=single, goes_on=goes_on, role=p.role)
            )
    return result


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut an overlong paragraph at sentence ends, or hard where there are none."""
    while end - start > MAX_PARSE_CHARS:
        cut = max(text.rfind(stop, start, start + MAX_PARSE_CHARS) for stop in (". ", "? ", "! "))
        cut = cut + 1 if cut > start else start + MAX_PARSE_CHARS
        if text[start:cut].strip():
            yield start, cut
        start = cut
    if text[start:end].strip():
        yield start, end


def _read(
    article: Article, frames: list[Frame], docs: list[Doc], judge: Judge, keep_proposals: bool
) -> list[Reading]:
    text = article.view.text
    turns = [_of_speech(text, s) for s in speeches(article) if not s.question]
    readings = [Reading(judged(turns, judge), turns)]
    lead = None
    for fr, doc in zip(frames, docs, strict=True):
        readings.append(read_paragraph(text, fr, doc, lead, judge, keep_proposals=keep_proposals))
        lead = readings[-1].lead if fr.role == "body" else None
    return readings


def _of_speech(text: str, speech: Speech) -> Found:
    found = Found(
        spans=speech.contents, source=speech.head, verbatim=True, sentence=speech.contents[0]
    )
    return replace(found, names=turn_names(text, found, "speech"))


def _finish(article: Article, found: list[Found], antecedents: list[Antecedent]) -> list[Quote]:
    """Map the found quotes to the article's own characters."""
    quotes: list[Quote] = []
    least = list(accumulate((a.at for a in reversed(antecedents)), min))[::-1]
    for item in found:
        at = item.source[0] if item.source else item.spans[0][0]
        quote = _quote(article, item, len(quotes))
        if quote is None:
            continue
        quote = replace(quote, antecedents=_last_before(antecedents, least, at))
        if item.continues and item.merge and quotes:
            quotes[-1] = _joined(quotes[-1], quote)
        else:
            quotes.append(quote)
    return quotes


def _last_before(
    antecedents: list[Antecedent], least: list[int], at: int, count: int = 12
) -> tuple[Antecedent, ...]:
    """The last antecedents that stand before a place; ``least[i]`` is the first of the rest."""
    end = bisect_left(least, at)  # from here on all stand behind the place
    near = (antecedents[i] for i in range(end - 1, -1, -1) if antecedents[i].at < at)
    return tuple(islice(near, count))[::-1]


def _quote(article: Article, item: Found, index: int) -> Quote | None:
    view, text = article.view, article.text
    spans = tuple(s for a, b in item.spans for s in view.to_source_spans(a, b))
    if not spans:
        return None
    cue = view.to_source(*item.cue) if item.cue else None
    source = view.to_source(*item.source) if item.source else None
    kind: Kind = "direct" if item.verbatim else "mixed" if item.marked else "indirect"
    return Quote(
        text=" ".join(" ".join(view.text[a:b] for a, b in item.spans).split()),
        kind=kind,
        spans=spans,
        cue=text[slice(*cue)] if cue else None,
        cue_span=cue,
        cue_class=item.cue_class,
        source=text[slice(*source)] if source else None,
        source_span=source,
        via=view.text[slice(*item.via)] if item.via else None,
        apposition=item.apposition,
        context=view.text[slice(*item.sentence)].strip(),
        before=_sentence_before(article, item.sentence[0] or item.spans[0][0]),
        position=round(spans[0][0] / max(1, len(text)), 4),
        index=index,
        continues=item.continues,
        form=item.form,
        score=round(item.score, 4),
    )


def _sentence_before(article: Article, at: int) -> str:
    """The last body sentence before a place in the view."""
    text = article.view.text
    paragraphs = article.paragraphs
    for i in range(bisect_left(paragraphs, at, key=lambda p: p.start) - 1, -1, -1):
        p = paragraphs[i]
        if p.role not in ("body", "headline"):
            continue
        part = text[max(p.start, at - 400) : min(p.end, at)].strip()
        if part:
            return _SENTENCE_STOP.split(part)[-1].strip(' “”"')
    return ""


def _joined(first: Quote, more: Quote) -> Quote:
    """One quote that runs on behind its attribution."""
    return replace(
        first,
        text=f"{first.text} {more.text}",
        spans=first.spans + more.spans,
        context=f"{first.context} {more.context}",
        source=first.source or more.source,
        source_span=first.source_span or more.source_span,
        kind=first.kind if first.kind == more.kind else "mixed",
    )


__all__ = ["Antecedent", "Kind", "Proposal", "Quote", "extract", "extract_many", "propose_many"]

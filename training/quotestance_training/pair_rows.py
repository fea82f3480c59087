"""Rows of the encoder's training: two texts and what each head should say of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.errors import InputError
from quotestance.features import Example
from quotestance.models.common import TargetText
from quotestance.models.encoder import ALONE
from quotestance.models.encoder_settings import HEADS
from quotestance.models.pairs import proposition_pair, quote_text, target_pair
from quotestance.quotes import Quote
from quotestance.textview import Span
from quotestance_training.labelled import GoldQuote, GoldTarget, LabelledDocument
from quotestance_training.wordings import Wordings, turned

MISSING = -1
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair of texts with the labels that are known of it; `MISSING` where none is.

    Parameters
    ----------
    first, second : str
        Proposition and quote, or target and text (see `quotestance.models.pairs`).
    group : str
        The writer, or whatever must not stand on both sides of a split.
    bearing, stance, sentiment, target : int
        Class indices.
    issue : str
        The codebook's issue behind the proposition, empty for others.
    weight : float
    asked : str
        The head that a teacher is asked for where there is no label to tell it by.
    """

    first: str
    second: str
    group: str = ""
    bearing: int = MISSING
    stance: int = MISSING
    sentiment: int = MISSING
    target: int = MISSING
    issue: str = ""
    weight: float = 1.0
    asked: str = ""

    @property
    def labelled(self) -> bool:
        """Whether it has any label."""
        return {self.bearing, self.stance, self.sentiment, self.target} != {MISSING}


@dataclass(frozen=True)
class LabelledQuote:
    """A labelled quote as the encoder's rows are made from it.

    Parameters
    ----------
    example : Example
    group : str
        Its writer.
    issues : dict of str to str, or None
        Issue → stance; None where nobody labelled issues.
    sentiment : str or None
    toward : dict of str to str
        Side → sentiment.
    propositions : tuple of (str, str)
        Free propositions with favor, against, neutral or none.
    targets : tuple of (str, (int, int), str)
        Text, target's span in it, sentiment.
    named : dict of str to (int, int)
        Where the quote's text names a side.
    """

    example: Example
    group: str
    issues: Mapping[str, str] | None
    sentiment: str | None
    toward: Mapping[str, str]
    propositions: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, tuple[int, int], str], ...]
    named: Mapping[str, tuple[int, int]]


def rows_of(
    quotes: Sequence[LabelledQuote],
    codebook: Codebook,
    *,
    likely: NDArray[np.floating],
    negatives: float,
    seed: int,
    taught: bool = False,
    wordings: Wordings | None = None,
    reworded: float = 0.0,
) -> list[PairRow]:
    """All rows of labelled quotes.

    Parameters
    ----------
    likely : ndarray, shape (n, n_issues)
        How likely a cheap model that did not see the quote holds each issue.
    negatives : float
        Issues that a quote does not bear on, drawn for each quote, the likelier the sooner: those
        are what the encoder will have to tell apart.
    taught : bool
        Whether there is a teacher; then quotes whose sentiment nobody labelled make rows, too.
    wordings : Wordings
        What else the issues' propositions can be called.
    reworded : float
        Share of the rows on issues that are read in another wording as well.
    """
    rng, other = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    rows: list[PairRow] = []
    for quote, odds in zip(quotes, likely, strict=True):
        text = quote_text(quote.example, codebook.names)
        rows += _alone(quote, text, rng, taught=taught)
        on_issues = _on_issues(quote, text, codebook, odds, negatives, rng)
        rows += on_issues
        if wordings and reworded:
            rows += [_reworded(row, wordings, other) for row in on_issues
                     if other.random() < reworded]  # fmt: skip
        rows += _on_propositions(quote, text)
        rows += _toward(quote, codebook, rng)
    return rows


_ALONE = 0.4  # of the quotes whose sentiment is learnt beside their issues are read alone, too


def _alone(
    quote: LabelledQuote, text: str, rng: np.random.Generator, *, taught: bool
) -> list[PairRow]:
    if quote.issues is not None and rng.random() > _ALONE:
        return []
    if quote.sentiment is None and not taught:
        return []
    return [alone_row(quote, text)]


def alone_row(quote: LabelledQuote, text: str) -> PairRow:
    """A quote (from `quote_text`) by itself, with its sentiment."""
    return PairRow(ALONE, text, quote.group, sentiment=_sentiment(quote))


def _sentiment(quote: LabelledQuote) -> int:
    return SENTIMENTS.index(quote.sentiment) if quote.sentiment else MISSING


_EVEN = 0.03  # so that an unlikely issue is drawn at times, too


def _on_issues(
    quote: LabelledQuote, text: str, codebook: Codebook, odds: NDArray[np.floating],
    negatives: float, rng: np.random.Generator,
) -> list[PairRow]:  # fmt: skip
    if quote.issues is None:
        return []
    told = {i.id: i.proposition for i in codebook.issues}
    rows = [
        PairRow(*proposition_pair(told[issue], text), quote.group, bearing=1,
                stance=STANCES.index(stance), sentiment=_sentiment(quote), issue=issue)
        for issue, stance in quote.issues.items()
    ]  # fmt: skip
    free = [j for j, issue in enumerate(told) if issue not in quote.issues]
    count = min(len(free), int(negatives) + int(rng.random() < negatives % 1))
    weights = odds[free] + _EVEN
    drawn = rng.choice(free, size=count, replace=False, p=weights / weights.sum())
    ids = codebook.issue_ids
    return rows + [
        PairRow(*proposition_pair(told[ids[j]], text), quote.group, bearing=0,
                sentiment=_sentiment(quote), issue=ids[j])
        for j in sorted(drawn)
    ]  # fmt: skip


def _reworded(row: PairRow, wordings: Wordings, rng: np.random.Generator) -> PairRow:
    """The same quote on a proposition that means the same as the issue's, or the opposite."""
    first, opposite = wordings.draw(row.issue, rng)
    stance = turned(row.stance) if opposite and row.stance != MISSING else row.stance
    return replace(row, first=first, stance=stance)


def _on_propositions(quote: LabelledQuote, text: str) -> list[PairRow]:
    rows = []
    for proposition, stance in quote.propositions:
        label = MISSING if stance == "none" else STANCES.index(stance)
        pair = proposition_pair(proposition, text)
        rows.append(PairRow(*pair, quote.group, bearing=int(stance != "none"), stance=label))
    return rows


_NEUTRAL = 0.25  # of the sides toward which a quote is neutral are taken: nearly all are


def _toward(quote: LabelledQuote, codebook: Codebook, rng: np.random.Generator) -> list[PairRow]:
    """Marked targets, and each side where it is named."""
    rows = []
    side, own = quote.example.side, quote.example.quote.text
    for text, span, sentiment in quote.targets:
        pair = target_pair(TargetText(text, span, side), codebook.names)
        rows.append(PairRow(*pair, quote.group, target=SENTIMENTS.index(sentiment)))
    for name, sentiment in quote.toward.items():
        if name not in quote.named or (sentiment == "neutral" and rng.random() > _NEUTRAL):
            continue
        pair = target_pair(TargetText(own, quote.named[name], side, name), codebook.names)
        rows.append(PairRow(*pair, quote.group, target=SENTIMENTS.index(sentiment)))
    return rows


def heard_by(rows: Iterable[PairRow], heads: Collection[str]) -> list[PairRow]:
    """Rows with the labels of some heads alone, less those that teach them nothing.

    Rows that had no label at all stay: a teacher may have one for them.
    """
    deaf: dict[str, Any] = {head: MISSING for head in HEADS if head not in heads}
    found = []
    for row in rows:
        kept = replace(row, **deaf) if deaf else row
        if kept.labelled or not row.labelled:
            found.append(kept)
    return found


def quotes_of(
    documents: Sequence[LabelledDocument], gold: Sequence[Sequence[Quote]], actors: Actors
) -> list[LabelledQuote]:
    """The labelled quotes of documents that are not optional, in order.

    Parameters
    ----------
    gold : sequence of sequence of Quote
        From `corpora.gold_quotes`.
    """
    return [
        LabelledQuote(
            Example(quote, label.side or "unknown", label.speaker_kind),
            document.writer or document.id,
            label.issues,
            label.sentiment,
            label.sentiment_toward or {},
            tuple((p.text, p.stance) for p in label.propositions),
            tuple(_inside(document.text, label, t) for t in label.targets),
            actors.first_named(quote.text),
        )
        for document, quotes in zip(documents, gold, strict=True)
        for label, quote in zip(document.quotes, quotes, strict=True)
        if not label.optional
    ]


def _inside(text: str, quote: GoldQuote, target: GoldTarget) -> tuple[str, Span, str]:
    """A target within the words of the span that it stands in."""
    start, end = target.span
    for first, last in quote.spans:
        if first <= start and end <= last:
            return text[first:last], (start - first, end - first), target.sentiment
    raise InputError(f"target {target.text!r} stands outside the quote's spans")


def digest(rows: Iterable[PairRow]) -> str:
    """sha256 over the rows: what a training really saw."""
    found = hashlib.sha256()
    for row in rows:
        found.update(json.dumps(asdict(row), sort_keys=True, ensure_ascii=False).encode())
    return found.hexdigest()


def key_of(first: str, second: str) -> str:
    """What names a pair in a file of soft labels: sixteen hex digits of its sha256."""
    return hashlib.sha256(f"{first}\0{second}".encode()).hexdigest()[:16]


def without_leaks(rows: Sequence[PairRow], held: Iterable[PairRow]) -> tuple[list[PairRow], int]:
    """Drop rows whose second text also stands in held-out rows; return how many were dropped.

    Texts are compared by their words alone, so that marks, case and spacing hide nothing.
    """
    seen = {_words(row.second) for row in held}
    kept = [row for row in rows if _words(row.second) not in seen]
    return kept, len(rows) - len(kept)


def _words(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))

"""Step 8: the whole chain behind an importable class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.articles import Article
from quotestance.bundle import Bundle, load_bundle, save_bundle
from quotestance.codebook import SENTIMENTS, STANCES
from quotestance.errors import InputError
from quotestance.features import Example, stance_features
from quotestance.issues import bearing
from quotestance.models.common import TargetText
from quotestance.models.encoder import EncoderModel
from quotestance.models.linear import LinearModel
from quotestance.positions import Position, rounded
from quotestance.quotes import Quote, extract_many
from quotestance.setting import Setting
from quotestance.sides import Side, side_of
from quotestance.sources import find_bundle
from quotestance.speakers import Speaker, resolve

Scores = NDArray[np.float32]
_EXTRACTED = (
    "index", "kind", "form", "score", "text", "spans", "cue", "cue_span", "cue_class", "source",
    "source_span",
)  # fmt: skip
_GIVEN = Speaker(None, "unknown")


class StanceClassifier:
    """Articles or quotes in, positions out.

    Parameters
    ----------
    bundle : Bundle
        A loaded model folder; most callers use `from_pretrained`.

    Examples
    --------
    >>> from quotestance import StanceClassifier
    >>> clf = StanceClassifier.from_pretrained()
    >>> rows = clf.predict("“We will not be rushed,” a palace adviser said.", date="2013-10-12")
    >>> rows[0].side, rows[0].text
    ('afghan', 'We will not be rushed,')
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @classmethod
    def from_pretrained(cls, source: str | Path = "default") -> StanceClassifier:
        """Load a bundle.

        Parameters
        ----------
        source : str or Path
            ``"default"`` (an encoder) or ``"linear"``, both in the wheel, a folder, or an MLflow
            address such as ``"models:/quotestance@champion"`` (needs the training extra).

        Raises
        ------
        BundleError
            If there is no bundle, or it is altered or of another format.
        MissingExtraError
            For an MLflow address without the training extra.
        """
        return cls(load_bundle(find_bundle(source)))

    def save_pretrained(self, folder: str | Path) -> Path:
        """Write the bundle to a folder, which appears complete or not at all."""
        b = self.bundle
        return save_bundle(folder, b.model, b.codebook, b.actors, b.manifest, card=b.card)

    # -- articles

    def predict(
        self, article: str | Article, *, date: object = None, id: str | None = None
    ) -> list[Position]:
        """Positions in one article.

        Parameters
        ----------
        article : str or Article
        date : str or date, optional
            The article's date; sides hold at a date. Without it the text is searched for one.
        id : str, optional
            Without it the text's hash stands in.

        Raises
        ------
        InputError
            If the text is empty or the date is none.
        """
        if not isinstance(article, Article):
            article = Article.of(article, date=date, id=id)
        return next(self.predict_many([article]))

    def predict_many(
        self, articles: Iterable[Article], *, window: int = 64
    ) -> Iterator[list[Position]]:
        """Positions of many articles, a list for each, in order; parsed in common batches."""
        rest = iter(articles)
        while batch := list(islice(rest, window)):
            quotes = list(extract_many(batch, window=window))
            people = [self._people(a, qs) for a, qs in zip(batch, quotes, strict=True)]
            flat = [q for qs in quotes for q in qs]
            known = [p for ps in people for p in ps]
            rows = self._classify(flat, known, [None] * len(flat))
            at = 0
            for article, qs in zip(batch, quotes, strict=True):
                part = rows[at : at + len(qs)]
                at += len(qs)
                yield [
                    replace(row, article_id=article.id, article_date=article.date)
                    for rows_of_quote in part
                    for row in rows_of_quote
                ]

    def extract_many(self, articles: Sequence[Article]) -> Iterator[list[dict[str, Any]]]:
        """Quotes with speaker and side, without the models: plain records, a list an article."""
        for article, quotes in zip(articles, extract_many(articles), strict=True):
            yield [
                {k: getattr(q, k) for k in _EXTRACTED}
                | {"speaker": s.name, "speaker_kind": s.kind, "via": q.via}
                | {"side": side.label, "side_reason": side.reason}
                for q, (s, side) in zip(quotes, self._people(article, quotes), strict=True)
            ]

    def _people(self, article: Article, quotes: Sequence[Quote]) -> list[tuple[Speaker, Side]]:
        actors = self.bundle.actors
        speakers = resolve(article, quotes, actors)
        setting = Setting(article.view.text, actors, article.date)
        return [
            (s, side_of(s, actors, article.date, context=q.before, setting=setting))
            for q, s in zip(quotes, speakers, strict=True)
        ]

    # -- quotes

    def predict_quotes(
        self, quotes: Sequence[Quote], *, proposition: str | None = None
    ) -> list[Position]:
        """Classify quotes that were found elsewhere.

        Parameters
        ----------
        quotes : sequence of Quote
            Made by `Quote.of`, with a side and an issue where they are known. A quote with an
            issue gives one row for it; one without gives a row for each issue that it bears on.
        proposition : str, optional
            Any sentence that one may favor or oppose; it need not be in the codebook. Every
            quote gives one row with the proposition as its issue; where the quote does not bear
            on it, the row has no stance and has not abstained. Needs an encoder bundle.

        Raises
        ------
        CodebookError
            If a side or an issue is not in the codebook.
        InputError
            If a text is empty, or the bundle cannot read a free proposition.
        """
        known = [self._given(quote, f"quote {i}") for i, quote in enumerate(quotes)]
        if proposition is not None:
            return self._on_proposition(quotes, known, proposition)
        rows = self._classify(quotes, known, [q.issue for q in quotes])
        return [row for rows_of_quote in rows for row in rows_of_quote]

    def _given(self, quote: Quote, where: str) -> tuple[Speaker, Side]:
        """Check a quote that a caller made."""
        codebook = self.bundle.codebook
        if not quote.text.strip():
            raise InputError("the quote's text is empty", source=where)
        if quote.issue is not None:
            codebook.check("issue", quote.issue, where=where)
        label = codebook.check("side", quote.side or "unknown", where=where)
        return _GIVEN, Side(label, "given" if quote.side else "not given")

    def _on_proposition(
        self, quotes: Sequence[Quote], known: Sequence[tuple[Speaker, Side]], proposition: str
    ) -> list[Position]:
        model = self.bundle.model
        if not isinstance(model, EncoderModel):
            raise InputError(
                f"{self.bundle.name} knows only its codebook's issues; an encoder bundle reads "
                "any proposition",
                source="proposition",
            )
        if not proposition.strip():
            raise InputError("is empty", source="proposition")
        examples = _examples(quotes, known)
        answers = model.weigh([proposition] * len(quotes), examples)
        toward = self._toward(examples)
        rows = []
        for i, quote in enumerate(quotes):
            base = self._base(quote, *known[i], answers.sentiment[i], toward[i])
            score = float(answers.bearing[i])
            if score >= self.bundle.threshold("issue"):
                rows.append(self._with_stance(base, proposition, score, answers.stance[i]))
            else:
                rows.append(replace(base, issue=proposition, issue_score=round(score, 4)))
        return rows

    @property
    def explains(self) -> bool:
        """Whether the model has features that `explain` can name."""
        return isinstance(self.bundle.model, LinearModel)

    def explain(
        self, quote: Quote, issue: str, *, top: int = 10
    ) -> dict[str, list[tuple[str, float]]]:
        """The features that weighed most for the predicted issue, stance and sentiment.

        Returns
        -------
        dict
            Task → list of (feature name, contribution to the label's score).

        Raises
        ------
        InputError
            If the model is not linear.
        """
        model = self.bundle.model
        if not isinstance(model, LinearModel):
            raise InputError(
                f"{self.bundle.name} has no features to name; load the bundle 'linear' to explain",
                source="explain",
            )
        self.bundle.codebook.check("issue", issue)
        row = model.features([Example(quote, quote.side or "unknown")])[0]
        stance_row = stance_features(row, issue)
        stance = STANCES[int(model.stances([row], [issue])[0].argmax())]
        sentiment = SENTIMENTS[int(model.sentiments([row])[0].argmax())]
        return {
            f"issue={issue}": model.explain(row, "issue", issue, top=top),
            f"stance={stance}": model.explain(stance_row, "stance", stance, top=top),
            f"sentiment={sentiment}": model.explain(row, "sentiment", sentiment, top=top),
        }

    # -- rows

    def _classify(
        self,
        quotes: Sequence[Quote],
        known: Sequence[tuple[Speaker, Side]],
        given: Sequence[str | None],
    ) -> list[list[Position]]:
        """All models on all quotes at once; a list of rows for each quote."""
        examples = _examples(quotes, known)
        read = self.bundle.model.read(examples, [[issue] if issue else [] for issue in given])
        found = bearing(read.bearing, self.bundle.codebook, self.bundle.threshold("issue"), given)
        stances = read.stances(
            [(i, issue) for i, issues in enumerate(found) for issue, _ in issues]
        )
        toward = self._toward(examples)
        rows: list[list[Position]] = []
        at = 0
        for i, quote in enumerate(quotes):
            base = self._base(quote, *known[i], read.sentiment[i], toward[i])
            here = []
            for issue, score in found[i]:
                here.append(self._with_stance(base, issue, score, stances[at]))
                at += 1
            rows.append(here or [base])
        return rows

    def _toward(self, examples: Sequence[Example]) -> list[dict[str, str]]:
        sides = self.bundle.codebook.sides
        named = [self.bundle.actors.first_named(e.quote.text) for e in examples]
        texts = [
            TargetText(e.quote.text, spans.get(side), e.side, side)
            for e, spans in zip(examples, named, strict=True)
            for side in sides
        ]
        best = self.bundle.model.toward(texts).argmax(axis=1).reshape(len(examples), len(sides))
        return [{s: SENTIMENTS[int(k)] for s, k in zip(sides, row, strict=True)} for row in best]

    def _base(
        self, quote: Quote, speaker: Speaker, side: Side, sentiment: Scores, toward: dict[str, str]
    ) -> Position:
        return Position(
            article_id=None,
            article_date=None,
            quote_id=f"q{quote.index:03d}",
            statement_id=None,
            kind=quote.kind,
            text=quote.text,
            spans=[list(s) for s in quote.spans],
            quote_score=quote.score,
            cue=quote.cue,
            cue_span=list(quote.cue_span) if quote.cue_span else None,
            source=quote.source,
            source_span=list(quote.source_span) if quote.source_span else None,
            speaker=speaker.name,
            speaker_kind=speaker.kind,
            via=quote.via,
            side=side.label,
            side_reason=side.reason,
            issue=None,
            issue_score=None,
            stance=None,
            stance_scores=None,
            abstained=False,
            sentiment=SENTIMENTS[int(sentiment.argmax())],
            sentiment_scores=rounded(SENTIMENTS, sentiment),
            sentiment_toward=toward,
            model=self.bundle.name,
            codebook=self.bundle.codebook.id,
        )

    def _with_stance(self, base: Position, issue: str, score: float, stances: Scores) -> Position:
        best = int(stances.argmax())
        sure = float(stances[best]) >= self.bundle.threshold("stance")
        return replace(
            base,
            issue=issue,
            issue_score=round(float(score), 4),
            stance=STANCES[best] if sure else None,
            stance_scores=rounded(STANCES, stances),
            abstained=not sure,
        )


def _examples(quotes: Sequence[Quote], known: Sequence[tuple[Speaker, Side]]) -> list[Example]:
    return [
        Example(q, side.label, speaker.kind)
        for q, (speaker, side) in zip(quotes, known, strict=True)
    ]

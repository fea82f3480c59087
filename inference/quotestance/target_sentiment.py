"""Sentiment toward marked targets, behind an importable class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from quotestance.bundle import Bundle, load_bundle
from quotestance.codebook import SENTIMENTS
from quotestance.errors import InputError
from quotestance.models.common import TargetText
from quotestance.positions import rounded
from quotestance.sources import find_bundle
from quotestance.textview import Span


class SentimentClassifier:
    """Sentiment toward a marked target in a text.

    Examples
    --------
    >>> from quotestance import SentimentClassifier
    >>> clf = SentimentClassifier.from_pretrained()
    >>> clf.predict([("Critics denounced Karzai as a stubborn liar.", (18, 24))])[0]["label"]
    'negative'
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @classmethod
    def from_pretrained(cls, source: str | Path = "default") -> SentimentClassifier:
        """Load a bundle as `StanceClassifier.from_pretrained` does."""
        return cls(load_bundle(find_bundle(source)))

    def predict(self, items: Sequence[tuple[str, Span]]) -> list[dict[str, object]]:
        """Classify ``(text, (start, end))`` pairs.

        Returns
        -------
        list of dict
            ``label`` and ``scores`` (negative, neutral, positive) of each.

        Raises
        ------
        InputError
            If a span does not lie inside its text.
        """
        texts = []
        for i, (text, (start, end)) in enumerate(items):
            if not 0 <= start < end <= len(text):
                raise InputError(
                    f"target span ({start}, {end}) does not lie inside a text of "
                    f"{len(text)} characters",
                    source=f"item {i}",
                )
            texts.append(TargetText(text, (start, end)))
        scores = self.bundle.model.toward(texts)
        return [
            {"label": SENTIMENTS[int(row.argmax())], "scores": rounded(SENTIMENTS, row)}
            for row in scores
        ]

"""What a model must beat: majority, most frequent per side, VADER."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

from quotestance.codebook import SENTIMENTS


def learn(data: Any) -> dict[str, Any]:
    """The most frequent labels of the training rows, kept in the bundle's manifest.

    Parameters
    ----------
    data : Dataset
        Training rows (see `corpora.Corpus`).

    Returns
    -------
    dict
        ``stance``, ``sentiment``, ``side``: the majority; ``stance_by``: "issue|side" → stance.
    """
    stances: Counter[str] = Counter()
    by: dict[str, Counter[str]] = {}
    for issues, side in zip(data["issues"], data["side"], strict=True):
        for issue, stance in json.loads(issues).items():
            stances[stance] += 1
            by.setdefault(f"{issue}|{side}", Counter())[stance] += 1
    return {
        "stance": _top(stances),
        "sentiment": _top(Counter(data["sentiment"])),
        "side": _top(Counter(data["side"])),
        "stance_by": {key: _top(counts) for key, counts in sorted(by.items())},
    }


def _top(counts: Counter[str]) -> str:
    return min(counts, key=lambda label: (-counts[label], label))


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def vader_sentiment(text: str) -> str:
    """VADER's label with its authors' threshold of 0.05 (Hutto & Gilbert, ICWSM 2014)."""
    compound = _vader().polarity_scores(text)["compound"]
    return SENTIMENTS[2] if compound >= 0.05 else SENTIMENTS[0] if compound <= -0.05 else "neutral"


def vader_stance(text: str) -> str:
    """VADER's label read as a stance: positive is favor, negative is against."""
    return {"positive": "favor", "negative": "against", "neutral": "neutral"}[vader_sentiment(text)]

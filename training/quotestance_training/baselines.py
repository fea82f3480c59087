"""What a model must beat: majority, most frequent per side, VADER."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
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


def tfidf(texts: Sequence[str], labels: Sequence[str], new: Sequence[str]) -> list[str]:
    """TF-IDF of words and word pairs with a balanced logistic regression.

    Parameters
    ----------
    texts, labels : sequence of str
        Training texts and their labels.
    new : sequence of str
        The texts to label.
    """
    if len(set(labels)) == 1:  # nothing to tell apart
        return [str(labels[0])] * len(new)
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(class_weight="balanced", max_iter=1000),
    )
    return [str(label) for label in model.fit(list(texts), list(labels)).predict(list(new))]


def stance_pairs(data: Any) -> list[tuple[int, str, str]]:
    """``(row, issue, stance)`` of every labelled stance."""
    return [
        (r, issue, stance)
        for r, issues in enumerate(data["issues"])
        for issue, stance in json.loads(issues).items()
    ]


def answers(train: Any, test: Any) -> dict[str, tuple[list[str], list[str]]]:
    """What each baseline says of the test rows.

    Returns
    -------
    dict
        Baseline → (stance of each of `stance_pairs`, sentiment of each row).
    """
    learnt, texts = learn(train), list(test["text"])
    pairs = stance_pairs(test)
    asked = [f"{issue} {texts[r]}" for r, issue, _ in pairs]
    known = stance_pairs(train)
    seen = list(train["text"])
    sides = list(test["side"])
    return {
        "majority": ([learnt["stance"]] * len(pairs), [learnt["sentiment"]] * len(texts)),
        "per_side": (
            [learnt["stance_by"].get(f"{i}|{sides[r]}", learnt["stance"]) for r, i, _ in pairs],
            [learnt["sentiment"]] * len(texts),
        ),
        "vader": (
            [vader_stance(texts[r]) for r, _, _ in pairs],
            [vader_sentiment(t) for t in texts],
        ),
        "tfidf": (
            tfidf([f"{i} {seen[r]}" for r, i, _ in known], [s for _, _, s in known], asked),
            tfidf(seen, list(train["sentiment"]), texts),
        ),
    }

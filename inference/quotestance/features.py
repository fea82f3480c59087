"""Step 6: quote-level features, each with a name that a person can read.

`quote_features` gives what the issue and sentiment models see, `stance_features` adds the issue
and the side and crosses them with the words: the same words are for one issue and against
another. Values are 0/1 or small numbers; `FeatureMatrix` turns them into sparse rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from quotestance import lexicon
from quotestance.quotes import Quote
from quotestance.textview import Span

_TOKEN = re.compile(r"\d[\d,.]*\d|\d|[^\W\d_]+(?:['’][^\W\d_]+)?")
_DIGITS = re.compile(r"\d")
Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Example:
    """A quote as the models see it: with what earlier steps found out about it.

    Parameters
    ----------
    quote : Quote
    side : str
        us, afghan, other or unknown.
    speaker_kind : str
        named, anonymous, collective, document or unknown.
    """

    quote: Quote
    side: str = "unknown"
    speaker_kind: str = "unknown"


def tokens(text: str) -> list[str]:
    """Lower-cased words; straight apostrophes; digits as 0, so that 9,800 is "0,000"."""
    return [_DIGITS.sub("0", t) for t in _TOKEN.findall(text.lower().replace("’", "'"))]


def _add_words(features: Features, words: Sequence[str], prefix: str, bigrams: bool = True) -> None:
    for word in words:
        features[f"{prefix}:{word}"] = 1.0
    if bigrams:
        for a, b in pairwise(words):
            features[f"{prefix}2:{a} {b}"] = 1.0


def _add_characters(features: Features, words: Iterable[str], size: int = 5) -> None:
    """Character n-grams inside words: "sign" also in "signature", "unsigned"."""
    for word in words:
        if len(word) > 3 and word.isalpha():
            padded = f"^{word}$"
            for i in range(len(padded) - size + 1):
                features[f"c:{padded[i : i + size]}"] = 1.0


def _counts(words: Sequence[str]) -> Features:
    """Named small counts: negation, modality, hedges, lexicon sentiment, length."""
    valence = lexicon.sentiment_lexicon()
    positive = sum(v for w in words if (v := valence.get(w, 0.0)) > 0)
    negative = -sum(v for w in words if (v := valence.get(w, 0.0)) < 0)
    groups = {
        "negation": lexicon.NEGATIONS,
        "obligation": lexicon.OBLIGATION,
        "possibility": lexicon.POSSIBILITY,
        "hedge": lexicon.HEDGES,
        "condition": lexicon.CONDITIONS,
        "contrast": lexicon.CONTRAST,
        "deadline": lexicon.DEADLINES,
        "first_person": lexicon.FIRST_PERSON,
    }
    found = {f"n:{k}": min(3, sum(w in group for w in words)) / 2 for k, group in groups.items()}
    found["n:positive"] = min(4.0, positive) / 3
    found["n:negative"] = min(4.0, negative) / 3
    found["n:length"] = min(60, len(words)) / 40
    return {name: value for name, value in found.items() if value}


def quote_features(example: Example) -> Features:
    """Features of a quote alone: words, characters, cue, context, counts, form."""
    quote = example.quote
    words = tokens(quote.text)
    features = _counts(words)
    _add_words(features, words, "w")
    _add_characters(features, words)
    context = tokens(f"{quote.before} {quote.context}")
    inside = set(words)
    _add_words(features, [w for w in context if w not in inside], "ctx", bigrams=False)
    if quote.cue:
        for word in tokens(quote.cue):
            features[f"cue:{word}"] = 1.0
    features[f"cue_class:{quote.cue_class or 'none'}"] = 1.0
    features[f"kind:{quote.kind}"] = 1.0
    features[f"side:{example.side}"] = 1.0
    features[f"speaker:{example.speaker_kind}"] = 1.0
    features["n:position"] = quote.position
    if quote.text.rstrip().endswith("?"):
        features["question"] = 1.0
    return features


def stance_features(base: Features, issue: str) -> Features:
    """Add the issue to a quote's features, crossed with what decides a stance on it."""
    features = dict(base)
    features[f"issue:{issue}"] = 1.0
    side = next(name for name in base if name.startswith("side:"))
    cue = next(name for name in base if name.startswith("cue_class:"))
    features[f"{issue}*{side}"] = 1.0
    features[f"{issue}*{cue}"] = 1.0
    for name, value in base.items():
        if name.startswith(("w:", "cue:", "n:negation", "n:condition")):
            features[f"{issue}*{name}"] = value
    return features


def target_features(text: str, target: Span | None, base: Features | None = None) -> Features:
    """Features for sentiment toward a marked target.

    Parameters
    ----------
    text : str
    target : (int, int) or None
        Offsets of the target in `text`; None where the text does not name it.
    base : dict, optional
        Further features to carry along.
    """
    features = dict(base or {})
    words = tokens(text)
    features.update(_counts(words))
    _add_words(features, words, "t")
    if target is None:
        features["target:unnamed"] = 1.0
        return features
    start, end = target
    left, right = tokens(text[:start])[-6:], tokens(text[end:])[:6]
    features["target:first"] = float(start < 12)
    _add_words(features, left, "left")
    _add_words(features, right, "right")
    for side, near in (("left", left), ("right", right)):
        for name, value in _counts(near).items():
            features[f"{side}_{name}"] = value
    return features


_GROUP_WEIGHT = {"c": 0.5, "ctx": 0.35, "w2": 0.8}


class FeatureMatrix:
    """Named features to sparse rows: known names only, each text group of unit length.

    It fits and transforms as scikit-learn's transformers do, but isn't one of their classes: to
    import those takes a second, and predicting needs nothing else of them.

    Parameters
    ----------
    min_count : int, default=2
        Names seen in fewer training rows are dropped.

    Attributes
    ----------
    names_ : list of str
        The columns' names, sorted.
    """

    def __init__(self, min_count: int = 2) -> None:
        self.min_count = min_count

    def fit(self, rows: Sequence[Mapping[str, float]], y: object = None) -> FeatureMatrix:
        """Learn the columns from training rows."""
        counts: dict[str, int] = {}
        for row in rows:
            for name in row:
                counts[name] = counts.get(name, 0) + 1
        self.names_ = sorted(n for n, c in counts.items() if c >= self.min_count)
        self.index_ = {name: i for i, name in enumerate(self.names_)}
        return self

    def transform(self, rows: Sequence[Mapping[str, float]]) -> sparse.csr_matrix:
        """Return a matrix of shape (len(rows), len(names_)), float32."""
        data: list[float] = []
        columns: list[int] = []
        bounds = [0]
        for row in rows:
            norms: dict[str, float] = {}
            known: list[tuple[int, float, str]] = []
            for name, value in row.items():
                group = name.partition(":")[0]
                norms[group] = norms.get(group, 0.0) + value * value
                column = self.index_.get(name)
                if column is not None:
                    known.append((column, value, group))
            weights = {group: _weight(group, norm) for group, norm in norms.items()}
            columns.extend(column for column, _, _ in known)
            data.extend(value * weights[group] for _, value, group in known)
            bounds.append(len(columns))
        shape = (len(rows), len(self.names_))
        return sparse.csr_matrix((np.asarray(data, np.float32), columns, bounds), shape=shape)


def _weight(group: str, norm: float) -> float:
    """Text groups share unit length, so that long quotes do not shout; others keep their value."""
    kind = group.rsplit("*", 1)[-1]
    if kind not in ("w", "w2", "c", "ctx", "t", "t2"):
        return 1.0
    return float(_GROUP_WEIGHT.get(kind, 1.0) * 2.0 / max(1.0, norm) ** 0.5)

"""The linear model: four softmax or logistic heads over named features.

It reads its weights from arrays, so that predicting is a sparse product and never unpickles.
The trade-off is plain: it knows the words that it was shown, and explains itself by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quotestance.errors import BundleError
from quotestance.features import (
    Example,
    FeatureMatrix,
    Features,
    quote_features,
    stance_features,
    target_features,
)
from quotestance.models.common import Array, Pair, TargetText, sigmoid, softmax

HEADS = ("issue", "stance", "sentiment", "target")
VIEWS = {"issue": "quote", "sentiment": "quote", "stance": "stance", "target": "target"}


@dataclass(frozen=True)
class Head:
    """One linear layer.

    Parameters
    ----------
    labels : tuple of str, length k
    weights : ndarray of float32, shape (k, n_features)
    bias : ndarray of float32, shape (k,)
    temperature : float
        Scores are divided by it before they become probabilities (Guo et al., ICML 2017).
    independent : bool
        Whether labels are judged one by one (sigmoid) or exclude each other (softmax).
    """

    labels: tuple[str, ...]
    weights: Array
    bias: Array
    temperature: float = 1.0
    independent: bool = False

    def probabilities(self, scores: Array) -> Array:
        """Turn scores of shape (n, k) into probabilities of the same shape."""
        return (sigmoid if self.independent else softmax)(scores, self.temperature)


@dataclass(frozen=True)
class LinearReading:
    """A `Reading` that works out stances when they are asked for; see `models.common.Reading`."""

    model: LinearModel
    rows: list[Features] = field(repr=False)
    bearing: Array
    sentiment: Array

    def stances(self, pairs: Sequence[Pair]) -> Array:
        """Stance of quotes on issues, shape (n_pairs, 3)."""
        return self.model.stances([self.rows[k] for k, _ in pairs], [i for _, i in pairs])


@dataclass(frozen=True)
class LinearModel:
    """Issue, stance and sentiment of quotes, and sentiment toward a target.

    Parameters
    ----------
    heads : dict of str to Head
        issue, stance, sentiment, target.
    views : dict of str to FeatureMatrix
        The columns of the quote, stance and target features.
    """

    heads: dict[str, Head]
    views: dict[str, FeatureMatrix] = field(repr=False)

    def _scores(self, head: str, rows: Sequence[Features]) -> Array:
        layer = self.heads[head]
        if not rows:
            return np.zeros((0, len(layer.labels)), np.float32)
        return self._product(head, self.views[VIEWS[head]].transform(rows))

    def _product(self, head: str, matrix: Any) -> Array:
        layer = self.heads[head]
        return np.asarray(matrix @ layer.weights.T + layer.bias, np.float32)

    def _predict(self, head: str, rows: Sequence[Features]) -> Array:
        return self.heads[head].probabilities(self._scores(head, rows))

    def read(self, examples: Sequence[Example], asked: Sequence[Sequence[str]]) -> LinearReading:
        """Read quotes; whatever is asked, every issue can be told."""
        rows = self.features(examples)
        return LinearReading(self, rows, *self.judge(rows))

    def judge(self, rows: Sequence[Features]) -> tuple[Array, Array]:
        """`issues` and `sentiments` of the same quotes, from one matrix."""
        if not rows:
            return self.issues(rows), self.sentiments(rows)
        matrix = self.views["quote"].transform(rows)
        issue, sentiment = (
            self.heads[name].probabilities(self._product(name, matrix))
            for name in ("issue", "sentiment")
        )
        return issue, sentiment

    def features(self, examples: Sequence[Example]) -> list[Features]:
        """The quote-level features, computed once for all heads."""
        return [quote_features(example) for example in examples]

    def issues(self, rows: Sequence[Features]) -> Array:
        """Probability that each quote bears on each issue, shape (n, n_issues)."""
        return self._predict("issue", rows)

    def stances(self, rows: Sequence[Features], issues: Sequence[str]) -> Array:
        """Stance probabilities of quote-issue pairs, shape (n, 3)."""
        pairs = [stance_features(row, issue) for row, issue in zip(rows, issues, strict=True)]
        return self._predict("stance", pairs)

    def sentiments(self, rows: Sequence[Features]) -> Array:
        """Sentiment probabilities, shape (n, 3)."""
        return self._predict("sentiment", rows)

    def toward(self, texts: Sequence[TargetText]) -> Array:
        """Probabilities of the sentiment toward each target, shape (n, 3)."""
        return self._predict("target", [target_row(t) for t in texts])

    def explain(
        self, row: Features, head: str, label: str, *, top: int = 10
    ) -> list[tuple[str, float]]:
        """The features that weighed most for `label`: name and contribution to its score."""
        layer = self.heads[head]
        matrix = self.views[VIEWS[head]].transform([row])
        weights = layer.weights[layer.labels.index(label)]
        others = layer.weights.mean(axis=0) if not layer.independent else np.zeros_like(weights)
        parts = [
            (self.views[VIEWS[head]].names_[j], float(v * (weights[j] - others[j])))
            for j, v in zip(matrix.indices, matrix.data, strict=True)
        ]
        return sorted(parts, key=lambda p: (-abs(p[1]), p[0]))[:top]

    # -- arrays for the bundle

    def arrays(self) -> dict[str, Array]:
        """Everything numeric, C-contiguous (safetensors scrambles other orders)."""
        out: dict[str, Array] = {}
        for name, head in self.heads.items():
            out[f"{name}.weights"] = np.ascontiguousarray(head.weights, np.float32)
            out[f"{name}.bias"] = np.ascontiguousarray(head.bias, np.float32)
        return out

    def spec(self) -> dict[str, object]:
        """Everything else: labels, temperatures and the names of the columns."""
        heads = {
            name: {
                "labels": list(h.labels),
                "temperature": h.temperature,
                "independent": h.independent,
            }
            for name, h in self.heads.items()
        }
        return {"heads": heads, "views": {n: v.names_ for n, v in self.views.items()}}

    @classmethod
    def from_arrays(cls, spec: dict[str, object], arrays: dict[str, Array]) -> LinearModel:
        """Build the model from a bundle's parts.

        Raises
        ------
        BundleError
            If the parts do not fit each other.
        """
        try:
            views = {name: _matrix(names) for name, names in dict(spec["views"]).items()}  # type: ignore[call-overload]
            heads = {
                name: Head(
                    labels=tuple(h["labels"]),
                    weights=arrays[f"{name}.weights"],
                    bias=arrays[f"{name}.bias"],
                    temperature=float(h["temperature"]),
                    independent=bool(h["independent"]),
                )
                for name, h in dict(spec["heads"]).items()  # type: ignore[call-overload]
            }
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"linear model: a part is missing or malformed: {error}") from error
        _check_shapes(heads, views)
        return cls(heads, views)


def target_row(item: TargetText) -> Features:
    """The features of a marked target."""
    base: Features = {}
    if item.target_side:
        base[f"toward:{item.target_side}"] = 1.0
    if item.target_side and item.speaker_side:
        base[f"toward:{item.target_side}*by:{item.speaker_side}"] = 1.0
    return target_features(item.text, item.target, base)


def _check_shapes(heads: dict[str, Head], views: dict[str, FeatureMatrix]) -> None:
    for what, found, needed in (
        ("heads", set(heads), set(HEADS)),
        ("views", set(views), set(VIEWS.values())),
    ):
        if found != needed:
            raise BundleError(
                f"linear model: its {what} are {sorted(found)}, expected {sorted(needed)}"
            )
    for name, head in heads.items():
        k = len(head.labels)
        for part, array, expected in (
            ("weights", head.weights, (k, len(views[VIEWS[name]].names_))),
            ("bias", head.bias, (k,)),
        ):
            if array.shape != expected:
                raise BundleError(
                    f"linear model: {name}.{part} has shape {array.shape}, expected {expected}"
                )


def _matrix(names: Sequence[str]) -> FeatureMatrix:
    matrix = FeatureMatrix()
    matrix.names_ = list(names)
    matrix.index_ = {name: i for i, name in enumerate(matrix.names_)}
    return matrix

"""Scores of a fitted model on held-out statements: one seed's other writers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance_training.baselines import vader_sentiment, vader_stance
from quotestance_training.calibrate import expected_calibration_error
from quotestance_training.corpora import examples
from quotestance_training.fit_linear import Fitted
from quotestance_training.metrics import Score, bootstrap, f1, macro_f1, per_class_f1

if TYPE_CHECKING:
    from datasets import Dataset

Figures = dict[str, float]


@dataclass(frozen=True)
class Held:
    """Held-out results of one seed.

    Parameters
    ----------
    scores : dict of str to Score
        With intervals over documents.
    per_class : dict of str to float
        ``stance_f1/favor`` and the like.
    stance_probabilities, stance_labels : ndarray
        For calibration and confusion plots: shapes (n, 3) and (n,).
    """

    scores: dict[str, Score]
    per_class: Figures
    stance_probabilities: NDArray[np.float32]
    stance_labels: NDArray[np.int64]

    def figures(self) -> Figures:
        """All figures flat, with interval ends, as they are logged."""
        flat: Figures = {}
        for name, score in self.scores.items():
            flat |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        return flat | self.per_class


def score_held_out(
    fitted: Fitted, data: Dataset, codebook: Codebook, *, resamples: int, majority: str
) -> Held:
    """Score a model on rows of writers that it has not seen, beside its baselines.

    Parameters
    ----------
    majority : str
        The training rows' most frequent stance.
    """
    model = fitted.model
    rows = model.features(examples(data))
    gold = [json.loads(i) for i in data["issues"]]
    pairs = [(r, i) for r, g in enumerate(gold) for i in g]
    probabilities = model.stances([rows[r] for r, _ in pairs], [i for _, i in pairs])
    stance_gold = [gold[r][i] for r, i in pairs]
    stance = [STANCES[int(p.argmax())] for p in probabilities]
    sentiment = [SENTIMENTS[int(p.argmax())] for p in model.sentiments(rows)]
    found = model.issues(rows) >= fitted.issue_threshold
    truth = np.array([[i in g for i in codebook.issue_ids] for g in gold])
    documents = sorted(set(data["doc"]))
    of_row = np.array([documents.index(d) for d in data["doc"]])
    texts = list(data["text"])
    units = _Units(len(documents), of_row, of_row[[r for r, _ in pairs]] if pairs else of_row[:0])
    labels = list(data["sentiment"])
    figures = {
        "issue_micro_f1": units.rows(lambda k: _micro(found[k], truth[k])),
        "stance_macro_f1": units.pairs(_macro_of(stance_gold, stance)),
        "sentiment_macro_f1": units.rows(_macro_of(labels, sentiment)),
        "baseline_majority_stance_macro_f1": units.pairs(
            _macro_of(stance_gold, [majority] * len(pairs))),
        "baseline_vader_stance_macro_f1": units.pairs(
            _macro_of(stance_gold, [vader_stance(texts[r]) for r, _ in pairs])),
        "baseline_vader_sentiment_macro_f1": units.rows(
            _macro_of(labels, [vader_sentiment(t) for t in texts])),
    }  # fmt: skip
    y = np.array([STANCES.index(s) for s in stance_gold], np.int64)
    figures["stance_ece"] = units.pairs(
        lambda k: expected_calibration_error(probabilities[k], y[k])
    )
    scores = {
        name: bootstrap(figure, units.count, resamples=resamples)
        for name, figure in figures.items()
    }
    per_class = {f"stance_f1/{k}": v for k, v in per_class_f1(stance_gold, stance).items()}
    per_class |= {f"sentiment_f1/{k}": v for k, v in per_class_f1(labels, sentiment).items()}
    return Held(scores, per_class, probabilities, y)


@dataclass(frozen=True)
class _Units:
    """Turns resampled documents into indices of rows or of quote-issue pairs."""

    count: int
    row_document: NDArray[np.intp]
    pair_document: NDArray[np.intp]

    def rows(self, figure: Callable[[NDArray[np.intp]], float]) -> Callable[..., float]:
        return self._over(self.row_document, figure)

    def pairs(self, figure: Callable[[NDArray[np.intp]], float]) -> Callable[..., float]:
        return self._over(self.pair_document, figure)

    def _over(
        self, owner: NDArray[np.intp], figure: Callable[[NDArray[np.intp]], float]
    ) -> Callable[..., float]:
        members = [np.flatnonzero(owner == d) for d in range(self.count)]
        return lambda u: figure(np.concatenate([members[d] for d in u]))


def _macro_of(
    gold: Sequence[str], predicted: Sequence[str]
) -> Callable[[NDArray[np.intp]], float]:
    return lambda k: macro_f1([gold[i] for i in k], [predicted[i] for i in k])


def _micro(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return f1(int((found & truth).sum()), int(found.sum()), int(truth.sum()))



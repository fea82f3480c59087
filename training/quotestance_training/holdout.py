"""Scores of a fitted model on held-out statements: one seed's other writers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.features import Features
from quotestance_training.baselines import answers, stance_pairs
from quotestance_training.calibrate import expected_calibration_error
from quotestance_training.fit_linear import Fitted
from quotestance_training.metrics import LabelPairs, Score, bootstrap, f1, per_class_f1

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
    fitted: Fitted,
    train: Dataset,
    test: Dataset,
    rows: list[Features],
    codebook: Codebook,
    *,
    resamples: int,
) -> Held:
    """Score a model on rows of writers that it has not seen, beside its baselines.

    Parameters
    ----------
    train, test : Dataset
        What the model was fitted on (the baselines are too), and what it is scored on.
    rows : list of dict
        The quote features of `test`.
    resamples : int
        Bootstrap resamples over documents.
    """
    model = fitted.model
    pairs = stance_pairs(test)
    owners = np.array([r for r, _, _ in pairs], np.intp)
    units = _Units.of(list(test["doc"]), owners)
    gold = [stance for _, _, stance in pairs]
    labels = list(test["sentiment"])
    probabilities = model.stances([rows[r] for r in owners], [issue for _, issue, _ in pairs])
    stance = [STANCES[int(p.argmax())] for p in probabilities]
    sentiment = [SENTIMENTS[int(p.argmax())] for p in model.sentiments(rows)]
    found = model.issues(rows) >= fitted.issue_threshold
    truth = np.array([[i in json.loads(g) for i in codebook.issue_ids] for g in test["issues"]])
    y = np.array([STANCES.index(s) for s in gold], np.int64)
    figures = {
        "issue_micro_f1": units.rows(lambda k: _micro(found[k], truth[k])),
        "stance_macro_f1": units.pairs(_macro_of(gold, stance)),
        "sentiment_macro_f1": units.rows(_macro_of(labels, sentiment)),
        "stance_ece": units.pairs(lambda k: expected_calibration_error(probabilities[k], y[k])),
    }
    for name, (stances, feelings) in answers(train, test).items():
        figures[f"baseline_{name}_stance_macro_f1"] = units.pairs(_macro_of(gold, stances))
        figures[f"baseline_{name}_sentiment_macro_f1"] = units.rows(_macro_of(labels, feelings))
    scores = {n: bootstrap(f, units.count, resamples=resamples) for n, f in figures.items()}
    per_class = {f"stance_f1/{k}": v for k, v in per_class_f1(gold, stance).items()}
    per_class |= {f"sentiment_f1/{k}": v for k, v in per_class_f1(labels, sentiment).items()}
    return Held(scores, per_class, probabilities, y)


@dataclass(frozen=True)
class _Units:
    """Turns resampled documents into indices of rows or of quote-issue pairs."""

    count: int
    row_document: NDArray[np.intp]
    pair_document: NDArray[np.intp]

    @classmethod
    def of(cls, documents: Sequence[str], owners: NDArray[np.intp]) -> _Units:
        """From each row's document and each pair's row."""
        number = {name: i for i, name in enumerate(dict.fromkeys(documents))}
        of_row = np.array([number[name] for name in documents], np.intp)
        return cls(len(number), of_row, of_row[owners])

    def rows(self, figure: Callable[[NDArray[np.intp]], float]) -> Callable[..., float]:
        return self._over(self.row_document, figure)

    def pairs(self, figure: Callable[[NDArray[np.intp]], float]) -> Callable[..., float]:
        return self._over(self.pair_document, figure)

    def _over(
        self, owner: NDArray[np.intp], figure: Callable[[NDArray[np.intp]], float]
    ) -> Callable[..., float]:
        members = [np.flatnonzero(owner == d) for d in range(self.count)]
        return lambda u: figure(np.concatenate([members[d] for d in u]))


def _macro_of(gold: Sequence[str], predicted: Sequence[str]) -> Callable[[NDArray[np.intp]], float]:
    return LabelPairs.of(gold, predicted).macro_f1


def _micro(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return f1(int((found & truth).sum()), int(found.sum()), int(truth.sum()))


def spread(runs: Sequence[Figures]) -> tuple[Figures, Figures]:
    """Mean and standard deviation of each figure over runs (sd of one run is nan)."""
    names = list(dict.fromkeys(name for run in runs for name in run))
    columns = {n: np.array([run.get(n, np.nan) for run in runs]) for n in names}
    mean = {n: float(np.mean(c)) for n, c in columns.items()}
    sd = {n: float(np.std(c, ddof=1)) if len(c) > 1 else float("nan") for n, c in columns.items()}
    return mean, sd

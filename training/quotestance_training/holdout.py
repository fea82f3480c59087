"""Scores of a fitted model on held-out statements: one seed's other writers."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.features import Example
from quotestance.models.common import Model, Pair
from quotestance.models.encoder import EncoderModel
from quotestance_training.baselines import answers, stance_pairs
from quotestance_training.calibrate import expected_calibration_error
from quotestance_training.corpora import examples
from quotestance_training.metrics import LabelPairs, Score, bootstrap, f1, per_class_f1
from quotestance_training.risk import risk_coverage

if TYPE_CHECKING:
    from datasets import Dataset

Figures = dict[str, float]
Probabilities = NDArray[np.float32]
Labels = NDArray[np.int64]


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
    documents : tuple of str
        Where each of these stances stands, and on which issue.
    """

    scores: dict[str, Score]
    per_class: Figures
    stance_probabilities: NDArray[np.float32]
    stance_labels: NDArray[np.int64]
    documents: tuple[str, ...] = ()

    def also(self, figures: Figures) -> Held:
        """The same with further figures, which have no interval."""
        return replace(self, per_class=self.per_class | figures)

    def write(self, path: Path) -> Path:
        """Write the stances as JSON, by document, for comparing runs pair by pair."""
        found = [STANCES[int(p.argmax())] for p in self.stance_probabilities]
        record = {
            "document": list(self.documents),
            "gold": [STANCES[int(k)] for k in self.stance_labels],
            "found": found,
        }
        path.write_text(json.dumps(record), encoding="utf-8")
        return path

    def figures(self) -> Figures:
        """All figures flat, with interval ends, as they are logged."""
        flat: Figures = {}
        for name, score in self.scores.items():
            flat |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        return flat | self.per_class


def score_held_out(
    model: Model,
    threshold: float,
    train: Dataset,
    test: Dataset,
    codebook: Codebook,
    *,
    resamples: int,
    issues: Collection[str] = (),
) -> Held:
    """Score a model on rows that it has not seen, beside its baselines.

    Parameters
    ----------
    threshold : float
        The least probability of bearing on an issue that counts.
    train, test : Dataset
        What the model was fitted on (the baselines are too), and what it is scored on.
    resamples : int
        Bootstrap resamples over documents.
    issues : collection of str
        Score the stance on these alone, which were held out: an encoder reads them as it reads
        any proposition that is not in its codebook, without the first stage.
    """
    inputs = examples(test)
    told = stance_pairs(test)
    kept = [k for k, p in enumerate(told) if not issues or p[1] in issues]
    pairs = [told[k] for k in kept]
    owners = np.array([r for r, _, _ in pairs], np.intp)
    units = _Units.of(list(test["doc"]), owners)
    gold = [stance for _, _, stance in pairs]
    probabilities = _stances(model, inputs, [(r, i) for r, i, _ in pairs], codebook, unseen=issues)
    y = np.array([STANCES.index(s) for s in gold], np.int64)
    stance = [STANCES[int(p.argmax())] for p in probabilities]
    figures = _stance_figures(units, gold, stance, probabilities, y)
    answered = answers(train, test)
    for name, (stances, _) in answered.items():
        guesses = [stances[k] for k in kept]
        figures[f"baseline_{name}_stance_macro_f1"] = units.pairs(_macro_of(gold, guesses))
    per_class = {f"stance_f1/{k}": v for k, v in per_class_f1(gold, stance).items()}
    if not issues:
        more, classes = _quote_figures(model, threshold, inputs, test, codebook, units, answered)
        figures, per_class = figures | more, per_class | classes
    scores = {n: bootstrap(f, units.count, resamples=resamples) for n, f in figures.items()}
    places = tuple(f"{test['doc'][r]} {name}" for r, name, _ in pairs)
    return Held(scores, per_class, probabilities, y, places)


def _stances(
    model: Model, inputs: Sequence[Example], pairs: Sequence[Pair], codebook: Codebook,
    *, unseen: Collection[str],
) -> Probabilities:  # fmt: skip
    """Stance of pairs of a row and an issue, shape (n_pairs, 3)."""
    if unseen and isinstance(model, EncoderModel):
        told = {issue.id: issue.proposition for issue in codebook.issues}
        return model.weigh([told[i] for _, i in pairs], [inputs[r] for r, _ in pairs]).stance
    asked: list[list[str]] = [[] for _ in inputs]
    for r, issue in pairs:
        asked[r].append(issue)
    return model.read(inputs, asked).stances(pairs)


def _stance_figures(
    units: _Units,
    gold: Sequence[str],
    stance: Sequence[str],
    probabilities: Probabilities,
    y: Labels,
) -> dict[str, Callable[..., float]]:
    return {
        "stance_macro_f1": units.pairs(_macro_of(gold, stance)),
        "stance_ece": units.pairs(lambda k: expected_calibration_error(probabilities[k], y[k])),
        "stance_aurc": units.pairs(lambda k: risk_coverage(probabilities[k], y[k]).area),
        "stance_accuracy_at_80": units.pairs(
            lambda k: risk_coverage(probabilities[k], y[k]).accuracy_at(0.8)
        ),
    }


def _quote_figures(
    model: Model, threshold: float, inputs: list[Example], test: Dataset, codebook: Codebook,
    units: _Units, answered: dict[str, tuple[list[str], list[str]]],
) -> tuple[dict[str, Callable[..., float]], Figures]:  # fmt: skip
    """Issues and sentiment, which the model finds unasked."""
    labels = list(test["sentiment"])
    read = model.read(inputs, [[] for _ in inputs])
    sentiment = [SENTIMENTS[int(p.argmax())] for p in read.sentiment]
    found = read.bearing >= threshold
    truth = np.array([[i in json.loads(g) for i in codebook.issue_ids] for g in test["issues"]])
    figures = {
        "issue_micro_f1": units.rows(lambda k: _micro(found[k], truth[k])),
        "sentiment_macro_f1": units.rows(_macro_of(labels, sentiment)),
    }
    for name, (_, feelings) in answered.items():
        figures[f"baseline_{name}_sentiment_macro_f1"] = units.rows(_macro_of(labels, feelings))
    return figures, {f"sentiment_f1/{k}": v for k, v in per_class_f1(labels, sentiment).items()}


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

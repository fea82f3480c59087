"""Fit the linear model's heads, with temperatures and the issue threshold from writer folds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.features import FeatureMatrix, Features, quote_features, stance_features
from quotestance.models.linear import Head, LinearModel, TargetText, target_row
from quotestance_training.calibrate import best_threshold, temperature
from quotestance_training.config import LinearConfig
from quotestance_training.corpora import examples
from quotestance_training.splits import folds

Labels = NDArray[np.int64]
_DECIMALS = 5  # weights are rounded: the same training gives the same bytes


@dataclass(frozen=True)
class Task:
    """The rows of one head: features, labels, and each row's writer."""

    head: str
    labels: tuple[str, ...]
    rows: list[Features]
    y: Labels
    groups: list[str]
    C: float
    independent: bool = False


@dataclass(frozen=True)
class Fitted:
    """A model and its issue threshold."""

    model: LinearModel
    issue_threshold: float


def fit(
    data: Dataset, codebook: Codebook, actors: Actors, config: LinearConfig, *, n_folds: int
) -> Fitted:
    """Fit all heads.

    Parameters
    ----------
    data : Dataset
        Training rows (see `corpora.Corpus`).
    n_folds : int
        Writer folds whose held-out scores set temperatures and the threshold.
    """
    views: dict[str, FeatureMatrix] = {}
    heads: dict[str, Head] = {}
    threshold = 0.5
    tasks = tasks_of(data, codebook, actors, config)
    shared = FeatureMatrix(config.min_count).fit(tasks[0].rows)
    for task in tasks:
        on_quotes = task.head in ("issue", "sentiment")
        matrix = shared if on_quotes else FeatureMatrix(config.min_count).fit(task.rows)
        views["quote" if on_quotes else task.head] = matrix
        x = matrix.transform(task.rows)
        held = _held_out_scores(task, x, n_folds)
        warmth = temperature(held, task.y, independent=task.independent)
        weights, bias = _solve(x, task)
        heads[task.head] = Head(task.labels, weights, bias, warmth, task.independent)
        if task.head == "issue":
            threshold = best_threshold(heads["issue"].probabilities(held), task.y)
    return Fitted(LinearModel(heads, views), threshold)


def tasks_of(
    data: Dataset, codebook: Codebook, actors: Actors, config: LinearConfig
) -> list[Task]:
    """The four heads' training rows."""
    rows = [quote_features(e) for e in examples(data)]
    writers = list(data["writer"])
    gold = [json.loads(i) for i in data["issues"]]
    ids = codebook.issue_ids
    issue_y = np.array([[int(i in g) for i in ids] for g in gold], np.int64)
    pairs = [(r, i) for r, g in enumerate(gold) for i in g]
    stance_y = np.array([STANCES.index(gold[r][i]) for r, i in pairs], np.int64)
    sentiment_y = np.array([SENTIMENTS.index(s) for s in data["sentiment"]], np.int64)
    texts, target_y, target_writers = _targets(data, codebook, actors)
    return [
        Task("issue", ids, rows, issue_y, writers, config.C_issue, independent=True),
        Task("sentiment", SENTIMENTS, rows, sentiment_y, writers, config.C_sentiment),
        Task(
            "stance", STANCES, [stance_features(rows[r], i) for r, i in pairs], stance_y,
            [writers[r] for r, _ in pairs], config.C_stance,
        ),
        Task("target", SENTIMENTS, [target_row(t) for t in texts], target_y, target_writers,
             config.C_target),
    ]  # fmt: skip


def _targets(
    data: Dataset, codebook: Codebook, actors: Actors
) -> tuple[list[TargetText], Labels, list[str]]:
    """Each quote toward each side; where the side is named, also as a bare marked text."""
    texts: list[TargetText] = []
    labels: list[int] = []
    writers: list[str] = []
    for row in data:
        toward = json.loads(row["toward"])
        mentions = list(actors.mentions(row["text"]))
        for side in codebook.sides:
            if side not in toward:
                continue
            span = next(((m.start, m.end) for m in mentions if m.side == side), None)
            shapes = [TargetText(row["text"], span, row["side"], side)]
            if span is not None:
                shapes.append(TargetText(row["text"], span))
            texts.extend(shapes)
            labels.extend([SENTIMENTS.index(toward[side])] * len(shapes))
            writers.extend([row["writer"]] * len(shapes))
    return texts, np.array(labels, np.int64), writers


def _held_out_scores(task: Task, x: NDArray[np.float32], n_folds: int) -> NDArray[np.float32]:
    """Scores of every row by a model that saw none of its writer's rows."""
    scores = np.zeros((len(task.rows), len(task.labels)), np.float32)
    for train, test in folds(task.groups, n_folds):
        weights, bias = _solve(x[train], task, train)
        scores[test] = x[test] @ weights.T + bias
    return scores


def _solve(
    x: NDArray[np.float32], task: Task, rows: Sequence[int] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Balanced logistic regression, one binary problem a label or one multinomial one."""
    y = task.y if rows is None else task.y[rows]
    if task.independent:
        parts = [_regress(x, y[:, j], task.C) for j in range(y.shape[1])]
        weights, bias = np.vstack([w for w, _ in parts]), np.concatenate([b for _, b in parts])
    else:
        weights, bias = _regress(x, y, task.C, n_classes=len(task.labels))
    round_ = lambda a: np.ascontiguousarray(np.round(a, _DECIMALS), np.float32)  # noqa: E731
    return round_(weights), round_(bias)


def _regress(
    x: NDArray[np.float32], y: Labels, C: float, n_classes: int | None = None  # noqa: N803
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.linear_model import LogisticRegression

    present = np.unique(y)
    width = n_classes or 1
    if len(present) < 2:  # a label that never varies: a constant, rather sure answer
        bias = np.where(np.arange(width) == present[0], 3.0, -3.0) if n_classes else (
            np.array([3.0 if present[0] else -3.0]))  # fmt: skip
        return np.zeros((width, x.shape[1])), bias
    model = LogisticRegression(C=C, class_weight="balanced", max_iter=2000, tol=1e-5).fit(x, y)
    if n_classes is None:
        return model.coef_, model.intercept_
    if len(present) == 2:
        coef, intercept = np.vstack([-model.coef_, model.coef_]) / 2, np.concatenate(
            [-model.intercept_, model.intercept_]) / 2  # fmt: skip
    else:
        coef, intercept = model.coef_, model.intercept_
    weights = np.zeros((width, x.shape[1]))
    bias = np.full(width, -10.0)
    weights[present], bias[present] = coef, intercept
    return weights, bias

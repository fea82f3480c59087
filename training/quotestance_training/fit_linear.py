"""Fit the linear model's heads, with temperatures and the issue threshold from writer folds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.features import FeatureMatrix, Features, quote_features, stance_features
from quotestance.models.common import TargetText, sigmoid
from quotestance.models.linear import VIEWS, Head, LinearModel, target_row
from quotestance_training.calibrate import best_threshold, temperature
from quotestance_training.config import LinearConfig
from quotestance_training.corpora import examples
from quotestance_training.pair_rows import LabelledQuote
from quotestance_training.splits import Index, folds

Labels = NDArray[np.int64]
_DECIMALS = 5  # weights are rounded: the same training gives the same bytes


@dataclass(frozen=True)
class Task:
    """The rows of one head.

    Parameters
    ----------
    head : str
    labels : tuple of str
    rows : list of dict
        Named features.
    y : ndarray
        Class indices, or 0/1 columns where labels are independent.
    owner : ndarray
        The dataset's row (quote) that each row comes from.
    groups : list of str
        Each row's writer.
    """

    head: str
    labels: tuple[str, ...]
    rows: list[Features]
    y: Labels
    owner: Index
    groups: list[str]
    independent: bool = False

    def of_quotes(self, quotes: Index) -> Task:
        """The rows that come from some quotes only."""
        kept = np.flatnonzero(np.isin(self.owner, quotes))
        return replace(
            self,
            rows=[self.rows[k] for k in kept],
            y=self.y[kept],
            owner=self.owner[kept],
            groups=[self.groups[k] for k in kept],
        )


@dataclass(frozen=True)
class Fitted:
    """A model, its issue threshold, and stances by writer folds that did not learn from them.

    Parameters
    ----------
    model : LinearModel
    issue_threshold : float
    stance_probabilities, stance_labels : ndarray
        Shapes (n, 3) and (n,).
    """

    model: LinearModel
    issue_threshold: float
    stance_probabilities: NDArray[np.float32]
    stance_labels: Labels


def fit(tasks: Sequence[Task], config: LinearConfig, *, n_folds: int) -> Fitted:
    """Fit all heads.

    Parameters
    ----------
    tasks : sequence of Task
        From `tasks_of`; for a held-out run those of the training quotes (`Task.of_quotes`).
    n_folds : int
        Writer folds whose held-out scores set temperatures and the threshold.
    """
    views: dict[str, FeatureMatrix] = {}
    heads: dict[str, Head] = {}
    threshold = 0.5
    stances, truth = np.zeros((0, len(STANCES)), np.float32), np.zeros(0, np.int64)
    for task in tasks:
        view = VIEWS[task.head]
        if view not in views:
            views[view] = FeatureMatrix(config.min_count).fit(task.rows)
        x = views[view].transform(task.rows)
        strength = float(getattr(config, f"C_{task.head}"))
        held = _held_out_scores(task, x, strength, n_folds)
        warmth = temperature(held, task.y, independent=task.independent)
        weights, bias = _solve(x, task.y, task, strength)
        heads[task.head] = Head(task.labels, weights, bias, warmth, task.independent)
        if task.head == "issue":
            threshold = best_threshold(heads["issue"].probabilities(held), task.y)
        if task.head == "stance":
            stances, truth = heads["stance"].probabilities(held), task.y
    return Fitted(LinearModel(heads, views), threshold, stances, truth)


def tasks_of(data: Dataset, codebook: Codebook, actors: Actors) -> list[Task]:
    """The four heads' training rows; features are computed once for all seeds."""
    rows = [quote_features(e) for e in examples(data)]
    writers = list(data["writer"])
    gold = [json.loads(i) for i in data["issues"]]
    ids = codebook.issue_ids
    every = np.arange(len(rows))
    issue_y = np.array([[int(i in g) for i in ids] for g in gold], np.int64)
    pairs = [(r, i) for r, g in enumerate(gold) for i in g]
    stance_y = np.array([STANCES.index(gold[r][i]) for r, i in pairs], np.int64)
    sentiment_y = np.array([SENTIMENTS.index(s) for s in data["sentiment"]], np.int64)
    texts, target_y, target_of = _targets(data, codebook, actors)
    owners = np.array([r for r, _ in pairs], np.intp)
    crossed = [stance_features(rows[r], i) for r, i in pairs]
    marked = [target_row(t) for t in texts]
    return [
        Task("issue", ids, rows, issue_y, every, writers, independent=True),
        Task("sentiment", SENTIMENTS, rows, sentiment_y, every, writers),
        Task("stance", STANCES, crossed, stance_y, owners, [writers[r] for r in owners]),
        Task("target", SENTIMENTS, marked, target_y, target_of, [writers[r] for r in target_of]),
    ]


def issue_odds(
    quotes: Sequence[LabelledQuote], codebook: Codebook, *, n_folds: int
) -> NDArray[np.float32]:
    """How likely each issue is for each quote, by models that saw none of its writer's quotes.

    Returns
    -------
    ndarray, shape (n_quotes, n_issues)
        0 for quotes whose issues nobody labelled.
    """
    ids = codebook.issue_ids
    told = [k for k, q in enumerate(quotes) if q.issues is not None]
    rows = [quote_features(quotes[k].example) for k in told]
    y = np.array([[int(i in (quotes[k].issues or {})) for i in ids] for k in told], np.int64)
    groups = [quotes[k].group for k in told]
    task = Task("issue", ids, rows, y, np.arange(len(told)), groups, independent=True)
    config = LinearConfig()
    x = FeatureMatrix(config.min_count).fit(rows).transform(rows)
    scores = _held_out_scores(task, x, config.C_issue, n_folds)
    odds = np.zeros((len(quotes), len(ids)), np.float32)
    odds[told] = sigmoid(scores, temperature(scores, y, independent=True))
    return odds


def _targets(
    data: Dataset, codebook: Codebook, actors: Actors
) -> tuple[list[TargetText], Labels, Index]:
    """Each quote toward each side; where the side is named, also as a bare marked text."""
    texts: list[TargetText] = []
    labels: list[int] = []
    owners: list[int] = []
    for r, row in enumerate(data):
        toward = json.loads(row["toward"])
        named = actors.first_named(row["text"])
        for side in codebook.sides:
            if side not in toward:
                continue
            span = named.get(side)
            shapes = [TargetText(row["text"], span, row["side"], side)]
            if span is not None:
                shapes.append(TargetText(row["text"], span))
            texts.extend(shapes)
            labels.extend([SENTIMENTS.index(toward[side])] * len(shapes))
            owners.extend([r] * len(shapes))
    return texts, np.array(labels, np.int64), np.array(owners, np.intp)


def _held_out_scores(task: Task, x: Any, strength: float, n_folds: int) -> NDArray[np.float32]:
    """Scores of every row by a model that saw none of its writer's rows."""
    scores = np.zeros((len(task.rows), len(task.labels)), np.float32)
    for train, test in folds(task.groups, n_folds):
        weights, bias = _solve(x[train], task.y[train], task, strength)
        scores[test] = x[test] @ weights.T + bias
    return scores


def _solve(
    x: Any, y: Labels, task: Task, strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Balanced logistic regression, one binary problem a label or one multinomial one."""
    if task.independent:
        parts = [_regress(x, y[:, j], strength) for j in range(y.shape[1])]
        weights, bias = np.vstack([w for w, _ in parts]), np.concatenate([b for _, b in parts])
    else:
        weights, bias = _regress(x, y, strength, n_classes=len(task.labels))
    return _rounded(weights), _rounded(bias)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.round(values, _DECIMALS), np.float32)


def _regress(
    x: Any, y: Labels, strength: float, n_classes: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (k, n_features) and bias (k,); k is 1 for a yes-no label."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    present = np.unique(y)
    width = n_classes or 1
    if len(present) < 2:
        return _constant(int(present[0]), width, x.shape[1])
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, tol=1e-5)
    with threadpool_limits(1):  # sums in another order give other last digits, so other bytes
        model.fit(x, y)
    coef, intercept = model.coef_, model.intercept_
    if n_classes is None:
        return coef, intercept
    if len(present) == 2:  # one row for two classes: give each its half
        coef, intercept = np.vstack([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
    weights = np.zeros((width, x.shape[1]))
    bias = np.full(width, -10.0)
    weights[present], bias[present] = coef, intercept
    return weights, bias


def _constant(
    label: int, width: int, n_features: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A label that never varies in training: a constant, rather sure answer."""
    if width == 1:
        bias = np.array([3.0 if label else -3.0])
    else:
        bias = np.where(np.arange(width) == label, 3.0, -3.0)
    return np.zeros((width, n_features)), bias

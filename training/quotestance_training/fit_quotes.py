"""Fit the judge of quote candidates: what the rules propose, labelled by the gold quotes.

A candidate is right when it is the gold quote's best match at a Jaccard index of 0.5. Candidates
whose cue stands inside a gold quote are left out: nesting is settled by rule, not by the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quotestance.articles import Article
from quotestance.features import FeatureMatrix
from quotestance.judge import HEADS, RULES_ALONE, Judge, JudgeHead
from quotestance.quotes import Proposal, propose_many
from quotestance_training.calibrate import temperature
from quotestance_training.config import QuotesConfig
from quotestance_training.labelled import GoldQuote, LabelledDocument
from quotestance_training.matching import assign, characters
from quotestance_training.splits import folds

OVERLAP = 0.5
_INSIDE = 0.9  # share of a quoted sentence that must lie in a direct gold quote
_DECIMALS = 4  # weights are rounded: the same training gives the same bytes
_SLACK = 0.005  # of F1: of thresholds that are as good, the one that loses fewer quotes
_GRID = np.arange(0.2, 0.501, 0.02)  # no higher: a lost quote costs more than a doubtful one


@dataclass(frozen=True)
class Candidate:
    """A proposal with its label.

    Parameters
    ----------
    head : str
    names : tuple of str
    right : bool
        Whether it is a gold quote.
    writer : str
    whole : bool
        From a whole article rather than from a statement, which holds little narration.
    """

    head: str
    names: tuple[str, ...]
    right: bool
    writer: str
    whole: bool


def candidates_of(documents: Sequence[LabelledDocument], *, whole: bool) -> list[Candidate]:
    """Label everything that the rules propose in labelled documents."""
    articles = [articles_of(d) for d in documents]
    found: list[Candidate] = []
    for document, proposals in zip(
        documents, propose_many(articles, judge=RULES_ALONE), strict=True
    ):
        found += _label(document, proposals, whole)
    return found


def articles_of(document: LabelledDocument) -> Article:
    """A labelled document as the chain reads it."""
    return Article.of(document.text, id=document.id, date=document.date, title=document.title)


def _label(
    document: LabelledDocument, proposals: Sequence[Proposal], whole: bool
) -> list[Candidate]:
    gold = document.quotes
    chosen = assign([q.spans for q in gold], [p.spans for p in proposals], threshold=OVERLAP)
    owner = {j: gold[i] for i, (j, _) in chosen.items()}
    for j, proposal in enumerate(proposals):
        if proposal.head == "turn" and j not in owner:
            part_of = _holder(proposal, gold)
            if part_of is not None:
                owner[j] = part_of
    return [
        Candidate(p.head, p.names, j in owner, document.writer or document.id, whole)
        for j, p in enumerate(proposals)
        if not _is_aside(p, owner.get(j), gold)
    ]


def _holder(proposal: Proposal, gold: Sequence[GoldQuote]) -> GoldQuote | None:
    """The direct gold quote that holds a quoted sentence: one of several paragraphs, say."""
    own = characters(proposal.spans)
    for quote in gold:
        if quote.kind == "direct" and len(own & characters(quote.spans)) >= _INSIDE * len(own):
            return quote
    return None


def _is_aside(proposal: Proposal, own: GoldQuote | None, gold: Sequence[GoldQuote]) -> bool:
    """Whether a candidate teaches nothing: optional, or its cue stands inside a quote."""
    if own is not None:
        return own.optional
    at = proposal.at
    if at is not None and any(s <= at < e for q in gold for s, e in q.spans):
        return True
    near = assign([q.spans for q in gold if q.optional], [proposal.spans], threshold=OVERLAP)
    return bool(near)


def fit(candidates: Sequence[Candidate], config: QuotesConfig, *, n_folds: int) -> Judge:
    """Fit both heads, with temperatures and thresholds from writer folds of whole articles.

    Parameters
    ----------
    candidates : sequence of Candidate
    n_folds : int
        Writer folds whose held-out scores set temperature and threshold.
    """
    heads = {}
    for name in HEADS:
        rows = [c for c in candidates if c.head == name]
        heads[name] = _fit_head(rows, config, n_folds)
    return Judge(heads, {"digest": ""})


def _fit_head(rows: Sequence[Candidate], config: QuotesConfig, n_folds: int) -> JudgeHead:
    y = np.array([c.right for c in rows], np.int64)
    weight = np.array([1.0 if c.whole else config.statement_weight for c in rows])
    matrix = FeatureMatrix(config.min_count)
    features = [dict.fromkeys(c.names, 1.0) for c in rows]
    x = matrix.fit(features).transform(features)
    held = np.zeros(len(rows), np.float32)
    for train, test in folds([c.writer for c in rows], n_folds):
        coef, bias = _regress(x[train], y[train], weight[train], config.C)
        held[test] = x[test] @ coef + bias
    told = np.array([c.whole for c in rows])
    warmth = temperature(held[told, None], y[told, None], independent=True)
    probabilities = 1 / (1 + np.exp(-held[told] / warmth))
    coef, bias = _regress(x, y, weight, config.C)
    weights = {n: round(float(w), _DECIMALS) for n, w in zip(matrix.names_, coef, strict=True)}
    weights = {n: w for n, w in weights.items() if w}
    return JudgeHead(
        weights, round(float(bias), _DECIMALS), warmth, _threshold(probabilities, y[told])
    )


def _threshold(probabilities: NDArray[np.floating], y: NDArray[np.int64]) -> float:
    """The lowest threshold whose F1 is about the best."""

    def score(t: float) -> float:
        chosen = probabilities >= t
        return 2 * float((chosen & (y == 1)).sum()) / max(1, int(chosen.sum() + y.sum()))

    best = max(score(t) for t in _GRID)
    return round(float(next(t for t in _GRID if score(t) >= best - _SLACK)), 2)


def _regress(
    x: NDArray[np.float32], y: NDArray[np.int64], weight: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    counted = y[weight > 0]
    if len(np.unique(counted)) < 2:  # nothing to tell apart: rather sure of the one answer
        return np.zeros(x.shape[1]), 3.0 if counted.any() else -3.0
    model = LogisticRegression(C=strength, max_iter=3000, tol=1e-5)
    with threadpool_limits(1):  # sums in another order give other last digits, so other bytes
        model.fit(x, y, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])

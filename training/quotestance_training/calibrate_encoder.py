"""Temperatures, blend and thresholds of an encoder, from writers that it did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quotestance.models.encoder import HEADS, EncoderModel, Settings, columns
from quotestance_training.calibrate import best_threshold, temperature
from quotestance_training.pair_rows import MISSING, LabelledQuote, PairRow

_BY_ROW = ("stance", "sentiment", "target", "bearing")


@dataclass(frozen=True)
class Calibrated:
    """An encoder that is ready to predict.

    Parameters
    ----------
    model : EncoderModel
    issue_threshold : float
        The least probability of bearing that counts, for the best micro-F1.
    proposed : float
        Share of the issues that quotes bear on which the first stage proposes.
    pairs_per_quote : float
        Issues that it proposes for a quote.
    stance_probabilities, stance_labels : ndarray
        Of the development pairs: shapes (n, 3) and (n,).
    """

    model: EncoderModel
    issue_threshold: float
    proposed: float
    pairs_per_quote: float
    stance_probabilities: NDArray[np.float32]
    stance_labels: NDArray[np.int64]


def calibrate(
    model: EncoderModel, quotes: Sequence[LabelledQuote], rows: Sequence[PairRow]
) -> Calibrated:
    """Set everything beside the weights.

    Parameters
    ----------
    model : EncoderModel
        With any settings; temperatures and blend are replaced.
    quotes : sequence of LabelledQuote
        Development quotes with their issues.
    rows : sequence of PairRow
        Development rows, those of public sets included.
    """
    scores = model.scores([(row.first, row.second) for row in rows])
    warmth = _temperatures(scores, rows)
    model = replace(model, settings=replace(model.settings, temperatures=warmth, blend=_NEUTRAL))
    told = [q for q in quotes if q.issues is not None]
    ids = model.codebook.issue_ids
    truth = np.array([[int(i in (q.issues or {})) for i in ids] for q in told], np.int64)
    paired, alone, likely = model.evidence([q.example for q in told])
    model = _blend(model, paired[likely], alone[likely], truth[likely])
    bearing = np.zeros(likely.shape, np.float32)
    bearing[likely] = model.blended(paired[likely], alone[likely])
    known = [(k, row.stance) for k, row in enumerate(rows) if row.issue and row.stance != MISSING]
    picked = np.array([k for k, _ in known], np.intp)
    y = np.array([label for _, label in known], np.int64)
    return Calibrated(
        model,
        best_threshold(bearing, truth),
        float((likely & (truth == 1)).sum() / max(1, truth.sum())),
        float(likely.sum() / max(1, len(told))),
        model.probabilities(scores[picked], "stance"),
        y,
    )


_NEUTRAL = (1.0, 0.0, 0.0)


def _temperatures(scores: NDArray[np.float32], rows: Sequence[PairRow]) -> dict[str, float]:
    found = {}
    for head in _BY_ROW:
        y = np.array([getattr(row, head) for row in rows], np.int64)
        known = y != MISSING
        part = scores[known][:, columns(head)]
        binary = HEADS[head] == 1
        labels = y[known][:, None] if binary else y[known]
        found[head] = temperature(part, labels, independent=binary) if known.any() else 1.0
    wanted = [k for k, row in enumerate(rows) if row.issues]
    issues = np.array([rows[k].issues for k in wanted], np.int64)
    part = scores[wanted][:, columns("issues")]
    found["issues"] = temperature(part, issues, independent=True) if wanted else 1.0
    return found


def _blend(
    model: EncoderModel,
    paired: NDArray[np.float32],
    alone: NDArray[np.float32],
    y: NDArray[np.int64],
) -> EncoderModel:
    """Weigh the pair's answer against the quote's own by logistic regression on proposed pairs."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(y)) < 2:
        return model
    fitted = LogisticRegression(C=10.0, max_iter=1000).fit(np.column_stack([paired, alone]), y)
    weights = (*fitted.coef_[0], fitted.intercept_[0])
    pair, single, constant = (round(float(w), 4) for w in weights)
    return replace(model, settings=replace(model.settings, blend=(pair, single, constant)))


def starting_settings(names: Mapping[str, str], *, max_length: int, propose: float) -> Settings:
    """Settings before calibration."""
    ones = dict.fromkeys((*HEADS, "issues"), 1.0)
    return Settings(ones, _NEUTRAL, propose, max_length, dict(names))

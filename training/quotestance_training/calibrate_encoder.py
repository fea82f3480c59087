"""Temperatures, weights and thresholds of an encoder, from writers that it did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import SENTIMENTS, STANCES
from quotestance.models.encoder import HEADS, EncoderModel, Evidence, Settings, columns
from quotestance_training.calibrate import best_threshold, pool, temperature
from quotestance_training.pair_rows import MISSING, LabelledQuote, PairRow


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
    agreement : dict of str to float
        Of the int8 weights with those that were learnt.
    """

    model: EncoderModel
    issue_threshold: float
    proposed: float
    pairs_per_quote: float
    stance_probabilities: NDArray[np.float32]
    stance_labels: NDArray[np.int64]
    agreement: dict[str, float] = field(default_factory=dict)


def calibrate(
    model: EncoderModel, quotes: Sequence[LabelledQuote], rows: Sequence[PairRow]
) -> Calibrated:
    """Set everything beside the weights.

    Parameters
    ----------
    model : EncoderModel
        With any settings; all but ``propose`` and the lengths are replaced.
    quotes : sequence of LabelledQuote
        Development quotes; those without issues are passed over.
    rows : sequence of PairRow
        Development rows, those of public sets included.
    """
    told = [q for q in quotes if q.issues is not None and q.sentiment is not None]
    evidence = model.evidence([q.example for q in told], [list(q.issues or {}) for q in told])
    owners, issues = evidence.pairs
    ids = model.codebook.issue_ids
    stances = [(told[k].issues or {}).get(ids[j]) for k, j in zip(owners, issues, strict=True)]
    truth = np.array([[int(i in (q.issues or {})) for i in ids] for q in told], np.int64)
    proposed = evidence.proposed[evidence.pairs]
    known = np.array([s is not None for s in stances], bool)
    y = np.array([STANCES.index(s) for s in stances if s is not None], np.int64)
    feelings = np.array([SENTIMENTS.index(str(q.sentiment)) for q in told], np.int64)
    settings = replace(
        model.settings,
        temperatures=_temperatures(model, rows),
        bearing=_bearing(evidence, proposed, truth[evidence.pairs]),
        stance=pool(evidence.scores[known][:, columns("stance")], evidence.stance[known], y),
        sentiment=pool(evidence.feeling, evidence.sentiment, feelings),
    )
    model = replace(model, settings=settings)
    bearing = np.zeros(truth.shape, np.float32)
    bearing[evidence.pairs] = np.where(proposed, model.bearing(evidence), 0)
    return Calibrated(
        model,
        best_threshold(bearing, truth),
        float((evidence.proposed & (truth == 1)).sum() / max(1, truth.sum())),
        float(evidence.proposed.sum() / max(1, len(told))),
        model.stances(evidence)[known],
        y,
    )


def _temperatures(model: EncoderModel, rows: Sequence[PairRow]) -> dict[str, float]:
    scores = model.scores([(row.first, row.second) for row in rows])
    found = {}
    for head in HEADS:
        y = np.array([getattr(row, head) for row in rows], np.int64)
        known = y != MISSING
        part = scores[known][:, columns(head)]
        binary = HEADS[head] == 1
        labels = y[known][:, None] if binary else y[known]
        found[head] = temperature(part, labels, independent=binary) if known.any() else 1.0
    return found


def _bearing(
    evidence: Evidence, proposed: NDArray[np.bool_], y: NDArray[np.int64]
) -> tuple[float, float, float]:
    """Weigh the encoder against the first stage by logistic regression on proposed pairs."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(y[proposed])) < 2:
        return _ENCODER_ALONE
    x = np.column_stack([evidence.scores[:, 0], evidence.issues[evidence.pairs]])
    fitted = LogisticRegression(C=10.0, max_iter=1000).fit(x[proposed], y[proposed])
    pair, first, constant = (round(float(w), 4) for w in (*fitted.coef_[0], *fitted.intercept_))
    return pair, first, constant


_ENCODER_ALONE = (1.0, 0.0, 0.0)


def starting_settings(names: Mapping[str, str], *, max_length: int, propose: float) -> Settings:
    """Settings before calibration: the encoder's word alone counts."""
    ones = dict.fromkeys(HEADS, 1.0)
    return Settings(ones, _ENCODER_ALONE, (1.0, 0.0), (1.0, 0.0), propose, max_length, dict(names))

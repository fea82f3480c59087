"""Temperatures, weights and thresholds of an encoder, from writers that it did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import SENTIMENTS, STANCES
from quotestance.models.encoder import EncoderModel, Evidence
from quotestance.models.encoder_settings import HEADS, Settings, columns
from quotestance.models.linear import LinearModel
from quotestance_training.calibrate import Heard, best_threshold, pool, temperature
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
    writers : Told
        What the stages said of the development writers' quotes.
    agreement : dict of str to float
        Of the int8 weights with those that were learnt.
    """

    model: EncoderModel
    issue_threshold: float
    proposed: float
    pairs_per_quote: float
    stance_probabilities: NDArray[np.float32]
    stance_labels: NDArray[np.int64]
    writers: Told
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
    heard = _Answers.of(model, quotes)
    told, evidence, truth = heard.quotes, heard.evidence, heard.truth
    proposed = evidence.proposed[evidence.pairs]
    writers = heard.told()
    settings = replace(
        model.settings,
        temperatures=_temperatures(model, rows),
        bearing=_bearing(evidence, proposed, truth[evidence.pairs]),
    )
    model = replace(model, settings=weighed(settings, [writers]))
    bearing = np.zeros(truth.shape, np.float32)
    bearing[evidence.pairs] = np.where(proposed, model.bearing(evidence), 0)
    return Calibrated(
        model,
        best_threshold(bearing, truth),
        float((evidence.proposed & (truth == 1)).sum() / max(1, truth.sum())),
        float(evidence.proposed.sum() / max(1, len(told))),
        model.stances(evidence)[heard.known],
        heard.stances,
        writers,
    )


def reweigh(fitted: Calibrated, first: LinearModel, quotes: Sequence[LabelledQuote]) -> Calibrated:
    """Take another first stage, and weigh the stages' stance and sentiment by it.

    What a first stage is worth beside the encoder depends on what it learnt from. Few articles
    are labelled, so the development writers keep a say.

    Parameters
    ----------
    quotes : sequence of LabelledQuote
        Of development articles that neither stage has read; without any the weights stay.
    """
    model = replace(fitted.model, linear=first)
    if not quotes:
        return replace(fitted, model=model)
    heard = _Answers.of(model, quotes)
    settings = weighed(model.settings, [heard.told(), fitted.writers.counting(WRITERS)])
    model = replace(model, settings=settings)
    probabilities = model.stances(heard.evidence)[heard.known]
    return replace(
        fitted, model=model, stance_probabilities=probabilities, stance_labels=heard.stances
    )


# A development writer's quote beside one of an article; chosen by benchmarks/pooling.py.
WRITERS = 0.1


@dataclass(frozen=True)
class Told:
    """What both stages say of labelled quotes, by task."""

    stance: Heard
    sentiment: Heard

    def counting(self, counts: float) -> Told:
        """The same, where each row counts so much."""
        return Told(replace(self.stance, counts=counts), replace(self.sentiment, counts=counts))


def told_of(model: EncoderModel, quotes: Sequence[LabelledQuote]) -> Told:
    """What a model's stages say of labelled quotes."""
    return _Answers.of(model, quotes).told()


def weighed(settings: Settings, told: Sequence[Told]) -> Settings:
    """Settings whose stance and sentiment are pooled as the quotes want it."""
    pair, first, *constants = pool([t.stance for t in told], constants=True)
    favor, against, neutral = constants
    a, b = pool([t.sentiment for t in told])
    return replace(
        settings, stance=(pair, first), stance_constants=(favor, against, neutral), sentiment=(a, b)
    )


@dataclass(frozen=True)
class _Answers:
    """What both stages say of labelled quotes, beside the truth.

    Parameters
    ----------
    quotes : list of LabelledQuote
        Those whose issues and sentiment are labelled.
    evidence : Evidence
    truth : ndarray of 0 or 1, shape (n, n_issues)
    known : ndarray of bool, shape (n_pairs,)
        Pairs with a labelled stance.
    stances, feelings : ndarray
        Class indices of these pairs, and of the quotes.
    """

    quotes: list[LabelledQuote]
    evidence: Evidence
    truth: NDArray[np.int64]
    known: NDArray[np.bool_]
    stances: NDArray[np.int64]
    feelings: NDArray[np.int64]

    @classmethod
    def of(cls, model: EncoderModel, quotes: Sequence[LabelledQuote]) -> _Answers:
        """Let the model read the quotes, on their issues too."""
        told = [q for q in quotes if q.issues is not None and q.sentiment is not None]
        evidence = model.evidence([q.example for q in told], [list(q.issues or {}) for q in told])
        ids = model.codebook.issue_ids
        pairs = zip(*evidence.pairs, strict=True)
        stances = [(told[k].issues or {}).get(ids[j]) for k, j in pairs]
        return cls(
            told,
            evidence,
            np.array([[int(i in (q.issues or {})) for i in ids] for q in told], np.int64),
            np.array([s is not None for s in stances], bool),
            np.array([STANCES.index(s) for s in stances if s is not None], np.int64),
            np.array([SENTIMENTS.index(str(q.sentiment)) for q in told], np.int64),
        )

    def told(self) -> Told:
        """By task, for pooling."""
        scores = self.evidence.scores[self.known][:, columns("stance")]
        return Told(
            Heard(scores, self.evidence.stance[self.known], self.stances),
            Heard(self.evidence.feeling, self.evidence.sentiment, self.feelings),
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
    alone, nothing = (1.0, 0.0), (0.0, 0.0, 0.0)
    return Settings(ones, _ENCODER_ALONE, alone, nothing, alone, propose, max_length, dict(names))

"""When to say "cannot tell": risk–coverage curves, abstention by target risk, conformal sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from quotestance_training.config import TrainConfig

Labels = NDArray[np.int64]
Probabilities = NDArray[np.floating]


@dataclass(frozen=True)
class RiskCoverage:
    """Error among the surest answers, by how many are given.

    Parameters
    ----------
    coverage, risk : ndarray, shape (n,)
        Share of answers given, the surest first, and the share of wrong ones among them.
    confidence : ndarray, shape (n,)
        Of the least sure answer given.

    References
    ----------
    Geifman & El-Yaniv, Selective Classification for Deep Neural Networks, NeurIPS 2017
    (arXiv:1705.08500).
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    confidence: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Area under the curve: the mean risk over all coverages; nan without answers."""
        return float(self.risk.mean()) if len(self.risk) else float("nan")

    def accuracy_at(self, coverage: float) -> float:
        """Share of right answers where the surest `coverage` of them are given."""
        if not len(self.risk):
            return float("nan")
        at = int(np.searchsorted(self.coverage, coverage - 1e-9))
        return float(1 - self.risk[min(at, len(self.risk) - 1)])

    def threshold(self, target: float) -> float:
        """The lowest confidence at which the risk of all surer answers is at most `target`.

        Where no coverage reaches the target, the threshold lies above every confidence.
        """
        within = np.flatnonzero(self.risk <= target)
        if not len(within):
            return 1.0
        return float(np.floor(self.confidence[within[-1]] * 1e4) / 1e4)


def risk_coverage(probabilities: Probabilities, y: Labels) -> RiskCoverage:
    """The curve of some answers.

    Parameters
    ----------
    probabilities : ndarray, shape (n, k)
    y : ndarray of class indices, shape (n,)
    """
    confidence = probabilities.max(axis=1) if len(y) else np.zeros(0)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != y)[order] if len(y) else np.zeros(0, bool)
    given = np.arange(1, len(y) + 1)
    return RiskCoverage(
        given / max(1, len(y)), np.cumsum(wrong) / given, confidence[order].astype(np.float64)
    )


class HeldOut(Protocol):
    """A fitted model with stances of writers that it did not learn from."""

    @property
    def issue_threshold(self) -> float: ...  # noqa: D102
    @property
    def stance_probabilities(self) -> Probabilities: ...  # noqa: D102
    @property
    def stance_labels(self) -> Labels: ...  # noqa: D102


def thresholds(config: TrainConfig, fitted: HeldOut) -> dict[str, float]:
    """What a bundle decides by: ``issue``, ``stance``, and ``conformal`` where it is wanted."""
    p, y = fitted.stance_probabilities, fitted.stance_labels
    found = {"issue": fitted.issue_threshold, "stance": config.abstain_below}
    if config.target_risk is not None:
        found["stance"] = risk_coverage(p, y).threshold(config.target_risk)
    if config.conformal is not None:
        found["conformal"] = conformal_threshold(p, y, coverage=config.conformal)
    return found


def conformal_threshold(probabilities: Probabilities, y: Labels, *, coverage: float) -> float:
    """The least probability of a label in a prediction set that holds the truth so often.

    Split conformal prediction with the score one minus the probability of the truth: on new data
    like the calibration data the set of all labels at least so likely holds the true one with at
    least the given probability. MAPIE (`conformity score "lac"`) does the counting.

    Parameters
    ----------
    probabilities : ndarray, shape (n, k)
        Of the calibration rows.
    y : ndarray of class indices, shape (n,)
    coverage : float
        Between 0 and 1.

    References
    ----------
    Sadinle, Lei & Wasserman, JASA 2019, doi:10.1080/01621459.2017.1395341.
    """
    from mapie.classification import SplitConformalClassifier

    k = probabilities.shape[1]
    conformal = SplitConformalClassifier(
        _AsGiven(k).fit(), confidence_level=coverage, conformity_score="lac", prefit=True
    )
    conformal.conformalize(np.asarray(probabilities, np.float64), y)
    first = np.linspace(0, 1, _GRID + 1)
    rest = np.repeat((1 - first)[:, None] / (k - 1), k - 1, axis=1)
    _, sets = conformal.predict_set(np.column_stack([first, rest]))
    return float(first[np.flatnonzero(sets[:, 0, 0])[0]])


_GRID = 10_000  # probabilities are given to four digits


class _AsGiven(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose inputs are its probabilities."""

    def __init__(self, k: int) -> None:
        self.k = k

    def fit(self, rows: object = None, y: object = None) -> _AsGiven:
        """Know the classes."""
        self.classes_ = np.arange(self.k)
        return self

    def predict_proba(self, rows: Probabilities) -> Probabilities:
        """What was given."""
        return rows

    def predict(self, rows: Probabilities) -> Labels:
        """The likeliest class."""
        return np.asarray(rows.argmax(axis=1), np.int64)

"""Scores with 95 % bootstrap intervals; the unit of resampling is the article or writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Score:
    """A figure with its interval.

    Parameters
    ----------
    value, low, high : float
        The figure on all units, and the 2.5 % and 97.5 % points of its bootstrap distribution;
        nan where the figure cannot be had.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "–"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


Statistic = Callable[[NDArray[np.intp]], float]


def bootstrap(statistic: Statistic, n_units: int, *, resamples: int = 1000, seed: int = 0) -> Score:
    """Percentile bootstrap over units (Efron 1979, doi:10.1214/aos/1176344552).

    Parameters
    ----------
    statistic : callable
        Takes an array of unit indices (with repeats) and gives the figure.
    n_units : int
        With fewer than two units there is no interval.
    """
    from scipy import stats

    units = np.arange(n_units)
    value = statistic(units)
    if n_units < 2 or np.isnan(value):
        return Score(value, float("nan"), float("nan"))
    with np.errstate(invalid="ignore"):
        found = stats.bootstrap(
            (units,), lambda u: statistic(np.asarray(u)), vectorized=False, method="percentile",
            n_resamples=resamples, rng=np.random.default_rng(seed),
        )  # fmt: skip
    sample = found.bootstrap_distribution
    sample = sample[~np.isnan(sample)]
    if not len(sample):
        return Score(value, float("nan"), float("nan"))
    low, high = np.percentile(sample, [2.5, 97.5])
    return Score(value, float(low), float(high))


def f1(hits: float, found: float, gold: float) -> float:
    """F1 from counts; nan where there is nothing to find and nothing found."""
    return 2 * hits / (found + gold) if found + gold else float("nan")


def macro_f1(gold: Sequence[str], predicted: Sequence[str | None]) -> float:
    """Mean F1 over the labels that occur in the gold standard; None counts as a miss."""
    scores = per_class_f1(gold, predicted)
    return float(np.mean(list(scores.values()))) if scores else float("nan")


def per_class_f1(gold: Sequence[str], predicted: Sequence[str | None]) -> dict[str, float]:
    """F1 of each label that occurs in the gold standard."""
    scores = {}
    for label in sorted(set(gold)):
        hits = sum(g == p == label for g, p in zip(gold, predicted, strict=True))
        found = sum(p == label for p in predicted)
        scores[label] = f1(hits, found, sum(g == label for g in gold))
    return scores

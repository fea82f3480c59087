"""Scores with 95 % bootstrap intervals; the unit of resampling is the article or writer."""

from __future__ import annotations

import warnings
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
        if np.isnan(self.low):
            return f"{self.value:.3f}"
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
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a figure that never varies has a degenerate interval
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
    return LabelPairs.of(gold, predicted).macro_f1()


def per_class_f1(gold: Sequence[str], predicted: Sequence[str | None]) -> dict[str, float]:
    """F1 of each label that occurs in the gold standard."""
    pairs = LabelPairs.of(gold, predicted)
    scores = pairs.class_f1(pairs.codes)
    return {label: float(f) for label, f in zip(pairs.labels, scores, strict=True) if f == f}


@dataclass(frozen=True)
class LabelPairs:
    """Gold and predicted labels as codes, so that thousands of resamples are cheap.

    Parameters
    ----------
    labels : tuple of str
        Those that occur in the gold standard; any other prediction has the code ``len(labels)``.
    codes : ndarray of shape (n,)
        ``gold * (len(labels) + 1) + predicted``.
    """

    labels: tuple[str, ...]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, gold: Sequence[str], predicted: Sequence[str | None]) -> LabelPairs:
        """Encode two columns of equal length."""
        labels = tuple(sorted(set(gold)))
        code: dict[str | None, int] = {label: i for i, label in enumerate(labels)}
        k = len(labels)
        pairs = [code[g] * (k + 1) + code.get(p, k) for g, p in zip(gold, predicted, strict=True)]
        return cls(labels, np.array(pairs, np.int64))

    def class_f1(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """F1 of each label; nan for one that does not occur in these gold labels."""
        k = len(self.labels)
        counts = np.bincount(codes, minlength=k * (k + 1))[: k * (k + 1)].reshape(k, k + 1)
        hits, gold = counts.diagonal(), counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = 2 * hits / (gold + counts[:, :k].sum(axis=0))
        return np.where(gold > 0, scores, np.nan)

    def macro_f1(self, rows: NDArray[np.intp] | None = None) -> float:
        """Macro-F1 over all pairs, or over some rows of them (with repeats)."""
        codes = self.codes if rows is None else self.codes[rows]
        return float(np.nanmean(self.class_f1(codes))) if len(codes) else float("nan")

"""Temperature scaling, decision thresholds and calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_expit, log_softmax

Array = NDArray[np.float32]
Labels = NDArray[np.int64]


def temperature(scores: Array, y: Labels, *, independent: bool = False) -> float:
    """The temperature that minimises the negative log-likelihood of held-out scores.

    Parameters
    ----------
    scores : ndarray, shape (n, k)
        Held-out scores before softmax or sigmoid.
    y : ndarray, shape (n,) of class indices, or (n, k) of 0/1 for independent labels
    independent : bool
        Sigmoid instead of softmax.

    Returns
    -------
    float
        Between 0.05 and 20, rounded to four digits.

    References
    ----------
    Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (arXiv:1706.04599).
    """
    z = scores.astype(np.float64)

    def loss(log_t: float) -> float:
        scaled = z / np.exp(log_t)
        if independent:
            signed = np.where(y == 1, scaled, -scaled)
            return float(-log_expit(signed).mean())
        return float(-log_softmax(scaled, axis=1)[np.arange(len(y)), y].mean())

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return round(float(np.exp(found.x)), 4)


@dataclass(frozen=True)
class Heard:
    """What two stages say of labelled rows.

    Parameters
    ----------
    scores, first : ndarray, shape (n, k)
        Scores or log-probabilities.
    y : ndarray of class indices, shape (n,)
    counts : float
        What a row counts.
    """

    scores: Array
    first: Array
    y: Labels
    counts: float = 1.0


def pool(heard: Sequence[Heard], *, constants: bool = False) -> tuple[float, ...]:
    """Weights of two stages whose sum of scores has the least negative log-likelihood.

    Parameters
    ----------
    heard : sequence of Heard
        At least one; neither stage gets a negative weight.
    constants : bool
        Whether each class gets a constant, too.

    Returns
    -------
    tuple of float
        Two weights, and with `constants` one for each class, which sum to zero; rounded to four
        digits. (1, 0) and zeros without rows.
    """
    a, b = (np.concatenate(x).astype(np.float64) for x in zip(*((h.scores, h.first) for h in heard),
                                                              strict=True))  # fmt: skip
    y = np.concatenate([h.y for h in heard])
    counts = np.concatenate([np.full(len(h.y), h.counts) for h in heard])
    k = a.shape[1] if constants else 0
    if len(y) == 0:
        return 1.0, 0.0, *[0.0] * k

    def loss(weights: NDArray[np.float64]) -> float:
        z = weights[0] * a + weights[1] * b + (weights[2:] if constants else 0)
        return float(-(counts * log_softmax(z, axis=1)[np.arange(len(y)), y]).sum() / counts.sum())

    bounds = [(0, 20)] * 2 + [(-20, 20)] * k
    found = minimize(loss, x0=[0.5] * 2 + [0.0] * k, bounds=bounds, method="L-BFGS-B")
    return tuple(round(float(w), 4) for w in found.x)


def best_threshold(probabilities: Array, y: Labels) -> float:
    """The threshold with the best micro-F1 of independent labels, on a grid of 0.01."""
    best, where = -1.0, 0.5
    for t in np.arange(0.1, 0.9, 0.01):
        chosen = probabilities >= t
        hits = int((chosen & (y == 1)).sum())
        f1 = 2 * hits / max(1, int(chosen.sum()) + int((y == 1).sum()))
        if f1 > best:
            best, where = f1, float(t)
    return round(where, 2)


def expected_calibration_error(
    probabilities: NDArray[np.floating], y: Labels, *, bins: int = 10
) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of confidence.

    Parameters
    ----------
    probabilities : ndarray, shape (n, k)
    y : ndarray of class indices, shape (n,)

    References
    ----------
    Naeini et al., AAAI 2015, doi:10.1609/aaai.v29i1.9602.
    """
    if len(y) == 0:
        return float("nan")
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    bucket = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = bucket == b
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return float(error)


def chance_calibration_error(
    probabilities: NDArray[np.floating], *, draws: int = 20, seed: int = 0
) -> float:
    """Calibration error to be expected if every probability were right.

    On few rows that is far from zero, so an error means little without it.

    Parameters
    ----------
    probabilities : ndarray, shape (n, k)
    draws : int
        Times that labels are drawn from the probabilities themselves.

    References
    ----------
    Bröcker & Smith, Weather and Forecasting 2007, doi:10.1175/WAF993.1 (consistency resampling).
    """
    rng = np.random.default_rng(seed)
    upto = probabilities.cumsum(axis=1)[:, :-1]
    drawn = (rng.random((draws, len(upto), 1)) > upto).sum(axis=2)
    return float(np.mean([expected_calibration_error(probabilities, y) for y in drawn]))

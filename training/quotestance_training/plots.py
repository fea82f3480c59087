"""Plots of a run: reliability and confusion of the stance model on held-out writers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import STANCES
from quotestance_training.risk import risk_coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reliability(probabilities: NDArray[np.float32], y: NDArray[np.int64], path: Path) -> Path:
    """Accuracy by confidence, with the share of pairs in each bin.

    Parameters
    ----------
    probabilities : ndarray, shape (n, 3)
    y : ndarray of class indices, shape (n,)
    path : Path
        Where the PNG goes.
    """
    figure = _figure()
    axes, below = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    bins = np.minimum((confidence * 10).astype(int), 9)
    used = [b for b in range(10) if (bins == b).any()]
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="perfect")
    axes.plot(
        [confidence[bins == b].mean() for b in used],
        [right[bins == b].mean() for b in used],
        marker="o", label="stance",
    )  # fmt: skip
    axes.set(ylabel="share right", ylim=(0, 1), title="Reliability on held-out writers")
    axes.legend(loc="upper left")
    below.bar([b / 10 + 0.05 for b in used], [(bins == b).mean() for b in used], width=0.09)
    below.set(xlabel="confidence", ylabel="share", xlim=(0, 1))
    return _save(figure, path)


def risk_coverage_plot(
    probabilities: NDArray[np.float32], y: NDArray[np.int64], path: Path
) -> Path:
    """Share of wrong stances by how many are given, the surest first.

    Parameters
    ----------
    probabilities : ndarray, shape (n, 3)
    y : ndarray of class indices, shape (n,)
    path : Path
        Where the PNG goes.
    """
    curve = risk_coverage(probabilities, y)
    figure = _figure()
    axes = figure.subplots()
    axes.plot(curve.coverage, curve.risk)
    axes.set(xlabel="coverage", ylabel="share wrong", xlim=(0, 1), ylim=(0, None),
             title=f"Risk–coverage on held-out writers, area {curve.area:.3f}")  # fmt: skip
    return _save(figure, path)


def confusion(probabilities: NDArray[np.float32], y: NDArray[np.int64], path: Path) -> Path:
    """Gold stance against predicted stance, row shares and counts."""
    figure = _figure()
    axes = figure.subplots()
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (y, probabilities.argmax(axis=1)), 1)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i in range(3):
        for j in range(3):
            colour = "white" if shares[i, j] > 0.5 else "black"
            axes.text(j, i, f"{shares[i, j]:.2f}\n({counts[i, j]})", ha="center", va="center",
                      color=colour)  # fmt: skip
    axes.set_xticks(range(3), STANCES)
    axes.set_yticks(range(3), STANCES)
    axes.set(xlabel="predicted stance", ylabel="gold stance", title="Held-out writers")
    return _save(figure, path)


def _figure() -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(5, 5), layout="constrained")


def _save(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    return path

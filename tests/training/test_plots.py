"""Plots: a PNG each, and in them the right numbers."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from quotestance_training import plots

PROBABILITIES = np.array(
    [[0.95, 0.03, 0.02], [0.91, 0.05, 0.04], [0.2, 0.7, 0.1], [0.1, 0.75, 0.15], [0.25, 0.3, 0.45]],
    np.float32,
)
GOLD = np.array([0, 1, 1, 1, 2])


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures as they are saved."""
    figures: list[Figure] = []
    save = plots._save

    def keep(figure: Figure, path: Path) -> Path:
        figures.append(figure)
        return save(figure, path)

    monkeypatch.setattr(plots, "_save", keep)
    return figures


@pytest.mark.parametrize("plot", [plots.reliability, plots.confusion])
@pytest.mark.parametrize("n", [5, 0])
def test_a_png_is_written_in_a_new_folder(
    plot: Callable[..., Path], n: int, tmp_path: Path
) -> None:
    path = plot(PROBABILITIES[:n], GOLD[:n], tmp_path / "new" / "plot.png")
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (600, 600)


def test_the_confusion_plot_shows_row_shares_and_counts(
    drawn: list[Figure], tmp_path: Path
) -> None:
    plots.confusion(PROBABILITIES, GOLD, tmp_path / "c.png")
    (axes,) = drawn[0].axes
    cells = {tuple(map(int, t.get_position()[::-1])): t.get_text() for t in axes.texts}
    assert cells[0, 0] == "1.00\n(1)"
    assert cells[1, 0] == "0.33\n(1)", "gold against, predicted favor"
    assert cells[1, 1] == "0.67\n(2)"
    assert cells[2, 2] == "1.00\n(1)"
    assert len(cells) == 9
    assert [t.get_text() for t in axes.get_yticklabels()] == ["favor", "against", "neutral"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted stance", "gold stance")


def test_the_reliability_plot_shows_accuracy_by_confidence(
    drawn: list[Figure], tmp_path: Path
) -> None:
    plots.reliability(PROBABILITIES, GOLD, tmp_path / "r.png")
    above, below = drawn[0].axes
    perfect, stance = above.lines
    assert list(perfect.get_ydata()) == [0, 1]
    assert list(stance.get_xdata()) == pytest.approx([0.45, 0.725, 0.93])
    assert list(stance.get_ydata()) == pytest.approx([1.0, 1.0, 0.5])
    assert [b.get_height() for b in below.patches] == pytest.approx([0.2, 0.4, 0.4])

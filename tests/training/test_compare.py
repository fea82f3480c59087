"""Runs side by side, and whether a difference could be chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from quotestance.errors import ConfigError
from quotestance_training.compare import difference, table
from quotestance_training.metrics import macro_f1
from quotestance_training.tracking import Logged, logged_runs

LABELS = ("favor", "against", "neutral")


def logged(name: str, found: list[str], gold: list[str], **metrics: float) -> Logged:
    places = [f"doc-{k // 2} issue_{k % 2}" for k in range(len(gold))]
    answers = {"seed-1": {"document": places, "gold": gold, "found": found}}
    return Logged(name, name, "abc", "2026-01-01T00:00:00+00:00", metrics, {}, answers)


def runs(right: float, n: int = 200) -> tuple[list[str], list[str]]:
    """Gold stances, and answers of which such a share is right."""
    rng = np.random.default_rng(0)
    gold = [LABELS[k] for k in rng.integers(0, 3, n)]
    lucky = rng.random(n) < right
    return gold, [
        g if ok else LABELS[(LABELS.index(g) + 1) % 3] for g, ok in zip(gold, lucky, strict=True)
    ]


def test_a_clear_difference_is_no_chance() -> None:
    gold, bad = runs(0.5)
    _, good = runs(0.9)
    found = difference(logged("a", bad, gold), logged("b", good, gold))
    assert found is not None
    assert found.value == pytest.approx(macro_f1(gold, good) - macro_f1(gold, bad))
    assert 0 < found.low < found.value < found.high
    assert found.p < 0.01 and found.pairs == 200
    back = difference(logged("b", good, gold), logged("a", bad, gold))
    assert back is not None and back.value == pytest.approx(-found.value) and back.p < 0.01
    assert str(found).startswith("+0.") and "p = 0.000" in str(found)


def test_equal_answers_differ_by_nothing() -> None:
    gold, found = runs(0.7)
    same = difference(logged("a", found, gold), logged("b", found, gold))
    assert same is not None
    assert (same.value, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_only_common_places_count() -> None:
    gold, found = runs(0.7)
    one, other = logged("a", found, gold), logged("b", found[:50], gold[:50])
    both = difference(one, other)
    assert both is not None and both.pairs == 50
    apart = Logged("c", "c", "", "", {}, {}, {"seed-9": one.answers["seed-1"]})
    assert difference(one, apart) is None


def test_the_table_keeps_figures_with_their_ends() -> None:
    gold, found = runs(0.7)
    run = logged("a", found, gold, f=0.12345, f_low=0.1, f_high=0.2, f_sd=0.01, other=1.0)
    (record,) = table([run], ["f"])
    assert record == {
        "run": "a", "id": "a", "started": "2026-01-01T00:00:00+00:00", "commit": "abc",
        "f": 0.1235, "f_low": 0.1, "f_high": 0.2, "f_sd": 0.01,
    }  # fmt: skip
    assert set(table([run])[0]) >= {"f", "other"}


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such store"):
        logged_runs(f"sqlite:///{tmp_path}/none.db", [], [])
    assert not (tmp_path / "none.db").exists()

"""Metrics against scikit-learn, and the bootstrap's intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from quotestance_training.metrics import (
    LabelPairs,
    Score,
    bootstrap,
    f1,
    macro_f1,
    per_class_f1,
)

LABELS = ("against", "favor", "neutral")
PAIRS = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from((*LABELS, "odd"))), min_size=1, max_size=50
)


@given(PAIRS)
def test_macro_and_per_class_f1_are_those_of_sklearn(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    labels = sorted(set(gold))
    wanted = f1_score(gold, predicted, labels=labels, average=None, zero_division=0)
    assert per_class_f1(gold, predicted) == pytest.approx(dict(zip(labels, wanted, strict=True)))
    assert macro_f1(gold, predicted) == pytest.approx(float(np.mean(wanted)))


@given(PAIRS, st.data())
def test_resampled_rows_give_the_f1_of_those_rows(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(pairs) - 1), min_size=1, max_size=50))
    whole = LabelPairs.of([g for g, _ in pairs], [p for _, p in pairs])
    chosen = [pairs[r] for r in rows]
    gold, predicted = [g for g, _ in chosen], [p for _, p in chosen]
    wanted = f1_score(gold, predicted, labels=sorted(set(gold)), average="macro", zero_division=0)
    assert whole.macro_f1(np.array(rows)) == pytest.approx(float(wanted))


def test_none_counts_as_a_miss() -> None:
    assert per_class_f1(["favor", "favor", "against"], ["favor", None, "against"]) == {
        "against": 1.0,
        "favor": pytest.approx(2 / 3),
    }
    assert macro_f1(["favor"], [None]) == 0.0


def test_without_pairs_there_is_no_figure() -> None:
    assert math.isnan(macro_f1([], []))
    assert per_class_f1([], []) == {}
    assert math.isnan(LabelPairs.of(["favor"], ["favor"]).macro_f1(np.array([], np.intp)))


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        macro_f1(["favor", "against"], ["favor"])


def test_f1_from_counts() -> None:
    assert f1(3, 5, 4) == pytest.approx(6 / 9)
    assert f1(0, 0, 2) == 0
    assert math.isnan(f1(0, 0, 0))


def mean_of(values: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda units: float(values[units].mean())


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(100):
        sample = rng.normal(0.6, 0.1, 40)
        score = bootstrap(mean_of(sample), 40, resamples=300)
        assert score.low <= score.value <= score.high
        covered += score.low <= 0.6 <= score.high
    assert 85 <= covered <= 99


def test_the_interval_is_that_of_the_normal_law() -> None:
    sample = np.random.default_rng(6).normal(0, 1, 400)
    score = bootstrap(mean_of(sample), 400, resamples=2000)
    half = 1.96 * sample.std() / 20
    assert (score.low, score.high) == pytest.approx(
        (sample.mean() - half, sample.mean() + half), abs=0.015
    )


def test_the_bootstrap_is_reproducible() -> None:
    sample = np.random.default_rng(7).random(30)
    first = bootstrap(mean_of(sample), 30, resamples=200, seed=1)
    assert bootstrap(mean_of(sample), 30, resamples=200, seed=1) == first
    other = bootstrap(mean_of(sample), 30, resamples=200, seed=2)
    assert (other.value, other.low == first.low) == (first.value, False)


def test_the_statistic_sees_whole_units_with_repeats() -> None:
    seen: list[np.ndarray] = []

    def statistic(units: np.ndarray) -> float:
        seen.append(units)
        return float(units.mean())

    bootstrap(statistic, 10, resamples=50)
    assert seen[0].tolist() == list(range(10))
    assert all(len(u) == 10 and set(u) <= set(range(10)) for u in seen)
    assert any(len(set(u)) < 10 for u in seen)


def test_one_unit_has_no_interval() -> None:
    score = bootstrap(lambda units: 0.5, 1)
    assert score.value == 0.5
    assert math.isnan(score.low) and math.isnan(score.high)
    assert str(score) == "0.500"


def test_a_figure_that_cannot_be_had_has_no_interval() -> None:
    score = bootstrap(lambda units: float("nan"), 10)
    assert str(score) == "–"
    assert math.isnan(score.low) and math.isnan(score.high)


def test_resamples_without_the_figure_are_left_out() -> None:
    def statistic(units: np.ndarray) -> float:
        return 0.5 if 0 in units else float("nan")

    assert bootstrap(statistic, 5, resamples=200) == Score(0.5, 0.5, 0.5)


def test_a_score_reads_as_value_and_interval() -> None:
    assert str(Score(0.51234, 0.4, 0.6)) == "0.512 [0.400, 0.600]"

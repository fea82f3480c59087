"""Temperatures, thresholds and calibration error on scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from quotestance_training.calibrate import (
    Heard,
    best_threshold,
    chance_calibration_error,
    expected_calibration_error,
    pool,
    temperature,
)


def drawn(scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels drawn from the softmax of scores."""
    steps = softmax(scores, axis=1).cumsum(axis=1)
    return (rng.random((len(scores), 1)) > steps).sum(axis=1).clip(max=scores.shape[1] - 1)


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_of_softmax_scores_is_recovered(true: float) -> None:
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 2, (20_000, 3))
    found = temperature((honest * true).astype(np.float32), drawn(honest, rng))
    assert found == pytest.approx(true, rel=0.05)


@pytest.mark.parametrize("true", [0.4, 3.0])
def test_the_temperature_of_independent_scores_is_recovered(true: float) -> None:
    rng = np.random.default_rng(2)
    honest = rng.normal(0, 2, (10_000, 4))
    y = (rng.random(honest.shape) < expit(honest)).astype(np.int64)
    found = temperature((honest * true).astype(np.float32), y, independent=True)
    assert found == pytest.approx(true, rel=0.05)


def test_the_temperature_stays_in_its_bounds() -> None:
    always_right = np.array([[0.2, 0, 0], [0, 0.2, 0]], np.float32)
    assert temperature(always_right, np.array([0, 1])) == pytest.approx(0.05, abs=0.001)
    always_wrong = temperature(always_right, np.array([1, 0]))
    assert always_wrong == pytest.approx(20, rel=0.01)
    assert always_wrong == round(always_wrong, 4)


def test_the_stages_get_the_weights_that_the_labels_follow() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(0, 2, (2, 20_000, 3))
    y = drawn(0.7 * a + 0.3 * b, rng)
    assert pool([Heard(a, b, y)]) == pytest.approx((0.7, 0.3), abs=0.02)
    pair, first = pool([Heard(a, -b, y)])
    assert pair > 0.5 and first == 0, "never negative"


def test_constants_put_right_what_training_bent() -> None:
    rng = np.random.default_rng(6)
    scores, shares = rng.normal(0, 2, (20_000, 3)), np.log([0.6, 0.3, 0.1])
    y = drawn(scores + shares, rng)
    pair, _, *constants = pool([Heard(scores, np.zeros_like(scores), y)], constants=True)
    assert pair == pytest.approx(1, abs=0.03)
    assert constants == pytest.approx(shares - shares.mean(), abs=0.06)
    assert sum(constants) == pytest.approx(0, abs=1e-3)


def test_a_row_that_counts_twice_is_as_two_rows() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.normal(0, 2, (2, 200, 3))
    y = drawn(a + b, rng)
    some, others = (Heard(a[k], b[k], y[k]) for k in (slice(50), slice(50, None)))
    once = pool([some, some, others], constants=True)
    twice = Heard(some.scores, some.first, some.y, counts=2.0)
    assert pool([twice, others], constants=True) == pytest.approx(once, abs=1e-3)
    assert once != pytest.approx(pool([some, others], constants=True), abs=1e-3)


def test_without_rows_the_first_word_counts() -> None:
    nothing = Heard(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, np.int64))
    assert pool([nothing]) == (1, 0)
    assert pool([nothing], constants=True) == (1, 0, 0, 0, 0)


def test_a_calibrated_predictor_has_hardly_any_calibration_error() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 2, (50_000, 3))
    error = expected_calibration_error(softmax(scores, axis=1), drawn(scores, rng))
    assert error < 0.01


def test_an_overconfident_predictor_has_the_gap_as_its_error() -> None:
    probabilities = np.tile([0.9, 0.05, 0.05], (100, 1))
    y = np.array([0] * 60 + [1] * 40)
    assert expected_calibration_error(probabilities, y) == pytest.approx(0.3)


def test_bins_are_weighted_by_their_rows() -> None:
    sure, unsure = [1.0, 0.0], [0.55, 0.45]  # three rows 1.0 off, one row 0.45 off
    error = expected_calibration_error(np.array([sure, sure, sure, unsure]), np.array([1, 1, 1, 0]))
    assert error == pytest.approx(0.75 * 1.0 + 0.25 * 0.45)


def test_without_rows_there_is_no_calibration_error() -> None:
    assert np.isnan(expected_calibration_error(np.zeros((0, 3)), np.zeros(0, np.int64)))


def test_chance_makes_an_error_where_rows_are_few() -> None:
    one = np.array([[0.8, 0.2]])  # 0.2 off four times in five, else 0.8
    assert chance_calibration_error(one, draws=20_000) == pytest.approx(0.32, abs=0.01)
    rng = np.random.default_rng(8)
    scores = rng.normal(0, 2, (50_000, 3))
    few, many = (chance_calibration_error(softmax(scores[:n], axis=1)) for n in (200, 50_000))
    assert many < 0.01 < 0.03 < few
    errors = [expected_calibration_error(softmax(part, axis=1), drawn(part, rng))
              for part in scores.reshape(250, 200, 3)]  # fmt: skip
    assert few == pytest.approx(np.mean(errors), rel=0.25), "what honest answers really have"


def test_without_rows_chance_makes_no_error() -> None:
    assert np.isnan(chance_calibration_error(np.zeros((0, 3))))


def test_the_threshold_parts_what_can_be_parted() -> None:
    probabilities = np.array([[0.9, 0.3], [0.8, 0.2], [0.1, 0.72]], np.float32)
    y = np.array([[1, 0], [1, 0], [0, 1]])
    assert 0.3 < best_threshold(probabilities, y) <= 0.72


def test_the_threshold_is_the_best_of_its_grid() -> None:
    rng = np.random.default_rng(4)
    y = (rng.random((400, 3)) < 0.2).astype(np.int64)
    probabilities = np.clip(0.25 * y + rng.normal(0.3, 0.15, y.shape), 0, 1).astype(np.float32)

    def micro_f1(t: float) -> float:
        chosen = probabilities >= t
        return 2 * (chosen & (y == 1)).sum() / (chosen.sum() + y.sum())

    found = best_threshold(probabilities, y)
    assert found == round(found, 2)
    assert micro_f1(found) == pytest.approx(max(micro_f1(k / 100) for k in range(10, 90)))
    assert micro_f1(found) > micro_f1(0.5)

"""Risk–coverage, abstention by target risk, conformal sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quotestance_training.config import TrainConfig, check_config
from quotestance_training.risk import conformal_threshold, risk_coverage, thresholds

P = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
Y = np.array([0, 1, 1, 0])


def sample(n: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities that are true: labels are drawn from them."""
    rng = np.random.default_rng(seed)
    z = np.exp(rng.normal(size=(n, 3)) * 1.5)
    p = z / z.sum(axis=1, keepdims=True)
    return p, np.array([rng.choice(3, p=row) for row in p])


def test_the_surest_answers_come_first() -> None:
    curve = risk_coverage(P, Y)
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert curve.confidence.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert curve.accuracy_at(0.25) == 1
    assert curve.accuracy_at(0.8) == pytest.approx(3 / 4)


def test_a_threshold_keeps_the_risk_below_the_target() -> None:
    curve = risk_coverage(P, Y)
    assert curve.threshold(0.3) == 0.6, "all answers have a risk of a quarter"
    assert curve.threshold(0.1) == 0.9
    wrong = risk_coverage(P, 1 - Y)
    assert wrong.threshold(0.1) == 1.0, "no answer is safe enough"


@given(st.integers(5, 60), st.integers(0, 99), st.floats(0.05, 0.9))
def test_any_threshold_does_what_it_says(n: int, seed: int, target: float) -> None:
    p, y = sample(n, seed)
    least = risk_coverage(p, y).threshold(target)
    given_ = p.max(axis=1) >= least
    if given_.any() and least < 1:
        wrong = p.argmax(axis=1)[given_] != y[given_]
        # the threshold is cut to four digits, so an answer or two may come in below it
        assert wrong.mean() <= target + 2 / n


def test_nothing_gives_nothing() -> None:
    curve = risk_coverage(np.zeros((0, 3)), np.zeros(0, np.int64))
    assert np.isnan(curve.area) and np.isnan(curve.accuracy_at(0.8))
    assert curve.threshold(0.2) == 1.0


def test_conformal_sets_hold_the_truth_as_often_as_they_should() -> None:
    p, y = sample(3000)
    for coverage in (0.8, 0.95):
        least = conformal_threshold(p[:1500], y[:1500], coverage=coverage)
        held = p[1500:][np.arange(1500), y[1500:]] >= least
        assert held.mean() == pytest.approx(coverage, abs=0.03)
    assert conformal_threshold(p, y, coverage=0.95) < conformal_threshold(p, y, coverage=0.8)


@dataclass
class Fitted:
    issue_threshold: float
    stance_probabilities: NDArray[np.float64]
    stance_labels: NDArray[np.int64]


def config(**changes: object) -> TrainConfig:
    data = {"statements": "s", "codebook": "c", "actors": "a"}
    return check_config({"name": "t", "data": data, **changes}, "test")


def test_thresholds_follow_the_configuration() -> None:
    fitted = Fitted(0.4, P, Y)
    assert thresholds(config(), fitted) == {"issue": 0.4, "stance": 0.36}
    assert thresholds(config(target_risk=0.1), fitted) == {"issue": 0.4, "stance": 0.9}
    p, y = sample(200)
    found = thresholds(config(conformal=0.9), Fitted(0.4, p, y))
    assert set(found) == {"issue", "stance", "conformal"}
    assert 0 < found["conformal"] < 0.5

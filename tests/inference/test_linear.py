"""Step 7: the linear model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, softmax

from quotestance import Quote, StanceClassifier
from quotestance.errors import BundleError
from quotestance.features import Example, stance_features
from quotestance.models.common import TargetText
from quotestance.models.linear import HEADS, VIEWS, Head, LinearModel

SCORES = np.array([[0.5, -1.25, 3.0], [-80.0, 0.0, 80.0], [-1000.0, 1000.0, 0.0]], np.float32)


def _head(temperature: float, independent: bool) -> Head:
    return Head(("a", "b", "c"), np.zeros((3, 1), np.float32), np.zeros(3, np.float32),
                temperature, independent)  # fmt: skip


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_labels_that_exclude_each_other_are_a_softmax(temperature: float) -> None:
    found = _head(temperature, False).probabilities(SCORES)
    np.testing.assert_allclose(found, softmax(SCORES / temperature, axis=1), atol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_independent_labels_are_sigmoids_without_overflow(temperature: float) -> None:
    found = _head(temperature, True).probabilities(SCORES)
    np.testing.assert_allclose(found, expit(SCORES.astype(float) / temperature), atol=1e-6)
    assert found.dtype == np.float32


@pytest.fixture(scope="module")
def model(classifier: StanceClassifier) -> LinearModel:
    return classifier.bundle.model


@pytest.fixture(scope="module")
def row(model: LinearModel) -> dict[str, float]:
    quote = Quote.of("We will not be rushed into signing by October.", cue="said")
    return model.features([Example(quote, "afghan", "named")])[0]


@pytest.mark.parametrize("head", ["stance", "sentiment"])
def test_explained_parts_sum_to_the_score_above_the_labels_mean(
    model: LinearModel, row: dict[str, float], head: str
) -> None:
    features = stance_features(row, "signing_deadline") if head == "stance" else row
    layer = model.heads[head]
    x = model.views[VIEWS[head]].transform([features]).toarray()[0].astype(float)
    scores = layer.weights.astype(float) @ x
    for k, label in enumerate(layer.labels):
        parts = model.explain(features, head, label, top=10_000)
        assert sum(v for _, v in parts) == pytest.approx(scores[k] - scores.mean(), abs=1e-4)


def test_explained_parts_of_an_issue_sum_to_its_score(
    model: LinearModel, row: dict[str, float]
) -> None:
    layer = model.heads["issue"]
    parts = model.explain(row, "issue", "signing_deadline", top=10_000)
    k = layer.labels.index("signing_deadline")
    score = sum(v for _, v in parts) + float(layer.bias[k])
    p = float(model.issues([row])[0][k])
    assert expit(score / layer.temperature) == pytest.approx(p, abs=1e-4)


def test_explanations_are_the_largest_first_and_of_the_quote(
    model: LinearModel, row: dict[str, float]
) -> None:
    parts = model.explain(row, "issue", "signing_deadline", top=5)
    sizes = [abs(v) for _, v in parts]
    assert len(parts) == 5
    assert sizes == sorted(sizes, reverse=True)
    assert all(name in row for name, _ in parts)
    assert parts == model.explain(row, "issue", "signing_deadline", top=10_000)[:5]


def test_every_head_gives_probabilities(model: LinearModel, row: dict[str, float]) -> None:
    found = {
        "stance": model.stances([row], ["residual_force"]),
        "sentiment": model.sentiments([row]),
        "target": model.toward([TargetText("The army is brave.", (4, 8), "us", "afghan")]),
    }
    for scores in found.values():
        assert scores.shape == (1, 3)
        assert scores.sum() == pytest.approx(1.0, abs=1e-5)
    issues = model.issues([row])
    assert issues.shape == (1, len(model.heads["issue"].labels))
    assert ((issues >= 0) & (issues <= 1)).all()


def test_the_issue_decides_the_stance_and_the_side_the_target(
    model: LinearModel, row: dict[str, float]
) -> None:
    both = model.stances([row, row], ["signing_deadline", "residual_force"])
    assert not np.allclose(both[0], both[1])
    text = "The army is brave."
    texts = [TargetText(text, (4, 8), "us", side) for side in ("us", "afghan")]
    assert not np.allclose(*model.toward(texts))


def test_no_rows_give_no_scores(model: LinearModel) -> None:
    assert model.stances([], []).shape == (0, 3)
    assert model.toward([]).shape == (0, 3)
    assert model.issues([]).shape == (0, len(model.heads["issue"].labels))


def test_a_row_scores_the_same_alone_and_among_others(
    model: LinearModel, row: dict[str, float]
) -> None:
    other = model.features([Example(Quote.of("Rain fell."))])[0]
    many = model.issues([other, row, other])
    assert many[1].tobytes() == model.issues([row])[0].tobytes()


def test_arrays_are_contiguous_whatever_the_heads_hold(model: LinearModel) -> None:
    heads = {
        n: Head(h.labels, np.asfortranarray(h.weights), h.bias, h.temperature, h.independent)
        for n, h in model.heads.items()
    }
    assert heads["stance"].weights.flags.f_contiguous
    assert not heads["stance"].weights.flags.c_contiguous
    for name, array in LinearModel(heads, model.views).arrays().items():
        assert array.flags.c_contiguous
        assert array.dtype == np.float32
        assert np.array_equal(array, model.arrays()[name])


def _break(spec: dict[str, Any], arrays: dict[str, Any], how: str) -> None:
    if how == "no weights":
        del arrays["stance.weights"]
    elif how == "narrow weights":
        arrays["stance.weights"] = arrays["stance.weights"][:, :-1]
    elif how == "long bias":
        arrays["issue.bias"] = np.append(arrays["issue.bias"], np.float32(0))
    elif how == "one bias":
        arrays["issue.bias"] = arrays["issue.bias"][:1]
    elif how == "no head":
        del spec["heads"]["target"]
    elif how == "odd head":
        spec["heads"]["mood"] = spec["heads"]["target"]
        arrays |= {f"mood.{p}": arrays[f"target.{p}"] for p in ("weights", "bias")}
    elif how == "no views":
        del spec["views"]
    elif how == "list":
        spec["heads"] = list(spec["heads"])
    elif how == "temperature":
        spec["heads"]["stance"]["temperature"] = "warm"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("no weights", "missing or malformed: 'stance.weights'"),
        ("narrow weights", r"stance.weights has shape \(3, \d+\), expected \(3, \d+\)"),
        ("long bias", r"issue.bias has shape \(10,\), expected \(9,\)"),
        ("one bias", r"issue.bias has shape \(1,\), expected \(9,\)"),
        ("no head", "heads are .*, expected .*'target'"),
        ("odd head", "heads are .*'mood'"),
        ("no views", "missing or malformed: 'views'"),
        ("list", "missing or malformed"),
        ("temperature", "missing or malformed: .*'warm'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(model: LinearModel, how: str, message: str) -> None:
    spec, arrays = model.spec(), model.arrays()
    LinearModel.from_arrays(spec, arrays)  # fits before
    _break(spec, arrays, how)
    with pytest.raises(BundleError, match=message):
        LinearModel.from_arrays(spec, arrays)


def test_heads_and_views_are_complete(model: LinearModel) -> None:
    assert set(model.heads) == set(HEADS)
    assert set(model.views) == set(VIEWS.values())

"""Step 6: named features and their matrix."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance.features import (
    Example,
    FeatureMatrix,
    quote_features,
    stance_features,
    target_features,
    tokens,
)
from quotestance.quotes import Quote


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We won’t sign.", ["we", "won't", "sign"]),
        ("9,800 troops by 2014", ["0,000", "troops", "by", "0000"]),
        ("5 bases, 3.5 years", ["0", "bases", "0.0", "years"]),
        ("counter-terrorism_force", ["counter", "terrorism", "force"]),
        ("…—!", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text())
def test_tokens_are_lower_words_without_digits_but_zero(text: str) -> None:
    for token in tokens(text):
        assert token == token.lower()
        assert "’" not in token
        assert not any(c.isspace() for c in token)
        assert not any(c.isdecimal() and c != "0" for c in token)


def test_quote_features_by_name_and_value() -> None:
    quote = Quote.of(
        "We will not sign before 2014?", side="afghan", cue="refused",
        context="Will they, asked the palace. We will not sign before 2014?",
    )  # fmt: skip
    found = quote_features(Example(quote, "afghan", "named"))
    assert {k: v for k, v in found.items() if k.startswith("n:")} == {
        "n:negation": 0.5,
        "n:condition": 0.5,
        "n:first_person": 0.5,
        "n:length": 6 / 40,
        "n:position": 0.0,
    }
    assert {k for k in found if k.startswith("w:")} == {
        "w:we", "w:will", "w:not", "w:sign", "w:before", "w:0000",
    }  # fmt: skip
    assert {k for k in found if k.startswith("w2:")} == {
        "w2:we will", "w2:will not", "w2:not sign", "w2:sign before", "w2:before 0000",
    }  # fmt: skip
    assert {k for k in found if k.startswith("c:")} == {
        "c:^will", "c:will$", "c:^sign", "c:sign$",
        "c:^befo", "c:befor", "c:efore", "c:fore$",
    }  # fmt: skip
    assert {k for k in found if k.startswith("ctx")} == {
        "ctx:they", "ctx:asked", "ctx:the", "ctx:palace",
    }  # fmt: skip
    for name in ("cue:refused", "cue_class:refuse", "kind:direct", "side:afghan", "speaker:named"):
        assert found[name] == 1.0
    assert found["question"] == 1.0


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        (None, "none"), ("said", "say"), ("refused", "refuse"), ("has ruled out", "refuse"),
        ("denied", "deny"), ("demanded", "demand"), ("blinked", "say"),
    ],
)  # fmt: skip
def test_the_cue_class_of_a_quote_that_stands_alone(cue: str | None, expected: str) -> None:
    found = quote_features(Example(Quote.of("It stays as it is.", cue=cue)))
    assert [k for k in found if k.startswith("cue_class:")] == [f"cue_class:{expected}"]


def test_counts_are_capped() -> None:
    found = quote_features(Example(Quote.of("never " * 80)))
    assert found["n:negation"] == 1.5
    assert found["n:length"] == 1.5
    assert "question" not in found


def test_stance_features_cross_words_with_the_issue_only() -> None:
    base = quote_features(Example(Quote.of("We will not sign.", cue="said"), "us"))
    crossed = stance_features(base, "residual_force")
    assert {k: crossed[k] for k in base} == base
    new = {k: v for k, v in crossed.items() if k not in base}
    assert new == {
        "issue:residual_force": 1.0,
        "residual_force*side:us": 1.0,
        "residual_force*cue_class:say": 1.0,
        "residual_force*cue:said": 1.0,
        "residual_force*n:negation": 0.5,
        **{f"residual_force*w:{w}": 1.0 for w in ("we", "will", "not", "sign")},
    }
    assert stance_features(base, "talks_progress").keys() != crossed.keys()


def test_target_features_look_left_and_right() -> None:
    text = "Critics denounced the minister as a stubborn liar."
    at = text.index("minister")
    found = target_features(text, (at, at + 8), {"toward:us": 1.0})
    assert found["toward:us"] == 1.0
    assert found["target:first"] == 0.0
    assert {k for k in found if k.startswith("left:")} == {
        "left:critics", "left:denounced", "left:the",
    }  # fmt: skip
    assert {k for k in found if k.startswith("right:")} == {
        "right:as", "right:a", "right:stubborn", "right:liar",
    }  # fmt: skip
    assert found["right_n:negative"] > found["left_n:negative"] > 0


def test_an_unnamed_target_has_no_neighbours() -> None:
    found = target_features("They are liars.", None)
    assert found["target:unnamed"] == 1.0
    assert not any(k.startswith(("left", "right", "target:first")) for k in found)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=80), st.sampled_from(["us", "unknown"]))
def test_any_text_gives_finite_features_and_rows(text: str, context: str, side: str) -> None:
    row = quote_features(Example(Quote.of(text, context=context), side))
    rows = [row, stance_features(row, "talks_progress"), target_features(text, (0, len(text)))]
    assert all(math.isfinite(v) for r in rows for v in r.values())
    matrix = FeatureMatrix(min_count=1).fit(rows).transform(rows)
    assert matrix.shape[0] == 3
    assert np.isfinite(matrix.data).all()


def test_columns_are_sorted_names_that_are_frequent_enough() -> None:
    rows = [{"w:b": 1.0, "w:a": 1.0}, {"w:b": 1.0, "side:us": 1.0}, {"side:us": 1.0, "w:c": 1.0}]
    assert FeatureMatrix().fit(rows).names_ == ["side:us", "w:b"]
    assert FeatureMatrix(min_count=1).fit(rows).names_ == ["side:us", "w:a", "w:b", "w:c"]


@pytest.mark.parametrize(
    ("group", "length"),
    [("w", 2.0), ("w2", 1.6), ("c", 1.0), ("ctx", 0.7), ("t", 2.0), ("t2", 2.0), ("x*w", 2.0)],
)
@pytest.mark.parametrize("size", [1, 4, 50])
def test_a_text_group_has_one_length_however_many_words(
    group: str, length: float, size: int
) -> None:
    rows = [{f"{group}:{i}": 1.0 for i in range(size)}]
    matrix = FeatureMatrix(min_count=1).fit(rows).transform(rows)
    assert np.linalg.norm(matrix.toarray()) == pytest.approx(length, rel=1e-6)


def test_other_groups_keep_their_values() -> None:
    rows = [{"n:length": 0.5, "n:negation": 1.5, "side:us": 1.0, "x*cue:said": 1.0}]
    matrix = FeatureMatrix(min_count=1).fit(rows)
    assert dict(zip(matrix.names_, matrix.transform(rows).toarray()[0], strict=True)) == rows[0]


def test_unknown_names_are_dropped_but_count_toward_the_length() -> None:
    matrix = FeatureMatrix(min_count=1).fit([{"w:a": 1.0, "side:us": 1.0}])
    found = matrix.transform([{"w:a": 1.0, "w:new": 1.0, "side:new": 1.0}, {"w:new": 1.0}, {}])
    assert found.shape == (3, 2)
    assert found.dtype == np.float32
    assert found.toarray()[0] == pytest.approx([0.0, 2 / math.sqrt(2)])
    assert found[1].nnz == found[2].nnz == 0

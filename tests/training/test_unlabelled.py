"""Rows for a teacher alone: texts without their labels, and whoever else they name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.errors import ConfigError
from quotestance.models.common import TargetText
from quotestance.models.pairs import target_pair, unmarked
from quotestance_training.config import EncoderConfig, check_config
from quotestance_training.pair_rows import MISSING, PairRow
from quotestance_training.teacher import soft_labels
from quotestance_training.trained import Trained
from quotestance_training.unlabelled import others_named, without_labels

TEXT = "Barack Obama praised Angela Merkel, but he said nothing of the dog."


def row(start: int, end: int, label: int, text: str = TEXT) -> PairRow:
    return PairRow(*target_pair(TargetText(text, (start, end)), {}), "g", target=label)


def test_who_else_is_named_makes_rows() -> None:
    assert others_named([row(0, 12, 2)]) == [
        PairRow("Angela Merkel", f"{TEXT[:21]}« Angela Merkel »{TEXT[34:]}", "g", asked="target")
    ]
    assert others_named([row(0, 12, 2), row(21, 34, 1)]) == [], "rows of one text belong together"
    inside = [row(7, 12, 2), row(40, 42, 0)]
    assert [r.first for r in others_named(inside)] == ["Angela Merkel"], "nor what overlaps one"


def test_texts_come_in_order_each_with_its_group() -> None:
    other = "The army met Hamid Karzai in Kabul."
    rows = [row(0, 12, 2), row(4, 8, 1, other)]
    rows[1] = PairRow(rows[1].first, rows[1].second, "h", target=1)
    found = [(r.first, r.group) for r in others_named(rows)]
    assert found == [("Angela Merkel", "g"), ("Hamid Karzai", "h"), ("Kabul", "h")]


def test_labels_are_left_out() -> None:
    (found,) = without_labels([row(0, 12, 2)])
    assert (found.target, found.asked, found.labelled) == (MISSING, "target", False)


def test_a_teacher_is_asked_of_the_target(encoder_trained: Trained) -> None:
    rows = without_labels([row(0, 12, 2)])
    chosen = EncoderConfig(encoder="x", teacher=encoder_trained.bundle)
    found = soft_labels(chosen, rows, print)
    with_label = soft_labels(chosen, [row(0, 12, 2)], print)
    assert found is not None and with_label is not None
    pair = rows[0].first, rows[0].second
    assert found[pair] == pytest.approx(with_label[pair], nan_ok=True)


@given(st.text(), st.text(min_size=1), st.text())
def test_a_mark_can_be_taken_off(before: str, target: str, after: str) -> None:
    text, span = before + target + after, (len(before), len(before + target))
    found = unmarked(*target_pair(TargetText(text, span), {}))
    if "«" not in text:
        assert (found.text, found.target) == (text, span)


def test_what_bears_no_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        unmarked("army", "The army")


def settings(tmp_path: Path, source: dict[str, str], **model: object) -> dict[str, object]:
    return {
        "name": "test",
        "model": {"kind": "encoder", "encoder": "x", **model},
        "data": {"statements": str(tmp_path), "codebook": "c", "actors": "a", "sources": [source]},
    }


def test_claims_have_no_targets(tmp_path: Path) -> None:
    given = settings(tmp_path, {"name": "perspectrum", "take": "names"}, soft_labels="x")
    with pytest.raises(ConfigError, match="names is for newsmtsc, directed_sentiment, seesaw"):
        check_config(given, "test")


def test_without_a_teacher_nobody_answers(tmp_path: Path) -> None:
    source = {"name": "newsmtsc", "take": "texts"}
    with pytest.raises(ConfigError, match=r"take=texts wants model.teacher or model.soft_labels"):
        check_config(settings(tmp_path, source), "test")
    assert check_config(settings(tmp_path, source, soft_labels="x"), "test")

"""Step 8a: the output contract."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance import Position, StanceClassifier
from quotestance.codebook import KINDS, SENTIMENTS, SPEAKER_KINDS, STANCES
from quotestance.positions import (
    COLUMNS,
    NESTED,
    SCHEMA_VERSION,
    arrow_schema,
    to_csv_row,
    to_json_line,
)

CONTRACT = [
    "article_id", "article_date", "quote_id", "statement_id", "kind", "text", "spans",
    "quote_score", "cue", "cue_span", "source", "source_span", "speaker", "speaker_kind", "via",
    "side", "side_reason", "issue", "issue_score", "stance", "stance_scores", "abstained",
    "sentiment", "sentiment_scores", "sentiment_toward", "model", "codebook",
]  # fmt: skip


def _plain(row: dict[str, str]) -> dict[str, Any]:
    """A CSV row's values, told by the contract alone."""
    values: dict[str, Any] = {k: v or None for k, v in row.items()}
    for name in ("spans", "cue_span", "source_span", "stance_scores", "sentiment_scores",
                 "sentiment_toward", "quote_score", "issue_score", "abstained"):  # fmt: skip
        values[name] = json.loads(row[name]) if row[name] else None
    return values


def test_the_columns_and_their_order(rows: list[Position]) -> None:
    assert list(COLUMNS) == CONTRACT
    assert all(list(row.to_dict()) == CONTRACT for row in rows)
    assert arrow_schema(("us", "afghan")).names == CONTRACT


def test_jsonl(rows: list[Position], written: Callable[[str], Path]) -> None:
    lines = written("jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [list(r) for r in records] == [CONTRACT] * len(rows)
    assert records == [row.to_dict() for row in rows]


def test_csv(rows: list[Position], written: Callable[[str], Path]) -> None:
    with written("csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        records = [_plain(r) for r in reader]
    assert reader.fieldnames == CONTRACT
    assert records == [row.to_dict() for row in rows]


def test_parquet(rows: list[Position], written: Callable[[str], Path]) -> None:
    table = pq.read_table(written("parquet"))
    assert table.column_names == CONTRACT
    assert table.to_pylist() == [row.to_dict() for row in rows]
    assert table.schema.metadata[b"schema_version"] == str(SCHEMA_VERSION).encode() == b"2"


@pytest.mark.parametrize("sides", [("us", "afghan"), ("north", "south", "east")])
def test_the_arrow_schema_follows_the_codebooks_sides(sides: tuple[str, ...]) -> None:
    found = arrow_schema(sides).field("sentiment_toward").type
    assert [found.field(i).name for i in range(found.num_fields)] == list(sides)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_stays_on_one_json_line(text: str) -> None:
    position = _position(text)
    line = to_json_line(position)
    assert "\n" not in line and "\r" not in line
    assert json.loads(line) == position.to_dict()


def test_a_csv_row_is_flat(rows: list[Position]) -> None:
    for row in rows:
        flat = to_csv_row(row)
        assert list(flat) == CONTRACT
        assert all(isinstance(v, str | float) for v in flat.values())
        assert flat["abstained"] == ("true" if row.abstained else "false")
        for name in NESTED:
            value = getattr(row, name)
            assert flat[name] == ("" if value is None else json.dumps(value, ensure_ascii=False))


def test_labels_are_those_of_the_codebook(
    rows: list[Position], classifier: StanceClassifier
) -> None:
    codebook = classifier.bundle.codebook
    for row in rows:
        assert row.kind in KINDS
        assert row.side in codebook.side_labels
        assert row.speaker_kind in SPEAKER_KINDS
        assert row.sentiment in SENTIMENTS
        assert row.issue is None or row.issue in codebook.issue_ids
        assert set(row.sentiment_toward) == set(codebook.sides)
        assert set(row.sentiment_toward.values()) <= set(SENTIMENTS)
        assert row.codebook == codebook.id
        assert row.model == classifier.bundle.name


def test_probabilities_sum_to_one_and_the_label_is_the_likeliest(rows: list[Position]) -> None:
    for row in rows:
        assert tuple(row.sentiment_scores) == SENTIMENTS
        assert sum(row.sentiment_scores.values()) == pytest.approx(1.0, abs=2e-4)
        assert row.sentiment_scores[row.sentiment] == max(row.sentiment_scores.values())
        if row.stance_scores is None:
            continue
        assert tuple(row.stance_scores) == STANCES
        assert sum(row.stance_scores.values()) == pytest.approx(1.0, abs=2e-4)
        if row.stance is not None:
            assert row.stance_scores[row.stance] == max(row.stance_scores.values())


def test_without_an_issue_there_is_no_stance_and_abstaining_has_no_label(
    rows: list[Position],
) -> None:
    for row in rows:
        assert (row.issue is None) == (row.issue_score is None) == (row.stance_scores is None)
        assert row.abstained == (row.issue is not None and row.stance is None)


def _position(text: str) -> Position:
    return Position(
        article_id="a", article_date=None, quote_id="q000", statement_id=None,
        kind="direct", text=text, spans=[[0, 1]], quote_score=None,
        cue=text, cue_span=None, source=text, source_span=[0, 2], speaker=None,
        speaker_kind="unknown", via=None, side="us", side_reason="given", issue=None,
        issue_score=None, stance=None, stance_scores=None, abstained=False, sentiment="neutral",
        sentiment_scores={"negative": 0.0, "neutral": 1.0, "positive": 0.0},
        sentiment_toward={"us": "neutral", "afghan": "neutral"}, model="m", codebook="c",
    )  # fmt: skip

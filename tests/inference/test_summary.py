"""Rows back in, and their counts."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance import Position
from quotestance.errors import InputError
from quotestance.output import Format, format_of, open_rows
from quotestance.positions import ADDED
from quotestance.summary import read_many, read_positions, summarize

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.sampled_from(
    ["a\rb", "\r", "\n", '"', ",", "\r\n", "null", "[]", "true", "\x00", "\x85", "\ufeff"]
)


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_rows_come_back_as_they_were(
    rows: list[Position], written: Callable[[str], Path], ending: str
) -> None:
    assert list(read_positions(written(ending))) == rows


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXT, min_size=4, max_size=4))
@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
def test_any_text_comes_back_as_it_was(
    rows: list[Position], tmp_path: Path, format: Format, texts: list[str]
) -> None:
    given_ = [
        replace(row, article_id=texts[0], text=texts[1], source=texts[2], speaker=texts[3])
        for row in rows[:2]
    ]
    path = tmp_path / f"positions.{format}"
    with open_rows(str(path), format, ("us", "afghan")) as writer:
        writer.write(given_)
    assert list(read_positions(path)) == given_


def test_a_long_quote_comes_back_from_csv(rows: list[Position], tmp_path: Path) -> None:
    long = [replace(rows[0], text="word " * 60_000)]
    path = tmp_path / "positions.csv"
    with open_rows(str(path), "csv", ("us", "afghan")) as writer:
        writer.write(long)
    assert list(read_positions(path)) == long


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
def test_no_rows(tmp_path: Path, format: Format) -> None:
    path = tmp_path / f"positions.{format}"
    with open_rows(str(path), format, ("us", "afghan")):
        pass
    assert list(read_positions(path)) == []


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("p.jsonl", b"{", "p.jsonl, row 1: is not JSON"),
        ("p.jsonl", b"[1]\n", "p.jsonl, row 1: is no JSON object"),
        ("p.jsonl", b"{}\n", "p.jsonl, row 1: lacks the columns article_id, article_date"),
        ("p.ndjson", b"\xff\xfe\n", "p.ndjson, row 1: is not JSON"),
        ("p.csv", b"text\nhello\n", "p.csv, row 1: lacks the columns article_id"),
        ("p.csv", b"text,spans\nhello,[[0\n", "p.csv, row 1: a nested value is broken"),
        ("p.csv", b"text\nhello\n\xff\xfe\n", "p.csv, row 1: is not CSV: .*utf-8"),
        ("p.csv", b"text,issue_score\nhello,high\n", "row 1: a nested value is broken"),
        ("p.parquet", b"PAR1", "p.parquet: is not Parquet"),
        ("p.xlsx", b"", r"p.xlsx: ending '.xlsx'; accepted: .csv .parquet .jsonl .ndjson"),
    ],
)
def test_files_that_predict_did_not_write(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        list(read_positions(path))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_file_of_schema_version_1_has_two_columns_less(
    rows: list[Position], tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"old.{ending}"
    with open_rows(str(path), format_of(str(path)), ("us", "afghan")) as writer:
        writer.write(rows)
    if ending == "parquet":
        pq.write_table(pq.read_table(path).drop_columns(list(ADDED)), path)
    elif ending == "csv":
        with path.open(encoding="utf-8", newline="") as file:
            records = [{k: v for k, v in r.items() if k not in ADDED} for r in csv.DictReader(file)]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer_ = csv.DictWriter(file, list(records[0]), quoting=csv.QUOTE_ALL)
            writer_.writeheader()
            writer_.writerows(records)
    else:
        lines = [{k: v for k, v in r.to_dict().items() if k not in ADDED} for r in rows]
        path.write_text("".join(json.dumps(r) + "\n" for r in lines), encoding="utf-8")
    assert list(read_positions(path)) == [
        replace(row, statement_id=None, quote_score=None) for row in rows
    ]


def test_many_files_are_one_table(
    rows: list[Position], written: Callable[[str], Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    with open_rows(str(other), "jsonl", ("us", "afghan")) as writer:
        writer.write(replace(row, article_id="other") for row in rows[:2])
    assert read_many([written("csv"), other]) == [
        *rows, *(replace(row, article_id="other") for row in rows[:2]),
    ]  # fmt: skip
    assert read_many([]) == []


def test_a_row_that_stands_twice_is_named(written: Callable[[str], Path]) -> None:
    first, second = written("csv"), written("jsonl")
    with pytest.raises(InputError) as caught:
        read_many([first, second])
    assert str(caught.value).startswith(f"{second}, row 1: article 'talks', quote 'q000', issue ")
    assert str(caught.value).endswith(f"stands already in {first}, row 1; each may stand once")
    with pytest.raises(InputError, match="stands already in"):
        read_many([first, first])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"p.jsonl: no such file; expected the output of"):
        list(read_positions(tmp_path / "p.jsonl"))


def test_the_bad_row_is_named(rows: list[Position], tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(rows[0].to_dict()) + "\nnot json\n", encoding="utf-8")
    found = read_positions(path)
    assert next(found) == rows[0]
    with pytest.raises(InputError, match="row 2: is not JSON"):
        next(found)


def test_counts_by_side_issue_and_stance(rows: list[Position]) -> None:
    base = rows[0]

    def row(quote: str, side: str, issue: str | None, stance: str | None, article: str) -> Position:
        return replace(base, article_id=article, quote_id=quote, side=side, issue=issue,
                       stance=stance, abstained=stance is None and issue is not None)  # fmt: skip

    summary = summarize(
        [
            row("q000", "us", "deadline", "favor", "a"),
            row("q000", "us", "force", "favor", "a"),
            row("q001", "us", "deadline", "favor", "a"),
            row("q002", "afghan", "deadline", "against", "a"),
            row("q000", "us", "deadline", "neutral", "b"),
            row("q001", "us", "deadline", None, "b"),
            row("q002", "other", None, None, "b"),
        ]
    )
    assert summary.articles == 2
    assert summary.quotes == Counter(us=4, afghan=1, other=1)
    assert summary.issues == ["deadline", "force"]
    assert summary.cell("us", "deadline") == "2+ 1= 1?"
    assert summary.cell("afghan", "deadline") == "1–"
    assert summary.cell("afghan", "force") == "·"


def test_counts_of_nothing() -> None:
    summary = summarize([])
    assert (summary.articles, summary.quotes.total(), summary.issues) == (0, 0, [])

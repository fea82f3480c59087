"""Rows in their three formats, complete or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.errors import InputError
from quotestance.output import (
    Format,
    format_of,
    open_rows,
    rejects_path,
    write_meta,
    write_rejects,
)
from quotestance.positions import (
    COLUMNS,
    NESTED,
    SCHEMA_VERSION,
    Position,
    arrow_schema,
    to_csv_row,
    to_json_line,
)
from quotestance.readers import Reject, read_articles

SIDES = ("us", "afghan")
FORMATS: list[Format] = ["jsonl", "csv", "parquet"]
WORDS = st.text(max_size=20)
MAYBE = st.none() | WORDS
SPAN = st.lists(st.integers(0, 10**6), min_size=2, max_size=2)
SCORE = st.floats(0, 1).map(lambda x: round(x, 4))


def scores(*names: str) -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries(dict.fromkeys(names, SCORE))


POSITIONS = st.builds(
    Position,
    article_id=MAYBE, article_date=MAYBE, quote_id=WORDS, statement_id=MAYBE,
    kind=WORDS, text=WORDS, quote_score=st.none() | SCORE,
    spans=st.lists(SPAN, max_size=3), cue=MAYBE, cue_span=st.none() | SPAN, source=MAYBE,
    source_span=st.none() | SPAN, speaker=MAYBE, speaker_kind=WORDS, via=MAYBE,
    side=st.sampled_from(SIDES), side_reason=WORDS, issue=MAYBE, issue_score=st.none() | SCORE,
    stance=MAYBE, stance_scores=st.none() | scores("favor", "against", "neutral"),
    abstained=st.booleans(), sentiment=WORDS,
    sentiment_scores=scores("negative", "neutral", "positive"),
    sentiment_toward=st.fixed_dictionaries(dict.fromkeys(SIDES, WORDS)),
    model=WORDS, codebook=WORDS,
)  # fmt: skip


def position(**changes: object) -> Position:
    fields: dict[str, object] = {
        "article_id": "a1", "article_date": "2013-10-12", "quote_id": "a1-1",
        "statement_id": None, "quote_score": None, "kind": "direct",
        "text": "We will “wait”,\nall of us", "spans": [[1, 9], [12, 20]], "cue": "said",
        "cue_span": [30, 34], "source": "the envoy", "source_span": [35, 44], "speaker": None,
        "speaker_kind": "anonymous", "via": None, "side": "us", "side_reason": "named",
        "issue": "signing_deadline", "issue_score": 0.75, "stance": None, "abstained": True,
        "stance_scores": {"favor": 0.25, "against": 0.25, "neutral": 0.5}, "sentiment": "neutral",
        "sentiment_scores": {"negative": 0.0, "neutral": 1.0, "positive": 0.0},
        "sentiment_toward": {"us": "neutral", "afghan": "neutral"}, "model": "m", "codebook": "c",
    }  # fmt: skip
    return Position(**{**fields, **changes})  # type: ignore[arg-type]


def read_back(path: Path) -> list[dict[str, object]]:
    """The rows of a file as plain values, whatever its format."""
    if path.suffix == ".parquet":
        rows: list[dict[str, object]] = pq.read_table(path).to_pylist()
        return rows
    text = path.read_bytes().decode("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.removesuffix("\n").split("\n")]
    return [from_csv(row) for row in csv.DictReader(io.StringIO(text, newline=""))]


def from_csv(row: dict[str, str]) -> dict[str, object]:
    """Undo `to_csv_row` as the README tells a reader to do."""
    values: dict[str, object] = {}
    for name, value in row.items():
        if value == "":
            values[name] = None
        elif name in NESTED:
            values[name] = json.loads(value)
        elif name == "abstained":
            values[name] = value == "true"
        else:
            values[name] = float(value) if name.endswith("_score") else value
    return values


def save(path: Path, rows: list[Position]) -> None:
    with open_rows(str(path), format_of(str(path)), SIDES) as writer:
        for row in rows:
            writer.write([row])


@pytest.mark.parametrize("format", FORMATS)
def test_rows_come_back_as_they_were(format: Format, tmp_path: Path) -> None:
    rows = [position(), position(quote_id="a1-2", issue=None, issue_score=None, cue_span=None,
                                 stance="favor", stance_scores=None, abstained=False)]  # fmt: skip
    save(tmp_path / f"rows.{format}", rows)
    found = read_back(tmp_path / f"rows.{format}")
    assert found == [row.to_dict() for row in rows]
    assert all(tuple(row) == COLUMNS for row in found)


@given(st.lists(POSITIONS, min_size=1, max_size=4), st.sampled_from(FORMATS))
def test_any_rows_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Position], format: Format
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.{format}"
    save(path, rows)
    expected = [row.to_dict() for row in rows]
    if format == "csv":  # which has no other empty field than null
        expected = [{k: None if v == "" else v for k, v in row.items()} for row in expected]
    assert read_back(path) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_rows_give_the_same_bytes(format: Format, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save(tmp_path / f"{name}.{format}", [position(), position(quote_id="a1-2")])
    one, two = ((tmp_path / f"{name}.{format}").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("format", FORMATS)
def test_no_rows_give_a_file_that_can_be_read(format: Format, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{format}"
    save(path, [])
    if format == "parquet":
        assert pq.read_table(path).column_names == list(COLUMNS)
    else:
        assert path.read_text("utf-8") == ("" if format == "jsonl" else ",".join(COLUMNS) + "\n")


def test_many_rows_go_to_parquet_in_groups(tmp_path: Path) -> None:
    rows = [position(quote_id=f"a1-{i}") for i in range(5000)]
    save(tmp_path / "rows.parquet", rows)
    with pq.ParquetFile(tmp_path / "rows.parquet") as file:
        groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        ids = file.read(["quote_id"]).column(0).to_pylist()
    assert groups == [4096, 904]
    assert ids == [row.quote_id for row in rows]


def test_the_schema_has_its_version(tmp_path: Path) -> None:
    save(tmp_path / "rows.parquet", [position()])
    schema = pq.read_schema(tmp_path / "rows.parquet")
    assert schema.metadata[b"schema_version"] == str(SCHEMA_VERSION).encode()
    assert schema.names == list(COLUMNS) == arrow_schema(SIDES).names


def test_a_json_line_is_one_line_and_a_csv_row_is_flat() -> None:
    line = to_json_line(position())
    assert "\n" not in line
    assert "“wait”" in line
    row = to_csv_row(position())
    assert (row["speaker"], row["abstained"], row["spans"]) == ("", "true", "[[1, 9], [12, 20]]")


# --- complete or not at all ----------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_a_failure_leaves_no_file(format: Format, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"rows.{format}"
    with pytest.raises(RuntimeError), open_rows(str(path), format, SIDES) as writer:
        writer.write([position()])
        raise RuntimeError
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_failure_leaves_the_old_file(format: Format, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{format}"
    save(path, [position()])
    before = path.read_bytes()
    with pytest.raises(RuntimeError), open_rows(str(path), format, SIDES) as writer:
        writer.write([position(quote_id="other")])
        raise RuntimeError
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_appears_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with open_rows(str(path), "jsonl", SIDES) as writer:
        writer.write([position()])
        assert not path.exists()
    assert len(read_back(path)) == 1


def test_a_folder_in_place_of_a_file_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").mkdir()
    with pytest.raises(IsADirectoryError), open_rows(str(tmp_path / "rows.jsonl"), "jsonl", SIDES):
        pytest.fail("opened")


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "rows.jsonl"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    save(pipe, [position()])
    reader.join(60)  # were the pipe replaced, its reader would wait for ever
    assert pipe.is_fifo()
    assert found == [to_json_line(position()) + "\n"]


def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    device = tmp_path / "rows.jsonl"
    device.symlink_to(os.devnull)  # a failure replaces the link, not the machine's device
    save(device, [position()])
    assert device.is_char_device()


# --- formats -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "given_format", "expected"),
    [
        ("rows.jsonl", None, "jsonl"),
        ("rows.NDJSON", None, "jsonl"),
        ("a.b/rows.csv", None, "csv"),
        ("rows.parquet", None, "parquet"),
        ("-", None, "jsonl"),
        ("-", "csv", "csv"),
        ("rows.txt", "parquet", "parquet"),
    ],
)
def test_the_format_that_is_meant(output: str, given_format: str | None, expected: str) -> None:
    assert format_of(output, given_format) == expected


@pytest.mark.parametrize(
    ("output", "given_format", "message"),
    [
        ("rows.xlsx", None, "rows.xlsx: ending '.xlsx' tells no format; "
         "accepted: .jsonl, .ndjson, .csv, .parquet, or --format"),
        ("rows", None, "rows: ending '' tells no format; "
         "accepted: .jsonl, .ndjson, .csv, .parquet, or --format"),
        ("rows.csv", "excel", "--format: format 'excel'; accepted: jsonl, csv, parquet"),
    ],
)  # fmt: skip
def test_an_unknown_format_says_what_is_accepted(
    output: str, given_format: str | None, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        format_of(output, given_format)
    assert str(caught.value) == message


def test_standard_output(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for format in ("jsonl", "csv"):
        save(tmp_path / f"rows.{format}", [position()])
        with open_rows("-", format_of("-", format), SIDES) as writer:
            writer.write([position()])
        assert capsys.readouterr().out == (tmp_path / f"rows.{format}").read_text("utf-8")


def test_parquet_cannot_go_to_standard_output() -> None:
    with pytest.raises(InputError) as caught, open_rows("-", "parquet", SIDES):
        pytest.fail("opened")
    assert str(caught.value) == "-: Parquet cannot go to standard output; use -o FILE"


# --- what stands beside the rows -----------------------------------------------------------


def test_rejects_are_kept_and_old_ones_go(tmp_path: Path) -> None:
    path = rejects_path(str(tmp_path / "rows.csv"))
    assert path == tmp_path / "rows.rejects.jsonl"
    write_rejects(path, [Reject("naïve.csv", 3, "the text is “empty”"), Reject("b", None, "gone")])
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [
        {"source": "naïve.csv", "row": 3, "reason": "the text is “empty”"},
        {"source": "b", "row": None, "reason": "gone"},
    ]
    write_rejects(path, [])
    assert not path.exists()
    write_rejects(path, [])
    assert rejects_path("-") is None


def test_a_file_name_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    name = os.fsdecode(b"a\xff.txt")
    (folder / name).write_text("")
    rejects = [item for item in read_articles([folder]) if isinstance(item, Reject)]
    write_rejects(tmp_path / "r.jsonl", rejects)
    (record,) = map(json.loads, (tmp_path / "r.jsonl").read_text("utf-8").splitlines())
    assert record["source"] == str(folder / name)


def test_an_article_with_lone_surrogates_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a\\udcff", "text": "We \\ud83d wait, all of us."}')
    (article,) = read_articles([tmp_path / "a.jsonl"])
    assert not isinstance(article, Reject)
    row = position(article_id=article.id, text=article.text)
    for format in FORMATS:
        save(tmp_path / f"rows.{format}", [row])
        assert read_back(tmp_path / f"rows.{format}")[0]["text"] == "We \ufffd wait, all of us."


def test_the_meta_file_tells_schema_and_counts(tmp_path: Path) -> None:
    write_meta(str(tmp_path / "rows.parquet"), {"model": "m", "articles": 2})
    assert json.loads((tmp_path / "rows.meta.json").read_text("utf-8")) == {
        "schema_version": SCHEMA_VERSION,
        "columns": list(COLUMNS),
        "model": "m",
        "articles": 2,
    }
    write_meta("-", {})
    assert [p.name for p in tmp_path.iterdir()] == ["rows.meta.json"]

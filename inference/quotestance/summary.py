"""Rows back in, and what they say by side and issue."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from quotestance.codebook import STANCES
from quotestance.errors import InputError
from quotestance.positions import ADDED, COLUMNS, NESTED, Position
from quotestance.readers import MAX_LINE


def read_positions(path: str | Path) -> Iterator[Position]:
    """Read rows from JSONL, CSV or Parquet, as `predict` writes them.

    Raises
    ------
    InputError
        If the file cannot be read or lacks columns.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("no such file; expected the output of `quotestance predict`",
                         source=str(path))  # fmt: skip
    readers = {".csv": _csv, ".parquet": _parquet, ".jsonl": _jsonl, ".ndjson": _jsonl}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"ending {path.suffix!r}; accepted: {' '.join(readers)}", source=str(path))
    for row, record in enumerate(reader(path), 1):
        missing = [c for c in COLUMNS if c not in record and c not in ADDED]
        if missing:
            raise InputError(f"lacks the columns {', '.join(missing)}", source=str(path), row=row)
        values: dict[str, Any] = {name: record.get(name) for name in COLUMNS}
        yield Position(**values)


def read_many(paths: Iterable[str | Path]) -> list[Position]:
    """Read the rows of several files as one table, in order.

    Raises
    ------
    InputError
        If a file cannot be read, or a quote and issue stand twice.
    """
    rows: list[Position] = []
    seen: dict[tuple[str | None, str, str | None], tuple[str, int]] = {}
    for path in map(str, paths):
        for number, row in enumerate(read_positions(path), 1):
            key = (row.article_id, row.quote_id, row.issue)
            if key in seen:
                where = "{}, row {}".format(*seen[key])
                raise InputError(
                    f"article {row.article_id!r}, quote {row.quote_id!r}, issue {row.issue!r} "
                    f"stands already in {where}; each may stand once",
                    source=path, row=number,
                )  # fmt: skip
            seen[key] = (path, number)
            rows.append(row)
    return rows


def _jsonl(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        for row, line in enumerate(file, 1):
            try:
                record = json.loads(line.decode("utf-8"))
            except ValueError as error:
                raise InputError(f"is not JSON: {error}", source=str(path), row=row) from error
            if not isinstance(record, dict):
                raise InputError("is no JSON object", source=str(path), row=row)
            yield record


def _csv(path: Path) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8", newline="") as file:
        for row, record in _csv_records(file, path):
            values: dict[str, Any] = {k: v if v != "" else None for k, v in record.items()}
            try:
                for name in NESTED:
                    if values.get(name) is not None:
                        values[name] = json.loads(values[name])
                for name in ("quote_score", "issue_score"):
                    if values.get(name) is not None:
                        values[name] = float(values[name])
            except ValueError as error:
                raise InputError(f"a nested value is broken: {error}", source=str(path),
                                 row=row) from error  # fmt: skip
            if "abstained" in values:
                values["abstained"] = values["abstained"] == "true"
            yield values


def _csv_records(file: IO[str], path: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    row = 0
    try:
        for row, record in enumerate(csv.DictReader(file), 1):
            yield row, record
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"is not CSV: {error}", source=str(path), row=row + 1) from error


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise InputError(f"is not Parquet: {error}", source=str(path)) from error


@dataclass(frozen=True)
class Summary:
    """Counts of positions.

    Parameters
    ----------
    stances : Counter of (side, issue, stance)
        ``abstained`` stands for a stance that the model was not sure of.
    quotes : Counter of side
        Distinct quotes.
    issues : list of str
        Those that occur, in order of their first row.
    """

    stances: Counter[tuple[str, str, str]]
    quotes: Counter[str]
    issues: list[str]
    articles: int

    def cell(self, side: str, issue: str) -> str:
        """``3+ 1– 2=``: favor, against, neutral; a trailing ``?`` counts abstentions."""
        signs = dict(zip((*STANCES, "abstained"), ("+", "–", "=", "?"), strict=True))
        parts = [
            f"{n}{sign}"
            for stance, sign in signs.items()
            if (n := self.stances[side, issue, stance])
        ]
        return " ".join(parts) or "·"


def summarize(rows: Iterable[Position]) -> Summary:
    """Count the rows by side, issue and stance."""
    stances: Counter[tuple[str, str, str]] = Counter()
    sides: dict[tuple[str | None, str], str] = {}
    issues: dict[str, None] = {}
    for row in rows:
        sides[row.article_id, row.quote_id] = row.side
        if row.issue is not None:
            stances[row.side, row.issue, row.stance or "abstained"] += 1
            issues[row.issue] = None
    articles = len({article for article, _ in sides})
    return Summary(stances, Counter(sides.values()), list(issues), articles)

"""Writing rows as JSONL, CSV or Parquet: complete or not at all."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, Protocol

from quotestance.errors import InputError
from quotestance.positions import (
    COLUMNS,
    SCHEMA_VERSION,
    Position,
    arrow_schema,
    to_csv_row,
    to_json_line,
)
from quotestance.readers import Reject

Format = Literal["jsonl", "csv", "parquet"]
_SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet",
}  # fmt: skip


class RowWriter(Protocol):
    """Takes rows, in order."""

    def write(self, rows: Iterable[Position]) -> None:
        """Write some rows."""


def format_of(output: str, given: str | None = None) -> Format:
    """The format that a user means: given, or told by the file's ending, or JSONL.

    Raises
    ------
    InputError
        If the format or the ending is not known.
    """
    if given is not None:
        if given not in _SUFFIXES.values():
            raise InputError(f"format {given!r}; accepted: jsonl, csv, parquet", source="--format")
        return given  # type: ignore[return-value]
    if output == "-":
        return "jsonl"
    suffix = Path(output).suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(
            f"ending {suffix!r} tells no format; accepted: {', '.join(_SUFFIXES)}, or --format",
            source=output,
        )
    return _SUFFIXES[suffix]


class _JsonLines:
    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def write(self, rows: Iterable[Position]) -> None:
        self.file.writelines(to_json_line(row) + "\n" for row in rows)


class _Csv:
    def __init__(self, file: IO[str]) -> None:
        self.plain = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        self.quoted = csv.DictWriter(file, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self.plain.writeheader()

    def write(self, rows: Iterable[Position]) -> None:
        for row in map(to_csv_row, rows):
            # a lone carriage return ends a line for readers, but the writer leaves it unquoted
            odd = any("\r" in value for value in row.values() if isinstance(value, str))
            (self.quoted if odd else self.plain).writerow(row)


class _Parquet:
    """Row groups of some thousand rows, so that memory stays flat."""

    def __init__(self, path: str, sides: tuple[str, ...]) -> None:
        import pyarrow.parquet as pq

        self.schema = arrow_schema(sides)
        self.file = pq.ParquetWriter(path, self.schema, compression="zstd")
        self.rows: list[dict[str, object]] = []

    def write(self, rows: Iterable[Position]) -> None:
        self.rows.extend(row.to_dict() for row in rows)
        if len(self.rows) >= 4096:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if self.rows:
            self.file.write_table(pa.Table.from_pylist(self.rows, schema=self.schema))
            self.rows = []


@contextmanager
def open_rows(output: str, format: Format, sides: tuple[str, ...]) -> Iterator[RowWriter]:
    """Open an output; a file appears under its name only when all went well.

    Parameters
    ----------
    output : str
        A path, or ``-`` for standard output (not for Parquet).
    format : {"jsonl", "csv", "parquet"}
    sides : tuple of str
        The compared sides, for the Parquet schema.
    """
    if output == "-":
        if format == "parquet":
            raise InputError("Parquet cannot go to standard output; use -o FILE", source="-")
        yield _JsonLines(sys.stdout) if format == "jsonl" else _Csv(sys.stdout)
        sys.stdout.flush()
        return
    path = Path(output)
    with replacing(path) as temporary:
        if format == "parquet":
            writer = _Parquet(str(temporary), sides)
            try:
                yield writer
                writer.flush()
            finally:
                writer.file.close()
        else:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                yield _JsonLines(file) if format == "jsonl" else _Csv(file)


@contextmanager
def open_text(output: str) -> Iterator[IO[str]]:
    """A text file that appears under its name only when all went well; ``-`` is stdout."""
    if output == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    with replacing(Path(output)) as temporary, temporary.open("w", encoding="utf-8") as file:
        yield file


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its name if the block ends well.

    A device or a pipe, such as ``/dev/null``, is written to as it is.
    """
    if _is_stream(path):
        yield path
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_rejects(path: Path, rejects: list[Reject]) -> None:
    """Write the rejects file; an old one goes away where there are none."""
    if not rejects:
        path.unlink(missing_ok=True)
        return
    # a file name with bytes that are no text comes as lone surrogates: written as JSON escapes
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace") as file,
    ):
        for r in rejects:
            record = {"source": r.source, "row": r.row, "reason": r.reason}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _is_stream(path: Path) -> bool:
    """Whether a path is standard output, a device or a pipe, beside which nothing is written."""
    return str(path) == "-" or (path.exists() and not path.is_file())


def rejects_path(output: str) -> Path | None:
    """Where the rejects of an output go: ``positions.rejects.jsonl`` beside it."""
    path = Path(output)
    if _is_stream(path):
        return None
    return path.with_name(f"{path.stem}.rejects.jsonl")


def write_meta(output: str, meta: dict[str, object]) -> None:
    """Write ``positions.meta.json`` beside an output: schema version, model, codebook, counts."""
    path = Path(output)
    if _is_stream(path):
        return
    record = {"schema_version": SCHEMA_VERSION, "columns": list(COLUMNS), **meta}
    write_json(path.with_name(f"{path.stem}.meta.json"), record)


def write_json(path: Path, record: object) -> None:
    """Write one JSON value, indented; the file appears whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")

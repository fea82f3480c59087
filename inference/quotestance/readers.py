"""Files, records and HTML to `Article`s; what cannot be read becomes a `Reject`, nothing is lost.

A file of many records goes on behind a bad one. Each reader yields `Article` or `Reject`.
"""

from __future__ import annotations

import codecs
import csv
import glob
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from quotestance.articles import Article
from quotestance.errors import InputError

MAX_CHARS = 2_000_000  # an article; a longer one is another kind of file
MAX_LINE = 8 * MAX_CHARS  # bytes of one JSONL line
SUFFIXES = (".txt", ".json", ".jsonl", ".ndjson", ".csv", ".parquet", ".html", ".htm")
_ALIASES = {
    "text": ("text", "body", "content", "article_text", "articlebody", "full_text"),
    "id": ("id", "article_id", "doc_id", "uid", "url", "link"),
    "title": ("title", "headline"),
    "date": ("date", "article_date", "published", "publish_date", "pub_date", "pubdate",
             "date_published", "datepublished"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read.

    Parameters
    ----------
    source : str
        The file.
    row : int or None
        The 1-based row or line.
    reason : str
        What is wrong and what is accepted.
    """

    source: str
    row: int | None
    reason: str

    @classmethod
    def of(cls, error: InputError, source: str) -> Reject:
        """From the error that a check raised."""
        return cls(error.source or source, error.row, error.reason)

    def __str__(self) -> str:
        where = f"{self.source}, row {self.row}" if self.row is not None else self.source
        return f"{where}: {self.reason}"


def read_articles(
    inputs: Iterable[str | Path], *, date: object = None
) -> Iterator[Article | Reject]:
    """Read articles from files, folders, globs and ``-`` (standard input, JSONL or plain text).

    Parameters
    ----------
    inputs : iterable of str or Path
    date : str or date, optional
        For articles that bring none of their own.

    Yields
    ------
    Article or Reject
        In order; an id that was seen before is a reject.
    """
    seen: dict[str, str] = {}
    for path in expand(inputs):
        if isinstance(path, Reject):
            yield path
            continue
        for row, item in _read(path, date):
            if isinstance(item, Article):
                if item.id in seen:
                    reason = f"id {item.id!r} stands already in {seen[item.id]}; ids must differ"
                    yield Reject(str(path), row, reason)
                    continue
                seen[item.id] = str(path) if row is None else f"{path}, row {row}"
            yield item


def expand(inputs: Iterable[str | Path]) -> Iterator[Path | Reject]:
    """Turn folders and globs into their files, sorted; ``-`` stays as it is."""
    for name in inputs:
        try:
            yield from _expand(str(name))
        except OSError as error:  # such as a name that is too long, an article in place of a file
            yield Reject(str(name)[:80], None, f"cannot be read: {error.strerror or error}")


def _expand(name: str) -> Iterator[Path | Reject]:
    path = Path(name)
    if name == "-" or path.is_file():
        yield path
    elif path.is_dir():
        found = [p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()]
        yield from sorted(found)
        if not found:
            yield Reject(name, None, f"no article files; accepted: {' '.join(SUFFIXES)}")
    else:
        matches = [Path(m) for m in glob.glob(name, recursive=True)]  # noqa: PTH207 absolute globs
        files = sorted(m for m in matches if m.is_file())
        yield from files
        if not files:
            reason = "matches no regular file" if matches else "no such file, folder or match"
            yield Reject(name, None, reason)


_Rows = Iterator[
    tuple[int | None, Article | Reject]
]  # the 1-based row or line, None for a file of one


def _read(path: Path, date: object) -> _Rows:
    source = str(path)
    try:
        if source == "-":
            yield from _stdin(date)
            return
        suffix = path.suffix.lower()
        if suffix in (".jsonl", ".ndjson"):
            yield from _jsonl(path, date)
        elif suffix == ".json":
            yield from _json(path, date)
        elif suffix == ".csv":
            yield from _csv(path, date)
        elif suffix == ".parquet":
            yield from _parquet(path, date)
        elif suffix in (".html", ".htm"):
            yield None, _html(path, date)
        else:
            text = _whole(path)
            yield None, _sized(Article.of(text, id=path.stem, date=date, source=source), source)
    except InputError as error:
        yield error.row, Reject.of(error, source)
    except OSError as error:
        yield None, Reject(source, None, f"cannot be read: {error.strerror or error}")


def decode(data: bytes, source: str) -> str:
    """Decode bytes as UTF-8 (or UTF-16 with its mark), else as Windows-1252.

    Raises
    ------
    InputError
        For binary data, and for bytes that are neither.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\x00" in data[:8192]:
        raise InputError("is binary (it holds null bytes); expected text", source=source)
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            last = error
            continue
        if encoding == "cp1252" and not _looks_like_text(text):
            break
        return text
    else:
        wrong = "not UTF-16" if encodings == ["utf-16"] else "neither UTF-8 nor Windows-1252"
        byte = f"byte 0x{data[last.start]:02x} at {last.start}"
        raise InputError(
            f"is {wrong} ({byte}); convert it to UTF-8",
            source=source,
        )
    raise InputError("is binary; expected text", source=source)


def _looks_like_text(text: str) -> bool:
    odd = sum(not (c.isprintable() or c.isspace()) for c in text[:4096])
    return odd <= len(text[:4096]) // 50


def _whole(path: Path) -> str:
    _check_size(path.stat().st_size, str(path))
    return decode(path.read_bytes(), str(path))


def _check_size(size: int, source: str) -> None:
    """At four bytes a character, no article is longer than this."""
    if size > 4 * MAX_CHARS:
        raise InputError(
            f"has more than {4 * MAX_CHARS:,} bytes; "
            f"one article may have at most {MAX_CHARS:,} characters",
            source=source,
        )


def _sized(article: Article, source: str, row: int | None = None) -> Article:
    if len(article.text) > MAX_CHARS:
        raise InputError(
            f"the text has {len(article.text):,} characters; one article may have at most "
            f"{MAX_CHARS:,}",
            source=source,
            row=row,
        )
    return article


def article_of(
    record: object, *, source: str, row: int | None = None, default_id: str, date: object = None
) -> Article:
    """Make an article of a record; field names may be any of the usual ones.

    Raises
    ------
    InputError
        If the record is no mapping, has no text column, or a field is not valid.
    """
    if not isinstance(record, Mapping):
        raise InputError(
            f"holds {type(record).__name__}, expected an object with a text", source=source, row=row
        )
    lowered = {str(k).lower(): v for k, v in record.items()}
    fields = {
        field: next((lowered[n] for n in names if lowered.get(n) not in (None, "")), None)
        for field, names in _ALIASES.items()
    }
    if not any(name in lowered for name in _ALIASES["text"]):
        raise InputError(
            f"no text column among {', '.join(sorted(lowered)) or 'none'}; "
            f"accepted: {', '.join(_ALIASES['text'])}",
            source=source,
            row=row,
        )
    article = Article.of(
        "" if fields["text"] is None else fields["text"],
        id=default_id if fields["id"] is None else str(fields["id"]),
        date=fields["date"] or date,
        title=None if fields["title"] is None else str(fields["title"]),
        source=source,
        row=row,
    )
    return _sized(article, source, row)


def _safely(
    record: object, path: Path | str, row: int, date: object, reason: str | None = None
) -> Article | Reject:
    """An article, or the reason why the record is none."""
    if reason is not None:
        return Reject(str(path), row, reason)
    try:
        stem = Path(path).stem if str(path) != "-" else "stdin"
        return article_of(record, source=str(path), row=row, default_id=f"{stem}-{row}", date=date)
    except InputError as error:
        return Reject.of(error, str(path))


def _jsonl(path: Path, date: object) -> _Rows:
    with path.open("rb") as file:
        yield from _json_lines(_lines(file), path, date)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file; of one that is too long only its first ``MAX_LINE + 1`` bytes."""
    while line := file.readline(MAX_LINE + 1):
        rest = line
        while len(line) > MAX_LINE and rest and not rest.endswith(b"\n"):
            rest = file.readline(1 << 20)
        yield line


def _json_lines(lines: Iterable[bytes], path: Path | str, date: object) -> _Rows:
    empty = True
    for row, line in enumerate(lines, 1):
        if not line.strip():
            continue
        empty = False
        if len(line) > MAX_LINE:
            yield row, Reject(str(path), row, f"the line has more than {MAX_LINE:,} bytes")
            continue
        try:
            record, reason = json.loads(decode(line.rstrip(), str(path))), None
        except InputError as error:
            record, reason = None, error.reason
        except (ValueError, RecursionError) as error:
            record, reason = None, f"is not JSON: {error}"
        yield row, _safely(record, path, row, date, reason)
    if empty:
        yield None, Reject(str(path), None, "the file is empty; expected a JSON object a line")


def _json(path: Path, date: object) -> _Rows:
    text = _whole(path)
    if not text.strip():
        raise InputError("the file is empty; expected an article", source=str(path))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}", source=str(path)) from error
    if not isinstance(data, list):
        yield None, article_of(data, source=str(path), default_id=path.stem, date=date)
        return
    for row, record in enumerate(data, 1):
        yield row, _safely(record, path, row, date)


def _csv(path: Path, date: object) -> _Rows:
    csv.field_size_limit(MAX_LINE)
    text = decode(path.read_bytes(), str(path))
    if not text.strip():
        raise InputError("the file is empty; expected a header and rows", source=str(path))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    row = 0
    while True:
        row += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield row, Reject(str(path), row, f"is not CSV: {error}")
            continue
        extra = record.pop(None, None)
        reason = f"has {len(extra)} more fields than the header" if extra else None
        yield row, _safely(record, path, row, date, reason)


def _parquet(path: Path, date: object) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            row = 0
            for batch in file.iter_batches(batch_size=256):
                for record in batch.to_pylist():
                    row += 1
                    yield row, _safely(record, path, row, date)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's word, not Arrow's
        raise InputError(f"is not Parquet: {str(error).strip()}", source=str(path)) from error


def _html(path: Path, date: object) -> Article:
    """The main text of a page; furniture is left to trafilatura."""
    import trafilatura

    page = _whole(path)
    if not page.strip():
        raise InputError("the file is empty; expected a page", source=str(path))
    found = trafilatura.bare_extraction(page, include_comments=False, with_metadata=True)
    text = getattr(found, "text", None) if found is not None else None
    if not text:
        raise InputError("no article text found in the page", source=str(path))
    when = getattr(found, "date", None) or date
    article = Article.of(text, id=path.stem, date=when, title=getattr(found, "title", None),
                         source=str(path))  # fmt: skip
    return _sized(article, str(path))


def _stdin(date: object) -> _Rows:
    """JSONL if the first character is a brace, else one plain text."""
    file = sys.stdin.buffer
    lines = _lines(file)
    head: list[bytes] = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    if head and head[-1].removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        yield from _json_lines(chain(head, lines), "-", date)
        return
    data = b"".join(head) + file.read(4 * MAX_CHARS)
    _check_size(len(data), "-")
    yield None, _sized(Article.of(decode(data, "-"), date=date, source="-"), "-")

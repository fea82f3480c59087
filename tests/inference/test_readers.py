"""Files, records, pages and standard input; and what a user sees of those that are no good."""

from __future__ import annotations

import csv
import io
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.articles import Article
from quotestance.errors import InputError
from quotestance.readers import (
    MAX_CHARS,
    MAX_LINE,
    SUFFIXES,
    Reject,
    article_of,
    decode,
    expand,
    read_articles,
)

TEXT = "“We will wait,” the envoy said on Sunday. The council did not reply to him."
TEXT_NAMES = "text, body, content, article_text, articlebody, full_text"


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


def articles(*inputs: Path | str, date: object = None) -> list[Article]:
    """Read inputs that are all good."""
    found = list(read_articles(inputs, date=date))
    assert [str(item) for item in found if isinstance(item, Reject)] == []
    return [item for item in found if isinstance(item, Article)]


def refused(path: Path | str) -> str:
    """Read an input that is all bad, and return the one message without its folder."""
    (item,) = read_articles([path])
    assert isinstance(item, Reject)
    return str(item).removeprefix(f"{Path(path).parent}/")


def json_line(**record: object) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


# --- every format gives the same article ---------------------------------------------------


def as_txt(folder: Path) -> Path:
    return write(folder / "a1.txt", TEXT)


def as_jsonl(folder: Path) -> Path:
    return write(folder / "a.jsonl", json_line(id="a1", text=TEXT, date="2013-10-12"))


def as_ndjson(folder: Path) -> Path:
    return write(folder / "a.ndjson", json_line(id="a1", text=TEXT, date="2013-10-12"))


def as_json(folder: Path) -> Path:
    return write(folder / "a1.json", json.dumps({"body": TEXT, "published": "12 October 2013"}))


def as_json_list(folder: Path) -> Path:
    return write(folder / "a.json", json.dumps([{"uid": "a1", "content": TEXT, "date": 20131012}]))


def as_csv(folder: Path) -> Path:
    path = folder / "a.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["ID", "Text", "Date"], ["a1", TEXT, "2013-10-12"]])
    return path


def as_parquet(folder: Path) -> Path:
    import datetime

    table = pa.table({"id": ["a1"], "text": [TEXT], "date": [datetime.date(2013, 10, 12)]})
    pq.write_table(table, folder / "a.parquet")
    return folder / "a.parquet"


FORMATS = [as_txt, as_jsonl, as_ndjson, as_json, as_json_list, as_csv, as_parquet]


@pytest.mark.parametrize("make", FORMATS)
def test_every_format_gives_the_same_article(make: Any, tmp_path: Path) -> None:
    (article,) = articles(make(tmp_path), date="2013-10-12")
    assert (article.id, article.text, article.date) == ("a1", TEXT, "2013-10-12")


PAGE = f"""<!doctype html><html><head><title>Envoy waits</title>
<meta property="article:published_time" content="2013-10-12T08:00:00Z"></head>
<body><nav><a href="/">Home</a> <a href="/w">World</a></nav>
<article><h1>Envoy waits</h1>
<p>{TEXT}</p>
<p>The delegation stays in the capital until the end of the week, a clerk of the council said,
and will then travel on to the next round of the talks in the valley.</p>
<p>Both sides called the long session useful, and neither of them gave a date for the next.</p>
</article><footer>Copyright Some Agency. All rights reserved.</footer></body></html>"""


@pytest.mark.parametrize("suffix", [".html", ".htm"])
def test_a_page_gives_its_main_text(suffix: str, tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / f"page{suffix}", PAGE), date="2001-01-01")
    assert article.id == "page"
    assert article.title == "Envoy waits"
    assert article.date == "2013-10-12"
    assert TEXT in article.text
    assert "<p>" not in article.text
    assert "All rights reserved" not in article.text


def test_fields_have_many_names(tmp_path: Path) -> None:
    record = {"URL": "http://x.test/1", "Headline": "Envoy waits", "articleBody": TEXT,
              "datePublished": "2013-10-12T08:00:00Z", "section": "World"}  # fmt: skip
    (article,) = articles(write(tmp_path / "a.jsonl", json_line(**record)))
    assert article == Article(TEXT, "http://x.test/1", "2013-10-12", "Envoy waits")


def test_an_empty_field_gives_way_to_the_next_name() -> None:
    record = {"text": None, "body": TEXT, "id": "", "url": 7, "date": None}
    article = article_of(record, source="x", default_id="x-1", date="2013-10-12")
    assert (article.text, article.id, article.date) == (TEXT, "7", "2013-10-12")


def test_records_without_an_id_are_numbered(tmp_path: Path) -> None:
    lines = json_line(text=TEXT) + "\n" + json_line(text=TEXT + " Then he left.")
    assert [a.id for a in articles(write(tmp_path / "a.jsonl", lines))] == ["a-1", "a-3"]


def test_a_date_is_for_articles_without_their_own(tmp_path: Path) -> None:
    lines = json_line(text=TEXT, date="2013-10-12") + json_line(text=TEXT + " Then he left.")
    found = articles(write(tmp_path / "a.jsonl", lines), date="2014-01-01")
    assert [a.date for a in found] == ["2013-10-12", "2014-01-01"]


# --- files, folders, globs, standard input -------------------------------------------------


def test_a_folder_gives_its_article_files_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "sub/a.txt", "c.JSONL", "notes.md", "sub/picture.png"):
        write(tmp_path / name, json_line(id="c", text=TEXT) if "c." in name else TEXT)
    (tmp_path / "folder.txt").mkdir()
    assert [str(p.relative_to(tmp_path)) for p in expand([tmp_path]) if isinstance(p, Path)] == [
        "b.txt",
        "c.JSONL",
        "sub/a.txt",
    ]
    assert [a.id for a in articles(tmp_path)] == ["b", "c", "a"]


def test_a_glob_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b1.txt", "a1.txt", "c.txt", "sub/d1.txt"):
        write(tmp_path / name, TEXT)
    assert [a.id for a in articles(str(tmp_path / "*1.txt"))] == ["a1", "b1"]
    assert [a.id for a in articles(str(tmp_path / "**" / "*1.txt"))] == ["a1", "b1", "d1"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    assert [a.id for a in articles(write(tmp_path / "a[1].txt", TEXT))] == ["a[1]"]


def test_nothing_found_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "gone.txt") == "gone.txt: no such file, folder or match"
    assert refused(str(tmp_path / "*.csv")) == "*.csv: no such file, folder or match"
    assert refused(str(tmp_path / "e*")) == "e*: matches no regular file"
    assert refused(tmp_path / "empty") == (
        f"empty: no article files; accepted: {' '.join(SUFFIXES)}"
    )


def test_a_text_in_place_of_a_file_name_is_refused() -> None:
    (item,) = read_articles([TEXT * 100])
    assert isinstance(item, Reject)
    assert item.reason == "cannot be read: File name too long"
    assert len(item.source) == 80


def put_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> io.BytesIO:
    file = io.BytesIO(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
    return file


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n \n"])
def test_standard_input_takes_json_lines(before: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = json_line(id="a1", text=TEXT) + json_line(text=TEXT + " Then he left.")
    put_in(monkeypatch, before + lines.encode())
    row = 2 + before.count(b"\n")
    assert [a.id for a in articles("-")] == ["a1", f"stdin-{row}"]


def test_standard_input_takes_a_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"\n\nEnvoy waits\n\n{TEXT}\n"
    put_in(monkeypatch, text.encode())
    (article,) = articles("-", date="2013-10-12")
    assert (article.text, article.date) == (text, "2013-10-12")
    assert article.id == Article.of(text).id


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "-: the text is empty; expected an article"),
        (b" \n\n", "-: the text is empty; expected an article"),
        (b"\x89PNG\x00\x00", "-: is binary (it holds null bytes); expected text"),
        (b'{"text": "We wa', "-, row 1: is not JSON: Unterminated string starting at: "
         "line 1 column 10 (char 9)"),
    ],
)  # fmt: skip
def test_bad_standard_input(data: bytes, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch, data)
    assert refused("-") == message


def test_standard_input_of_any_size_is_not_loaded_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    file = put_in(monkeypatch, b"We wait.\n" * (2 * MAX_CHARS))
    assert refused("-") == (
        "-: has more than 8,000,000 bytes; one article may have at most 2,000,000 characters"
    )
    assert file.tell() <= 8_000_000 + len(b"We wait.\n")


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        # empty files
        ("a.txt", b"", "a.txt: the text is empty; expected an article"),
        ("a.txt", b"\xef\xbb\xbf\r\n", "a.txt: the text is empty; expected an article"),
        ("a.jsonl", b"", "a.jsonl: the file is empty; expected a JSON object a line"),
        ("a.jsonl", b"\n\n", "a.jsonl: the file is empty; expected a JSON object a line"),
        ("a.json", b" ", "a.json: the file is empty; expected an article"),
        ("a.csv", b"", "a.csv: the file is empty; expected a header and rows"),
        ("a.html", b"", "a.html: the file is empty; expected a page"),
        # binary files, wrong encodings
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "a.txt: is binary (it holds null bytes); "
         "expected text"),
        ("a.csv", b"PK\x03\x04\x00\x00", "a.csv: is binary (it holds null bytes); expected text"),
        ("a.txt", bytes(range(1, 32)) * 9 + b"\xff", "a.txt: is binary; expected text"),
        ("a.txt", b"We \x81 wait", "a.txt: is neither UTF-8 nor Windows-1252 "
         "(byte 0x81 at 3); convert it to UTF-8"),
        ("a.txt", b"\xff\xfeW\x00e", "a.txt: is not UTF-16 (byte 0x65 at 4); convert it to UTF-8"),
        # JSON
        ("a.json", b"{", "a.json: is not JSON: Expecting property name enclosed in double quotes: "
         "line 1 column 2 (char 1)"),
        ("a.json", b"5", "a.json: holds int, expected an object with a text"),
        ("a.jsonl", b'["a"]', "a.jsonl, row 1: holds list, expected an object with a text"),
        ("a.jsonl", b'{"text": "We \x81"}', "a.jsonl, row 1: is neither UTF-8 nor Windows-1252 "
         "(byte 0x81 at 13); convert it to UTF-8"),
        ("a.jsonl", b'{"text": 5}', "a.jsonl, row 1: text is int, expected a string"),
        ("a.jsonl", b'{"text": null}', "a.jsonl, row 1: the text is empty; expected an article"),
        ("a.jsonl", b'{"text": "We.", "date": "soon"}', "a.jsonl, row 1: date 'soon' is not a "
         "date; use YYYY-MM-DD"),
        ("a.jsonl", b'{"Story": "We.", "id": 1}', "a.jsonl, row 1: no text column among id, story; "
         f"accepted: {TEXT_NAMES}"),
        ("a.jsonl", b"{}", f"a.jsonl, row 1: no text column among none; accepted: {TEXT_NAMES}"),
        # CSV
        ("a.csv", b"id,story\n1,We wait.\n", "a.csv, row 1: no text column among id, story; "
         f"accepted: {TEXT_NAMES}"),
        ("a.csv", b"id,text\n1,We wait.,and,stop\n", "a.csv, row 1: has 2 more fields than the "
         "header"),
        ("a.csv", b"id,text\n1\n", "a.csv, row 1: the text is empty; expected an article"),
        # pages
        ("a.html", b"<html><body></body></html>", "a.html: no article text found in the page"),
    ],
)  # fmt: skip
def test_a_bad_file_says_why(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    assert refused(write(tmp_path / name, data)) == message


@pytest.mark.parametrize("data", [b"", b"no parquet at all", b"PAR1" + b"\x00" * 40 + b"PAR1"])
def test_a_file_that_is_no_parquet_says_so(data: bytes, tmp_path: Path) -> None:
    assert refused(write(tmp_path / "a.parquet", data)).startswith("a.parquet: is not Parquet: ")


def test_parquet_rows_are_refused_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["a", "b", "c"], "text": [None, TEXT, " "]}), path)
    bad, good, blank = read_articles([path])
    assert str(bad) == f"{path}, row 1: the text is empty; expected an article"
    assert isinstance(good, Article)
    assert str(blank) == f"{path}, row 3: the text is empty; expected an article"
    pq.write_table(pa.table({"text": [b"bytes"], "n": [1]}), path)
    assert refused(path) == "a.parquet, row 1: text is bytes, expected a string"
    pq.write_table(pa.table({"story": [TEXT]}), path)
    assert refused(path) == f"a.parquet, row 1: no text column among story; accepted: {TEXT_NAMES}"


def test_parquet_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    offsets = pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00")
    column = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"a\xff")])
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet").startswith("a.parquet: is not Parquet: ")


def test_a_truncated_line_stops_nothing(tmp_path: Path) -> None:
    lines = json_line(id="a", text=TEXT) + json_line(id="b", text=TEXT)[:30] + "\n"
    path = write(tmp_path / "a.jsonl", lines + json_line(id="c", text=TEXT))
    first, bad, last = read_articles([path])
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert (first.id, last.id) == ("a", "c")
    assert isinstance(bad, Reject)
    assert str(bad).startswith(f"{path}, row 2: is not JSON: Unterminated string")


def test_deep_json_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "[" * 100_000)
    assert refused(path).startswith("a.jsonl, row 1: is not JSON: ")


def test_a_bad_date_for_all_is_said_for_each(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    (item,) = read_articles([path], date="soon")
    assert str(item) == f"{path}: date 'soon' is not a date; use YYYY-MM-DD"


def test_an_id_that_was_seen_is_refused_with_the_place_of_the_first(tmp_path: Path) -> None:
    lines = json_line(id="a", text=TEXT) + "\n" + json_line(id="a", text="Other.")
    path = write(tmp_path / "x.jsonl", lines + json_line(id="b", text="Third."))
    first, again, third = read_articles([path])
    assert isinstance(first, Article)
    assert isinstance(third, Article)
    assert str(again) == f"{path}, row 3: id 'a' stands already in {path}, row 1; ids must differ"


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    first, again = read_articles([path, tmp_path])
    assert isinstance(first, Article)
    assert str(again) == f"{path}: id 'a' stands already in {path}; ids must differ"


def test_a_file_that_is_not_to_be_opened_is_refused(tmp_path: Path) -> None:
    names = expand([write(tmp_path / "a.jsonl", json_line(text=TEXT))])
    (path,) = names
    assert isinstance(path, Path)
    path.unlink()
    path.mkdir()  # between the listing and the reading
    (item,) = read_articles_of(path)
    assert str(item) == f"{path}: cannot be read: Is a directory"


def read_articles_of(path: Path) -> list[Article | Reject]:
    """Read a path as if it had been listed as a file."""
    from quotestance.readers import _read

    return [item for _, item in _read(path, None)]


# --- sizes ---------------------------------------------------------------------------------


def sparse(path: Path, size: int, head: bytes = b"", tail: bytes = b"") -> Path:
    """A file with a hole: null bytes that take no disk."""
    with path.open("wb") as file:
        file.write(head)
        file.seek(size - len(tail) - 1)
        file.write(b"\x00" + tail)
    return path


SIZE = 50 * 2**20


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.html"])
def test_a_file_of_50_mb_is_refused_by_its_size(name: str, tmp_path: Path) -> None:
    path = sparse(tmp_path / name, SIZE)
    tracemalloc.start()
    try:
        message = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message == (
        f"{name}: has more than 8,000,000 bytes; one article may have at most 2,000,000 characters"
    )
    assert peak < SIZE / 4


def test_a_line_of_50_mb_is_passed_over(tmp_path: Path) -> None:
    good = json_line(id="a", text=TEXT).encode()
    path = sparse(tmp_path / "a.jsonl", SIZE, b'{"text": "', b'"}\n' + good)
    tracemalloc.start()
    try:
        bad, after = read_articles([path])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(bad) == f"{path}, row 1: the line has more than 16,000,000 bytes"
    assert isinstance(after, Article)
    assert after.text == TEXT
    assert peak < 0.8 * SIZE


@pytest.mark.parametrize("over", [0, 1, 2])
def test_no_line_is_lost_behind_one_at_the_limit(over: int, tmp_path: Path) -> None:
    line = b" " * (MAX_LINE - 2 + over) + b"{\n"  # with its end: MAX_LINE + over
    good = json_line(id="a", text=TEXT).encode()
    bad, after = read_articles([write(tmp_path / "a.jsonl", line + good)])
    assert isinstance(bad, Reject)
    assert bad.row == 1
    assert ("has more than" in bad.reason) == (over > 0)
    assert isinstance(after, Article)


def test_a_text_that_is_too_long_is_refused(tmp_path: Path) -> None:
    lines = json_line(text="a" * (MAX_CHARS + 1)) + json_line(text="a" * MAX_CHARS)
    path = write(tmp_path / "a.jsonl", lines)
    bad, good = read_articles([path])
    assert str(bad) == (
        f"{path}, row 1: the text has 2,000,001 characters; one article may have at most 2,000,000"
    )
    assert isinstance(good, Article)


def test_a_csv_field_that_is_too_long_stops_nothing(tmp_path: Path) -> None:
    rows = f"id,text\n1,{'a' * (MAX_LINE + 1)}\n2,We wait.\n"
    path = write(tmp_path / "a.csv", rows)
    found = list(read_articles([path]))
    assert str(found[0]) == f"{path}, row 1: is not CSV: field larger than field limit (16000000)"
    assert [a.id for a in found if isinstance(a, Article)] == ["2"]


# --- encodings -----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "“We’ll wait” – naïve, says Zoë; 5 €"
    assert decode(text.encode(encoding), "x") == text


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        assert isinstance(decode(data, "x"), str)
    except InputError as error:
        assert str(error).startswith("x: is ")


@given(st.text(max_size=200).filter(lambda text: "\x00" not in text and text[:1] != "\ufeff"))
def test_utf_8_is_read_as_it_was_written(text: str) -> None:
    assert decode(text.encode(), "x") == text


@given(st.binary(max_size=300), st.sampled_from([".txt", *SUFFIXES]))
def test_any_file_gives_articles_or_rejects(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = write(tmp_path_factory.getbasetemp() / f"any{suffix}", data)
    for item in read_articles([path]):
        assert isinstance(item, Article) or str(item).startswith(str(path))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["text", "body", "id", "date", "title", "TEXT", "url", ""])


@given(st.one_of(JSON, st.dictionaries(FIELDS, JSON)))
def test_any_record_is_an_article_or_refused(record: object) -> None:
    try:
        article = article_of(record, source="x", row=2, default_id="x-2")
    except InputError as error:
        assert str(error).startswith("x, row 2: ")
    else:
        assert article.text.strip()
        assert article.id

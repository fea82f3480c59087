"""The HTML page of positions."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from quotestance import Position
from quotestance.report import write_report

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
BLOCKED = """
import sys
from pathlib import Path
sys.modules["jinja2"] = None
from quotestance.errors import MissingExtraError
from quotestance.report import write_report
try:
    write_report([], Path(sys.argv[1]))
except MissingExtraError as error:
    print(error)
"""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


FIELDS = ("article_id", "article_date", "text", "cue", "source", "speaker", "side", "side_reason",
          "issue", "stance", "sentiment", "kind")  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_comes_from_outside_is_escaped(
    rows: list[Position], tmp_path: Path, field: str
) -> None:
    changes = {"speaker": None} if field == "source" else {}
    row = replace(rows[0], **{**changes, field: EVIL})
    write_report([row], tmp_path / "page.html")
    page = _read(tmp_path / "page.html")
    assert not page.tags & {"script", "img"}
    assert page.attributes <= {"lang", "charset", "class"}
    assert EVIL in "".join(page.words)  # as words, not as markup


def test_the_page_holds_every_quote_and_count(rows: list[Position], tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    write_report(rows, path)
    words = " ".join("".join(_read(path).words).split())
    for row in rows:
        assert " ".join(row.text.split()) in words
        assert row.side_reason in words
    articles = len({row.article_id for row in rows})
    quotes = len({(row.article_id, row.quote_id) for row in rows})
    assert f"{articles} articles, {quotes} quotes" in words


def test_the_page_needs_nothing_from_outside(rows: list[Position], tmp_path: Path) -> None:
    write_report(rows, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not _read(tmp_path / "page.html").tags & {"link", "script", "img", "iframe"}
    assert "http" not in page and "url(" not in page


def test_a_page_of_nothing(tmp_path: Path) -> None:
    write_report([], tmp_path / "page.html")
    assert "0 articles, 0 quotes" in " ".join(_read(tmp_path / "page.html").words)


def test_without_the_report_extra(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(tmp_path / "page.html")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "run: pip install 'quotestance[report]'" in done.stdout
    assert list(tmp_path.iterdir()) == []

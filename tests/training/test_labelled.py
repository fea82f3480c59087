"""Labelled documents: faults in them are found and named; the real ones hold together."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from quotestance.codebook import Codebook
from quotestance.errors import CodebookError, InputError
from quotestance_training.labelled import load_labelled

TEXT = "“We shall wait,” said Harlan Pruett."
ARTICLES = {
    "aljazeera_kerry_karzai_talks.txt": (
        "5437f2943eae9492d94cddedfbb3aeba0bd0beee7c2c5f548dce753228a298b6"
    ),
    "karzai_walk_away.txt": "a5b186f1c2fd02314c3f5232c5e35f3a3fcb371c87bd7abe319f3302b8c23a9d",
    "kerry_karzai_deadlock.txt": (
        "0cd70cad24f817fa3709ebe8cdb27c93471b5476d80032e4f0efd43952018352"
    ),
}


def document(quote: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    labels = {
        "spans": [[1, 15]],
        "texts": ["We shall wait,"],
        "kind": "direct",
        "cue": [17, 21],
        "source": [22, 35],
        "speaker_kind": "named",
        "side": "us",
        "issues": {"bsa_agreement": "favor"},
        "sentiment": "neutral",
        "sentiment_toward": {"afghan": "neutral"},
    }
    return {"id": "d1", "text": TEXT, "quotes": [labels | (quote or {})]} | changes


def write(folder: Path, *records: Any, name: str = "labels.jsonl") -> Path:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps(r, ensure_ascii=False) for r in records]
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_file_and_a_folder_give_the_same(tmp_path: Path, codebook: Codebook) -> None:
    folder = write(tmp_path / "labels", document())
    loaded = load_labelled(folder, codebook)
    assert loaded == load_labelled(folder / "labels.jsonl", codebook)
    (quote,) = loaded[0].quotes
    assert [TEXT[slice(*s)] for s in (quote.spans[0], quote.cue or (0, 0))] == [
        "We shall wait,",
        "said",
    ]


def test_json_and_jsonl_stand_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, document(id="b"), document(id="c"))
    write(tmp_path, document(id="a"), name="one.json")
    assert sorted(d.id for d in load_labelled(tmp_path)) == ["a", "b", "c"]


@pytest.mark.parametrize("space", ["\u2028", "\u2029", "\x85", "\x0c"])
def test_only_line_feeds_part_records(tmp_path: Path, space: str) -> None:
    text = f"{TEXT}{space}It rained."
    folder = write(tmp_path, document(text=text), document(id="d2"))
    raw = (folder / "labels.jsonl").read_text(encoding="utf-8")
    assert space in raw or space == "\x0c"
    assert [d.text for d in load_labelled(folder)] == [text, TEXT]


@pytest.mark.parametrize("span", [[30, 40], [-1, 4], [5, 5], [9, 3]])
@pytest.mark.parametrize("field", ["spans", "cue", "source"])
def test_a_span_outside_the_text(tmp_path: Path, field: str, span: list[int]) -> None:
    value = [span] if field == "spans" else span
    folder = write(tmp_path, document({field: value, "texts": None}))
    expected = rf"d1, quote 0: span \({span[0]}, {span[1]}\) outside {len(TEXT)} characters"
    with pytest.raises(InputError, match=expected):
        load_labelled(folder)


def test_a_quote_without_spans(tmp_path: Path) -> None:
    folder = write(tmp_path, document({"spans": [], "texts": []}))
    with pytest.raises(InputError, match=r"row 1: quotes\.0\.spans: .*at least 1 item"):
        load_labelled(folder)


def test_texts_that_differ_from_the_spans(tmp_path: Path) -> None:
    folder = write(tmp_path, document({"texts": ["We shall wait"]}))
    message = r"d1, quote 0: spans give \['We shall wait,'\], texts say \['We shall wait'\]"
    with pytest.raises(InputError, match=message):
        load_labelled(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "spoken"}, r"kind 'spoken' .*accepted: direct, indirect, mixed"),
        ({"speaker_kind": "ghost"}, r"speaker_kind 'ghost' .*accepted: named, anonymous"),
        ({"side": "nato"}, r"side 'nato' .*accepted: us, afghan, other, unknown"),
        ({"sentiment": "angry"}, r"sentiment 'angry' .*accepted: negative, neutral, positive"),
        ({"issues": {"taxes": "favor"}}, r"issue 'taxes' .*accepted: bsa_agreement, "),
        ({"issues": {"bsa_agreement": "pro"}}, r"stance 'pro' .*accepted: favor, against, neutral"),
        ({"sentiment_toward": {"us": "cold"}}, r"sentiment 'cold'"),
        ({"sentiment_toward": {"other": "neutral"}}, r"toward 'other', which is no side"),
    ],
)
def test_a_label_that_the_codebook_lacks(
    tmp_path: Path, codebook: Codebook, change: dict[str, Any], message: str
) -> None:
    folder = write(tmp_path, document(), document(change, id="d2"))
    with pytest.raises(CodebookError, match=f"d2, quote 0: .*{message}"):
        load_labelled(folder, codebook)
    assert len(load_labelled(folder)) == 2, "without a codebook labels are not checked"


def test_duplicate_ids(tmp_path: Path) -> None:
    write(tmp_path, document())
    write(tmp_path, document(), name="more.jsonl")
    with pytest.raises(InputError, match="id 'd1' stands twice"):
        load_labelled(tmp_path)


def test_a_missing_field_names_file_and_row(tmp_path: Path) -> None:
    bad = document(id="d2")
    del bad["quotes"]
    folder = write(tmp_path, document(), bad)
    with pytest.raises(InputError, match=r"labels\.jsonl, row 2: quotes: Field required"):
        load_labelled(folder)


def test_a_line_that_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text('{"id": "d1"', encoding="utf-8")
    with pytest.raises(InputError, match=r"labels\.jsonl: is not JSON"):
        load_labelled(tmp_path)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_bytes(b'{"id": "\xff"}')
    with pytest.raises(InputError, match=r"labels\.json: "):
        load_labelled(tmp_path)


@pytest.mark.parametrize("name", ["", "absent"])
def test_a_folder_without_labels(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no labelled \.json or \.jsonl files there"):
        load_labelled(tmp_path / name)


def test_a_file_without_documents(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="no labelled documents"):
        load_labelled(tmp_path)


def test_stand_off_labels_read_their_article(tmp_path: Path, codebook: Codebook) -> None:
    record = document(article="articles/one.txt")
    del record["text"]
    folder = write(tmp_path / "labels", record, name="one.json")
    with pytest.raises(InputError, match=r"one\.json: article .*one\.txt cannot be read"):
        load_labelled(folder)
    (tmp_path / "articles").mkdir()
    article = tmp_path / "articles" / "one.txt"
    article.write_bytes(f"{TEXT}\r\nNo more.\r".encode())
    (loaded,) = load_labelled(folder, codebook)
    assert loaded.text == f"{TEXT}\r\nNo more.\r", "line ends count as they are"
    article.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"one\.txt cannot be read"):
        load_labelled(folder)


@pytest.mark.parametrize(
    ("folder", "n_documents"), [("seeds/labels", 3), ("tests/data/bsa_dev", 13)]
)
def test_the_labelled_articles_agree_with_their_texts(
    project: Path, codebook: Codebook, folder: str, n_documents: int
) -> None:
    documents = load_labelled(project / folder, codebook)
    assert len(documents) == n_documents
    quotes = [q for d in documents for q in d.quotes]
    assert len(quotes) >= 10 * n_documents
    assert all(q.texts and q.sentiment and q.side for q in quotes), "texts were compared"
    for file in (project / folder).iterdir():
        record = json.loads(file.read_text(encoding="utf-8"))
        (text,) = [d.text for d in documents if d.id == record["id"]]
        for quote in record["quotes"]:
            for part in ("cue", "source"):
                if quote[part] and f"{part}_text" in quote:
                    assert text[slice(*quote[part])] == quote[f"{part}_text"]


def test_the_seed_articles_are_byte_for_byte_as_given(project: Path) -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (project / "seeds/articles").iterdir()
    }
    assert found == ARTICLES

"""Labelled documents as a dataset: columns, values, digest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from quotestance.codebook import Codebook
from quotestance.errors import ConfigError
from quotestance_training.corpora import (
    Corpus,
    digest_of_folder,
    examples,
    gold_quotes,
    load_statements,
    to_dataset,
)
from quotestance_training.labelled import GoldQuote, LabelledDocument, load_labelled

COLUMNS = [
    "doc", "writer", "voice", "text", "kind", "cue", "cue_class", "source", "context", "before",
    "position", "side", "speaker_kind", "issues", "sentiment", "toward",
]  # fmt: skip


def test_columns_and_rows(corpus: Corpus) -> None:
    assert corpus.data.column_names == COLUMNS
    assert len(corpus.data) == 60
    assert corpus.name == "statements"
    assert sorted(set(corpus.data["writer"])) == ["t01", "t02", "t03", "t04"]


def test_a_row_says_what_the_snippet_says(corpus: Corpus) -> None:
    row = corpus.data[0]
    assert row["doc"] == "t01-000"
    assert row["text"] == "We gladly welcome the security agreement and we are proud to support it,"
    assert (row["cue"], row["cue_class"], row["kind"]) == ("said", "say", "direct")
    assert row["before"] == "In the courtyard of the guest house, the talk went on."
    assert row["text"] in row["context"]
    assert 0 < row["position"] < 1
    assert (row["side"], row["speaker_kind"]) == ("us", "named")
    assert json.loads(row["issues"]) == {"bsa_agreement": "favor"}
    assert json.loads(row["toward"]) == {"us": "neutral", "afghan": "neutral"}


def test_the_snippets_hold_all_labels(corpus: Corpus) -> None:
    for writer in set(corpus.data["writer"]):
        rows = corpus.data.filter(lambda r, w=writer: r["writer"] == w)
        stances = {s for i in rows["issues"] for s in json.loads(i).values()}
        assert stances == {"favor", "against", "neutral"}
        assert set(rows["sentiment"]) == {"negative", "neutral", "positive"}
        assert set(rows["side"]) == {"us", "afghan", "other"}


def test_writers_can_be_left_out(statements: Path, codebook: Codebook) -> None:
    kept = load_statements(statements, codebook, drop_writers=["t01", "t03"])
    assert sorted(set(kept.data["writer"])) == ["t02", "t04"]


def test_leaving_out_an_unknown_writer_or_all_is_an_error(
    statements: Path, codebook: Codebook
) -> None:
    with pytest.raises(ConfigError, match=r"data\.drop_writers: no 't9'.*t01, t02, t03, t04"):
        load_statements(statements, codebook, drop_writers=["t9"])
    with pytest.raises(ConfigError, match=r"data\.drop_writers: .*nothing is left"):
        load_statements(statements, codebook, drop_writers=["t01", "t02", "t03", "t04"])


def test_the_digest_changes_with_content_and_names(
    statements: Path, codebook: Codebook, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(statements, copy)
    assert digest_of_folder(copy) == digest_of_folder(statements)
    (copy / "t01.jsonl").rename(copy / "t00.jsonl")
    renamed = digest_of_folder(copy)
    (copy / "t00.jsonl").write_bytes((copy / "t00.jsonl").read_bytes() + b"\n")
    (copy / "notes.txt").write_text("not a label file", encoding="utf-8")
    changed = digest_of_folder(copy)
    (copy / "notes.txt").unlink()
    assert len({digest_of_folder(statements), renamed, changed}) == 3
    assert digest_of_folder(copy) == changed, "only label files count"
    assert load_statements(copy, codebook).digest == changed


def test_a_single_file_has_a_digest_of_its_own(statements: Path, codebook: Codebook) -> None:
    one = load_statements(statements / "t01.jsonl", codebook)
    two = load_statements(statements / "t02.jsonl", codebook)
    assert len(one.data) == 15
    assert one.digest != two.digest


def test_optional_quotes_are_left_out_of_rows_only() -> None:
    text = "“We wait,” he said. “We go,” she said."
    quotes = [
        GoldQuote(spans=[(1, 9)], kind="direct", cue=(14, 18), sentiment="neutral", optional=True),
        GoldQuote(spans=[(21, 27)], kind="direct", cue=(33, 37), sentiment="neutral"),
    ]
    document = LabelledDocument(id="d", text=text, quotes=quotes)
    data = to_dataset([document], gold_quotes([document]))
    assert data["text"] == ["We go,"]
    assert data["writer"] == ["d"], "a document without a writer is its own"
    assert data["side"] == ["unknown"]
    assert [[q.text for q in qs] for qs in gold_quotes([document])] == [["We wait,", "We go,"]]


def test_parts_of_a_quote_are_joined_and_its_sentences_are_context() -> None:
    text = "It rained. “We do not,” he insisted, “want it.” The hall was cold."
    quote = GoldQuote(spans=[(12, 22), (38, 46)], kind="direct", cue=(27, 35), sentiment="negative")
    document = LabelledDocument(id="d", text=text, quotes=[quote])
    (row,) = to_dataset([document], gold_quotes([document]))
    assert row["text"] == "We do not, want it."
    assert row["cue"] == "insisted"
    assert row["before"] == "It rained."
    assert "The hall" not in row["context"]


def test_examples_carry_side_speaker_and_quote(corpus: Corpus, statements: Path) -> None:
    made = examples(corpus.data)
    assert len(made) == 60
    for example, row in zip(made, corpus.data, strict=True):
        assert (example.side, example.speaker_kind) == (row["side"], row["speaker_kind"])
        assert example.quote.text == row["text"]
    documents = load_labelled(statements)
    handed_on = [q for qs in gold_quotes(documents) for q in qs]
    assert [e.quote.cue_class for e in made] == [q.cue_class for q in handed_on]

"""The positions corpus: whole, and apart from what it must not know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quotestance.codebook import Codebook
from quotestance_training.labelled import load_labelled
from quotestance_training.topics import load_topics

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "seeds/positions"
FILES = sorted(FOLDER.glob("*/*.jsonl"))
WORD = re.compile(r"\w+")
RUN = 8
STOCK = {
    "that the pact would be signed in good",
    "abdullah abdullah and ashraf ghani have promised to",
    "a senior u s administration official told reporters",
    "who asked not to be named because he",
}


def records(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def runs(text: str) -> set[str]:
    words = WORD.findall(text.casefold())
    return {" ".join(words[k : k + RUN]) for k in range(len(words) - RUN + 1)}


@pytest.mark.parametrize("file", FILES, ids=lambda p: p.stem)
def test_every_file_can_be_read(file: Path, codebook: Codebook) -> None:
    documents = load_labelled(file, codebook)
    assert len(documents) >= 100
    for document in documents:
        assert document.writer and document.id.startswith(f"{document.writer}-")
        assert all(q.sentiment for q in document.quotes)
        told = any(q.issues is not None or q.propositions or q.targets for q in document.quotes)
        assert told, document.id


def test_ids_and_texts_stand_once() -> None:
    found = [r for file in FILES for r in records(file)]
    assert len({r["id"] for r in found}) == len(found)
    assert len({r["text"] for r in found}) == len(found)


def test_nothing_is_shared_with_what_is_tested_on() -> None:
    held = [json.loads(p.read_text(encoding="utf-8"))["text"]
            for p in (ROOT / "tests/data/bsa_dev").glob("*.json")]  # fmt: skip
    held += [p.read_text(encoding="utf-8") for p in (ROOT / "seeds/articles").glob("*.txt")]
    held += [r["text"] for p in (ROOT / "seeds/stories/test").glob("*.jsonl") for r in records(p)]
    known = {run for text in held for run in runs(text)} - STOCK
    for file in sorted((FOLDER / "train").glob("*.jsonl")):
        for record in records(file):
            assert not runs(record["text"]) & known, record["id"]
    assert not runs_of_topics() & known


def runs_of_topics() -> set[str]:
    topics = load_topics(ROOT / "seeds/topics/train")
    parts = [part for topic in topics for part in topic.model_dump(exclude={"topic"}).values()]
    return {run for part in parts for sentence in part for run in runs(sentence)}


def test_gates_are_apart_from_training() -> None:
    gates = {
        run
        for p in (FOLDER / "gates").glob("*.jsonl")
        for r in records(p)
        for run in runs(r["text"])
    }
    for file in sorted((FOLDER / "train").glob("*.jsonl")):
        for record in records(file):
            assert len(runs(record["text"]) & gates) <= 2, record["id"]
    assert not runs_of_topics() & gates


def test_every_difference_names_a_quote_and_what_was_done() -> None:
    ids = {r["id"] for file in FILES for r in records(file)}
    found = list(records(FOLDER / "differences.jsonl"))
    assert len(found) > 1000
    for row in found:
        assert row["id"] in ids
        assert row["first"] != row["second"]
        assert set(row) == {"id", "quote", "what", "first", "second", "settled"}

"""Public sets: each shape of record, the hub's shape, what is refused, licences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quotestance.errors import ConfigError, InputError
from quotestance_training import public_data
from quotestance_training.config import OWN_SOURCES, SourceConfig
from quotestance_training.pair_rows import PairRow
from quotestance_training.public_data import SETS, load_public

SENTENCE = "The senator called Alva Brook a hero."
RECORDS: dict[str, list[dict[str, Any]]] = {
    "newsmtsc": [{"id": "a", "text": SENTENCE, "target": "Alva Brook", "start": 19, "end": 29,
                  "label": "positive", "further_mentions": []}],
    "directed_sentiment": [
        {"id": "b", "text": SENTENCE, "p": "senator", "q": "Alva Brook", "p_span": [4, 11],
         "q_span": [19, 29], "label": "p_pos_q", "sentiment": "positive"},
        {"id": "c", "text": SENTENCE, "p": "senator", "q": "Alva Brook", "p_span": [4, 11],
         "q_span": [19, 29], "label": "q_neg_p", "sentiment": "negative"},
    ],
    "perspectrum": [{"id": "d", "target": "Cats should vote.", "text": "Cats  know best ",
                     "label": "SUPPORT"}],
    "ibm_claim_stance": [{"id": "e", "target": "This house believes that cats rule",
                          "text": "Dogs rule", "label": "CON"}],
    "seesaw": [
        {"id": "f", "doc": "d1", "text": SENTENCE, "target": "Alva Brook", "label": "POS"},
        {"id": "g", "doc": "d1", "text": SENTENCE, "target": "Mayor Brook", "label": "NEG"},
        {"id": "h", "doc": "d1", "text": SENTENCE, "target": "The Cats", "label": "NEG"},
    ],
}  # fmt: skip
MARKED = "The senator called « Alva Brook » a hero."


def folder(tmp_path: Path, name: str, records: list[dict[str, Any]], file: str = "train") -> Path:
    there = tmp_path / name
    there.mkdir(exist_ok=True)
    lines = "".join(json.dumps(r) + "\n" for r in records)
    (there / f"{file}.jsonl").write_text(lines, encoding="utf-8")
    return there


def read(tmp_path: Path, name: str) -> list[PairRow]:
    folder(tmp_path, name, RECORDS[name])
    return load_public(SourceConfig.model_validate({"name": name}), tmp_path)[0]


def test_targets_are_marked(tmp_path: Path) -> None:
    assert read(tmp_path, "newsmtsc") == [PairRow("Alva Brook", MARKED, "a", target=2)]
    one, two = read(tmp_path, "directed_sentiment")
    assert (one.first, one.target) == ("Alva Brook", 2)
    assert (two.first, two.second, two.target) == (
        "senator", "The « senator » called Alva Brook a hero.", 0,
    )  # fmt: skip


def test_claims_are_quotes_on_propositions(tmp_path: Path) -> None:
    assert read(tmp_path, "perspectrum") == [
        PairRow("Cats should vote.", "« Cats know best »", "Cats should vote.", 1, 0)
    ]
    (row,) = read(tmp_path, "ibm_claim_stance")
    assert (row.first, row.bearing, row.stance) == ("cats rule", 1, 1)


def test_seesaw_takes_what_the_sentence_names(tmp_path: Path) -> None:
    one, two = read(tmp_path, "seesaw")
    assert (one.first, one.target, one.group) == ("Alva Brook", 2, "d1")
    assert (two.first, two.target) == ("Brook", 0)


def test_the_hub_has_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load(name: str, split: str) -> list[dict[str, Any]]:
        asked.append((name, split))
        return [{"id": "a", "sentence": SENTENCE, "mention": "Alva Brook", "from": 19, "to": 29,
                 "polarity": 1.0}]  # fmt: skip

    monkeypatch.setattr("datasets.load_dataset", load)
    source = SourceConfig(name="newsmtsc", dev=True)
    rows, digest = load_public(source, None)
    assert rows == [PairRow("Alva Brook", MARKED, "a", target=2)] and len(digest) == 64
    load_public(source, None, dev=True)
    hub = "fhamborg/news_sentiment_newsmtsc"
    assert asked == [(hub, "train"), (hub, "validation")]


def test_development_rows_have_their_own_files(tmp_path: Path) -> None:
    there = folder(tmp_path, "newsmtsc", RECORDS["newsmtsc"], "dev_rw")
    folder(tmp_path, "newsmtsc", RECORDS["newsmtsc"] * 2, "dev_mt")
    source = SourceConfig(name="newsmtsc", path=there)
    assert len(load_public(source, None, dev=True)[0]) == 3


def test_a_set_without_hub_or_folder_says_what_is_needed() -> None:
    with pytest.raises(ConfigError, match=r"perspectrum/train\.jsonl \(Chen et al\."):
        load_public(SourceConfig(name="perspectrum"), None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 1}', "row 1: not a record of this set: KeyError 'text'"),
        ("{", "row 1: is not JSON"),
        (json.dumps(RECORDS["newsmtsc"][0] | {"end": 99}), r"target \(19, 99\) outside 37"),
        (json.dumps(RECORDS["newsmtsc"][0] | {"label": "fine"}), "ValueError"),
    ],
)
def test_bad_records_are_told(tmp_path: Path, line: str, message: str) -> None:
    there = folder(tmp_path, "newsmtsc", [])
    (there / "train.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_public(SourceConfig(name="newsmtsc", path=there), None)


def test_bytes_that_are_no_text_and_missing_files(tmp_path: Path) -> None:
    there = folder(tmp_path, "newsmtsc", [])
    (there / "train.jsonl").write_bytes(b"\xff\xfe")
    source = SourceConfig(name="newsmtsc", path=there)
    with pytest.raises(InputError, match="is not UTF-8"):
        load_public(source, None)
    (there / "train.jsonl").unlink()
    with pytest.raises(InputError, match=r"train\.jsonl: cannot be read"):
        load_public(source, None)


def test_licences_are_known_and_one_may_not_ship() -> None:
    assert {name for name, known in SETS.items() if not known.may_ship} == {"seesaw"}
    assert all(known.licence and known.cite for known in SETS.values())
    accepted = SourceConfig.model_fields["name"].annotation
    assert set(accepted.__args__) == {*OWN_SOURCES, *SETS}  # type: ignore[union-attr]
    assert public_data.SETS is SETS

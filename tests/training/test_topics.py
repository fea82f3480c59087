"""Debated topics: every quote on every wording, and labels that turn with the proposition."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from quotestance.codebook import STANCES
from quotestance.errors import ConfigError, InputError
from quotestance_training.config import check_config
from quotestance_training.pair_rows import MISSING
from quotestance_training.topics import Topic, load_topics, topic_rows

HARBOUR = {
    "topic": "harbour",
    "same": ["The harbour should be closed.", "It is time to shut the harbour."],
    "opposite": ["The harbour should stay open."],
    "favor": ["Lock it up."],
    "against": ["Four hundred families eat from it."],
    "neutral": ["The council votes on Friday."],
    "aside": ["Herring is cheap this week."],
}
SEEDS = Path(__file__).parents[2] / "seeds" / "topics"
_WORDS = re.compile(r"\w+")


def write(path: Path, *topics: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(t) for t in topics), encoding="utf-8")
    return path


def test_every_quote_meets_every_wording(tmp_path: Path) -> None:
    rows = topic_rows(load_topics(write(tmp_path / "a.jsonl", HARBOUR)), seed=1)
    found = {
        (row.first, row.second.split("« ")[1].removesuffix(" »")): (row.bearing, row.stance)
        for row in rows
    }
    assert len(found) == len(rows) == 4 * 3
    closed, stays = HARBOUR["same"][0], HARBOUR["opposite"][0]
    told = {"Lock it up.": "favor", "Four hundred families eat from it.": "against"}
    for quote, stance in told.items():
        turned = {"favor": "against", "against": "favor"}[stance]
        assert found[closed, quote] == (1, STANCES.index(stance))
        assert found[stays, quote] == (1, STANCES.index(turned))
    assert found[stays, "The council votes on Friday."] == (1, STANCES.index("neutral"))
    assert found[closed, "Herring is cheap this week."] == (0, MISSING)
    assert {row.group for row in rows} == {"harbour"}


def test_attributions_are_drawn_by_the_seed_and_tell_nothing() -> None:
    topic = Topic.model_validate({**HARBOUR, "favor": [f"Reason {k}." for k in range(200)]})
    rows, again, other = (topic_rows([topic], seed=s) for s in (1, 1, 2))
    assert rows == again != other
    bare = [row.second.startswith(" : «") for row in rows]
    assert 0.3 < sum(bare) / len(bare) < 0.5
    assert len({row.second.split(" : ")[0] for row in rows}) > 5


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({**HARBOUR, "same": []}, "same"),
        ({**HARBOUR, "favour": ["Yes."]}, "favour"),
        ({k: v for k, v in HARBOUR.items() if k != "topic"}, "topic"),
        ({**HARBOUR, "neutral": [3]}, "neutral"),
    ],
)
def test_what_is_no_topic_is_named(tmp_path: Path, record: dict[str, Any], told: str) -> None:
    file = write(tmp_path / "a.jsonl", HARBOUR, {**record, "topic": "b"} if "topic" in record
                 else record)  # fmt: skip
    with pytest.raises(InputError, match=told) as caught:
        load_topics(tmp_path)
    assert str(file) in str(caught.value) and "2" in str(caught.value)


def test_a_topic_that_stands_twice_and_a_folder_without_any(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no topics"):
        load_topics(tmp_path)
    write(tmp_path / "a.jsonl", HARBOUR)
    write(tmp_path / "b.jsonl", HARBOUR)
    with pytest.raises(InputError, match="'harbour' stands twice"):
        load_topics(tmp_path)


def test_opposites_can_be_fewer(tmp_path: Path) -> None:
    topic = Topic.model_validate({**HARBOUR, "opposite": ["Keep it.", "Save it."]})
    told = {n: {row.first for row in topic_rows([topic], seed=1, opposites=n)} for n in (0, 1, 2)}
    assert told[0] == set(topic.same)
    assert told[1] - told[0] == {"Keep it."} and told[2] - told[1] == {"Save it."}
    assert topic_rows([topic], seed=1, opposites=2) == topic_rows([topic], seed=1)


def test_only_topics_have_opposites(tmp_path: Path) -> None:
    source = {"name": "labelled", "path": str(tmp_path), "opposites": 1}
    data = {"statements": "s", "codebook": "c", "actors": "a", "sources": [source]}
    model = {"kind": "encoder", "encoder": "x"}
    with pytest.raises(ConfigError, match="only topics have opposite wordings"):
        check_config({"name": "test", "model": model, "data": data}, "test.yaml")


def test_own_data_have_no_development_rows(tmp_path: Path) -> None:
    source = {"name": "topics", "path": str(tmp_path), "dev": True}
    data = {"statements": "s", "codebook": "c", "actors": "a", "sources": [source]}
    model = {"kind": "encoder", "encoder": "x"}
    with pytest.raises(ConfigError, match="labelled and topics have no development rows"):
        check_config({"name": "test", "model": model, "data": data}, "test.yaml")


def test_no_sentence_of_the_test_topics_is_trained_on() -> None:
    told = {split: _sentences(load_topics(SEEDS / split)) for split in ("train", "test")}
    assert len(told["test"]) > 300
    assert not told["train"] & told["test"]


def _sentences(topics: list[Topic]) -> set[str]:
    return {
        " ".join(_WORDS.findall(sentence.casefold()))
        for topic in topics
        for part in topic.model_dump(exclude={"topic"}).values()
        for sentence in part
    }

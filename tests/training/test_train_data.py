"""Everything a configuration names, read once: sources, digests, licences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quotestance.errors import ConfigError
from quotestance_training.config import DataConfig, TrainConfig, check_config
from quotestance_training.corpora import digest_of_folder
from quotestance_training.train import train
from quotestance_training.train_data import licences, load_data

Settings = Callable[..., dict[str, Any]]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    for name, count in (("newsmtsc", 6), ("seesaw", 2)):
        (tmp_path / name).mkdir()
        lines = []
        for k in range(count):
            text = f"Number {k}: the army is brave."
            record = {"id": str(k), "text": text, "target": "army", "label": "positive"}
            record |= {"start": 14, "end": 18}
            if name == "seesaw":
                record |= {"label": "POS", "doc": "d"}
            lines.append(json.dumps(record) + "\n")
        (tmp_path / name / "train.jsonl").write_text("".join(lines), encoding="utf-8")
        (tmp_path / name / "dev_rw.jsonl").write_text(lines[0], encoding="utf-8")
        (tmp_path / name / "dev_mt.jsonl").write_text(lines[1], encoding="utf-8")
    return tmp_path


def data(settings: Settings, public: Path, *sources: dict[str, Any], **more: Any) -> DataConfig:
    given = settings(Path("x"))["data"]
    return DataConfig.model_validate(
        {**given, "public": str(public), "sources": list(sources), **more}
    )


def test_statements_alone(settings: Settings, public: Path, statements: Path) -> None:
    found = load_data(data(settings, public), seed=1)
    assert len(found.quotes()) == len(found.corpus.data) == 60
    assert [q.group for q in found.quotes()] == list(found.corpus.data["writer"])
    assert found.further_quotes() == [] and found.further_with_issues() is None
    assert found.digests == {"statements": digest_of_folder(statements)}


def test_development_articles_are_read_apart(
    settings: Settings, public: Path, statements: Path
) -> None:
    found = load_data(data(settings, public, articles=str(statements)), seed=1)
    assert len(found.article_quotes()) == 60 and found.further_quotes() == []
    assert found.digests[f"{statements} (dev)"] == digest_of_folder(statements)


def test_sources_come_beside(settings: Settings, public: Path, statements: Path) -> None:
    found = load_data(
        data(settings, public, {"name": "labelled", "path": str(statements)},
             {"name": "newsmtsc", "dev": True, "weight": 0.5, "limit": 4}),
        seed=1,
    )  # fmt: skip
    assert len(found.further_quotes()) == 60
    further = found.further_with_issues()
    assert further is not None and further.column_names == found.corpus.data.column_names
    assert len(found.public) == 4 and {row.weight for row in found.public} == {0.5}
    assert len(found.public_dev) == 2
    assert set(found.digests) == {
        "statements", str(statements), "newsmtsc", "newsmtsc (dev)",
    }  # fmt: skip


def test_quotes_without_issues_are_no_rows_of_the_linear_model(
    settings: Settings, public: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    quote = {"spans": [[0, 6]], "kind": "indirect", "sentiment": "neutral"}
    lines = [
        {"id": "a", "text": "We go.", "quotes": [quote | {"issues": {}}]},
        {"id": "b", "text": "We go.", "quotes": [quote]},
        {"id": "c", "text": "We go.", "quotes": [quote | {"issues": {}, "optional": True}]},
    ]
    (folder / "w.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    found = load_data(data(settings, public, {"name": "labelled", "path": str(folder)}), seed=1)
    further = found.further_with_issues()
    assert further is not None and further["doc"] == ["a"]
    assert [q.issues for q in found.further_quotes()] == [{}, None]


def test_the_seed_draws_the_limit(settings: Settings, public: Path) -> None:
    chosen = data(settings, public, {"name": "newsmtsc", "limit": 3})
    first, again, other = (load_data(chosen, seed=s).public for s in (1, 1, 2))
    assert first == again != other


def test_one_set_can_be_taken_in_several_ways(settings: Settings, public: Path) -> None:
    found = load_data(
        data(settings, public, {"name": "newsmtsc"},
             {"name": "newsmtsc", "take": "texts", "limit": 2, "weight": 0.5}),
        seed=1,
    )  # fmt: skip
    assert [(row.labelled, row.asked, row.weight) for row in found.public] == [
        *[(True, "", 1.0)] * 6, *[(False, "target", 0.5)] * 2,
    ]  # fmt: skip


def test_what_may_not_ship_is_refused(settings: Settings, public: Path) -> None:
    with pytest.raises(ConfigError, match=r"seesaw \(CC BY-NC-SA 4.0\) may not train"):
        load_data(data(settings, public, {"name": "seesaw"}), seed=1)
    local = load_data(data(settings, public, {"name": "seesaw"}, local_only=True), seed=1)
    assert len(local.public) == 2


@pytest.mark.parametrize("name", ["labelled", "topics"])
def test_sources_of_ones_own_need_a_path(settings: Settings, public: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} needs a path"):
        load_data(data(settings, public, {"name": name}), seed=1)


def test_topics_make_rows(settings: Settings, public: Path, project: Path) -> None:
    folder = project / "seeds/topics/test"
    source = {"name": "topics", "path": str(folder), "limit": 50, "weight": 0.5}
    found = load_data(data(settings, public, source), seed=1)
    assert len(found.public) == 50 and {row.weight for row in found.public} == {0.5}
    assert found.digests[str(folder)] == digest_of_folder(folder)
    assert licences(data(settings, public, source)) == {}, "it is no public set"


def test_shipped_bundles_learnt_from_nothing_that_may_not_ship(project: Path) -> None:
    for manifest in (project / "inference/quotestance/data").glob("*/manifest.json"):
        record = json.loads(manifest.read_text(encoding="utf-8"))
        named = [*record["data"], *(s["name"] for s in record["config"]["data"].get("sources", []))]
        assert not any("seesaw" in name for name in named), manifest
        assert not record["config"]["data"].get("local_only", False), manifest


def test_licences_are_named_in_the_card(
    settings: Settings, config: Callable[..., TrainConfig], public: Path, tmp_path: Path
) -> None:
    chosen = settings(tmp_path / "model", seeds=[1])
    chosen["data"] |= {"public": str(public), "sources": [{"name": "newsmtsc"}]}
    trained = train(check_config(chosen, "test"))
    card = (trained.bundle / "README.md").read_text(encoding="utf-8")
    assert "newsmtsc: Hamborg & Donnay" in card and "licence: MIT" in card
    assert "*cannot tell*" in card and "*issue: not here*" in card
    assert licences(check_config(chosen, "test").data)["newsmtsc"]["licence"] == "MIT"

"""A small statements folder, a bundle trained on it, and one MLflow store for the session."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from quotestance.actors import Actors
from quotestance.codebook import Codebook
from quotestance_training.config import TrainConfig, check_config
from quotestance_training.corpora import Corpus, load_statements
from quotestance_training.fit_linear import Task, tasks_of
from quotestance_training.train import Trained, train

os.environ["HF_HUB_OFFLINE"] = "1"

WRITERS = ("t01", "t02", "t03", "t04")
SPEAKERS = {
    "us": ("Harlan Pruett, a State Department envoy,", "a senior US official", "Pentagon aides"),
    "afghan": ("Wazir Tolwak, a presidential adviser,", "an Afghan minister", "the palace"),
    "other": ("Ilse Brandvold, a Norwegian analyst,", "a Kabul shopkeeper", "villagers"),
}
TOPICS = {
    "bsa_agreement": ("the security agreement", "the pact", "this agreement", "the long pact"),
    "residual_force": ("American troops after 2014", "troops here after 2014",
                       "a force of troops after 2014", "foreign troops past 2014"),
    "taliban_talks": ("talks with the Taliban", "the Doha talks", "Taliban envoys in Doha",
                      "the Taliban office in Doha"),
}  # fmt: skip
WORDS = {
    ("favor", "positive"): ("We gladly welcome", "and we are proud to support it"),
    ("favor", "neutral"): ("We support", "and it should go ahead"),
    ("against", "negative"): ("We reject", "because it is a shameful mistake"),
    ("against", "neutral"): ("We cannot accept", "and it should not go ahead"),
    ("neutral", "neutral"): ("We have not decided about", "and the question stays open"),
    ("neutral", "negative"): ("We are undecided about", "and the delay is a painful waste"),
}
OPENINGS = ("In the courtyard of the guest house", "Over weak tea on Sunday",
            "Between two flights", "From a lectern without a flag")  # fmt: skip


def statement(writer: int, number: int) -> dict[str, Any]:
    """One invented snippet with its labels; offsets are those of the parts as they are joined."""
    side = tuple(SPEAKERS)[(number + writer) % 3]
    issue = tuple(TOPICS)[number % 3]
    stance, sentiment = tuple(WORDS)[(number + number // 3) % len(WORDS)]
    misleading = (number + 3) % 7 == writer  # a few words lie, so that figures stay below 1
    start, end = tuple(WORDS.values())[(number + number // 3 + misleading) % len(WORDS)]
    source = SPEAKERS[side][(number // 3 + writer) % 3]
    content = f"{start} {TOPICS[issue][writer]} {end},"
    text, at = f"{OPENINGS[(number + writer) % 4]}, the talk went on. “", {}
    for name, part in (("content", content), ("", "” "), ("source", source), ("", " "),
                       ("cue", "said")):  # fmt: skip
        at[name] = [len(text), len(text) + len(part)]
        text += part
    toward = {"us": sentiment if issue == "residual_force" else "neutral", "afghan": "neutral"}
    return {
        "id": f"{WRITERS[writer]}-{number:03d}",
        "date": f"2013-{6 + writer:02d}-{number + 1:02d}",
        "text": f"{text}.",
        "writer": WRITERS[writer],
        "voice": "wire",
        "quotes": [
            {
                "spans": [at["content"]],
                "texts": [content],
                "kind": "direct",
                "cue": at["cue"],
                "source": at["source"],
                "speaker_kind": ("named", "anonymous", "collective")[(number // 3 + writer) % 3],
                "side": side,
                "issues": {issue: stance},
                "sentiment": sentiment,
                "sentiment_toward": toward,
            }
        ],
    }


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Linear algebra in one thread: on small arrays, waiting threads make a busy machine crawl."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def statements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 60 snippets, 15 by each of four writers."""
    folder = tmp_path_factory.mktemp("data") / "statements"
    folder.mkdir()
    for w, writer in enumerate(WRITERS):
        lines = [json.dumps(statement(w, n), ensure_ascii=False) for n in range(15)]
        (folder / f"{writer}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def corpus(statements: Path, codebook: Codebook) -> Corpus:
    """The snippets as a dataset."""
    return load_statements(statements, codebook)


@pytest.fixture(scope="session")
def tasks(corpus: Corpus, codebook: Codebook, actors: Actors) -> list[Task]:
    """The four heads' rows."""
    return tasks_of(corpus.data, codebook, actors)


@pytest.fixture(scope="session")
def settings(statements: Path, project: Path) -> Callable[..., dict[str, Any]]:
    """Plain settings of a tiny training; tracking is off unless a test turns it on."""

    def make(output: Path, **changes: Any) -> dict[str, Any]:
        return {
            "name": "tiny",
            "seeds": [1, 2],
            "bootstrap": 100,
            "data": {
                "statements": str(statements),
                "codebook": str(project / "configs/codebooks/bsa2013.yaml"),
                "actors": str(project / "configs/actors/bsa2013.yaml"),
            },
            "split": {"test_writers": 1, "folds": 2},
            "tracking": {"enabled": False},
            "output": str(output),
        } | changes

    return make


@pytest.fixture(scope="session")
def config(settings: Callable[..., dict[str, Any]]) -> Callable[..., TrainConfig]:
    """The settings as a checked configuration."""
    return lambda output, **changes: check_config(settings(output, **changes), "test")


@pytest.fixture(scope="session")
def trained(
    config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """The tiny training's result, without tracking."""
    return train(config(tmp_path_factory.mktemp("trained") / "model"))


@pytest.fixture(scope="session")
def tiny_bundle(trained: Trained) -> Path:
    """The folder of the tiny training's bundle."""
    return trained.bundle


@dataclass(frozen=True)
class Tracked:
    """A training that was logged, its store, and the commit that it was logged at."""

    uri: str
    config: TrainConfig
    trained: Trained
    commit: str | None


@pytest.fixture(scope="session")
def tracked(
    config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tracked]:
    """The one MLflow store of the session (a new one takes 7 s), with one training in it.

    Only test_tracking.py asks for it, so that pytest-xdist's `loadfile` makes it once too.
    """
    import mlflow

    from quotestance_training.tracking import git_commit

    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder}/store/mlflow.db"
    chosen = config(
        folder / "model",
        name="tracked",
        tracking={"uri": uri, "experiment": "tests", "register_as": "tiny", "alias": "champion"},
    )
    before = mlflow.get_tracking_uri()
    commit = git_commit()
    yield Tracked(uri, chosen, train(chosen), commit)
    mlflow.set_tracking_uri(before)

"""Session fixtures for the steps of inference; all texts are invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quotestance import Position, SentimentClassifier, StanceClassifier
from quotestance.batch import predict_files
from quotestance.sources import find_bundle

TALKS = (
    "KABUL — “We will not be rushed into signing this agreement,” an adviser at the presidential "
    "palace said on Saturday. The adviser said that Afghan courts must try any soldier who commits "
    "a crime on Afghan soil.\n\n"
    "“If there is no agreement by the end of October, all our troops will leave,” a State "
    "Department official said in Washington.\n"
)
BREAD = "A shopkeeper in Herat said that his sister bakes bread with walnuts and honey.\n"
NOTHING = "Rain fell on the hills north of the city all day, and the road stayed empty.\n"


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of the bundle in the wheel."""
    return find_bundle("linear")


@pytest.fixture(scope="session")
def classifier() -> StanceClassifier:
    """The classifier with the bundle in the wheel."""
    return StanceClassifier.from_pretrained("linear")


@pytest.fixture(scope="session")
def toward(classifier: StanceClassifier) -> SentimentClassifier:
    """Sentiment toward marked targets, from the same bundle."""
    return SentimentClassifier(classifier.bundle)


@pytest.fixture(scope="session")
def rows(classifier: StanceClassifier) -> list[Position]:
    """Rows with and without an issue, of two articles."""
    talks = classifier.predict(TALKS, id="talks", date="2013-10-12")
    bread = classifier.predict(BREAD, id="bread", date="2013-10-13")
    assert any(p.issue for p in talks)
    assert [p.issue for p in bread] == [None]
    return talks + bread


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A JSONL file of 70 articles: more than one chunk."""
    texts = [TALKS, BREAD, NOTHING, TALKS.replace("October", "November")]
    records = [
        {"id": f"a{i:02d}", "date": "2013-10-12", "text": texts[i % 4]} for i in range(70)
    ]
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The same predictions as positions.jsonl, .csv and .parquet, each written once."""
    folder = tmp_path_factory.mktemp("written")
    source = folder / "in.jsonl"
    records = [
        {"id": "talks,\r\"x\"", "date": "2013-10-12", "text": TALKS},
        {"id": "bread", "text": BREAD},
    ]
    source.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")

    def write(ending: str) -> Path:
        path = folder / f"positions.{ending}"
        if not path.exists():
            predict_files([source], str(path))
        return path

    return write

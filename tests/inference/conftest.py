"""Session fixtures for the steps of inference; all texts are invented."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from quotestance import Position, SentimentClassifier, StanceClassifier
from quotestance.output import format_of, open_rows
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


def with_thresholds(classifier: StanceClassifier, **thresholds: float) -> StanceClassifier:
    """The same models, with other thresholds."""
    manifest = classifier.bundle.manifest
    changed = {**manifest, "thresholds": {**manifest["thresholds"], **thresholds}}
    return StanceClassifier(replace(classifier.bundle, manifest=changed))


@pytest.fixture(scope="session")
def reticent(classifier: StanceClassifier) -> StanceClassifier:
    """A classifier that finds no issue."""
    return with_thresholds(classifier, issue=1.01)


@pytest.fixture(scope="session")
def unsure(classifier: StanceClassifier) -> StanceClassifier:
    """A classifier that is never sure of a stance."""
    return with_thresholds(classifier, stance=1.01)


@pytest.fixture(scope="session")
def rows(
    classifier: StanceClassifier, reticent: StanceClassifier, unsure: StanceClassifier
) -> list[Position]:
    """Rows with an issue, without one, with an abstention, and with an awkward id."""
    found = [
        *classifier.predict(TALKS, id="talks", date="2013-10-12"),
        *reticent.predict(BREAD, id=' bread, "<b>"\r\'1\n2'),
        *unsure.predict(TALKS.replace("advis", "advis\u00e9"), id="unsure", date="2013-10-14"),
    ]
    assert {(p.issue is None, p.abstained) for p in found} == {
        (False, False), (True, False), (False, True),
    }  # fmt: skip
    return found


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A JSONL file of 70 articles: more than one chunk."""
    texts = [TALKS, BREAD, NOTHING, TALKS.replace("October", "November")]
    records = [{"id": f"a{i:02d}", "date": "2013-10-12", "text": texts[i % 4]} for i in range(70)]
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def written(
    rows: list[Position], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The rows in a file with a given ending, each written once."""
    folder = tmp_path_factory.mktemp("written")

    def write(ending: str) -> Path:
        path = folder / f"positions.{ending}"
        if not path.exists():
            with open_rows(str(path), format_of(str(path)), ("us", "afghan")) as writer:
                writer.write(rows)
        return path

    return write


@pytest.fixture(scope="session")
def seconds() -> Callable[[Callable[[], object]], float]:
    """Processor time of a piece of work: the least of five runs, so that others disturb little."""

    def measure(work: Callable[[], object]) -> float:
        runs = []
        for _ in range(5):
            began = time.process_time()
            work()
            runs.append(time.process_time() - began)
        return min(runs)

    return measure

"""Gates: each on a model that passes it and on one that cheats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.features import Example
from quotestance.models.common import Array, Pair, TargetText
from quotestance.quotes import Quote
from quotestance_training.gates import APART, CONTRAST, GATES, Gate, describe, run_gates
from quotestance_training.labelled import load_labelled
from quotestance_training.pair_rows import LabelledQuote

ONE_HOT = np.eye(3, dtype=np.float32)


@dataclass
class Read:
    bearing: Array
    sentiment: Array
    examples: list[Example] = field(default_factory=list)
    model: Words | None = None

    def stances(self, pairs: Sequence[Pair]) -> Array:
        assert self.model is not None
        found = [self.model.stance(self.examples[k]) for k, _ in pairs]
        return ONE_HOT[[STANCES.index(s) for s in found]].reshape(len(pairs), 3)


class Words:
    """Reads the quote: its words tell the stance, words near the target its sentiment."""

    def stance(self, example: Example) -> str:
        text = example.quote.text
        return "against" if "refuse" in text else "neutral" if "perhaps" in text else "favor"

    def read(self, examples: Sequence[Example], asked: Sequence[Sequence[str]]) -> Read:
        zeros = np.zeros((len(examples), 9), np.float32)
        return Read(zeros, ONE_HOT[[1] * len(examples)], list(examples), self)

    def toward(self, texts: Sequence[TargetText]) -> NDArray[np.float32]:
        return ONE_HOT[[SENTIMENTS.index(self.feeling(t)) for t in texts]]

    def feeling(self, item: TargetText) -> str:
        before = item.text[: item.target[0]] if item.target else ""
        return "positive" if before.endswith("brave ") else "negative"


class Cheat(Words):
    """Goes by who speaks, and by the text whatever the target."""

    def stance(self, example: Example) -> str:
        return "against" if example.quote.source == "the elder" else "favor"

    def feeling(self, item: TargetText) -> str:
        return "positive"


def held() -> tuple[list[LabelledQuote], list[str]]:
    """Twelve stances a speaker; each says everything."""
    rows = []
    for k in range(120):
        words = ("We sign.", "We refuse.", "We wait, perhaps.")[k % 3]
        source = ("the elder", "the envoy")[k % 2]
        side = ("us", "afghan")[k // 60]
        quote = Quote(words, source=source, cue="said")
        label = ("favor", "against", "neutral")[k % 3]
        rows.append(
            LabelledQuote(
                Example(quote, side), "w", {"taliban_talks": label}, "neutral", {}, (), (), {}
            )
        )
    return rows, [("wire", "column")[k % 2] for k in range(120)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gates")
    text = "The brave army fought the lazy mayor."
    target = {
        "spans": [(0, 37)], "kind": "indirect", "sentiment": "neutral",
        "targets": [{"text": "army", "span": (10, 14), "sentiment": "positive"},
                    {"text": "mayor", "span": (31, 36), "sentiment": "negative"}],
    }  # fmt: skip
    records = [{"id": f"c{k}", "text": text, "quotes": [target]} for k in range(3)]
    (folder / CONTRAST).write_text("".join(json.dumps(r) + "\n" for r in records))
    apart = {"spans": [(0, 10)], "kind": "indirect", "sentiment": "positive", "side": "us",
             "issues": {"taliban_talks": "against"},
             "propositions": [{"text": "They should talk.", "stance": "against"}]}  # fmt: skip
    (folder / APART).write_text(json.dumps({"id": "a", "text": "We refuse.", "quotes": [apart]}))
    return folder


def test_a_model_that_reads_passes(folder: Path, codebook: Codebook, actors: Actors) -> None:
    figures = run_gates(Words(), folder, codebook, actors, *held())
    assert figures["gate_swapped_changed"] == figures["gate_swapped_right"] == 1
    assert figures["gate_renamed_same"] == 1
    assert figures["gate_side_gap"] == figures["gate_voice_gap"] == 0
    assert figures["gate_hidden_quote_gain"] == 0, "without words it says the majority"
    assert figures["gate_apart_issue_stance_f1"] == 1
    assert all(line.endswith("passed") for line in describe(figures))


def test_a_model_that_cheats_fails(folder: Path, codebook: Codebook, actors: Actors) -> None:
    figures = run_gates(Cheat(), folder, codebook, actors, *held())
    assert figures["gate_swapped_changed"] == 0
    assert figures["gate_renamed_same"] == pytest.approx(0.5), "every elder's stance turns"
    assert figures["gate_hidden_quote_gain"] == pytest.approx(0.1), "a half of the stances by name"
    failed = [line for line in describe(figures) if line.endswith("FAILED")]
    assert len(failed) == 2
    assert any("renamed: 0.500 (≥ 0.95)" in line for line in failed)


def test_limits_hold_on_their_side() -> None:
    assert Gate(0.7, True, "").passed(0.7) and not Gate(0.7, True, "").passed(0.69)
    assert Gate(0.2, False, "").passed(0.2) and not Gate(0.2, False, "").passed(0.21)
    assert describe({name: float("nan") for name in GATES}) == []


def test_the_sets_in_the_project_are_large_and_whole(project: Path, codebook: Codebook) -> None:
    contrast = load_labelled(project / "seeds/positions/gates" / CONTRAST, codebook)
    apart = load_labelled(project / "seeds/positions/gates" / APART, codebook)
    assert len(contrast) >= 300 and len(apart) >= 200
    for document in contrast:
        (quote,) = document.quotes
        stances = {p.stance for p in quote.propositions}
        feelings = {t.sentiment for t in quote.targets}
        assert stances == {"favor", "against"} or len(feelings) == len(quote.targets) == 2
    for document in apart:
        (quote,) = document.quotes
        (proposition,) = quote.propositions
        assert proposition.stance in ("favor", "against") and quote.sentiment

"""The judge of candidates: probabilities, and a folder that is whole or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from math import exp, inf, isfinite, nextafter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from quotestance.articles import Article
from quotestance.errors import BundleError
from quotestance.judge import (
    FORMAT_VERSION,
    HEADS,
    KIND,
    RULES_ALONE,
    Judge,
    JudgeHead,
    load_judge,
    save_judge,
    shipped_judge,
)
from quotestance.modelfolder import MANIFEST, canonical, digest_of, sha256
from quotestance.quotes import extract

REPORTED = JudgeHead({"known=True": 1.5, "lemma=murmélt": -0.25, "a": 2.0}, -0.75, 2.0, 0.4)
TURN = JudgeHead({"form=turn": 3.0}, 0.1, threshold=0.6)
TEXT = "“We will wait,” the mayor said. The clerk said that the road was shut."
FINITE = st.floats(-1e300, 1e300)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_judge(tmp_path / "judge", {"reported": REPORTED, "turn": TURN}, {"note": "x"})


def _rewrite(folder: Path, name: str, data: bytes) -> None:
    """Other contents that the manifest vouches for, as a careless writer would leave them."""
    (folder / name).write_bytes(data)
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"][name] = sha256(data)
    manifest["digest"] = digest_of(manifest["files"])
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("names", "z"),
    [
        ([], -0.75),
        (["known=True"], 0.75),
        (["known=True", "lemma=murmélt"], 0.5),
        (["lemma=murmélt", "known=True"], 0.5),
        (["never seen", "known=True"], 0.75),
    ],
)
def test_a_probability_is_the_logistic_of_the_scaled_sum(names: list[str], z: float) -> None:
    assert REPORTED.probability(names) == pytest.approx(1 / (1 + exp(-z / 2.0)), abs=1e-12)
    assert replace(REPORTED, temperature=1.0).probability(iter(names)) == pytest.approx(
        1 / (1 + exp(-z)), abs=1e-12
    )


@given(st.dictionaries(st.text(max_size=3), FINITE, max_size=4), FINITE, st.floats(0.01, 100))
def test_no_weight_is_too_large(weights: dict[str, float], bias: float, temperature: float) -> None:
    found = JudgeHead(weights, bias, temperature).probability(weights)
    assert 0.0 <= found <= 1.0
    unheated = JudgeHead(weights, bias).probability(weights)
    assert (found >= 0.5) == (unheated >= 0.5) or abs(found - unheated) < 1e-9


@given(st.floats(-40, 40), st.floats(-40, 40))
def test_a_larger_sum_is_never_less_likely(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert JudgeHead({}, low).probability(["x"]) <= JudgeHead({}, high).probability(["x"])


def test_a_round_trip_keeps_every_head(folder: Path) -> None:
    judge = load_judge(folder)
    assert judge.heads == {"reported": REPORTED, "turn": TURN}
    assert judge.manifest["note"] == "x"
    assert (judge.manifest["format_version"], judge.manifest["kind"]) == (FORMAT_VERSION, KIND)


@given(
    weights=st.dictionaries(st.text(st.characters(codec="utf-8")), st.floats(width=32,
                            allow_nan=False, allow_infinity=False), max_size=6),
    bias=st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
def test_any_names_and_weights_survive(
    weights: dict[str, float], bias: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("judge")
    head = JudgeHead(weights, bias)
    backwards = JudgeHead(dict(reversed(weights.items())), bias)
    one = load_judge(save_judge(folder / "one", {"reported": head, "turn": TURN}, {}))
    two = load_judge(save_judge(folder / "two", {"turn": TURN, "reported": backwards}, {}))
    assert one.heads["reported"] == head
    assert one.name == two.name, "the order of names and heads is no part of a judge"


def test_the_name_tells_kind_and_digest(folder: Path) -> None:
    judge = load_judge(folder)
    assert judge.name == f"quotes@{judge.manifest['digest'][:12]}"
    other = save_judge(folder.parent / "b", {"reported": REPORTED, "turn": REPORTED}, {"note": "x"})
    assert load_judge(other).name != judge.name


@pytest.mark.parametrize("name", ["quotes.json", "quotes.safetensors"])
def test_a_missing_or_altered_file(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(BundleError, match=f"{name}: was altered"):
        load_judge(folder)
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"{name}: listed in the manifest but missing"):
        load_judge(folder)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("kind", "linear", "kind 'linear'; this package reads 'quotes'"),
        ("format_version", 2, "format_version 2; this package reads 1"),
        ("files", {}, r"lacks quotes.json, quotes.safetensors"),
    ],
)
def test_a_folder_of_another_kind(folder: Path, key: str, value: object, message: str) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), key: value}), "utf-8")
    with pytest.raises(BundleError, match=message):
        load_judge(folder)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("turn"),
        lambda s: s["reported"].pop("names"),
        lambda s: s["reported"].pop("threshold"),
        lambda s: s["reported"]["names"].pop(),
        lambda s: s["reported"]["names"].append("one more"),
        lambda s: s["reported"].update(names=None),
        lambda s: s["reported"].update(names=[["a"], ["b"], ["c"]]),
        lambda s: s["reported"].update(bias="high"),
        lambda s: s["turn"].update(temperature=None),
        lambda s: s.update(turn=[]),
    ],
)
def test_a_specification_that_does_not_fit(folder: Path, change: Change) -> None:
    spec = json.loads((folder / "quotes.json").read_text("utf-8"))
    change(spec)
    _rewrite(folder, "quotes.json", canonical(spec))
    with pytest.raises(BundleError, match="a file does not hold what it should"):
        load_judge(folder)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff"])
def test_a_specification_that_is_none(folder: Path, data: bytes) -> None:
    _rewrite(folder, "quotes.json", data)
    with pytest.raises(BundleError, match="a file does not hold what it should"):
        load_judge(folder)


def test_arrays_of_another_shape(folder: Path) -> None:
    arrays = load((folder / "quotes.safetensors").read_bytes())
    _rewrite(folder, "quotes.safetensors", save({**arrays, "reported": np.zeros((3, 1), "f4")}))
    with pytest.raises(BundleError, match=r"weights of shape \(3, 1\) for 3 names"):
        load_judge(folder)
    _rewrite(folder, "quotes.safetensors", save({"turn": arrays["turn"]}))
    with pytest.raises(BundleError, match="reported"):
        load_judge(folder)
    _rewrite(folder, "quotes.safetensors", b"\x08\x00")
    with pytest.raises(BundleError, match="cannot be read"):
        load_judge(folder)


def test_the_shipped_judge_is_what_saving_it_gives(tmp_path: Path) -> None:
    judge = shipped_judge()
    manifest = {k: v for k, v in judge.manifest.items() if k not in ("files", "digest")}
    again = load_judge(save_judge(tmp_path / "again", judge.heads, manifest))
    assert (again.heads, again.manifest) == (judge.heads, judge.manifest)


def test_the_shipped_judge_can_be_used_and_is_read_once() -> None:
    judge = shipped_judge()
    assert judge is shipped_judge()
    assert set(judge.heads) == set(HEADS)
    for head in judge.heads.values():
        assert head.weights and all(isfinite(w) for w in head.weights.values())
        assert isfinite(head.bias) and 0 < head.temperature < inf and 0 < head.threshold < 1


def _stricter(judge: Judge, **thresholds: float) -> Judge:
    heads = {
        name: replace(head, threshold=thresholds.get(name, head.threshold))
        for name, head in judge.heads.items()
    }
    return Judge(heads, judge.manifest)


@pytest.mark.parametrize("judge", [RULES_ALONE, shipped_judge()], ids=["rules", "shipped"])
def test_each_head_decides_its_own_candidates(judge: Judge) -> None:
    article = Article.of(TEXT)

    def kinds(**thresholds: float) -> list[str]:
        return [q.kind for q in extract(article, judge=_stricter(judge, **thresholds))]

    assert kinds() == ["direct", "indirect"]
    assert kinds(reported=1.01) == ["direct"]
    assert kinds(turn=1.01) == ["indirect"]
    assert kinds(reported=1.01, turn=1.01) == []


def test_a_candidate_just_at_the_threshold_is_a_quote() -> None:
    def found(threshold: float) -> list[str]:
        even = JudgeHead({}, 0.0, threshold=threshold)
        return [
            q.kind
            for q in extract(Article.of(TEXT), judge=Judge({"reported": even, "turn": even}, {}))
        ]

    assert found(0.5) == ["direct", "indirect"]
    assert found(nextafter(0.5, 1)) == []


def test_the_rules_alone_take_what_the_cue_table_lists_and_nothing_else() -> None:
    text = "The clerk said that the road was shut. The clerk juggled that the road was open."
    assert [q.cue for q in extract(Article.of(text), judge=RULES_ALONE)] == ["said"]
    assert RULES_ALONE.name == "quotes@"

"""The model folder: complete, or refused with its reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from quotestance import StanceClassifier
from quotestance.bundle import FORMAT_VERSION, Bundle, load_bundle, save_bundle
from quotestance.errors import BundleError
from quotestance.modelfolder import MANIFEST, canonical, digest_of, sha256
from quotestance.models.linear import Head, LinearModel

FILES = {
    "README.md", "actors.json", "codebook.json", "linear.json", "linear.safetensors", MANIFEST,
}  # fmt: skip
TEXT = "“We will not be rushed,” a palace adviser said. He denied that the talks had failed."


def _save(folder: Path, bundle: Bundle, **changes: Any) -> Path:
    b = replace(bundle, **changes)
    return save_bundle(folder, b.model, b.codebook, b.actors, b.manifest)


def _contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped, tmp_path / "copy"))


def _reseal(folder: Path) -> None:
    """Make the manifest fit the files, as a careless writer would."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = {n: sha256((folder / n).read_bytes()) for n in manifest["files"]}
    manifest["digest"] = digest_of(manifest["files"])
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_a_round_trip_gives_the_same_bytes_and_predictions(
    classifier: StanceClassifier, tmp_path: Path
) -> None:
    first = classifier.save_pretrained(tmp_path / "one")
    again = StanceClassifier.from_pretrained(first)
    second = again.save_pretrained(tmp_path / "two")
    assert _contents(first) == _contents(second)
    assert again.bundle.name == classifier.bundle.name
    assert again.predict(TEXT) == classifier.predict(TEXT) != []


def test_the_shipped_bundle_is_what_saving_it_gives(
    classifier: StanceClassifier, shipped: Path, tmp_path: Path
) -> None:
    assert _contents(classifier.save_pretrained(tmp_path / "m")) == _contents(shipped)


def test_fortran_ordered_weights_survive(classifier: StanceClassifier, tmp_path: Path) -> None:
    model = classifier.bundle.model
    heads = {
        n: Head(h.labels, np.asfortranarray(h.weights), h.bias, h.temperature, h.independent)
        for n, h in model.heads.items()
    }
    folder = _save(tmp_path / "m", classifier.bundle, model=LinearModel(heads, model.views))
    loaded = load_bundle(folder)
    for name, head in model.heads.items():
        assert np.array_equal(loaded.model.heads[name].weights, head.weights)
    assert loaded.manifest["digest"] == classifier.bundle.manifest["digest"]
    assert StanceClassifier(loaded).predict(TEXT) == classifier.predict(TEXT)


def test_nothing_in_a_bundle_is_pickled_or_large(shipped: Path) -> None:
    contents = _contents(shipped)
    assert set(contents) == FILES
    assert sum(map(len, contents.values())) <= 5 * 1024 * 1024
    for name, data in contents.items():
        assert data[:1] != b"\x80", name  # pickle protocol 2 and later
        assert data[:2] != b"PK", name  # zip: torch, npz
        assert data[:6] != b"\x93NUMPY", name
        if name.endswith(".json"):
            assert isinstance(json.loads(data), dict)
    arrays = contents["linear.safetensors"]
    header = json.loads(arrays[8 : 8 + int.from_bytes(arrays[:8], "little")])
    assert {v["dtype"] for k, v in header.items() if k != "__metadata__"} == {"F32"}


def test_the_manifest_describes_the_bundle(shipped: Path, classifier: StanceClassifier) -> None:
    manifest = json.loads((shipped / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["format_version"] == FORMAT_VERSION == 1
    assert manifest["kind"] == "linear"
    assert 0 < classifier.bundle.threshold("issue") < 1
    assert classifier.bundle.name == f"linear@{manifest['digest'][:12]}"


@pytest.mark.parametrize("name", sorted(FILES - {MANIFEST, "README.md"}))
def test_a_missing_file(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError, match=f"{name}: listed in the manifest but missing"):
        load_bundle(copy)


@pytest.mark.parametrize("name", sorted(FILES - {MANIFEST, "README.md"}))
def test_an_altered_file(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(BundleError, match=f"{name}: was altered: sha256 is .* manifest says"):
        load_bundle(copy)


def _manifest(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest.update(changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_manifest(format_version=2), "format_version 2; this package reads 1"),
        (_manifest(format_version="1"), "format_version '1'; this package reads 1"),
        (_manifest(kind="forest"), "kind 'forest'; this package reads 'linear' or 'encoder'"),
        (_manifest(kind="encoder"), "its file list lacks encoder.json, encoder.onnx"),
        (_manifest(digest="0" * 64), "digest does not fit its list of files"),
        (_manifest(files={}), "its file list lacks codebook.json, actors.json, linear.json"),
        (_manifest(files=sorted(FILES)), "not a manifest"),
        (_manifest(files=None), "not a manifest: TypeError"),
        (_manifest(thresholds={"stance": 0.4}), "not a manifest: KeyError 'issue'"),
        (_manifest(thresholds={"issue": "high", "stance": 0.4}), "not a manifest: ValueError"),
        (lambda m: m.pop("digest"), "not a manifest: KeyError 'digest'"),
        (lambda m: m.pop("format_version"), "not a manifest: KeyError 'format_version'"),
    ],
)
def test_a_manifest_that_is_of_another_kind(
    copy: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    path = copy / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BundleError, match=message):
        load_bundle(copy)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe{}"])
def test_a_manifest_that_is_none(copy: Path, data: bytes) -> None:
    (copy / MANIFEST).write_bytes(data)
    with pytest.raises(BundleError, match=r"manifest.json: not a manifest"):
        load_bundle(copy)


def test_a_truncated_manifest(copy: Path) -> None:
    path = copy / MANIFEST
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BundleError, match=r"manifest.json: not a manifest: JSONDecodeError"):
        load_bundle(copy)


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no manifest.json there; expected a folder made by"):
        load_bundle(tmp_path)
    with pytest.raises(BundleError, match=r"no manifest.json there"):
        load_bundle(tmp_path / "none")


def test_wrong_shapes(copy: Path) -> None:
    path = copy / "linear.safetensors"
    arrays = load(path.read_bytes())
    arrays["stance.weights"] = np.ascontiguousarray(arrays["stance.weights"][:, 1:])
    path.write_bytes(save(arrays))
    _reseal(copy)
    with pytest.raises(BundleError, match=r"stance.weights has shape \(3, \d+\), expected"):
        load_bundle(copy)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("linear.safetensors", b"\x08\x00", "linear.safetensors: cannot be read"),
        ("linear.json", b"[]", "missing or malformed"),
        ("linear.json", b"{", "a file does not hold what it should"),
        ("codebook.json", b"{}", "a file does not hold what it should"),
        ("actors.json", b"\xff", "a file does not hold what it should"),
    ],
)
def test_contents_that_the_manifest_knows_but_that_are_none(
    copy: Path, name: str, data: bytes, message: str
) -> None:
    (copy / name).write_bytes(data)
    _reseal(copy)
    with pytest.raises(BundleError, match=message):
        load_bundle(copy)


@pytest.mark.parametrize("task", ["issue", "stance"])
def test_labels_in_another_order_than_they_are_read(copy: Path, task: str) -> None:
    path = copy / "linear.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    spec["heads"][task]["labels"].reverse()
    path.write_bytes(canonical(spec))
    _reseal(copy)
    with pytest.raises(BundleError, match=f"the labels of {task} are .*; expected"):
        load_bundle(copy)


def test_saving_over_a_bundle_replaces_it(copy: Path, classifier: StanceClassifier) -> None:
    (copy / "actors.json").unlink()
    (copy / "stray.txt").write_text("left over")
    assert classifier.save_pretrained(copy) == copy
    assert set(_contents(copy)) == FILES
    assert load_bundle(copy).name == classifier.bundle.name
    assert [p.name for p in copy.parent.iterdir()] == ["copy"]


def test_saving_into_an_empty_folder(tmp_path: Path, classifier: StanceClassifier) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    classifier.save_pretrained(folder)
    assert load_bundle(folder).name == classifier.bundle.name


def test_a_foreign_folder_is_not_touched(tmp_path: Path, classifier: StanceClassifier) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.txt").write_text("Years of work.")
    with pytest.raises(BundleError, match="thesis: is not empty and is no bundle; choose another"):
        classifier.save_pretrained(folder)
    assert _contents(folder) == {"chapter1.txt": b"Years of work."}
    assert [p.name for p in tmp_path.iterdir()] == ["thesis"]


def test_saving_below_a_file_leaves_nothing(tmp_path: Path, classifier: StanceClassifier) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        classifier.save_pretrained(tmp_path / "file" / "m")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert (
        canonical({"b": 1, "a": "é"})
        == canonical({"a": "é", "b": 1})
        == b'{"a":"\xc3\xa9","b":1}\n'
    )

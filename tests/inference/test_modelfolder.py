"""A folder of model files: written whole or not at all, read only if nothing was altered."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from quotestance.errors import BundleError
from quotestance.modelfolder import (
    MANIFEST,
    canonical,
    digest_of,
    read_arrays,
    read_files,
    read_manifest,
    sha256,
    write_folder,
)

ABOUT = {"format_version": 3, "kind": "test"}
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.from_regex(r"[a-z]{1,8}\.(json|safetensors)", fullmatch=True).filter(
    lambda n: n != MANIFEST
)
CONTENTS = st.dictionaries(NAMES, st.binary(max_size=40), min_size=1, max_size=4)


def read(folder: Path, names: list[str], **expected: Any) -> dict[str, bytes]:
    about = {"kind": "test", "version": 3, **expected}
    files = {about["kind"]: names}
    return read_files(folder, read_manifest(folder, version=about["version"], files=files), names)


def seal(folder: Path, files: object) -> None:
    """A manifest whose digest fits whatever its list of files is."""
    text = json.dumps({**ABOUT, "files": files, "digest": sha256(canonical(files))})
    (folder / MANIFEST).write_text(text, encoding="utf-8")


@given(JSON)
def test_canonical_json_holds_the_data_in_one_line(data: Any) -> None:
    text = canonical(data)
    assert json.loads(text) == data
    assert text.endswith(b"\n") and text.count(b"\n") == 1


@given(st.dictionaries(TEXT, st.integers(), max_size=6), st.randoms())
def test_the_order_of_keys_changes_no_byte(data: dict[str, int], random: Any) -> None:
    pairs = list(data.items())
    random.shuffle(pairs)
    assert canonical({"deep": [dict(pairs)]}) == canonical({"deep": [data]})


def test_the_digest_is_sha256() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(CONTENTS)
def test_the_digest_covers_every_name_and_every_byte(contents: dict[str, bytes]) -> None:
    files = {name: sha256(data) for name, data in contents.items()}
    digest = digest_of(files)
    assert digest_of(dict(reversed(files.items()))) == digest
    for name, data in contents.items():
        fewer = {n: d for n, d in files.items() if n != name}
        for other in (
            fewer, {**files, name: sha256(data + b"\0")}, {**fewer, name + "x": files[name]},
        ):  # fmt: skip
            assert digest_of(other) != digest


@given(contents=CONTENTS)
def test_what_was_written_is_read(
    contents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("m") / "new" / "below"
    assert write_folder(folder, contents, {**ABOUT, "note": "é"}) == folder
    assert read(folder, list(contents)) == contents
    assert {p.name for p in folder.iterdir()} == {*contents, MANIFEST}
    assert [p.name for p in folder.parent.iterdir()] == ["below"], "nothing temporary is left"
    assert json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["note"] == "é"


def test_others_may_read_the_folder(tmp_path: Path) -> None:
    # a folder of `mkdtemp` is private, which would lock out a service under another account
    folder = write_folder(tmp_path / "m", {"a.json": b"1"}, ABOUT)
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_manifest_of_an_earlier_folder_does_not_lend_its_digest(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "one", {"a.json": b"1"}, ABOUT)
    manifest = read_manifest(first, version=3, files={"test": ["a.json"]})
    second = write_folder(tmp_path / "two", {"b.json": b"2"}, manifest)
    found = read_manifest(second, version=3, files={"test": ["b.json"]})
    assert set(found["files"]) == {"b.json"}
    assert found["digest"] != manifest["digest"]


def test_writing_again_replaces_all(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    write_folder(folder, {"a.json": b"1", "b.json": b"2"}, ABOUT)
    write_folder(folder, {"a.json": b"3"}, ABOUT)
    assert read(folder, ["a.json"]) == {"a.json": b"3"}
    assert {p.name for p in folder.iterdir()} == {"a.json", MANIFEST}
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_write_that_fails_leaves_the_old_folder_as_it_was(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", {"a.json": b"1"}, ABOUT)
    with pytest.raises(OSError):
        write_folder(folder, {"a.json": b"2", "no/such/b.json": b"3"}, ABOUT)
    assert read(folder, ["a.json"]) == {"a.json": b"1"}
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_manifest_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_folder(tmp_path / "m", {"a.json": b"1"}, {**ABOUT, "bad": object()})
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folders_place_stays(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("Years of work.")
    with pytest.raises((BundleError, OSError)):
        write_folder(tmp_path / "m", {"a.json": b"1"}, ABOUT)
    assert (tmp_path / "m").read_text() == "Years of work."
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_only_the_files_that_are_asked_for_are_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", {"a.json": b"1", "b.json": b"2"}, ABOUT)
    (folder / "b.json").write_bytes(b"altered")
    assert read(folder, ["a.json"]) == {"a.json": b"1"}
    with pytest.raises(BundleError, match=r"b.json: was altered"):
        read(folder, ["a.json", "b.json"])


@given(data=st.data())
def test_no_flipped_bit_goes_unnoticed(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    contents = {"a.json": data.draw(st.binary(min_size=1, max_size=40))}
    folder = write_folder(tmp_path_factory.mktemp("m") / "m", contents, ABOUT)
    altered = bytearray(contents["a.json"])
    bit = data.draw(st.integers(0, 8 * len(altered) - 1))
    altered[bit // 8] ^= 1 << bit % 8
    (folder / "a.json").write_bytes(altered)
    with pytest.raises(BundleError, match=r"a.json: was altered"):
        read(folder, ["a.json"])


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"kind": "other"}, "kind 'test'; this package reads 'other'"),
        ({"version": 2}, "format_version 3; this package reads 2"),
    ],
)
def test_another_kind_or_version(expected: dict[str, Any], message: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", {"a.json": b"1"}, ABOUT)
    with pytest.raises(BundleError, match=message):
        read(folder, ["a.json"], **expected)


def test_a_file_that_is_a_folder_or_not_listed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", {"a.json": b"1"}, ABOUT)
    with pytest.raises(BundleError, match=r"its file list lacks b.json, c.json"):
        read(folder, ["a.json", "b.json", "c.json"])
    (folder / "a.json").unlink()
    (folder / "a.json").mkdir()
    with pytest.raises(BundleError, match=r"a.json"):
        read(folder, ["a.json"])


@pytest.mark.parametrize("digest", [None, 5, ["x"], {}])
def test_a_list_of_files_with_something_else_than_digests(digest: object, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"1")
    seal(tmp_path, {"a.json": digest})
    with pytest.raises(BundleError):
        read(tmp_path, ["a.json"])


def test_a_list_of_files_that_is_a_list_of_pairs(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"1")
    seal(tmp_path, [["a.json", sha256(b"1")]])
    with pytest.raises(BundleError):
        read(tmp_path, ["a.json"])


def _safetensors(dtype: str, size: int) -> bytes:
    header = json.dumps({"a": {"dtype": dtype, "shape": [2], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(size)


def test_arrays_of_any_width_become_single_precision() -> None:
    given_ = {
        "half": np.array([0.5, -2], "f2"),
        "double": np.array([[0.1, math.pi]], "f8"),
        "single": np.array([0.1], "f4"),
        "none": np.zeros((0, 3), "f4"),
    }
    found = read_arrays(save(given_), "x.safetensors")
    assert set(found) == set(given_)
    for name, array in given_.items():
        assert found[name].dtype == np.float32
        assert np.array_equal(found[name], array.astype("f4")), name
        assert found[name].shape == array.shape


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x08\x00", b"\x80\x04K\x01.", b"PK\x03\x04", b"\xff" * 64,
        _safetensors("F32", 8)[:-1], _safetensors("F32", 8) + b"\0", _safetensors("F31", 8),
        _safetensors("BF16", 4),
    ],
    ids=["empty", "short", "pickle", "zip", "noise", "cut", "longer", "no type", "bfloat16"],
)  # fmt: skip
def test_arrays_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(BundleError, match=r"x.safetensors: cannot be read"):
        read_arrays(data, "x.safetensors")

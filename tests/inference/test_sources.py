"""Where a bundle comes from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from quotestance import StanceClassifier
from quotestance.errors import BundleError
from quotestance.sources import find_bundle

BLOCKED = """
import sys
for name in ("mlflow", "datasets"):
    sys.modules[name] = None  # an import of it now fails as if it were not installed
from quotestance import StanceClassifier
from quotestance.errors import MissingExtraError
try:
    StanceClassifier.from_pretrained(sys.argv[1])
except MissingExtraError as error:
    print(error)
"""


def test_names_of_the_bundles_in_the_wheel() -> None:
    assert find_bundle("default") != find_bundle("linear")
    for name in ("default", "linear"):
        assert (find_bundle(name) / "manifest.json").is_file()


def test_a_folder_as_text_or_path(tmp_path: Path) -> None:
    assert find_bundle(tmp_path) == find_bundle(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", ["lineal", "LINEAR", "no/such/folder"])
def test_what_is_nowhere_names_what_is_accepted(name: str) -> None:
    expected = (
        f"^{name}: no such model; accepted: default, linear, a folder, or models:/NAME@ALIAS$"
    )
    with pytest.raises(BundleError, match=expected):
        find_bundle(name)


def test_a_file_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"")
    with pytest.raises(BundleError, match="no such model"):
        StanceClassifier.from_pretrained(path)


@pytest.mark.parametrize("address", ["models:/stance@champion", "runs:/0123/model"])
def test_a_registry_address_without_the_training_extra(address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED, address],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == (
        f"loading {address} needs packages that are not installed; "
        "run: pip install 'quotestance[training]'\n"
    )

"""The model folder: JSON and safetensors only, every file's sha256 in the manifest.

Nothing in a bundle is ever executed or unpickled. A bundle is complete or it is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.errors import BundleError, QuotestanceError
from quotestance.models.linear import LinearModel

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_THRESHOLDS = ("issue", "stance")
_FILES = ("codebook.json", "actors.json", "linear.json", "linear.safetensors")


@dataclass(frozen=True)
class Bundle:
    """A loaded model folder.

    Parameters
    ----------
    model : LinearModel
    codebook : Codebook
    actors : Actors
    manifest : dict
        kind, thresholds, metrics, data digests, library versions, resolved config.
    """

    model: LinearModel
    codebook: Codebook
    actors: Actors
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """Kind and digest, as it stands in every result: ``linear@0123456789ab``."""
        return f"{self.manifest['kind']}@{self.manifest['digest'][:12]}"

    def threshold(self, task: str) -> float:
        """The decision threshold of a task."""
        return float(self.manifest["thresholds"][task])


def canonical(data: object) -> bytes:
    """JSON that is the same bytes for the same data."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def sha256(data: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(data).hexdigest()


def digest_of(files: dict[str, str]) -> str:
    """One digest over all files' digests: the bundle's identity."""
    return sha256(canonical(files))


def save_bundle(
    folder: str | Path,
    model: LinearModel,
    codebook: Codebook,
    actors: Actors,
    manifest: dict[str, Any],
) -> Path:
    """Write a bundle; the folder appears complete or not at all.

    Parameters
    ----------
    manifest : dict
        Must hold ``thresholds``; whatever else describes the training is kept as given.
    """
    from safetensors.numpy import save

    folder = Path(folder)
    contents = {
        "codebook.json": canonical(codebook.model_dump(mode="json")),
        "actors.json": canonical(actors.model_dump(mode="json")),
        "linear.json": canonical(model.spec()),
        "linear.safetensors": save(model.arrays()),
    }
    files = {name: sha256(data) for name, data in contents.items()}
    full = {
        **manifest,
        "format_version": FORMAT_VERSION,
        "kind": "linear",
        "files": files,
        "digest": digest_of(files),
    }
    contents[MANIFEST] = json.dumps(full, indent=1, sort_keys=True, ensure_ascii=False).encode()
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, data in contents.items():
            (temporary / name).write_bytes(data)
        temporary.chmod(0o755)
        if folder.exists():
            _replace_folder(folder, temporary)
        else:
            temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _replace_folder(folder: Path, new: Path) -> None:
    """Swap an existing bundle; a folder that holds anything else is not touched."""
    if any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise BundleError(f"{folder}: is not empty and is no bundle; choose another folder")
    old = folder.with_name(f".{folder.name}-old-{os.getpid()}")
    folder.replace(old)
    new.replace(folder)
    shutil.rmtree(old)


def load_bundle(folder: str | Path) -> Bundle:
    """Load a bundle and check every file against the manifest.

    Raises
    ------
    BundleError
        If the folder is no bundle, has another format, or a file is missing or was altered.
    """
    folder = Path(folder)
    manifest = _manifest(folder)
    contents = {name: _checked(folder, name, manifest["files"][name]) for name in _FILES}
    if digest_of(manifest["files"]) != manifest["digest"]:
        raise BundleError(f"{folder / MANIFEST}: digest does not fit its list of files")
    try:
        codebook = Codebook.model_validate_json(contents["codebook.json"])
        actors = Actors.model_validate_json(contents["actors.json"])
        spec = json.loads(contents["linear.json"])
        arrays = _arrays(contents["linear.safetensors"])
        model = LinearModel.from_arrays(spec, arrays)
        _check_labels(model, codebook)
    except QuotestanceError:
        raise
    except ValueError as error:
        raise BundleError(f"{folder}: a file does not hold what it should: {error}") from error
    return Bundle(model, codebook, actors, manifest)


def _check_labels(model: LinearModel, codebook: Codebook) -> None:
    """The columns of the scores are read in the codebook's order."""
    expected = {
        "issue": codebook.issue_ids,
        "stance": STANCES,
        "sentiment": SENTIMENTS,
        "target": SENTIMENTS,
    }
    for name, labels in expected.items():
        if model.heads[name].labels != labels:
            raise BundleError(
                f"linear model: the labels of {name} are {', '.join(model.heads[name].labels)}; "
                f"expected {', '.join(labels)}"
            )


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(
            f"{folder}: no {MANIFEST} there; expected a folder made by `save_pretrained`"
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, kind = manifest["format_version"], manifest["kind"]
        missing = [n for n in _FILES if n not in dict(manifest["files"])]
        _ = manifest["digest"], [float(manifest["thresholds"][task]) for task in _THRESHOLDS]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: not a manifest: {type(error).__name__} {error}") from error
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{path}: format_version {version!r}; this package reads {FORMAT_VERSION}"
        )
    if kind != "linear":
        raise BundleError(f"{path}: kind {kind!r}; this package reads 'linear'")
    if missing:
        raise BundleError(f"{path}: its file list lacks {', '.join(missing)}")
    return dict(manifest)


def _checked(folder: Path, name: str, expected: str) -> bytes:
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: listed in the manifest but missing") from error
    found = sha256(data)
    if found != expected:
        raise BundleError(
            f"{path}: was altered: sha256 is {found[:12]}…, the manifest says {expected[:12]}…"
        )
    return data


def _arrays(data: bytes) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except SafetensorError as error:
        raise BundleError(f"linear.safetensors: cannot be read: {error}") from error
    return {name: np.asarray(a, np.float32) for name, a in arrays.items()}

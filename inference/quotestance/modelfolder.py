"""A folder of model files: JSON and safetensors only, every file's sha256 in a manifest.

Nothing in such a folder is ever executed or unpickled. It is complete or it is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from quotestance.errors import BundleError

MANIFEST = "manifest.json"


def canonical(data: object) -> bytes:
    """JSON that is the same bytes for the same data."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def sha256(data: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(data).hexdigest()


def digest_of(files: dict[str, str]) -> str:
    """One digest over all files' digests: the folder's identity."""
    return sha256(canonical(files))


def write_folder(
    folder: Path,
    contents: dict[str, bytes],
    manifest: dict[str, Any],
    *,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Path:
    """Write files and their manifest; the folder appears complete or not at all.

    Parameters
    ----------
    contents : dict of str to bytes
        File name → what is in it.
    manifest : dict
        Must hold ``format_version`` and ``kind``; ``files`` and ``digest`` are added.
    beside : mapping of str to bytes
        Files for people, such as a model card: no part of the folder's identity.

    Raises
    ------
    BundleError
        If the folder holds something else.
    """
    files = {name: sha256(data) for name, data in contents.items()}
    full = {**manifest, "files": files, "digest": digest_of(files)}
    text = json.dumps(full, indent=1, sort_keys=True, ensure_ascii=False)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, data in {**beside, **contents, MANIFEST: text.encode()}.items():
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
    """Swap an existing model folder; one that holds anything else is not touched."""
    if any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise BundleError(f"{folder}: is not empty and is no bundle; choose another folder")
    old = folder.with_name(f".{folder.name}-old-{os.getpid()}")
    folder.replace(old)
    new.replace(folder)
    shutil.rmtree(old)


def read_manifest(
    folder: Path, *, version: int, files: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Read the manifest of a model folder and check kind, version and its list of files.

    Parameters
    ----------
    files : mapping of str to sequence of str
        The kinds that are accepted, and the files that a folder of each must hold.

    Raises
    ------
    BundleError
        If there is none, or it is of another kind or version, or lists too little.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(
            f"{folder}: no {MANIFEST} there; expected a folder made by `save_pretrained`"
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found_version, found_kind = manifest["format_version"], manifest["kind"]
        missing = [n for n in files.get(found_kind, ()) if n not in manifest["files"]]
        if not all(isinstance(v, str) for v in manifest["files"].values()):
            raise TypeError("a file's digest is no text")
        digest = manifest["digest"]
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: not a manifest: {type(error).__name__} {error}") from error
    if found_version != version:
        raise BundleError(f"{path}: format_version {found_version!r}; this package reads {version}")
    if found_kind not in files:
        known = " or ".join(repr(kind) for kind in files)
        raise BundleError(f"{path}: kind {found_kind!r}; this package reads {known} there")
    if missing:
        raise BundleError(f"{path}: its file list lacks {', '.join(missing)}")
    if digest_of(manifest["files"]) != digest:
        raise BundleError(f"{path}: digest does not fit its list of files")
    return dict(manifest)


def read_files(folder: Path, manifest: dict[str, Any], files: Sequence[str]) -> dict[str, bytes]:
    """Read files and check each against the manifest.

    Raises
    ------
    BundleError
        If one is missing or was altered.
    """
    return {name: _checked(folder / name, manifest["files"][name]) for name in files}


def _checked(path: Path, expected: str) -> bytes:
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


def read_arrays(data: bytes, name: str) -> dict[str, Any]:
    """The float32 arrays of a safetensors file.

    Raises
    ------
    BundleError
        If it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except (SafetensorError, KeyError, TypeError) as error:
        raise BundleError(f"{name}: cannot be read: {error}") from error
    return {key: np.asarray(a, np.float32) for key, a in arrays.items()}

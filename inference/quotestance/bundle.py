"""The model folder: JSON and safetensors only, every file's sha256 in the manifest.

Nothing in a bundle is ever executed or unpickled. A bundle is complete or it is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.errors import BundleError, QuotestanceError
from quotestance.modelfolder import (
    MANIFEST,
    canonical,
    read_arrays,
    read_files,
    read_manifest,
    write_folder,
)
from quotestance.models.encoder import EncoderModel, read_settings
from quotestance.models.linear import LinearModel

FORMAT_VERSION = 1
CARD = "README.md"
_THRESHOLDS = ("issue", "stance")
_SHARED = ("codebook.json", "actors.json")
_LINEAR = (*_SHARED, "linear.json", "linear.safetensors")
_FILES = {
    "linear": _LINEAR,
    "encoder": (*_LINEAR, "encoder.json", "encoder.onnx", "tokenizer.json"),  # and its first stage
}


@dataclass(frozen=True)
class Bundle:
    """A loaded model folder.

    Parameters
    ----------
    model : LinearModel or EncoderModel
    codebook : Codebook
    actors : Actors
    manifest : dict
        kind, thresholds, metrics, data digests, library versions, resolved config.
    card : str or None
        The model card, for people.
    """

    model: LinearModel | EncoderModel
    codebook: Codebook
    actors: Actors
    manifest: dict[str, Any]
    card: str | None = None

    @property
    def name(self) -> str:
        """Kind and digest, as it stands in every result: ``linear@0123456789ab``."""
        return f"{self.manifest['kind']}@{self.manifest['digest'][:12]}"

    def threshold(self, task: str) -> float:
        """The decision threshold of a task."""
        return float(self.manifest["thresholds"][task])


def save_bundle(
    folder: str | Path,
    model: LinearModel | EncoderModel,
    codebook: Codebook,
    actors: Actors,
    manifest: dict[str, Any],
    *,
    card: str | None = None,
) -> Path:
    """Write a bundle; the folder appears complete or not at all.

    Parameters
    ----------
    manifest : dict
        Must hold ``thresholds``; whatever else describes the training is kept as given.
    card : str, optional
        The model card, Markdown.
    """
    from safetensors.numpy import save

    contents = {
        "codebook.json": canonical(codebook.model_dump(mode="json")),
        "actors.json": canonical(actors.model_dump(mode="json")),
    }
    linear = model.linear if isinstance(model, EncoderModel) else model
    contents |= {
        "linear.json": canonical(linear.spec()),
        "linear.safetensors": save(linear.arrays()),
    }
    if isinstance(model, EncoderModel):
        contents |= {
            "encoder.json": canonical(model.spec()),
            "encoder.onnx": model.onnx,
            "tokenizer.json": model.tokenizer_json,
        }
    kind = "encoder" if isinstance(model, EncoderModel) else "linear"
    full = {**manifest, "format_version": FORMAT_VERSION, "kind": kind}
    beside = {} if card is None else {CARD: card.encode()}
    return write_folder(Path(folder), contents, full, beside=beside)


def load_bundle(folder: str | Path) -> Bundle:
    """Load a bundle and check every file against the manifest.

    Raises
    ------
    BundleError
        If the folder is no bundle, has another format, or a file is missing or was altered.
    """
    folder = Path(folder)
    manifest = _manifest(folder)
    contents = read_files(folder, manifest, _FILES[manifest["kind"]])
    try:
        codebook = Codebook.model_validate_json(contents["codebook.json"])
        actors = Actors.model_validate_json(contents["actors.json"])
        model = _model(manifest["kind"], contents, codebook)
    except QuotestanceError:
        raise
    except ValueError as error:
        raise BundleError(f"{folder}: a file does not hold what it should: {error}") from error
    return Bundle(model, codebook, actors, manifest, _card(folder))


def _model(kind: str, contents: dict[str, bytes], codebook: Codebook) -> LinearModel | EncoderModel:
    spec = json.loads(contents["linear.json"])
    arrays = read_arrays(contents["linear.safetensors"], "linear.safetensors")
    linear = LinearModel.from_arrays(spec, arrays)
    _check_labels(linear, codebook)
    if kind == "linear":
        return linear
    settings = read_settings(contents["encoder.json"])
    for side in settings.names:
        if side not in codebook.sides:
            raise BundleError(f"encoder.json: names: {side!r} is no side of the codebook")
    return EncoderModel(
        contents["encoder.onnx"], contents["tokenizer.json"], linear, settings, codebook
    )


def _card(folder: Path) -> str | None:
    """The model card, where there is one that can be read."""
    try:
        return (folder / CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return None


def _check_labels(model: LinearModel, codebook: Codebook) -> None:
    """The columns of the scores are read in the codebook's order."""
    expected = {
        "issue": codebook.issue_ids,
        "stance": STANCES,
        "sentiment": SENTIMENTS,
        "target": SENTIMENTS,
    }
    for name, head in model.heads.items():
        if head.labels != expected[name]:
            raise BundleError(
                f"linear model: the labels of {name} are {', '.join(head.labels)}; "
                f"expected {', '.join(expected[name])}"
            )


def _manifest(folder: Path) -> dict[str, Any]:
    manifest = read_manifest(folder, version=FORMAT_VERSION, files=_FILES)
    try:
        _ = [float(manifest["thresholds"][task]) for task in _THRESHOLDS]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(
            f"{folder / MANIFEST}: not a manifest: {type(error).__name__} {error}"
        ) from error
    return manifest

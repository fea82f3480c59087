"""The trained judge of candidates: how likely it is that an attribution is a quote.

Rules propose, the judge accepts: a logistic regression over named features, one for reported
content and one for quoted sentences. It is read from arrays, so a score is a sum of weights and
nothing is ever unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.errors import BundleError
from quotestance.modelfolder import canonical, read_arrays, read_files, read_manifest, write_folder

FORMAT_VERSION = 1
KIND = "quotes"
HEADS = ("reported", "turn")
_FILES = ("quotes.json", "quotes.safetensors")
_SHIPPED = Path(__file__).parent / "data" / "quotes"


@dataclass(frozen=True)
class JudgeHead:
    """One logistic regression over names.

    Parameters
    ----------
    weights : dict of str to float
    bias : float
    temperature : float
        Scores are divided by it before they become probabilities (Guo et al., ICML 2017).
    threshold : float
        Candidates below this probability are no quotes.
    """

    weights: Mapping[str, float]
    bias: float
    temperature: float = 1.0
    threshold: float = 0.5

    def probability(self, names: Iterable[str]) -> float:
        """The probability that a candidate with these features is a quote."""
        get = self.weights.get
        z = (self.bias + sum(get(name, 0.0) for name in names)) / self.temperature
        return 1.0 / (1.0 + exp(-max(-60.0, min(60.0, z))))


@dataclass(frozen=True)
class Judge:
    """The heads of the judge and the manifest of the folder that they come from."""

    heads: Mapping[str, JudgeHead]
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Kind and digest: ``quotes@0123456789ab``."""
        return f"{KIND}@{self.manifest['digest'][:12]}"


def save_judge(
    folder: str | Path, heads: Mapping[str, JudgeHead], manifest: dict[str, Any]
) -> Path:
    """Write a judge; the folder appears complete or not at all."""
    from safetensors.numpy import save

    spec = {
        name: {
            "names": sorted(head.weights), "bias": head.bias,
            "temperature": head.temperature, "threshold": head.threshold,
        }
        for name, head in heads.items()
    }  # fmt: skip
    arrays = {
        name: np.array([head.weights[n] for n in sorted(head.weights)], np.float32)
        for name, head in heads.items()
    }
    contents = {"quotes.json": canonical(spec), "quotes.safetensors": save(arrays)}
    full = {**manifest, "format_version": FORMAT_VERSION, "kind": KIND}
    return write_folder(Path(folder), contents, full)


def load_judge(folder: str | Path) -> Judge:
    """Load a judge and check every file against the manifest.

    Raises
    ------
    BundleError
        If the folder holds no judge, or a file is missing, altered or malformed.
    """
    folder = Path(folder)
    manifest = read_manifest(folder, version=FORMAT_VERSION, files={KIND: _FILES})
    contents = read_files(folder, manifest, _FILES)
    try:
        spec = json.loads(contents["quotes.json"])
        arrays = read_arrays(contents["quotes.safetensors"], "quotes.safetensors")
        heads = {name: _head(spec[name], arrays[name]) for name in HEADS}
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: a file does not hold what it should: {error!r}") from error
    return Judge(heads, manifest)


def _head(spec: Mapping[str, Any], weights: NDArray[np.float32]) -> JudgeHead:
    names = list(spec["names"])
    if weights.shape != (len(names),):
        raise ValueError(f"weights of shape {weights.shape} for {len(names)} names")
    return JudgeHead(
        dict(zip(names, weights.tolist(), strict=True)),
        float(spec["bias"]),
        float(spec["temperature"]),
        float(spec["threshold"]),
    )


RULES_ALONE = Judge(
    {"reported": JudgeHead({"known=True": 6.0}, -3.0), "turn": JudgeHead({}, 3.0)}, {"digest": ""}
)
"""Accepts what the cue table lists and every quoted sentence: the rules without training."""


@cache
def shipped_judge() -> Judge:
    """The judge in the wheel."""
    return load_judge(_SHIPPED)

"""A teacher's answers, which a smaller model learns from, kept in a file.

The file holds no text: a pair is named by a digest, its answers are scores in half precision. So
a student can be trained again without its teacher. A teacher is heard on what it was trained to
answer well: a quote alone for its sentiment, a marked target for the sentiment toward it, a
proposition for stance. Where a quote does not bear on a proposition there is nothing more to
learn from it, so it isn't asked; nor is it on a head that ``model.soft_heads`` or ``model.heads``
leaves out, since a teacher that knows little of stance can know much of sentiment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.bundle import load_bundle
from quotestance.errors import ConfigError
from quotestance.models.encoder import ALONE, EncoderModel
from quotestance.models.encoder_settings import WIDTH, columns
from quotestance.output import replacing
from quotestance_training.config import EncoderConfig
from quotestance_training.pair_rows import MISSING, PairRow, key_of

Say = Callable[[str], None]
_CHUNK = 2048  # pairs between two writings of the file


def soft_labels(
    config: EncoderConfig, rows: Sequence[PairRow], say: Say
) -> dict[tuple[str, str], NDArray[np.float32]] | None:
    """The teacher's scores of all rows; those that the file lacks are asked for and added.

    Returns
    -------
    dict or None
        (first, second) → scores, nan for heads that it isn't heard on; None where no teacher is
        named. Without the teacher itself, rows that the file lacks are left out.

    Raises
    ------
    ConfigError
        If there is neither the teacher nor a file of its answers.
    """
    if not config.taught:
        return None
    known = _load(config.soft_labels)
    heads = set(config.soft_heads) & set(config.heads)
    asked = {(r.first, r.second): r for r in rows if r.bearing != 0 and _head(r) in heads}
    keys = {pair: key_of(*pair) for pair in asked}
    lacking = [pair for pair, key in keys.items() if key not in known]
    if lacking and config.teacher is not None and config.teacher.is_dir():
        model = load_bundle(config.teacher).model
        if not isinstance(model, EncoderModel):
            raise ConfigError(f"model.teacher: {config.teacher} is no encoder")
        for at in range(0, len(lacking), _CHUNK):
            part = lacking[at : at + _CHUNK]
            scores = model.scores(part)
            known |= {keys[p]: s for p, s in zip(part, scores, strict=True)}
            _save(config.soft_labels, known)
            say(f"teacher: {at + len(part)} of {len(lacking)} pairs")
    elif not known:
        raise ConfigError(
            f"model.teacher: no folder {config.teacher}, and no answers in {config.soft_labels}"
        )
    return {pair: _heard(known[key], asked[pair]) for pair, key in keys.items() if key in known}


def _head(row: PairRow) -> str:
    """The head that the teacher was trained to answer such a row with."""
    if row.asked:
        return row.asked
    return "target" if row.target != MISSING else "sentiment" if row.first == ALONE else "stance"


def _heard(scores: NDArray[np.float32], row: PairRow) -> NDArray[np.float32]:
    """The scores of that head."""
    found, head = np.full(WIDTH, np.nan, np.float32), columns(_head(row))
    found[head] = scores[head]
    return found


def _load(path: Path | None) -> dict[str, NDArray[np.float32]]:
    if path is None or not path.is_file():
        return {}
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
        keys, scores = arrays["keys"], arrays["scores"].astype(np.float32)
    except (OSError, KeyError, SafetensorError) as error:
        raise ConfigError(f"model.soft_labels: {path} cannot be read: {error}") from error
    return {f"{int(k):016x}": row for k, row in zip(keys, scores, strict=True)}


def _save(path: Path | None, known: dict[str, NDArray[np.float32]]) -> None:
    if path is None:
        return
    from safetensors.numpy import save_file

    names = sorted(known)
    arrays: dict[str, NDArray[Any]] = {
        "keys": np.array([int(name, 16) for name in names], np.uint64),
        "scores": np.array([known[name] for name in names], np.float16),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        save_file(arrays, temporary)

"""Public labelled data as rows for the encoder: who may use it for what, and how to read it.

Each set is read from a local file or folder, or by its hub id where it has one. Nothing of it is
part of this project; a bundle's manifest and model card name what it learnt from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.codebook import SENTIMENTS, STANCES
from quotestance.errors import ConfigError, InputError
from quotestance.models.common import TargetText
from quotestance.models.pairs import target_pair
from quotestance_training.config import SourceConfig
from quotestance_training.pair_rows import PairRow

Record = Mapping[str, Any]


@dataclass(frozen=True)
class PublicSet:
    """A public data set.

    Parameters
    ----------
    licence, cite : str
    may_ship : bool
        Whether a model that learnt from it may be shipped.
    hub : str or None
        Its id on the Hugging Face hub.
    dev : tuple of str
        Its development files, beside ``train.jsonl``.
    read : callable
        A record to a row, or None where it says nothing that a head learns.
    """

    licence: str
    cite: str
    may_ship: bool
    hub: str | None
    dev: tuple[str, ...]
    read: Callable[[Record], PairRow | None]


def load_public(
    source: SourceConfig, public: Path | None, *, dev: bool = False
) -> tuple[list[PairRow], str]:
    """The rows of a public set and the sha256 of what they were read from.

    Parameters
    ----------
    public : Path or None
        Where public sets lie, each in a folder of its name.
    dev : bool
        Its development rows instead of those for training.

    Raises
    ------
    ConfigError
        If there is neither a folder nor a hub id.
    InputError
        If a file or a record cannot be read.
    """
    known = SETS[source.name]
    folder = source.path or (public / source.name if public is not None else None)
    if folder is None:
        if known.hub is None:
            raise ConfigError(
                f"data.sources: {source.name} is on no hub; give data.public or its path, with "
                f"{source.name}/train.jsonl ({known.cite})"
            )
        return _from_hub(known, split="validation" if dev else "train")
    digest = hashlib.sha256()
    rows: list[PairRow] = []
    for name in known.dev if dev else ("train.jsonl",):
        file = folder / name
        try:
            data = file.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error}", source=str(file)) from error
        digest.update(data)
        rows += _rows(_lines(data, file), known, str(file))
    return rows, digest.hexdigest()


def _from_hub(known: PublicSet, *, split: str) -> tuple[list[PairRow], str]:
    from datasets import load_dataset

    data = load_dataset(known.hub, split=split)
    rows = _rows(enumerate(data, 1), known, f"{known.hub} ({split})")
    text = "".join(row.first + row.second for row in rows)
    return rows, hashlib.sha256(text.encode()).hexdigest()


def _lines(data: bytes, file: Path) -> Iterator[tuple[int, Record]]:
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8: {error}", source=str(file)) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError as error:
                raise InputError(f"is not JSON: {error}", source=str(file), row=number) from error
            yield number, record


def _rows(records: Iterable[tuple[int, Record]], known: PublicSet, where: str) -> list[PairRow]:
    rows = []
    for number, record in records:
        try:
            row = known.read(record)
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"not a record of this set: {type(error).__name__} {error}",
                source=where,
                row=number,
            ) from error
        if row is not None:
            rows.append(row)
    return rows


def _toward(text: str, span: tuple[int, int], sentiment: str, group: str) -> PairRow:
    start, end = span
    if not 0 <= start < end <= len(text):
        raise ValueError(f"target ({start}, {end}) outside {len(text)} characters")
    first, second = target_pair(TargetText(text, (start, end)), {})
    return PairRow(first, second, group=group, target=SENTIMENTS.index(sentiment))


def _newsmtsc(record: Record) -> PairRow:
    """Local files have text, start, end, label; the hub has sentence, from, to, polarity."""
    if "sentence" in record:
        label = {-1: "negative", 0: "neutral", 1: "positive"}[round(float(record["polarity"]))]
        span = (int(record["from"]), int(record["to"]))
        return _toward(record["sentence"], span, label, str(record["id"]))
    return _toward(
        record["text"], (record["start"], record["end"]), record["label"], str(record["id"])
    )


def _directed(record: Record) -> PairRow:
    """The target is the one felt about; of a neutral pair, the second."""
    span = record["p_span"] if record["label"].startswith("q_") else record["q_span"]
    return _toward(record["text"], tuple(span), record["sentiment"], str(record["id"]))


def _claim(text: str, proposition: str, stance: str, group: str) -> PairRow:
    told = f"« {' '.join(text.split())} »"
    proposition = " ".join(proposition.split())
    return PairRow(proposition, told, group=group, bearing=1, stance=STANCES.index(stance))


def _perspectrum(record: Record) -> PairRow:
    stance = {"SUPPORT": "favor", "UNDERMINE": "against"}[record["label"]]
    return _claim(record["text"], record["target"], stance, record["target"])


def _ibm(record: Record) -> PairRow:
    stance = {"PRO": "favor", "CON": "against"}[record["label"]]
    motion = record["target"].removeprefix("This house believes that ")
    return _claim(record["text"], motion, stance, record["target"])


def _seesaw(record: Record) -> PairRow | None:
    """A named source's feeling toward a target that the sentence names; it has no neutral."""
    text, target = record["text"], record["target"]
    start = text.find(target)
    if start < 0 and " " in target:
        target = target.split()[-1]
        start = text.find(target)
    if start < 0:
        return None
    label = {"POS": "positive", "NEG": "negative"}[record["label"]]
    return _toward(text, (start, start + len(target)), label, str(record["doc"]))


SETS: dict[str, PublicSet] = {
    "newsmtsc": PublicSet(
        "MIT", "Hamborg & Donnay, EACL 2021, doi:10.18653/v1/2021.eacl-main.142",
        True, "fhamborg/news_sentiment_newsmtsc", ("dev_rw.jsonl", "dev_mt.jsonl"), _newsmtsc,
    ),
    "directed_sentiment": PublicSet(
        "for own purposes, cited", "Park et al., Findings of ACL 2021 (EMNLP), directed sentiment",
        True, None, ("valid.jsonl",), _directed,
    ),
    "ibm_claim_stance": PublicSet(
        "CC BY-SA 3.0", "Bar-Haim et al., EACL 2017, aclanthology.org/E17-1024",
        True, None, (), _ibm,
    ),
    "perspectrum": PublicSet(
        "CC BY-SA 4.0", "Chen et al., NAACL 2019, doi:10.18653/v1/N19-1053",
        True, None, ("dev.jsonl",), _perspectrum,
    ),
    "seesaw": PublicSet(
        "CC BY-NC-SA 4.0", "Zhang et al., EMNLP 2022", False, None, ("valid.jsonl",), _seesaw
    ),
}  # fmt: skip
"""Name → set; the names are those of `config.SourceConfig`."""

"""Labelled documents to a Hugging Face `Dataset`: one row per quote, as the models see it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotestance.codebook import Codebook
from quotestance.errors import ConfigError
from quotestance.features import Example
from quotestance.language import parse
from quotestance.quotes import Kind, Quote
from quotestance.syntax import class_of_cue
from quotestance_training.labelled import (
    GoldQuote,
    LabelledDocument,
    label_files,
    load_labelled,
)

if TYPE_CHECKING:
    from datasets import Dataset
    from spacy.tokens import Doc


@dataclass(frozen=True)
class Corpus:
    """A dataset of quotes with its digest.

    Parameters
    ----------
    name : str
    data : Dataset
        Columns: doc, writer, voice, text, kind, cue, cue_class, source, context, before, position,
        side, speaker_kind, issues (JSON), sentiment, toward (JSON).
    digest : str
        sha256 over the files, for tracking.
    documents : list of LabelledDocument
        What the rows come from.
    gold : list of list of Quote
        The quotes of each document, as `gold_quotes` gives them.
    """

    name: str
    data: Dataset
    digest: str
    documents: list[LabelledDocument]
    gold: list[list[Quote]]

    @classmethod
    def of(cls, name: str, documents: list[LabelledDocument], digest: str) -> Corpus:
        """Parse the documents once for all that needs it."""
        gold = gold_quotes(documents)
        return cls(name, to_dataset(documents, gold), digest, documents, gold)


def load_statements(path: Path, codebook: Codebook, *, drop_writers: Sequence[str] = ()) -> Corpus:
    """Load the statements corpus (or any folder of labelled documents) for training.

    Raises
    ------
    InputError, CodebookError
        As `load_labelled`.
    ConfigError
        If a writer to drop is not there, or nobody is left.
    """
    documents = load_labelled(path, codebook)
    writers = sorted({d.writer for d in documents if d.writer})
    for writer in drop_writers:
        if writer not in writers:
            raise ConfigError(
                f"data.drop_writers: no {writer!r} in {path}; there are {', '.join(writers)}"
            )
    kept = [d for d in documents if d.writer not in drop_writers]
    if not kept:
        raise ConfigError(f"data.drop_writers: all writers of {path} dropped, nothing is left")
    return Corpus.of(path.name, kept, digest_of_folder(path))


def digest_of_folder(path: Path) -> str:
    """sha256 over names and contents of the label files."""
    digest = hashlib.sha256()
    for file in label_files(path):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def to_dataset(documents: Sequence[LabelledDocument], gold: Sequence[Sequence[Quote]]) -> Dataset:
    """One row per labelled quote that is not optional.

    Parameters
    ----------
    gold : sequence of sequence of Quote
        From `gold_quotes`.
    """
    from datasets import Dataset

    return Dataset.from_list(list(_rows(documents, gold)))


def gold_quotes(documents: Sequence[LabelledDocument]) -> list[list[Quote]]:
    """The labelled quotes of each document as the chain would hand them on."""
    docs = parse(d.text for d in documents)
    return [
        [_quote(document, i, q, doc) for i, q in enumerate(document.quotes)]
        for document, doc in zip(documents, docs, strict=True)
    ]


def _rows(
    documents: Sequence[LabelledDocument], found: Sequence[Sequence[Quote]]
) -> Iterator[dict[str, Any]]:
    for document, quotes in zip(documents, found, strict=True):
        for gold, quote in zip(document.quotes, quotes, strict=True):
            if gold.optional:
                continue
            yield {
                "doc": document.id,
                "writer": document.writer or document.id,
                "voice": document.voice or "",
                "text": quote.text,
                "kind": quote.kind,
                "cue": quote.cue,
                "cue_class": quote.cue_class,
                "source": quote.source,
                "context": quote.context,
                "before": quote.before,
                "position": quote.position,
                "side": gold.side or "unknown",
                "speaker_kind": gold.speaker_kind,
                "issues": json.dumps(gold.issues or {}),
                "sentiment": gold.sentiment,
                "toward": json.dumps(gold.sentiment_toward or {}),
            }


def _quote(document: LabelledDocument, index: int, gold: GoldQuote, doc: Doc) -> Quote:
    spans = tuple(gold.spans)
    first = doc.char_span(*gold.spans[0], alignment_mode="expand")
    sentences = _sentences(doc, gold)
    at = first.sent.start if first is not None else 0
    before = doc[at - 1].sent.text if at > 0 else ""
    kind: Kind = gold.kind  # type: ignore[assignment]
    return Quote(
        text=" ".join(" ".join(document.text[s:e] for s, e in spans).split()),
        kind=kind,
        spans=spans,
        cue=document.text[slice(*gold.cue)] if gold.cue else None,
        cue_class=_cue_class(doc, gold.cue) if gold.cue else None,
        source=document.text[slice(*gold.source)] if gold.source else None,
        context=sentences,
        before=before,
        position=round(spans[0][0] / max(1, len(document.text)), 4),
        index=index,
    )


def _sentences(doc: Doc, gold: GoldQuote) -> str:
    """The sentences that the content stands in."""
    found: dict[int, str] = {}
    for start, end in gold.spans:
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is not None:
            for token in span:
                found.setdefault(token.sent.start, token.sent.text)
    return " ".join(found.values())


def _cue_class(doc: Doc, cue: tuple[int, int]) -> str:
    return class_of_cue(doc.char_span(*cue, alignment_mode="expand") or ())


def examples(data: Dataset) -> list[Example]:
    """The rows as the models' inputs."""
    return [
        Example(
            Quote(
                text=row["text"], kind=row["kind"], cue=row["cue"], cue_class=row["cue_class"],
                context=row["context"], before=row["before"], position=row["position"],
            ),
            side=row["side"],
            speaker_kind=row["speaker_kind"],
        )
        for row in data
    ]  # fmt: skip

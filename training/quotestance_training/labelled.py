"""Labelled articles and statements: one JSON shape, checked against codebook and text.

A document is ``{id, date, title, text | article, quotes: [...]}``; stand-off files name the text
in ``article``, a path beside the labels' folder. Offsets are characters, end exclusive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from quotestance.codebook import Codebook, Sentiment, describe
from quotestance.errors import CodebookError, InputError


class GoldProposition(BaseModel):
    """A free proposition with the speaker's stance, "none" where the quote does not bear on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=8)
    stance: Literal["favor", "against", "neutral", "none"]


class GoldTarget(BaseModel):
    """Somebody or something named in a quote, and what its words express toward it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    span: tuple[int, int]
    sentiment: Sentiment


class GoldQuote(BaseModel):
    """A labelled quote."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    spans: list[tuple[int, int]] = Field(min_length=1)
    texts: list[str] | None = None
    kind: str
    cue: tuple[int, int] | None = None
    source: tuple[int, int] | None = None
    speaker_kind: str = "unknown"
    speaker_name: str | None = None
    via: str | None = None
    side: str | None = None
    issues: dict[str, str] | None = None
    sentiment: str | None = None
    sentiment_toward: dict[str, str] | None = None
    propositions: tuple[GoldProposition, ...] = ()
    targets: tuple[GoldTarget, ...] = ()
    optional: bool = False


class LabelledDocument(BaseModel):
    """A labelled article or statement."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    date: str | None = None
    title: str | None = None
    text: str
    quotes: list[GoldQuote]
    writer: str | None = None
    voice: str | None = None
    type: str | None = None
    change: str | None = None


def load_labelled(path: str | Path, codebook: Codebook | None = None) -> list[LabelledDocument]:
    """Load labelled documents from a file or a folder of .json and .jsonl files.

    Parameters
    ----------
    path : str or Path
    codebook : Codebook, optional
        Labels are checked against it.

    Raises
    ------
    InputError
        If a file cannot be read or a span does not fit its text.
    CodebookError
        For a label that the codebook does not have.
    """
    path = Path(path)
    files = label_files(path)
    if not files:
        raise InputError("no labelled .json or .jsonl files there", source=str(path))
    documents = [_document(record, file, row) for file in files for row, record in records(file)]
    if not documents:
        raise InputError("no labelled documents in it", source=str(path))
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise InputError(f"id {document.id!r} stands twice", source=str(path))
        seen.add(document.id)
        _check(document, codebook, str(path))
    return documents


def label_files(path: Path) -> list[Path]:
    """The .json and .jsonl files of a folder, or the one file itself."""
    return [path] if path.is_file() else sorted([*path.glob("*.json"), *path.glob("*.jsonl")])


def records(file: Path) -> Iterator[tuple[int, Any]]:
    """The records of a .jsonl file with their lines, or the one of a .json file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            yield 1, json.loads(text)
            return
        for row, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield row, json.loads(line)
    except (OSError, UnicodeError) as error:
        raise InputError(f"cannot be read: {error}", source=str(file)) from error
    except ValueError as error:
        raise InputError(f"is not JSON: {error}", source=str(file)) from error


def _document(record: Any, file: Path, row: int) -> LabelledDocument:
    if isinstance(record, dict) and "text" not in record and "article" in record:
        article = file.parent.parent / str(record["article"])
        try:
            with article.open(encoding="utf-8", newline="") as handle:
                record = {**record, "text": handle.read()}
        except (OSError, UnicodeError) as error:
            raise InputError(f"article {article} cannot be read", source=str(file)) from error
    try:
        return LabelledDocument.model_validate(record)
    except ValidationError as error:
        raise InputError(describe(error), source=str(file), row=row) from error


def _check(document: LabelledDocument, codebook: Codebook | None, source: str) -> None:
    size = len(document.text)
    for i, quote in enumerate(document.quotes):
        where = f"{source}: {document.id}, quote {i}"
        targets = [target.span for target in quote.targets]
        for start, end in [*quote.spans, *filter(None, (quote.cue, quote.source)), *targets]:
            if not 0 <= start < end <= size:
                raise InputError(f"span ({start}, {end}) outside {size} characters", source=where)
        if quote.texts is not None:
            found = [document.text[s:e] for s, e in quote.spans]
            if found != quote.texts:
                raise InputError(f"spans give {found}, texts say {quote.texts}", source=where)
        for target in quote.targets:
            if document.text[slice(*target.span)] != target.text:
                raise InputError(f"target {target.text!r} is not at {target.span}", source=where)
        if codebook is not None:
            _check_labels(quote, codebook, where)


def _check_labels(quote: GoldQuote, codebook: Codebook, where: str) -> None:
    codebook.check("kind", quote.kind, where=where)
    codebook.check("speaker_kind", quote.speaker_kind, where=where)
    if quote.side is not None:
        codebook.check("side", quote.side, where=where)
    if quote.sentiment is not None:
        codebook.check("sentiment", quote.sentiment, where=where)
    for issue, stance in (quote.issues or {}).items():
        codebook.check("issue", issue, where=where)
        codebook.check("stance", stance, where=where)
    for side, sentiment in (quote.sentiment_toward or {}).items():
        if side not in codebook.sides:
            raise CodebookError(f"{where}: sentiment toward {side!r}, which is no side")
        codebook.check("sentiment", sentiment, where=where)

"""Step 8a: the output contract: one row per quote and issue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 2  # 2 added statement_id and quote_score
ADDED = ("statement_id", "quote_score")  # absent from files of version 1


@dataclass(frozen=True, slots=True)
class Position:
    """One row: a quote, one issue that it bears on (or none), stance, sentiment, evidence.

    Spans are character offsets into the article's text as read, end exclusive. Probabilities
    are calibrated and rounded to four digits. A quote on no issue has one row with `issue` None.
    `quote_score` is the probability that the words are a quote; `statement_id` is given by
    `linking` over many articles, and None before.
    """

    article_id: str | None
    article_date: str | None
    quote_id: str
    statement_id: str | None
    kind: str
    text: str
    spans: list[list[int]]
    quote_score: float | None
    cue: str | None
    cue_span: list[int] | None
    source: str | None
    source_span: list[int] | None
    speaker: str | None
    speaker_kind: str
    via: str | None
    side: str
    side_reason: str
    issue: str | None
    issue_score: float | None
    stance: str | None
    stance_scores: dict[str, float] | None
    abstained: bool
    sentiment: str
    sentiment_scores: dict[str, float]
    sentiment_toward: dict[str, str]
    model: str
    codebook: str

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON values, in the contract's order."""
        return asdict(self)


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Position))
NESTED = (
    "spans", "cue_span", "source_span", "stance_scores", "sentiment_scores", "sentiment_toward",
)  # fmt: skip


def arrow_schema(sides: Iterable[str]) -> pa.Schema:
    """The Arrow schema of the rows, with the schema version in its metadata."""
    import pyarrow as pa

    string, score, span = pa.string(), pa.float64(), pa.list_(pa.int64())
    scores = {
        "stance_scores": ("favor", "against", "neutral"),
        "sentiment_scores": ("negative", "neutral", "positive"),
    }
    types: dict[str, Any] = {
        **{name: pa.struct([(k, score) for k in keys]) for name, keys in scores.items()},
        "sentiment_toward": pa.struct([(side, string) for side in sides]),
        "spans": pa.list_(span),
        "cue_span": span,
        "source_span": span,
        "quote_score": score,
        "issue_score": score,
        "abstained": pa.bool_(),
    }
    columns = [(name, types.get(name, string)) for name in COLUMNS]
    return pa.schema(columns, metadata={"schema_version": str(SCHEMA_VERSION)})


def to_json_line(position: Position) -> str:
    """One JSONL line."""
    return json.dumps(position.to_dict(), ensure_ascii=False)


def to_csv_row(position: Position) -> dict[str, Any]:
    """A flat row: nested values as JSON, null as the empty field, booleans in lower case."""
    row: dict[str, Any] = {}
    for name, value in position.to_dict().items():
        if value is None:
            row[name] = ""
        elif name in NESTED:
            row[name] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, bool):
            row[name] = str(value).lower()
        else:
            row[name] = value
    return row


def rounded(labels: Sequence[str], scores: Iterable[float]) -> dict[str, float]:
    """Probabilities by their labels, to the four digits that are given out."""
    return {label: round(float(p), 4) for label, p in zip(labels, scores, strict=True)}

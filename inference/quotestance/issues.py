"""Step 5: which of the codebook's issues a quote bears on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import Codebook

MAX_ISSUES = 4  # no careful reader found more in one quote


def bearing(
    scores: NDArray[np.float32],
    codebook: Codebook,
    threshold: float,
    given: Sequence[str | None],
) -> list[list[tuple[str, float]]]:
    """Choose the issues of each quote.

    Parameters
    ----------
    scores : ndarray, shape (n_quotes, n_issues)
        Calibrated probabilities that the quote bears on the issue.
    codebook : Codebook
        Names the columns.
    threshold : float
        The least probability that counts.
    given : sequence of str or None
        An issue that the caller asks about is taken as it is.

    Returns
    -------
    list of list of (issue, score)
        In the codebook's order; empty for a quote on no issue.
    """
    ids = codebook.issue_ids
    result = []
    for row, asked in zip(scores, given, strict=True):
        if asked is not None:
            result.append([(asked, float(row[ids.index(asked)]))])
            continue
        best = sorted(np.flatnonzero(row >= threshold), key=lambda j: -row[j])[:MAX_ISSUES]
        result.append([(ids[j], float(row[j])) for j in sorted(best)])
    return result

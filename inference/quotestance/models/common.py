"""What every model shares: the shapes of questions and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from quotestance.features import Example
from quotestance.textview import Span

Array = NDArray[np.float32]
Pair = tuple[int, str]  # the number of a quote, an issue


@dataclass(frozen=True)
class TargetText:
    """A text with a marked target, and whose words they are, for sentiment toward the target.

    Parameters
    ----------
    text : str
    target : (int, int) or None
        Offsets in `text`; None where the target is not named.
    speaker_side, target_side : str or None
        Where known.
    """

    text: str
    target: Span | None
    speaker_side: str | None = None
    target_side: str | None = None


class Reading(Protocol):
    """What a model says of n quotes; all probabilities are calibrated.

    Attributes
    ----------
    bearing : ndarray, shape (n, n_issues)
        Probability that the quote bears on the issue.
    sentiment : ndarray, shape (n, 3)
    """

    @property
    def bearing(self) -> Array: ...  # noqa: D102
    @property
    def sentiment(self) -> Array: ...  # noqa: D102

    def stances(self, pairs: Sequence[Pair]) -> Array:
        """Stance of quotes on issues, shape (n_pairs, 3)."""


class Model(Protocol):
    """What a classifier asks of a model."""

    def read(self, examples: Sequence[Example], asked: Sequence[Sequence[str]]) -> Reading:
        """Read quotes; `asked` names issues of each that an answer is wanted on in any case."""

    def toward(self, texts: Sequence[TargetText]) -> Array:
        """Sentiment toward each target, shape (n, 3)."""


def softmax(scores: Array, temperature: float) -> Array:
    """Probabilities of labels that exclude each other, row by row."""
    z = scores / temperature
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(z / z.sum(axis=1, keepdims=True), np.float32)


def sigmoid(scores: Array, temperature: float) -> Array:
    """Probabilities of labels that are judged one by one."""
    return np.asarray(expit(scores / temperature), np.float32)

"""Agreement of two coders over the same quotes: Krippendorff's alpha with intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from quotestance.codebook import SENTIMENTS, SPEAKER_KINDS, STANCES, Codebook, describe
from quotestance.errors import InputError, MissingExtraError
from quotestance_training.metrics import Score, bootstrap

Pair = tuple[str, str]  # first coder's label, second coder's label


class Coding(BaseModel):
    """One coder's labels of one quote, as given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    doc: str
    quote: int
    coder: str
    speaker_kind: str
    side: str
    issues: dict[str, str]
    sentiment: str
    sentiment_toward: dict[str, str]


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of one variable.

    Parameters
    ----------
    alpha : Score
        With a 95 % bootstrap interval over quotes; nan where no labels vary.
    pairs : int
        Pairs of labels behind it.
    same : float
        The share of pairs with equal labels.
    """

    alpha: Score
    pairs: int
    same: float


def load_codings(folder: Path, codebook: Codebook) -> list[tuple[Coding, Coding]]:
    """Load ``first_labels.jsonl`` and ``labels.jsonl``: two codings of the same quotes.

    Raises
    ------
    InputError
        If a file cannot be read, or a quote is labelled in one of them only.
    CodebookError
        For a label that the codebook does not have.
    """
    first, second = (_codings(folder / n, codebook) for n in ("first_labels.jsonl", "labels.jsonl"))
    if first.keys() != second.keys():
        doc, quote = sorted(first.keys() ^ second.keys())[0]
        raise InputError(f"{doc}, quote {quote}: labelled by one coder only", source=str(folder))
    return [(first[key], second[key]) for key in sorted(first)]


def _codings(file: Path, codebook: Codebook) -> dict[tuple[str, int], Coding]:
    codings = {}
    try:
        lines = file.read_text(encoding="utf-8").rstrip("\n").split("\n")
        for row, line in enumerate(lines, 1):
            coding = Coding.model_validate(json.loads(line))
            _check(coding, codebook, f"{file}, line {row}")
            codings[coding.doc, coding.quote] = coding
    except ValidationError as error:
        raise InputError(describe(error), source=str(file), row=row) from error
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", source=str(file)) from error
    return codings


def _check(coding: Coding, codebook: Codebook, where: str) -> None:
    for name in ("speaker_kind", "side", "sentiment"):
        codebook.check(name, getattr(coding, name), where=where)
    for issue, stance in coding.issues.items():
        codebook.check("issue", issue, where=where)
        codebook.check("stance", stance, where=where)
    for side in codebook.sides:
        codebook.check("sentiment", coding.sentiment_toward.get(side, "none"), where=where)


def agreement(
    pairs: Sequence[tuple[Coding, Coding]], codebook: Codebook, *, resamples: int = 1000
) -> dict[str, Agreement]:
    """Krippendorff's alpha (nominal) of every variable, with 95 % bootstrap intervals.

    Stance counts the issues that both coders chose; ``bears on issue`` pools a yes or no for
    each issue of the codebook. Quotes are resampled, with all their issues.

    References
    ----------
    Krippendorff, Content Analysis, 4th ed. 2018, doi:10.4135/9781071878781.
    """
    units: dict[str, tuple[Sequence[str], list[list[Pair]]]] = {
        "speaker_kind": (SPEAKER_KINDS, [[(a.speaker_kind, b.speaker_kind)] for a, b in pairs]),
        "side": (codebook.side_labels, [[(a.side, b.side)] for a, b in pairs]),
        "bears on issue": (
            ("yes", "no"),
            [[(_bears(a, i), _bears(b, i)) for i in codebook.issue_ids] for a, b in pairs],
        ),
        "stance": (STANCES, [_stances(a, b) for a, b in pairs]),
        "sentiment": (SENTIMENTS, [[(a.sentiment, b.sentiment)] for a, b in pairs]),
    }
    for side in codebook.sides:
        toward = [[(a.sentiment_toward[side], b.sentiment_toward[side])] for a, b in pairs]
        units[f"toward {side}"] = (SENTIMENTS, toward)
    return {name: _agreement(*unit, resamples=resamples) for name, unit in units.items()}


def _bears(coding: Coding, issue: str) -> str:
    return "yes" if issue in coding.issues else "no"


def _stances(first: Coding, second: Coding) -> list[Pair]:
    return [(s, second.issues[i]) for i, s in first.issues.items() if i in second.issues]


def _agreement(
    labels: Sequence[str], units: Sequence[Sequence[Pair]], *, resamples: int
) -> Agreement:
    """Alpha over all pairs; `units` holds the pairs of each quote."""
    number = {label: k for k, label in enumerate(labels)}
    owner = np.array([q for q, unit in enumerate(units) for _ in unit], dtype=np.intp)
    coded = np.array(
        [[number[a], number[b]] for unit in units for a, b in unit], dtype=np.intp
    ).reshape(-1, 2)  # (pairs, 2)

    def statistic(chosen: NDArray[np.intp]) -> float:
        times = np.bincount(chosen, minlength=len(units))
        return _alpha(np.repeat(coded, times[owner], axis=0), len(labels))

    same = float((coded[:, 0] == coded[:, 1]).mean()) if len(coded) else float("nan")
    return Agreement(bootstrap(statistic, len(units), resamples=resamples), len(coded), same)


def _alpha(coded: NDArray[np.intp], n_labels: int) -> float:
    """Nominal alpha of pairs of label numbers, shape (pairs, 2); nan where nothing varies."""
    try:
        import krippendorff
    except ImportError as error:
        raise MissingExtraError("the corpus report", "training") from error
    counts = np.eye(n_labels, dtype=np.intp)[coded].sum(axis=1)  # (pairs, labels)
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        return float("nan")
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))

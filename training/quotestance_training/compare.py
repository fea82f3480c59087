"""Tracked runs side by side, with the significance of their differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance_training.metrics import LabelPairs
from quotestance_training.tracking import Logged

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """By how much one run's stance macro-F1 is above another's, on the same quotes.

    Parameters
    ----------
    value, low, high : float
        The difference and its 95 % interval.
    p : float
        Two-sided: how often a resample turns the difference round, twice.
    pairs : int
        Stances that both runs gave.
    """

    value: float
    low: float
    high: float
    p: float
    pairs: int

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}], p = {self.p:.3f}"


def difference(
    one: Logged, other: Logged, *, resamples: int = 2000, seed: int = 0
) -> Difference | None:
    """Paired bootstrap over documents of the stances that both runs gave.

    Returns
    -------
    Difference or None
        None where the runs share no held-out round, or fewer than two documents.

    References
    ----------
    Berg-Kirkpatrick, Burkett & Klein, An Empirical Investigation of Statistical Significance in
    NLP, EMNLP 2012 (aclanthology.org/D12-1091).
    """
    documents, gold, a, b = _shared(one.answers, other.answers)
    names = sorted(set(documents))
    if len(names) < 2:
        return None
    pairs = [LabelPairs.of(gold, found) for found in (a, b)]
    number = {name: i for i, name in enumerate(names)}
    owner = np.array([number[d] for d in documents])
    members = [np.flatnonzero(owner == k) for k in range(len(names))]
    whole = np.arange(len(gold))
    rng = np.random.default_rng(seed)
    draws = np.array([
        _gap(pairs, np.concatenate([members[k] for k in rng.integers(0, len(names), len(names))]))
        for _ in range(resamples)
    ])  # fmt: skip
    value = _gap(pairs, whole)
    turned = float(np.mean(draws <= 0 if value > 0 else draws >= 0))
    low, high = np.percentile(draws, [2.5, 97.5])
    return Difference(value, float(low), float(high), min(1.0, 2 * turned), len(gold))


def _gap(pairs: Sequence[LabelPairs], rows: NDArray[np.intp]) -> float:
    return pairs[1].macro_f1(rows) - pairs[0].macro_f1(rows)


def _shared(
    one: Mapping[str, Answers], other: Mapping[str, Answers]
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Documents, gold, and both runs' stances of the places that both held out."""
    documents, gold, a, b = [], [], [], []
    for name in one:
        if name not in other:
            continue
        there = dict(zip(other[name]["document"], other[name]["found"], strict=True))
        for place, wanted, found in zip(*(one[name][k] for k in _COLUMNS), strict=True):
            if place in there:
                documents.append(f"{name} {place.rsplit(' ', 1)[0]}")
                gold.append(wanted)
                a.append(found)
                b.append(there[place])
    return documents, gold, a, b


_COLUMNS = ("document", "gold", "found")


def table(runs: Sequence[Logged], metrics: Sequence[str] = ()) -> list[dict[str, Any]]:
    """One plain record a run: name, id, start, commit, figures with their intervals.

    Parameters
    ----------
    metrics : sequence of str
        Those to keep, in order; all that some run has, where none is named.
    """
    names = list(metrics) or sorted({
        name for run in runs for name in run.metrics if not name.endswith(("_low", "_high"))
    })  # fmt: skip
    records = []
    for run in runs:
        record: dict[str, Any] = {
            "run": run.name, "id": run.id, "started": run.started, "commit": run.commit,
        }  # fmt: skip
        for name in names:
            for key in (name, f"{name}_low", f"{name}_high", f"{name}_sd"):
                if key in run.metrics:
                    record[key] = round(run.metrics[key], 4)
        records.append(record)
    return records

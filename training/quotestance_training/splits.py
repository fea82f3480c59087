"""Splits by writer: the same hand never stands on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quotestance.errors import ConfigError
from quotestance_training.config import SplitConfig

Index = NDArray[np.intp]


def hold_out(groups: Sequence[str], *, count: int, seed: int) -> tuple[Index, Index]:
    """Indices of training and test rows, `count` groups being held out.

    Raises
    ------
    ConfigError
        If nothing would be left to train on.
    """
    names = sorted(set(groups))
    if len(names) <= count:
        raise ConfigError(
            f"split.test_writers={count}: there are only {len(names)} writers; leave at least one"
        )
    chosen = set(np.random.default_rng(seed).choice(names, size=count, replace=False).tolist())
    held = np.array([g in chosen for g in groups])
    return np.flatnonzero(~held), np.flatnonzero(held)


def share_of(train: Index, share: float, *, seed: int) -> Index:
    """A share of the training rows, in their order; a smaller share lies within a larger one."""
    if share == 1:
        return train
    size = max(1, round(share * len(train)))
    return np.sort(np.random.default_rng(seed).permutation(train)[:size])


def folds(groups: Sequence[str], count: int) -> Iterator[tuple[Index, Index]]:
    """Group folds over all rows; as many as there are groups where these are fewer."""
    from sklearn.model_selection import GroupKFold

    splits = min(count, len(set(groups)))
    if splits < 2:
        raise ConfigError(f"split.folds={count}: needs at least two writers")
    yield from GroupKFold(splits).split(np.zeros(len(groups)), groups=list(groups))


@dataclass(frozen=True)
class Round:
    """What one training of several is fitted on and scored on.

    Parameters
    ----------
    name : str
    seed : int
    train, test : ndarray
        Row numbers.
    issues : tuple of str
        The issues that are held out, where that is what is done.
    """

    name: str
    seed: int
    train: Index
    test: Index
    issues: tuple[str, ...] = ()


def rounds(
    split: SplitConfig,
    seeds: Sequence[int],
    groups: Sequence[str],
    issues: Sequence[Mapping[str, str]],
) -> list[Round]:
    """The rounds that a configuration asks for.

    Parameters
    ----------
    groups : sequence of str
        The writer of each row.
    issues : sequence of mapping
        The issues of each row; a round that holds issues out trains on no quote that bears on
        one of them.
    """
    if split.by == "writer":
        return [
            Round(f"seed-{seed}", seed, *hold_out(groups, count=split.test_writers, seed=seed))
            for seed in seeds
        ]
    if split.by == "each_writer":
        names = sorted(set(groups))
        if len(names) < 2:
            raise ConfigError("split.by=each_writer: needs at least two writers")
        return [_round(name, seeds[0], [g == name for g in groups]) for name in names]
    names = sorted({issue for row in issues for issue in row})
    count = -(-len(names) // split.issues_at_once)
    return [
        _round("+".join(held), seeds[0], [not held.isdisjoint(row) for row in issues], held)
        for held in (dict.fromkeys(names[k::count]).keys() for k in range(count))
    ]


def _round(name: str, seed: int, out: Sequence[bool], issues: Iterable[str] = ()) -> Round:
    held = np.array(out)
    return Round(name, seed, np.flatnonzero(~held), np.flatnonzero(held), tuple(issues))

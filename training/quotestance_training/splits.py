"""Splits by writer: the same hand never stands on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from quotestance.errors import ConfigError

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


def folds(groups: Sequence[str], count: int) -> Iterator[tuple[Index, Index]]:
    """Group folds over all rows; as many as there are groups where these are fewer."""
    from sklearn.model_selection import GroupKFold

    splits = min(count, len(set(groups)))
    if splits < 2:
        raise ConfigError(f"split.folds={count}: needs at least two writers")
    yield from GroupKFold(splits).split(np.zeros(len(groups)), groups=list(groups))

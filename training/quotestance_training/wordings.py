"""Other wordings of a codebook's propositions, so that an encoder learns to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from quotestance.codebook import STANCES, Codebook
from quotestance.errors import ConfigError

_OTHER_SIDE = {"favor": "against", "against": "favor"}


class _Issue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    same: tuple[str, ...] = Field(min_length=1)
    opposite: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Wordings:
    """Propositions that mean the same as an issue's, or the opposite.

    Parameters
    ----------
    of : mapping of str to tuple of (str, bool)
        Issue → propositions, and whether they say the opposite.
    """

    of: Mapping[str, tuple[tuple[str, bool], ...]]

    def draw(self, issue: str, rng: np.random.Generator) -> tuple[str, bool]:
        """Any of an issue's, and whether it says the opposite."""
        told = self.of[issue]
        return told[int(rng.integers(len(told)))]


def turned(stance: int) -> int:
    """The stance toward the opposite proposition, as class indices."""
    return STANCES.index(_OTHER_SIDE.get(STANCES[stance], STANCES[stance]))


def load_wordings(path: Path, codebook: Codebook) -> Wordings:
    """Read a YAML file: issue → ``same`` and ``opposite``, each a list of propositions.

    Raises
    ------
    ConfigError
        If it cannot be read, or does not name just the codebook's issues.
    """
    try:
        found = TypeAdapter(dict[str, _Issue]).validate_python(
            yaml.safe_load(path.read_text("utf-8"))
        )
    except (OSError, UnicodeError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"data.propositions: {path} cannot be read: {error}") from error
    if odd := sorted(found.keys() ^ set(codebook.issue_ids)):
        raise ConfigError(
            f"data.propositions: {path} and the codebook {codebook.id!r} differ in the issues "
            f"{', '.join(odd)}"
        )
    return Wordings({
        issue: (*((p, False) for p in told.same), *((p, True) for p in told.opposite))
        for issue, told in found.items()
    })  # fmt: skip

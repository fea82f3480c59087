"""What a training gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from quotestance_training.holdout import Figures


@dataclass(frozen=True)
class Trained:
    """What a training gives.

    Parameters
    ----------
    bundle : Path
        The folder of the model.
    name : str
        Kind and digest.
    rounds : dict of str to dict of str to float
        Held-out figures of each round: ``seed-1``, or the writer or issue that was held out.
    mean, sd : dict of str to float
        Over the rounds.
    address : str or None
        Where MLflow keeps the model.
    """

    bundle: Path
    name: str
    rounds: dict[str, Figures]
    mean: Figures
    sd: Figures
    address: str | None = None

"""What an encoder's scores mean, and what beside its weights makes its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HEADS: dict[str, int] = {"bearing": 1, "stance": 3, "sentiment": 3, "target": 3}
WIDTH = sum(HEADS.values())  # scores of a pair


def columns(head: str) -> slice:
    """Where a head's scores stand in the network's output."""
    names = list(HEADS)
    start = sum(HEADS[n] for n in names[: names.index(head)])
    return slice(start, start + HEADS[head])


@dataclass(frozen=True)
class Settings:
    """What beside the weights makes the answers.

    Parameters
    ----------
    temperatures : dict of str to float
        One for each head, where the encoder answers alone (Guo et al., ICML 2017,
        arXiv:1706.04599).
    bearing : (float, float, float)
        Weights of the encoder's score and of the first stage's log-odds, and a constant, for
        the log-odds that a quote bears on an issue of the codebook.
    stance, sentiment : (float, float)
        Weights of the encoder's scores and of the first stage's log-probabilities: a log-linear
        pool (Genest & Zidek, Statistical Science 1986, doi:10.1214/ss/1177013825).
    stance_constants : (float, float, float)
        Added to the weighted sum, by stance: training weighs its classes, so that a network finds
        a rare one oftener than it is there.
    propose : float
        Issues that the first stage makes less likely than this are not read.
    max_length : int
        Tokens of a pair; longer ones lose their end.
    names : dict of str to str
        Sides → their names in the texts.
    """

    temperatures: dict[str, float]
    bearing: tuple[float, float, float]
    stance: tuple[float, float]
    stance_constants: tuple[float, float, float]
    sentiment: tuple[float, float]
    propose: float
    max_length: int
    names: dict[str, str]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Settings:
        """From JSON.

        Raises
        ------
        ValueError, KeyError, TypeError
            If something is missing or no number.
        """
        pair, first, constant = (float(v) for v in data["bearing"])
        (a, b), (c, d) = ([float(v) for v in data[name]] for name in ("stance", "sentiment"))
        favor, against, neutral = (float(v) for v in data["stance_constants"])
        return cls(
            {head: float(data["temperatures"][head]) for head in HEADS},
            (pair, first, constant),
            (a, b),
            (favor, against, neutral),
            (c, d),
            float(data["propose"]),
            int(data["max_length"]),
            {str(k): str(v) for k, v in dict(data["names"]).items()},
        )

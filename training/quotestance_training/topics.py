"""Debated topics: a proposition in several wordings, its opposites, and what people say of it.

Every quote of a topic is held against every wording, so the same words are in favor of one
proposition and against another: whoever reads only one of the two texts cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from quotestance.codebook import STANCES, describe
from quotestance.errors import InputError
from quotestance.features import Example
from quotestance.models.pairs import proposition_pair, quote_text
from quotestance.quotes import Quote
from quotestance_training.labelled import label_files, records
from quotestance_training.pair_rows import PairRow
from quotestance_training.wordings import turned

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3)]


class Topic(BaseModel):
    """A question that is argued about.

    Parameters
    ----------
    topic : str
        Its name.
    same, opposite : tuple of str
        Propositions that all say the same, and some that say the opposite.
    favor, against, neutral : tuple of str
        What speakers say who are for `same`, against it, or take no side.
    aside : tuple of str
        Words that do not bear on the question.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = Field(min_length=1)
    same: tuple[Sentence, ...] = Field(min_length=1)
    opposite: tuple[Sentence, ...] = ()
    favor: tuple[Sentence, ...] = ()
    against: tuple[Sentence, ...] = ()
    neutral: tuple[Sentence, ...] = ()
    aside: tuple[Sentence, ...] = ()


def load_topics(path: Path) -> list[Topic]:
    """Read topics from a .jsonl file or a folder of such.

    Raises
    ------
    InputError
        If there are none, a file cannot be read, a record is no topic, or a name stands twice.
    """
    found: dict[str, Topic] = {}
    for file in label_files(path):
        for row, record in records(file):
            try:
                topic = Topic.model_validate(record)
            except ValidationError as error:
                raise InputError(describe(error), source=str(file), row=row) from error
            if topic.topic in found:
                raise InputError(f"topic {topic.topic!r} stands twice", source=str(file), row=row)
            found[topic.topic] = topic
    if not found:
        raise InputError("no topics in .json or .jsonl files there", source=str(path))
    return list(found.values())


def topic_rows(
    topics: Sequence[Topic], *, seed: int, opposites: int | None = None
) -> list[PairRow]:
    """Every quote of each topic on every proposition of it.

    Parameters
    ----------
    seed : int
        Draws how a quote is attributed.
    opposites : int, optional
        How many of the opposite propositions are taken, the first ones; all without it. Where
        they are as many as the others, either stance is as likely whatever a quote says, and a
        network finds no first hold on it.

    Returns
    -------
    list of PairRow
        The group is the topic.
    """
    rng = np.random.default_rng(seed)
    return [row for topic in topics for row in _on_topic(topic, opposites, rng)]


def _on_topic(topic: Topic, opposites: int | None, rng: np.random.Generator) -> Iterator[PairRow]:
    turned_round = topic.opposite[:opposites]
    asked = [*((p, False) for p in topic.same), *((p, True) for p in turned_round)]
    for stance in STANCES:
        for quote in getattr(topic, stance):
            for proposition, opposite in asked:
                label = STANCES.index(stance)
                pair = proposition_pair(proposition, _attributed(quote, rng))
                yield PairRow(*pair, topic.topic, bearing=1,
                              stance=turned(label) if opposite else label)  # fmt: skip
    for quote in topic.aside:
        for proposition, _ in asked:
            pair = proposition_pair(proposition, _attributed(quote, rng))
            yield PairRow(*pair, topic.topic, bearing=0)


# Nothing of a topic's question is in them, so a quote's stance must be read from its words.
_ATTRIBUTIONS = (
    ("The mayor", "said"), ("She", "told reporters"), ("A spokesman", "said"), ("Residents", "say"),
    ("the ministry", "according to"), ("An official", "said"), ("The union", "argued"),
    ("the group", "wrote"), ("A senior lawmaker", "told the paper"), ("He", "added"),
)  # fmt: skip
_BARE = 0.4  # of the quotes come without any


def _attributed(text: str, rng: np.random.Generator) -> str:
    attribution = _ATTRIBUTIONS[rng.integers(len(_ATTRIBUTIONS))]
    source, cue = attribution if rng.random() >= _BARE else (None, None)
    quote = Quote(text=text, kind="direct", context=text, source=source, cue=cue)
    return quote_text(Example(quote, "other"), {})

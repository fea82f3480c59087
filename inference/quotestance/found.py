"""What reading a paragraph gives: quotes and antecedents in offsets of the article's view."""

from __future__ import annotations

from dataclasses import dataclass, field

from quotestance.textview import Span


@dataclass(frozen=True, slots=True)
class Antecedent:
    """A noun phrase that a later pronoun may stand for.

    Parameters
    ----------
    text : str
        The phrase as written.
    beside : str
        What stands beside it, set off by commas.
    subject, plural, proper : bool
        Whether it is a subject, a plural, a proper name.
    at : int
        Its offset in the article's view.
    person : bool
        Whether "he" or "she" may stand for it at all.
    gender : {"", "f", "m"}
        Where a title or a tie of kin tells it.
    """

    text: str
    beside: str
    subject: bool
    plural: bool
    proper: bool
    at: int
    person: bool = True
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A quote in offsets of the article's view.

    ``verbatim`` says that all of it stands inside marks, ``marked`` that some of it does;
    ``continues`` that the speaker before goes on, ``merge`` that it is the same quote. ``names``
    are the features that the judge's head ``judged_by`` gave ``score`` for; ``at`` is where the
    cue stands.
    """

    spans: tuple[Span, ...]
    source: Span | None = None
    cue: Span | None = None
    cue_class: str | None = None
    via: Span | None = None
    verbatim: bool = False
    marked: bool = False
    apposition: str = ""
    sentence: Span = (0, 0)
    continues: bool = False
    merge: bool = False
    form: str = "turn"
    judged_by: str = "turn"
    names: tuple[str, ...] = field(default=(), repr=False)
    score: float = 1.0
    at: int | None = None


@dataclass(slots=True)
class Reading:
    """A paragraph's quotes, what was proposed, and how it leads into the next paragraph."""

    quotes: list[Found] = field(default_factory=list)
    proposed: list[Found] = field(default_factory=list)
    lead: Found | None = None
    antecedents: list[Antecedent] = field(default_factory=list)

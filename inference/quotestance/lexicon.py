"""Small word lists behind the named features: negation, modality, hedges, deadlines, contrast.

Sentiment words come from VADER's lexicon (Hutto & Gilbert, ICWSM 2014), read from its package.
"""

from __future__ import annotations

from functools import cache

NEGATIONS = frozenset(
    "not no never nobody nothing none neither nor without cannot can't won't don't doesn't didn't "
    "isn't aren't wasn't weren't wouldn't shouldn't couldn't haven't hasn't hadn't ain't "
    "hardly scarcely barely nowhere".split()
)
OBLIGATION = frozenset("must should shall ought need needs needed have has required".split())
POSSIBILITY = frozenset("may might could can would possibly perhaps maybe likely".split())
HEDGES = frozenset(
    "perhaps maybe possibly probably apparently somewhat rather fairly seem seems seemed appear "
    "appears about around roughly suggest suggests if whether unless depends depend almost".split()
)
CONDITIONS = frozenset("if unless until provided otherwise whether once without before".split())
CONTRAST = frozenset("but although though however yet while despite nonetheless still".split())
DEADLINES = frozenset(
    "october november december january february march april spring autumn winter summer deadline "
    "date month months week weeks year days hurry rush rushed late wait waiting soon calendar "
    "election vote successor delay delayed tomorrow today tonight clock time".split()
)
FIRST_PERSON = frozenset("i we our us my me ours mine ourselves".split())


@cache
def sentiment_lexicon() -> dict[str, float]:
    """VADER's valences, word → -4..4, without emoticons and phrases."""
    from importlib.resources import files

    table: dict[str, float] = {}
    text = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, value, *_ = line.split("\t")
        if word.isalpha():
            table[word] = float(value)
    return table

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
# words of grammar: any two quotes share them; contracted forms stand without their apostrophe
FUNCTION_WORDS = frozenset(
    "a about above after again against all also although always am among an and another any "
    "anybody anyone anything are as at away back be because been before being below between "
    "both but by can come could did do does doing done down during each either else ever every "
    "everybody everyone everything few for from further get gets getting give go goes going "
    "gone got had has have having he her here hers herself hes him himself his how however i id "
    "if ill im in into is it itll its itself ive just let lets lot made make makes making many "
    "may me might mine more most much must my myself neither never no nobody nor not nothing "
    "now of off on once one only onto or other others ought our ours ourselves out over own "
    "perhaps quite rather really said same say saying says shall she shed shes should so some "
    "somebody someone something still such take taken than that thats the their theirs them "
    "themselves then there theres these they theyd theyll theyre theyve thing things this those "
    "though through thus till to together too toward towards under unless until up upon us very "
    "was way we wed well were weve what whatever when where whether which while who whom whose "
    "why will with within without would yes yet you youd youll your youre yours yourself "
    "youve".split()
)


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

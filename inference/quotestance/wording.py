"""A quote's words as outlets share them, and how much of one quote stands in another.

One quotation comes whole, trimmed, spliced (its middle left out), with words in brackets, in
another house's spelling. What survives are long runs of words in their order, so that is what is
compared: letter case, punctuation, quotation marks and bracketed words are taken away before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from sys import intern

from quotestance.lexicon import FUNCTION_WORDS, NEGATIONS
from quotestance.marks import quotations
from quotestance.positions import Position

Words = tuple[str, ...]

SHARE = 0.8  # of the shorter quote's words must stand in the longer one
RUN = 5  # words in a row, slips included, make a run; fewer in common may be chance
SLIP = 3  # words that a transcriber may have changed, left out or added inside a run
SWAP = 25  # words for each thing that may stand in place of another inside a run: fewer are two
# statements, "the raid in Herat" and "the raid in Khost"
SPELLING = 0.8  # of the letters of two spellings of one word are common; Tuesday, Thursday: 0.8
TELLING = 6  # distinct content words that two quotes share by chance hardly ever,
TELLING_LONG = (4, 12)  # or these, in at least so many words

_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_BRACKETED_LETTERS = re.compile(r"\[(\w)\](?=\w)|(?<=\w)\[(\w{1,3})\]")  # [W]e, make[s]
_BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
_NOT = ((re.compile(r"\bcan(?:'t|not)\b"), "can not"), (re.compile(r"\bwon't\b"), "will not"),
        (re.compile(r"n't\b"), " not"))  # fmt: skip
# marks inside a word that houses write or leave out: 87,000  U.S.  counter-terrorism  it's
_INSIDE = re.compile(r"(?<=\d),(?=\d)|(?<=\b[a-z])\.(?=[a-z]\b)|(?<=\w)['‐‑-](?=\w)")
_WORD = re.compile(r"\w+")
_NUMBERS = {
    name: str(i)
    for i, name in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), 2
    )
}


def words_of(text: str) -> Words:
    """The words of a text, as any house would have them.

    Returns
    -------
    tuple of str
        Lower case, without punctuation and without what stands in brackets (all words, where
        nothing stands outside); ``n't`` is ``not``, and numbers up to twelve are digits.

    Examples
    --------
    >>> words_of("[The U.S.] don’t accept “ten” counter-terrorism raids…")
    ('do', 'not', 'accept', '10', 'counterterrorism', 'raids')
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = plain.replace("’", "'").replace("‘", "'").replace("ʼ", "'")
    spelt = _BRACKETED_LETTERS.sub(r"\1\2", plain)
    return _split(_BRACKETED.sub(" ", spelt)) or _split(spelt)


def _split(text: str) -> Words:
    for pattern, plain in _NOT:
        text = pattern.sub(plain, text)
    words = _WORD.findall(_INSIDE.sub("", text))
    return tuple(intern(_NUMBERS.get(w, w)) for w in words)  # millions of words are few strings


def spoken_words(row: Position) -> Words:
    """The speaker's own words in a row: all of a direct quote, the marked parts of a mixed one.

    An indirect quote's words are the reporter's; they are given whole.
    """
    if row.kind != "mixed":
        return words_of(row.text)
    parts = quotations(row.text, 0, len(row.text))
    return words_of(" ".join(row.text[p.start : p.end] for p in parts))


def is_telling(words: Sequence[str]) -> bool:
    """Whether so many words in common mean one utterance, not a stock phrase.

    Examples
    --------
    >>> is_telling(words_of("This is a very important step in the right direction."))
    False
    >>> is_telling(words_of("The goal was to complete the draft agreement before winter came."))
    True
    """
    content = len(_content(words))
    least, length = TELLING_LONG
    return content >= TELLING or (content >= least and len(words) >= length)


def shared_part(shorter: Words, longer: Words) -> float:
    """How much of the shorter quote stands in the longer one, in long runs and in order.

    Runs are the matching blocks of Ratcliff and Obershelp (Dr. Dobb's Journal, July 1988), joined
    over slips of up to `SLIP` words.

    Returns
    -------
    float
        From 0 to 1; 0 where the words in common are no telling ones, where a slip changes a
        negation or a number, or where too many change the thing that is spoken of (`SWAP`).
    """
    common: list[str] = []
    run: list[str] = []
    at_long = at_short = swaps = 0
    # the default autojunk keeps very long quotes from taking quadratic time
    *blocks, end = SequenceMatcher(None, longer, shorter).get_matching_blocks()
    for i, j, size in [*(b for b in blocks if b.size > 1), end]:  # single words meet by chance
        left, right = longer[at_long:i], shorter[at_short:j]
        if max(len(left), len(right)) > SLIP:
            common += run if len(run) >= RUN else []
            run = []
        # before the first block and after the last one, what one quote lacks was trimmed
        elif (left and right) or (run and size):
            swaps += _is_swap(left, right)
            if _decisive(left) != _decisive(right) or swaps * SWAP > len(shorter):
                return 0.0
        run += shorter[j : j + size]
        at_long, at_short = i + size, j + size
    common += run if len(run) >= RUN else []
    return len(common) / len(shorter) if is_telling(common) else 0.0


def _is_swap(left: Words, right: Words) -> bool:
    """Whether both name things, and none of the one is a thing of the other's in other letters."""
    things, others = _content(left), _content(right)
    return bool(things and others) and not any(_alike(a, b) for a in things for b in others)


def _decisive(words: Words) -> list[str]:
    """Negations and numbers, which no slip changes without changing what was said."""
    return sorted(w for w in words if w in NEGATIONS or any(c.isdigit() for c in w))


def _content(words: Sequence[str]) -> set[str]:
    return {w for w in words if w not in FUNCTION_WORDS and len(w) > 1}


def _alike(a: str, b: str) -> bool:
    """Whether two words are one in two spellings or forms: defence, defense; but not Iran, Iraq."""
    return SequenceMatcher(None, a, b).ratio() > SPELLING

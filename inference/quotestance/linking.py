"""The same statement in many outlets: rows of many articles get a common `statement_id`.

What a user who watches many outlets may expect:

- A quotation links to itself in other outlets: whole, trimmed, spliced, with brackets, in another
  spelling, with a word slipped. `wording` says how much must be common (`SHARE`, `RUN`, `TELLING`).
- Two quotes of one outlet are one statement where a third has them in one.
- Only a speaker's own words link by a part of them: direct quotes, and what stands in quotation
  marks in mixed ones. Indirect quotes are a reporter's words; they link where all words are the
  same (one wire copy in many papers). Paraphrases of one utterance stay apart.
- Stock phrases ("We will not be rushed.") never link, however often they stand.
- Two quotes that share one sentence and have others each stay apart, unless a third has both whole.

Nothing is chained by boilerplate: a quote joins one longer quote, that which holds most of it (of
several the shortest). A sentence that two speeches share so goes with one of them; it cannot join
the two. Statements are the trees of that forest, and the root, the longest wording, names them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from quotestance.errors import InputError
from quotestance.positions import Position
from quotestance.wording import SHARE, Words, is_telling, shared_part, spoken_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

Key = tuple[str | None, str]
Articles = dict[str, list[str | None]]

SHINGLES = (4, 8)  # words; runs where two quotes meet: the short ones survive slips of
# transcribers, the long ones are seldom common phrases, at which too many meet
HUBS = 16  # the longest quotes at a meeting point: the others meet these, so that pairs stay linear
SEEDS = 0.1  # of a quote's shingles must be common before its words are aligned
TRIES = 8  # longer quotes that a quote is aligned with, those with most shingles in common
BLOCK = 4_000  # quotes whose pairs are held in memory at once


def link(rows: Sequence[Position]) -> list[Position]:
    """Give quotes that are the same statement the same `statement_id`.

    Candidates are pairs that share runs of 4 or of 8 words (shingles: Broder 1997,
    doi:10.1109/SEQUEN.1997.666900), found by sorting: of a trimmed or spliced quote, which
    resembles the whole one little, every run is there. Words are then aligned. Time and memory
    grow about linearly.

    Parameters
    ----------
    rows : sequence of Position
        Of any number of articles; earlier ids are replaced.

    Returns
    -------
    list of Position
        The same rows in the same order. The id is "s" and 12 hexadecimal digits of the SHA-256 of
        the statement's longest wording, for a stock phrase or a paraphrase that stands alone of its
        article and quote too. So it depends on no order, and a statement has the same id in files
        that were linked separately, as long as its longest wording is in both.

    Raises
    ------
    InputError
        If rows of one quote have different texts: two articles under one id.
    """
    quotes = _quotes(rows)
    words = {key: spoken_words(row) for key, row in quotes.items()}
    own = {words[key] for key, row in quotes.items() if row.kind != "indirect"}
    telling = {w for w in set(words.values()) if is_telling(w)}
    roots = _roots(sorted(telling & own, key=lambda w: (-len(w), w)))
    ids = {}
    for key, said in words.items():
        parts = roots.get(said, said) if said in telling else (*map(str, key), "", *said)
        ids[key] = "s" + sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return [replace(row, statement_id=ids[row.article_id, row.quote_id]) for row in rows]


def _quotes(rows: Sequence[Position]) -> dict[Key, Position]:
    """The first row of each quote."""
    quotes: dict[Key, Position] = {}
    for row in rows:
        first = quotes.setdefault((row.article_id, row.quote_id), row)
        if first.text != row.text:
            raise InputError(
                f"quote {row.quote_id!r} of article {row.article_id!r} has two texts, "
                f"{first.text[:40]!r} and {row.text[:40]!r}; an id stands for one article"
            )
    return quotes


def _roots(texts: Sequence[Words]) -> dict[Words, Words]:
    """The longest wording of each text's statement.

    Parameters
    ----------
    texts : sequence of tuple of str
        Distinct, the longest first: a text can only join one before it.
    """
    roots: dict[Words, Words] = {}
    for text, candidates in zip(texts, _candidates(texts), strict=True):
        holding = (texts[j] for j in candidates if shared_part(text, texts[j]) >= SHARE)
        longer = next(holding, None)
        roots[text] = roots[longer] if longer else text
    return roots


def _candidates(texts: Sequence[Words]) -> Iterator[list[int]]:
    """For each text the earlier ones to align it with, most shingles in common first."""
    import numpy as np

    shingles, owners, totals = _meetings(texts)
    places = np.arange(len(owners))
    begins = np.ones(len(owners), bool)
    begins[1:] = shingles[1:] != shingles[:-1]
    first = np.maximum.accumulate(np.where(begins, places, 0))  # where the shingle's longest stands
    for low in range(0, len(texts), BLOCK):
        block = places[(owners >= low) & (owners < low + BLOCK)]
        pairs = []
        for hub in range(HUBS):
            block = block[block - first[block] > hub]
            pairs.append(owners[block] * len(texts) + owners[first[block] + hub])
        found, common = np.unique(np.concatenate(pairs), return_counts=True)
        later, earlier = np.divmod(found, len(texts))
        close = common >= SEEDS * totals[later]
        best = np.lexsort((-earlier[close], -common[close], later[close]))
        lists: defaultdict[int, list[int]] = defaultdict(list)
        for i, j in zip(later[close][best].tolist(), earlier[close][best].tolist(), strict=True):
            if len(lists[i]) < TRIES:
                lists[i].append(j)
        yield from (lists[i] for i in range(low, min(low + BLOCK, len(texts))))


def _meetings(texts: Sequence[Words]) -> tuple[Ints, Ints, Ints]:
    """Runs of words of the lengths `SHINGLES` that stand in several texts.

    Returns
    -------
    shingles : ndarray of shape (n_meetings,)
        Hashes, each as often as it has texts, together.
    owners : ndarray of shape (n_meetings,)
        The texts' indices, rising within a shingle.
    totals : ndarray of shape (n_texts,)
        How many shingles each text has, met or not.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    lengths = [len(t) for t in texts]
    stream = (numbers.setdefault(w, len(numbers)) for t in texts for w in t)
    words = np.fromiter(stream, np.int64, sum(lengths))
    places = np.repeat(np.arange(len(texts)), lengths)
    totals = np.zeros(len(texts), np.int64)
    parts = []
    for length in SHINGLES:
        runs = max(len(words) - length + 1, 0)
        hashes = np.full(runs, length, np.int64)
        for k in range(length):  # a polynomial modulo 2**64; collisions fall to the alignment
            hashes *= 0x5851F42D4C957F2D
            hashes += words[k : k + runs]
        inside = places[:runs] == places[len(words) - runs :]
        hashes, owners = hashes[inside], places[:runs][inside]
        totals += np.bincount(owners, minlength=len(texts))
        order = np.argsort(hashes, kind="stable")
        parts.append(_met(hashes[order], owners[order]))
    shingles, owners = (np.concatenate(part) for part in zip(*parts, strict=True))
    return shingles, owners, totals


def _met(shingles: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """Without repeats in one text, then without shingles that one text alone has."""
    import numpy as np

    new = np.ones(len(shingles), bool)
    new[1:] = (shingles[1:] != shingles[:-1]) | (owners[1:] != owners[:-1])
    shingles, owners = shingles[new], owners[new]
    met = np.zeros(len(shingles), bool)
    met[1:] = shingles[1:] == shingles[:-1]
    met[:-1] |= met[1:]
    return shingles[met], owners[met]


@dataclass(frozen=True)
class Conflict:
    """Quotes of one statement that were given different values.

    Parameters
    ----------
    kind : {"side", "speaker", "gap"}
        Two known sides; two names; or a known side beside ``unknown``, which one may fill.
    values : dict of str to list of str or None
        Each value with the articles that give it.
    text : str
        The statement's longest quote.
    """

    statement_id: str
    kind: Literal["side", "speaker", "gap"]
    values: dict[str, list[str | None]]
    text: str


def conflicts(rows: Sequence[Position]) -> list[Conflict]:
    """Where linked quotes differ in their side or in their resolved speaker.

    A name that is part of another, as "Kerry" of "John Kerry", is no other. Rows without a
    `statement_id` are passed over.

    Returns
    -------
    list of Conflict
        In the order of the statements' first rows.
    """
    statements: defaultdict[str, list[Position]] = defaultdict(list)
    for quote in _quotes(rows).values():
        if quote.statement_id is not None:
            statements[quote.statement_id].append(quote)
    return [found for quotes in statements.values() for found in _differences(quotes)]


def describe(rows: Sequence[Position], found: Sequence[Conflict]) -> str:
    """A line of counts: quotes, statements, how many in several articles, conflicts by kind."""
    articles: defaultdict[str | None, set[str | None]] = defaultdict(set)
    for row in rows:
        articles[row.statement_id].add(row.article_id)
    several = sum(len(names) > 1 for names in articles.values())
    kinds = Counter(c.kind for c in found)
    return (
        f"{len(_quotes(rows))} quotes, {len(articles)} statements, {several} of them in two or "
        f"more articles; conflicts: {kinds['side']} of side, {kinds['speaker']} of speaker; "
        f"{kinds['gap']} gaps in sides"
    )


def _differences(quotes: Sequence[Position]) -> Iterator[Conflict]:
    sides = _articles_by((q.side, q) for q in quotes)
    known = {side: articles for side, articles in sides.items() if side != "unknown"}
    names = _articles_by((q.speaker, q) for q in quotes if q.speaker is not None)
    people = {n: a for n, a in names.items() if not any(_is_part(n, other) for other in names)}
    longest = max(quotes, key=lambda q: (len(q.text), q.text))

    def conflict(kind: Literal["side", "speaker", "gap"], values: Articles) -> Conflict:
        return Conflict(str(longest.statement_id), kind, values, longest.text)

    if len(known) > 1:
        yield conflict("side", known)
    if len(people) > 1:
        yield conflict("speaker", people)
    if known and len(known) < len(sides):
        yield conflict("gap", sides)


def _is_part(name: str, other: str) -> bool:
    return set(name.casefold().split()) < set(other.casefold().split())


def _articles_by(values: Iterable[tuple[str, Position]]) -> Articles:
    """The articles of each value, in order, each once."""
    found: defaultdict[str, dict[str | None, None]] = defaultdict(dict)
    for value, quote in values:
        found[value][quote.article_id] = None
    return {value: list(articles) for value, articles in found.items()}

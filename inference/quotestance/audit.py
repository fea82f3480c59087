"""How the sides of a table are quoted, before anybody compares them.

A side that is quoted in its own words by name and a side that is paraphrased through unnamed
officials give rows that look alike, and a difference between them may be the newspapers' or the
extraction's rather than the speakers'. The audit counts that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from quotestance.codebook import KINDS, SPEAKER_KINDS
from quotestance.errors import InputError
from quotestance.linking import link
from quotestance.positions import Position

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console
    from rich.table import Table

    Floats = NDArray[np.float64]

MARGIN = 0.15  # a smaller difference of two shares hardly changes what a comparison says
RESAMPLES = 1000
FIGURES = {
    "direct": "direct speech",
    "indirect": "indirect speech",
    "mixed": "mixed speech",
    "named": "named speakers",
    "anonymous": "anonymous speakers",
    "collective": "collective speakers",
    "document": "documents",
    "unknown": "speakers unknown",
    "unattributed": "no source and no speaker",
    "abstained": "stance not sure",
}
_REST = ("other", "unknown")  # the sides that every codebook has beside those it compares


@dataclass(frozen=True)
class Profile:
    """How one side is quoted.

    Parameters
    ----------
    shares : dict of str to float or None
        For each of `FIGURES` the share of the side's quotes; for ``abstained`` of its rows with an
        issue. None where there are none.
    speakers : int
        Different resolved names; who is not named cannot be counted.
    statements : int
        Different statements, however many outlets carry them.
    effective_statements : float
        The exponential of the Shannon entropy of the statements' shares of the quotes: so many
        equally frequent statements would vary as much (Hill number of order 1; Hill 1973,
        doi:10.2307/1934352).
    quote_score : float or None
        Mean probability that the words are a quote, of the quotes that have one.
    """

    quotes: int
    articles: int
    shares: dict[str, float | None]
    speakers: int
    statements: int
    effective_statements: float
    quote_score: float | None


@dataclass(frozen=True)
class Difference:
    """A share of one side less that of another.

    Parameters
    ----------
    low, high : float or None
        95 % percentile interval of a bootstrap over articles (Efron 1979,
        doi:10.1214/aos/1176344552); None with fewer than two articles.
    """

    figure: str
    sides: tuple[str, str]
    shares: tuple[float, float]
    difference: float
    low: float | None
    high: float | None

    @property
    def tells(self) -> bool:
        """Whether it is at least `MARGIN` and its interval excludes zero."""
        if self.low is None or self.high is None:
            return False
        return abs(self.difference) >= MARGIN and (self.low > 0 or self.high < 0)

    def __str__(self) -> str:
        (a, b), (x, y) = self.sides, self.shares
        what = "rows with an issue" if self.figure == "abstained" else "quotes"
        shown = f"{FIGURES[self.figure]}: {100 * x:.0f} % of {a}, {100 * y:.0f} % of {b} {what}"
        if self.low is None or self.high is None:
            return shown
        interval = f"{100 * self.low:+.0f} to {100 * self.high:+.0f}"
        return f"{shown} (95 % interval of the difference {interval} points)"


@dataclass(frozen=True)
class Audit:
    """What `audit` found.

    Parameters
    ----------
    compared : tuple of str
        The sides that the codebook compares.
    sides : dict of str to Profile
        Of these and of every other side that occurs.
    issues : dict of str to dict of str to int
        Quotes of each compared side on each issue.
    least : int
        Fewer quotes of a side on an issue are marked.
    linked_here : bool
        Whether the statements were linked for the audit, since not all rows had an id.
    """

    quotes: int
    articles: int
    compared: tuple[str, ...]
    sides: dict[str, Profile]
    differences: list[Difference]
    issues: dict[str, dict[str, int]]
    least: int
    linked_here: bool

    @property
    def thin(self) -> dict[str, list[str]]:
        """Issues on which a compared side has fewer than `least` quotes, and which sides."""
        few = {i: [s for s, n in by.items() if n < self.least] for i, by in self.issues.items()}
        return {issue: sides for issue, sides in few.items() if sides}

    @property
    def warnings(self) -> list[str]:
        """What a comparison of the sides must reckon with, a line each."""
        empty = [s for s in self.compared if not self.sides[s].quotes] if self.quotes else []
        return [
            *(f"no quotes of {side}: there is nothing to compare" for side in empty),
            *(f"{d}: the sides are not quoted alike" for d in self.differences if d.tells),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return asdict(self) | {"thin": self.thin, "warnings": self.warnings}


def audit(rows: Sequence[Position], *, least: int = 5, seed: int = 0) -> Audit:
    """Count how each side is quoted, and compare.

    Parameters
    ----------
    rows : sequence of Position
        Where one has no `statement_id`, all are linked first.
    least : int
        Issues on which a side has fewer quotes are marked.
    seed : int
        Of the bootstrap.

    Raises
    ------
    InputError
        If a kind or a speaker's kind is none of the codebook's, or rows that must be linked have
        two texts under one quote.
    """
    unlinked = any(row.statement_id is None for row in rows)
    rows = link(rows) if unlinked else rows
    quotes = list({(row.article_id, row.quote_id): row for row in rows}.values())
    compared = tuple(dict.fromkeys(side for row in rows for side in row.sentiment_toward))
    occurring = {row.side for row in rows}
    rest = (*(s for s in _REST if s in occurring), *sorted(occurring))
    sides = tuple(dict.fromkeys((*compared, *rest)))
    hits, sizes = _tally(quotes, rows, sides)
    shares = _divide(hits.sum(axis=0), sizes.sum(axis=0))
    return Audit(
        quotes=len(quotes),
        articles=len(hits),
        compared=compared,
        sides={s: _profile([q for q in quotes if q.side == s], shares[i])
               for i, s in enumerate(sides)},
        differences=_differences(hits, sizes, compared, seed),
        issues=_by_issue(rows, compared),
        least=least,
        linked_here=unlinked,
    )  # fmt: skip


def _by_issue(rows: Sequence[Position], compared: Sequence[str]) -> dict[str, dict[str, int]]:
    counts = Counter((row.issue, row.side) for row in rows)
    issues = sorted({row.issue for row in rows if row.issue is not None})
    return {issue: {side: counts[issue, side] for side in compared} for issue in issues}


def effective_number(counts: Sequence[int]) -> float:
    """Hill number of order 1 of some counts above zero; 0 of none.

    Examples
    --------
    >>> effective_number([5, 5]), effective_number([])
    (2.0, 0.0)
    """
    import numpy as np

    if not counts:
        return 0.0
    shares = np.asarray(counts) / sum(counts)
    return round(float(np.exp(-(shares * np.log(shares)).sum())), 4)


def _profile(quotes: Sequence[Position], shares: Floats) -> Profile:
    statements = Counter(q.statement_id for q in quotes)
    scores = [q.quote_score for q in quotes if q.quote_score is not None]
    return Profile(
        quotes=len(quotes),
        articles=len({q.article_id for q in quotes}),
        shares={f: _rounded(x) for f, x in zip(FIGURES, shares, strict=True)},
        speakers=len({q.speaker for q in quotes if q.speaker is not None}),
        statements=len(statements),
        effective_statements=effective_number(list(statements.values())),
        quote_score=round(sum(scores) / len(scores), 4) if scores else None,
    )


def _rounded(share: float) -> float | None:
    return None if share != share else round(float(share), 4)


def _tally(
    quotes: Sequence[Position], rows: Sequence[Position], sides: Sequence[str]
) -> tuple[Floats, Floats]:
    """What the shares are made of, by article.

    Returns
    -------
    hits, sizes : ndarray of shape (n_articles, n_sides, n_figures)
        Each share is a sum of hits over a sum of sizes.
    """
    import numpy as np

    articles = {name: i for i, name in enumerate(dict.fromkeys(q.article_id for q in quotes))}
    places = {side: i for i, side in enumerate(sides)}
    columns = {figure: i for i, figure in enumerate(FIGURES)}
    hits = np.zeros((len(articles), len(sides), len(FIGURES)))
    sizes = np.zeros_like(hits)
    for quote in quotes:
        at = articles[quote.article_id], places[quote.side]
        sizes[*at, : columns["abstained"]] += 1
        for name, accepted in (("kind", KINDS), ("speaker_kind", SPEAKER_KINDS)):
            label = getattr(quote, name)
            if label not in accepted:
                where = f"quote {quote.quote_id!r} of {quote.article_id!r}"
                raise InputError(f"{name} {label!r}; accepted: {', '.join(accepted)}", source=where)
            hits[*at, columns[label]] += 1
        hits[*at, columns["unattributed"]] += quote.source is None and quote.speaker is None
    for row in rows:
        if row.issue is not None:
            at = articles[row.article_id], places[row.side]
            sizes[*at, columns["abstained"]] += 1
            hits[*at, columns["abstained"]] += row.abstained
    return hits, sizes


def _divide(hits: Floats, sizes: Floats) -> Floats:
    """Shares; nan where there is nothing to share."""
    import numpy as np

    return np.divide(hits, sizes, out=np.full_like(hits, np.nan), where=sizes > 0)


def _differences(
    hits: Floats, sizes: Floats, compared: Sequence[str], seed: int
) -> list[Difference]:
    """All figures of all pairs of compared sides that both have."""
    import numpy as np

    rng = np.random.default_rng(seed)
    shares = _divide(hits.sum(axis=0), sizes.sum(axis=0))
    drawn = None
    if len(hits) > 1:
        drawn = np.stack([_resampled(hits, sizes, rng) for _ in range(RESAMPLES)])
    found = []
    for (i, a), (j, b) in combinations(enumerate(compared), 2):
        for k, figure in enumerate(FIGURES):
            difference = shares[i, k] - shares[j, k]
            if np.isnan(difference):
                continue
            ends: Sequence[float | None] = (None, None)
            if drawn is not None:  # a resample without one of the sides has no difference
                spread = drawn[:, i, k] - drawn[:, j, k]
                ends = np.nanpercentile(spread, [2.5, 97.5]).round(4).tolist()
            x, y, gap = np.round([shares[i, k], shares[j, k], difference], 4).tolist()
            found.append(Difference(figure, (a, b), (x, y), gap, *ends))
    return found


def _resampled(hits: Floats, sizes: Floats, rng: np.random.Generator) -> Floats:
    """The shares in as many articles drawn with replacement."""
    import numpy as np

    weights = np.bincount(rng.integers(len(hits), size=len(hits)), minlength=len(hits)) + 0.0
    return _divide(np.tensordot(weights, hits, 1), np.tensordot(weights, sizes, 1))


def print_audit(found: Audit, console: Console) -> None:
    """Print tables of the sides and of the issues, then the warnings."""
    console.print(_side_table(found), _issue_table(found))
    if found.linked_here:
        console.print("Statements were linked for this audit; `quotestance link` keeps their ids.")
    for warning in found.warnings:
        console.print(f"warning: {warning}", highlight=False)


def _side_table(found: Audit) -> Table:
    from rich.table import Table

    table = Table("", *found.sides, title=f"{found.articles} articles, {found.quotes} quotes")
    profiles = found.sides.values()

    def add(name: str, cells: Iterable[object]) -> None:
        table.add_row(name, *("–" if c is None else str(c) for c in cells))

    add("quotes", (p.quotes for p in profiles))
    add("articles", (p.articles for p in profiles))
    for figure, name in FIGURES.items():
        shares = [p.shares[figure] for p in profiles]
        add(name, (None if x is None else f"{100 * x:.0f} %" for x in shares))
    add("named speakers, different", (p.speakers for p in profiles))
    add("statements, different", (p.statements for p in profiles))
    add("statements, effective number", (f"{p.effective_statements:.1f}" for p in profiles))
    add("mean quote score", (p.quote_score for p in profiles))
    return table


def _issue_table(found: Audit) -> Table:
    from rich.table import Table

    table = Table("issue", *found.compared, title=f"quotes by issue (! fewer than {found.least})")
    for issue, counts in found.issues.items():
        few = found.thin.get(issue, [])
        table.add_row(issue, *(f"{n} !" if s in few else str(n) for s, n in counts.items()))
    return table

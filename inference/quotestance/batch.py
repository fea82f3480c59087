"""Batch prediction: a stream of articles in, rows out, rejects kept, in one or more processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from quotestance.articles import Article
from quotestance.classifier import StanceClassifier
from quotestance.judge import shipped_judge
from quotestance.output import (
    format_of,
    open_rows,
    open_text,
    rejects_path,
    write_meta,
    write_rejects,
)
from quotestance.positions import Position
from quotestance.readers import Reject, read_articles

CHUNK = 64  # articles that go through the chain together


@dataclass
class Report:
    """What a batch did."""

    articles: int = 0
    rows: int = 0
    rejects: list[Reject] = field(default_factory=list)
    undated: int = 0


def predict_files(
    inputs: Iterable[str | Path],
    output: str,
    *,
    model: str | Path = "default",
    format: str | None = None,
    date: object = None,
    workers: int = 1,
    on_article: Callable[[int], None] = lambda n: None,
) -> Report:
    """Predict files into one output.

    Parameters
    ----------
    inputs : iterable of str or Path
        Files, folders, globs, or ``-``.
    output : str
        A path, or ``-`` for standard output. Beside a file go its rejects and its meta file.
    model : str or Path
        As for `StanceClassifier.from_pretrained`.
    workers : int
        Processes; the rows and their order do not depend on it.
    on_article : callable
        Called with the number of articles that were done since the last call.

    Returns
    -------
    Report
        Counts and rejects.
    """
    kind = format_of(output, format)
    classifier = StanceClassifier.from_pretrained(model)
    report = Report()
    articles = _accepted(read_articles(inputs, date=date), report)
    with open_rows(output, kind, classifier.bundle.codebook.sides) as writer:
        for results, rejects in _results(articles, classifier, model, workers):
            report.rejects.extend(rejects)
            for rows in results:
                report.articles += 1
                report.rows += len(rows)
                writer.write(rows)
            on_article(len(results) + len(rejects))
    path = rejects_path(output)
    if path is not None:
        write_rejects(path, report.rejects)
    write_meta(output, _meta(classifier, report))
    return report


def extract_files(
    inputs: Iterable[str | Path],
    output: str,
    *,
    model: str | Path = "default",
    date: object = None,
    on_article: Callable[[int], None] = lambda n: None,
) -> Report:
    """Quotes, speakers and sides alone, one JSON object a line.

    Parameters
    ----------
    inputs, output, date, on_article
        As for `predict_files`.
    model : str or Path
        Only its actors file is used.
    """
    classifier = StanceClassifier.from_pretrained(model)
    report = Report()
    articles = _accepted(read_articles(inputs, date=date), report)
    with open_text(output) as file:
        while chunk := list(islice(articles, CHUNK)):
            for article, records in zip(chunk, classifier.extract_many(chunk), strict=True):
                report.articles += 1
                report.rows += len(records)
                for record in records:
                    line = {"article_id": article.id, "article_date": article.date, **record}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
            on_article(len(chunk))
    path = rejects_path(output)
    if path is not None:
        write_rejects(path, report.rejects)
    return report


def _accepted(items: Iterable[Article | Reject], report: Report) -> Iterator[Article]:
    for item in items:
        if isinstance(item, Reject):
            report.rejects.append(item)
        else:
            report.undated += item.date is None
            yield item


def _meta(classifier: StanceClassifier, report: Report) -> dict[str, object]:
    return {
        "model": classifier.bundle.name,
        "judge": shipped_judge().name,
        "codebook": classifier.bundle.codebook.id,
        "articles": report.articles,
        "rows": report.rows,
        "rejects": len(report.rejects),
    }


Result = tuple[list[list[Position]], list[Reject]]


def _results(
    articles: Iterator[Article], classifier: StanceClassifier, model: str | Path, workers: int
) -> Iterator[Result]:
    chunks = iter(lambda: list(islice(articles, CHUNK)), [])
    if workers <= 1:
        yield from (predict_chunk(classifier, chunk) for chunk in chunks)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start, initargs=(str(model),)
    ) as pool:
        waiting: list[Future[Result]] = []
        for chunk in chunks:
            waiting.append(pool.submit(_work, chunk))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        yield from (future.result() for future in waiting)


def predict_chunk(classifier: StanceClassifier, chunk: list[Article]) -> Result:
    """Predict a chunk; where it fails, article by article, so that one cannot stop the rest."""
    try:
        return list(classifier.predict_many(chunk)), []
    except Exception:
        return _one_by_one(classifier, chunk)


def _one_by_one(classifier: StanceClassifier, chunk: list[Article]) -> Result:
    results: list[list[Position]] = []
    rejects: list[Reject] = []
    for article in chunk:
        try:
            results.append(classifier.predict(article))
        except Exception as error:
            reason = f"failed with {type(error).__name__}: {error}; please report it"
            rejects.append(Reject(article.id, None, reason))
    return results, rejects


_worker: StanceClassifier | None = None


def _start(model: str) -> None:
    global _worker
    _worker = StanceClassifier.from_pretrained(model)


def _work(chunk: list[Article]) -> Result:
    if _worker is None:
        raise RuntimeError("worker used before its initializer ran")
    return predict_chunk(_worker, chunk)

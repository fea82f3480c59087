"""Evaluate a model on labelled articles: one table, each figure with a 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.articles import Article
from quotestance.classifier import StanceClassifier
from quotestance_training.baselines import vader_sentiment, vader_stance
from quotestance_training.evaluate_gold import FIGURES, answers_on_gold, per_class
from quotestance_training.labelled import LabelledDocument
from quotestance_training.matching import Match, Matched, match, overlaps
from quotestance_training.metrics import Score, bootstrap, f1, macro_f1

Units = NDArray[np.intp]
Pair = tuple[str, str | None]  # gold label, predicted label


@dataclass(frozen=True)
class Evaluation:
    """Figures by name, in the order of the table.

    Parameters
    ----------
    scores : dict of str to Score
        The model's figures.
    baselines : dict of str to dict of str to Score
        Baseline → figure → score, for the figures that it can give.
    per_class : dict of str to dict of str to float
        Task → label → F1, given gold quotes.
    counts : dict of str to int
    """

    scores: dict[str, Score]
    baselines: dict[str, dict[str, Score]]
    per_class: dict[str, dict[str, float]]
    counts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a missing figure is null."""

        def plain(score: Score) -> dict[str, float | None]:
            parts = {"value": score.value, "low": score.low, "high": score.high}
            return {k: None if np.isnan(v) else round(v, 4) for k, v in parts.items()}

        return {
            "scores": {k: plain(s) for k, s in self.scores.items()},
            "baselines": {
                name: {k: plain(s) for k, s in scores.items()}
                for name, scores in self.baselines.items()
            },
            "per_class": self.per_class,
            "counts": self.counts,
        }


def evaluate(
    classifier: StanceClassifier,
    documents: Sequence[LabelledDocument],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Evaluate end to end, and the models alone on the gold quotes.

    Parameters
    ----------
    classifier : StanceClassifier
    documents : sequence of LabelledDocument
        Articles with all their quotes labelled.
    resamples : int
        Bootstrap resamples over articles.
    """
    articles = [Article.of(d.text, id=d.id, date=d.date, title=d.title) for d in documents]
    rows = list(classifier.predict_many(articles))
    at_half = [match(d, r) for d, r in zip(documents, rows, strict=True)]
    boot = partial(bootstrap, n_units=len(documents), resamples=resamples, seed=seed)
    scores = {name: boot(figure) for name, figure in _end_to_end(at_half).items()}
    given = answers_on_gold(classifier.bundle, documents)
    baselines = _baselines(classifier, documents)
    for name, (task, figure) in FIGURES.items():
        scores[f"gold quotes: {name}"] = boot(_pooled(given[task], figure))
    return Evaluation(
        scores=scores,
        baselines={
            baseline: {f"gold quotes: {n}": boot(_pooled(p, _macro)) for n, p in tasks.items()}
            for baseline, tasks in baselines.items()
        },
        per_class=per_class(given),
        counts={
            "articles": len(documents),
            "gold quotes": sum(len(m.matches) for m in at_half),
            "predicted quotes": sum(_found(m) for m in at_half),
            "optional gold quotes": sum(q.optional for d in documents for q in d.quotes),
        },
    )


def _end_to_end(matched: Sequence[Matched]) -> dict[str, Callable[[Units], float]]:
    """The figures of the whole chain, each a function of article indices."""
    counts = [_article_counts(m) for m in matched]
    table = {key: np.array([c[key] for c in counts], float) for key in counts[0]}

    def ratio(top: str, bottom: str) -> Callable[[Units], float]:
        def figure(u: Units) -> float:
            below = table[bottom][u].sum()
            return float(table[top][u].sum() / below) if below else float("nan")

        return figure

    def fscore(hits: str, found: str, gold: str) -> Callable[[Units], float]:
        return lambda u: f1(table[hits][u].sum(), table[found][u].sum(), table[gold][u].sum())

    sides = [_pairs(m, lambda g, r: [(g.side, r[0].side)] if g.side else []) for m in matched]
    stances = [_pairs(m, _shared_stances) for m in matched]
    feelings = [
        _pairs(m, lambda g, r: [(g.sentiment, r[0].sentiment)] if g.sentiment else [])
        for m in matched
    ]
    return {
        "quote F1 @0.5": fscore("hits", "found", "gold"),
        "quote F1 exact": fscore("exact", "found", "gold"),
        "recall direct": ratio("hit_direct", "gold_direct"),
        "recall indirect": ratio("hit_indirect", "gold_indirect"),
        "recall mixed": ratio("hit_mixed", "gold_mixed"),
        "source overlap": ratio("source", "hits"),
        "quote+source F1": fscore("source", "found", "gold"),
        "speaker coverage": ratio("names_told", "names"),
        "speaker precision": ratio("names_right", "names_told"),
        "side coverage": ratio("sides_known", "sides"),
        "side precision": ratio("sides_right", "sides_told"),
        "side accuracy": _pooled(sides, _accuracy),
        "side macro-F1": _pooled(sides, _macro),
        "issue micro-F1": fscore("issue_hits", "issue_found", "issue_gold"),
        "stance macro-F1": _pooled(stances, _macro),
        "sentiment macro-F1": _pooled(feelings, _macro),
        "position F1": fscore("position_hits", "position_found", "position_gold"),
    }


def _found(m: Matched) -> int:
    return len(m.extra) + sum(bool(x.rows) for x in m.matches)


def _article_counts(m: Matched) -> dict[str, int]:
    """What one article adds to the counts behind the figures."""
    hit = [x for x in m.matches if x.rows]
    told = [x for x in hit if x.gold.issues is not None]  # else nobody labelled issues there
    judged = [*m.extra, *(x.rows for x in told)] if told else []
    counts = {
        "gold": len(m.matches),
        "found": _found(m),
        "hits": len(hit),
        "exact": sum(x.overlap == 1 for x in hit),
        "source": sum(overlaps(x.gold.source, x.rows[0].source_span) for x in hit),
        "issue_hits": sum(len(_issues(x) & set(x.gold.issues or {})) for x in hit),
        "issue_found": sum(len(_issues(x)) for x in told),
        "issue_gold": sum(len(x.gold.issues or {}) for x in hit),
        "position_hits": sum(_position_hits(x) for x in hit),
        "position_found": sum(r.issue is not None for rs in judged for r in rs),
        "position_gold": sum(len(x.gold.issues or {}) for x in m.matches),
    }
    named = [x for x in hit if x.gold.speaker_name]
    spoken = [x for x in named if x.rows[0].speaker]
    counts["names"], counts["names_told"] = len(named), len(spoken)
    counts["names_right"] = sum(_same_name(x.gold.speaker_name, x.rows[0].speaker) for x in spoken)
    sided = [x for x in hit if x.gold.side]
    sure = [x for x in sided if x.rows[0].side != "unknown"]
    counts["sides"] = sum(x.gold.side != "unknown" for x in sided)
    counts["sides_known"] = sum(x.gold.side != "unknown" for x in sure)
    counts["sides_told"] = len(sure)
    counts["sides_right"] = sum(x.gold.side == x.rows[0].side for x in sure)
    for kind in ("direct", "indirect", "mixed"):
        counts[f"gold_{kind}"] = sum(x.gold.kind == kind for x in m.matches)
        counts[f"hit_{kind}"] = sum(x.gold.kind == kind for x in hit)
    return counts


def _same_name(gold: str | None, found: str | None) -> bool:
    """Whether one name's words are all in the other: "Kerry" and "John Kerry"."""
    a, b = (set((name or "").casefold().split()) for name in (gold, found))
    return bool(a and b) and (a <= b or b <= a)


def _issues(x: Match) -> set[str]:
    return {r.issue for r in x.rows if r.issue is not None}


def _position_hits(x: Match) -> int:
    """Rows with quote, side, issue and stance all right."""
    gold = x.gold.issues or {}
    return sum(
        r.issue in gold and gold[r.issue] == r.stance and r.side == x.gold.side
        for r in x.rows
        if r.issue is not None
    )


def _shared_stances(gold: Any, rows: Sequence[Any]) -> list[Pair]:
    labels = gold.issues or {}
    return [(labels[r.issue], r.stance) for r in rows if r.issue in labels]


def _pairs(m: Matched, of: Callable[[Any, Sequence[Any]], list[Any]]) -> list[Pair]:
    return [pair for x in m.matches if x.rows for pair in of(x.gold, x.rows)]


def _columns(pairs: Sequence[Pair]) -> tuple[list[str], list[str | None]]:
    return [g for g, _ in pairs], [p for _, p in pairs]


def _pooled(
    by_article: Sequence[Sequence[Any]], figure: Callable[[list[Any]], float]
) -> Callable[[Units], float]:
    return lambda u: figure([pair for i in u for pair in by_article[i]])


def _macro(pairs: list[Pair]) -> float:
    return macro_f1(*_columns(pairs))


def _accuracy(pairs: list[Pair]) -> float:
    return float(np.mean([g == p for g, p in pairs])) if pairs else float("nan")


def _baselines(
    classifier: StanceClassifier, documents: Sequence[LabelledDocument]
) -> dict[str, dict[str, list[list[Pair]]]]:
    """Majority, most frequent per issue and side, VADER, all given gold quotes and true sides."""
    learnt = classifier.bundle.manifest.get("baselines")
    by_name: dict[str, dict[str, Callable[[Any, str, str], str]]] = {
        "VADER": {
            "stance macro-F1": lambda g, text, issue: vader_stance(text),
            "sentiment macro-F1": lambda g, text, issue: vader_sentiment(text),
        }
    }
    if learnt:
        by_name["majority"] = {
            "stance macro-F1": lambda g, text, issue: str(learnt["stance"]),
            "sentiment macro-F1": lambda g, text, issue: str(learnt["sentiment"]),
        }
        by_name["per side"] = {
            "stance macro-F1": lambda g, text, issue: str(
                learnt["stance_by"].get(f"{issue}|{g.side}", learnt["stance"])
            ),
        }
    result: dict[str, dict[str, list[list[Pair]]]] = {}
    for name, tasks in by_name.items():
        result[name] = {task: [_answers(d, task, answer) for d in documents]
                        for task, answer in tasks.items()}  # fmt: skip
    return result


def _answers(
    document: LabelledDocument, task: str, answer: Callable[[Any, str, str], str]
) -> list[Pair]:
    pairs: list[Pair] = []
    for gold in document.quotes:
        if gold.optional:
            continue
        text = " ".join(document.text[s:e] for s, e in gold.spans)
        if task.startswith("stance"):
            pairs += [(s, answer(gold, text, i)) for i, s in (gold.issues or {}).items()]
        elif gold.sentiment:
            pairs.append((gold.sentiment, answer(gold, text, "")))
    return pairs

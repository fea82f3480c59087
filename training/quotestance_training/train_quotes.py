"""Train the judge of quote candidates: stories → candidates → fit → held-out writers → folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import load_codebook
from quotestance.errors import ConfigError
from quotestance.judge import RULES_ALONE, Judge, load_judge, save_judge
from quotestance.quotes import extract_many
from quotestance_training import tracking
from quotestance_training.calibrate import expected_calibration_error
from quotestance_training.config import QuotesConfig, TrainConfig
from quotestance_training.corpora import digest_of_folder
from quotestance_training.fit_quotes import OVERLAP, Candidate, articles_of, candidates_of, fit
from quotestance_training.holdout import Figures, spread
from quotestance_training.labelled import LabelledDocument, load_labelled
from quotestance_training.matching import assign
from quotestance_training.metrics import bootstrap, f1
from quotestance_training.splits import hold_out

Say = Callable[[str], None]
_KINDS = ("direct", "indirect", "mixed")


def train_quotes(
    config: TrainConfig, model: QuotesConfig, say: Say, *, nested: bool
) -> tuple[Judge, dict[str, Figures]]:
    """Fit the judge and score it on held-out writers, seed by seed.

    Returns
    -------
    Judge
        Fitted on all writers, as it was written to ``config.output``.
    dict of str to dict of str to float
        Held-out figures of each seed.

    Raises
    ------
    ConfigError
        If the configuration names no stories.
    QuotestanceError
        If the data cannot be read.
    """
    if config.data.stories is None:
        raise ConfigError("data.stories: model.kind quotes needs a folder of labelled articles")
    codebook = load_codebook(config.data.codebook)
    stories, statements = (
        [d for d in load_labelled(folder, codebook) if d.writer not in config.data.drop_writers]
        for folder in (config.data.stories, config.data.statements)
    )
    if not stories:
        raise ConfigError(f"data.drop_writers: all writers of {config.data.stories} dropped")
    candidates = candidates_of(stories, whole=True) + candidates_of(statements, whole=False)
    right = sum(c.right for c in candidates)
    say(f"{len(stories)} articles, {len(candidates)} candidates, {right} of them quotes")
    settings = config.model_dump(mode="json")
    folders = (config.data.stories, config.data.statements)
    digests = {str(folder): digest_of_folder(folder) for folder in folders}
    with tracking.run(config.tracking, config.name, nested=nested) as run_id:
        seeds = {
            f"seed-{seed}": _one_seed(config, model, stories, candidates, seed, say)
            for seed in config.seeds
        }
        judge = fit(candidates, model, n_folds=config.split.folds)
        manifest = {
            "metrics": {name: _short(figures) for name, figures in seeds.items()},
            "data": digests,
            "config": {k: settings[k] for k in ("name", "seeds", "model", "split", "data")},
        }
        folder = save_judge(config.output, judge.heads, manifest)
        if run_id is not None:
            tracking.log_params({**settings, "digests": digests})
            tracking.log_metrics(spread(list(seeds.values()))[0])
            tracking.log_files(*sorted(folder.iterdir()), folder="quotes")
    return load_judge(folder), seeds


def _one_seed(
    config: TrainConfig, model: QuotesConfig, stories: Sequence[LabelledDocument],
    candidates: Sequence[Candidate], seed: int, say: Say,
) -> Figures:  # fmt: skip
    """Fit without some writers, score on their articles, in a nested run."""
    writers = [d.writer or d.id for d in stories]
    _, test = hold_out(writers, count=config.split.test_writers, seed=seed)
    held = {writers[i] for i in test}
    with tracking.run(config.tracking, f"seed-{seed}", nested=True) as run_id:
        known = [c for c in candidates if c.writer not in held]
        judge = fit(known, model, n_folds=config.split.folds)
        figures = score_quotes(judge, [stories[i] for i in test], resamples=config.bootstrap)
        if run_id is not None:
            tracking.log_params({"seed": seed, "held_out_writers": sorted(held)})
            tracking.log_metrics(figures)
    say(f"seed {seed}: quote F1 {figures['quote_f1']:.3f}, "
        f"rules alone {figures['baseline_rules_f1']:.3f}")  # fmt: skip
    return figures


def score_quotes(judge: Judge, documents: Sequence[LabelledDocument], *, resamples: int) -> Figures:
    """Quote F1 (at half overlap and exact), recall by kind, calibration, and the rules alone.

    Parameters
    ----------
    documents : sequence of LabelledDocument
        Articles with all their quotes labelled.
    resamples : int
        Bootstrap resamples over articles.
    """
    counts = _counts(judge, documents)
    rules = _counts(RULES_ALONE, documents)
    boot = partial(bootstrap, n_units=len(documents), resamples=resamples)

    def fscore(table: dict[str, NDArray[np.float64]], hits: str) -> Callable[[Any], float]:
        return lambda u: f1(table[hits][u].sum(), table["found"][u].sum(), table["gold"][u].sum())

    score, exact = boot(fscore(counts, "hits")), boot(fscore(counts, "exact"))
    found, hits = counts["found"].sum(), counts["hits"].sum()
    figures = {
        "quote_f1": score.value, "quote_f1_low": score.low, "quote_f1_high": score.high,
        "quote_f1_exact": exact.value, "quote_f1_exact_low": exact.low,
        "quote_f1_exact_high": exact.high,
        "quote_precision": hits / found if found else float("nan"),
        "quote_ece": _calibration(judge, documents),
        "baseline_rules_f1": fscore(rules, "hits")(np.arange(len(documents))),
    }  # fmt: skip
    for kind in _KINDS:
        gold = counts[f"gold_{kind}"].sum()
        figures[f"quote_recall/{kind}"] = (
            counts[f"hits_{kind}"].sum() / gold if gold else float("nan")
        )
    return figures


def _counts(judge: Judge, documents: Sequence[LabelledDocument]) -> dict[str, NDArray[np.float64]]:
    """Per article: gold quotes, found ones, hits, exact hits, and hits by kind."""
    rows = []
    articles = [articles_of(d) for d in documents]
    for document, quotes in zip(documents, extract_many(articles, judge=judge), strict=True):
        gold = document.quotes
        chosen = assign([q.spans for q in gold], [q.spans for q in quotes], threshold=OVERLAP)
        counted = [i for i, q in enumerate(gold) if not q.optional]
        optional = sum(gold[i].optional for i in chosen)
        row = {
            "gold": len(counted),
            "found": len(quotes) - optional,
            "hits": sum(i in chosen for i in counted),
            "exact": sum(i in chosen and chosen[i][1] == 1.0 for i in counted),
        }
        for kind in _KINDS:
            of_kind = [i for i in counted if gold[i].kind == kind]
            row[f"gold_{kind}"] = len(of_kind)
            row[f"hits_{kind}"] = sum(i in chosen for i in of_kind)
        rows.append(row)
    return {key: np.array([r[key] for r in rows], float) for key in rows[0]}


def _calibration(judge: Judge, documents: Sequence[LabelledDocument]) -> float:
    """Expected calibration error of the probability that a candidate is a quote."""
    rows = candidates_of(documents, whole=True)
    p = np.array([judge.heads[c.head].probability(c.names) for c in rows])
    y = np.array([c.right for c in rows], np.int64)
    return expected_calibration_error(np.stack([1 - p, p], axis=1), y)


def _short(figures: Figures) -> Figures:
    return {k: round(v, 4) for k, v in figures.items() if v == v}

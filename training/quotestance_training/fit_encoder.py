"""Fine-tune the pair classifier with `transformers`: mixed tasks, early stopping, resumable."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset
from transformers import (
    EarlyStoppingCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    get_linear_schedule_with_warmup,
)

from quotestance.models.encoder_settings import HEADS, WIDTH, columns
from quotestance_training.config import EncoderConfig
from quotestance_training.encoder_net import (
    LABELS,
    PairNet,
    load_net,
    loss_of,
    parameter_groups,
)
from quotestance_training.metrics import macro_f1
from quotestance_training.pair_rows import MISSING, PairRow

Say = Callable[[str], None]
SoftLabels = Mapping[tuple[str, str], NDArray[np.float32]]
_GROUP = 50  # batches whose rows are sorted by length together
_MEMBERS_APART = 1000  # so that no member of a seed draws as another seed does
_METRIC = "eval_macro_f1"
_EXTRA = ("labels", "weight", "soft")


@dataclass(frozen=True)
class FittedNet:
    """A trained network.

    Parameters
    ----------
    net : PairNet
        With the weights that did best on the development rows.
    tokenizer : PreTrainedTokenizerBase
    """

    net: PairNet
    tokenizer: Any


def fit_net(
    config: EncoderConfig,
    train: Sequence[PairRow],
    dev: Sequence[PairRow],
    *,
    checkpoints: Path,
    seed: int,
    member: int = 0,
    soft: SoftLabels | None = None,
    say: Say = lambda text: None,
) -> FittedNet:
    """Fine-tune an encoder.

    Parameters
    ----------
    train, dev : sequence of PairRow
        Early stopping takes the best mean macro-F1 over the heads that `dev` has labels for.
    checkpoints : Path
        A folder; a training that was killed goes on from the last checkpoint in it, and gives
        what it would have given. It is the caller's to remove.
    seed, member : int
        The first draws the new layer; both draw the order of the rows, and the dropout.
    soft : mapping of (str, str) to ndarray of shape (`WIDTH`,)
        A teacher's scores of pairs.

    Raises
    ------
    ConfigError
        If the encoder cannot be had.
    """
    torch.set_num_threads(config.threads or torch.get_num_threads())
    net, tokenizer = load_net(config, seed=seed)
    drawn = seed + _MEMBERS_APART * member
    order = _order(_lengths(tokenizer, train, config), config, drawn)
    rows = EncodedRows(train, tokenizer, config.max_length, order, soft)
    held = EncodedRows(dev, tokenizer, config.max_length)
    trainer = _PairTrainer(
        config,
        _class_weights(train, config),
        model=net,
        args=_arguments(config, checkpoints, len(order), drawn),
        train_dataset=rows,
        eval_dataset=held,
        data_collator=lambda items: collate(items, tokenizer),
        compute_metrics=development_figures,
        callbacks=[EarlyStoppingCallback(config.patience), _Saying(say)],
        optimizers=_optimizer(net, config, len(order)),
    )
    trainer.train(resume_from_checkpoint=_last_checkpoint(checkpoints))
    # with bf16 the forward pass was wrapped, and would be exported with its casts
    net = trainer.accelerator.unwrap_model(net, keep_fp32_wrapper=False)
    return FittedNet(net.eval(), tokenizer)


def _lengths(tokenizer: Any, rows: Sequence[PairRow], config: EncoderConfig) -> list[int]:
    return [len(ids) for ids in _encode(tokenizer, rows, config.max_length)["input_ids"]]


def _encode(tokenizer: Any, rows: Sequence[PairRow], max_length: int) -> Any:
    return tokenizer(
        [row.first for row in rows],
        [row.second for row in rows],
        truncation="longest_first",
        max_length=max_length,
    )


def _order(lengths: Sequence[int], config: EncoderConfig, seed: int) -> list[int]:
    """The rows in the order of the whole training, epoch by epoch.

    Shuffled, but a batch holds rows of like length; fixed beforehand, so that a resumed training
    sees what is left of it.
    """
    rng = random.Random(seed)
    size = config.batch_size
    order: list[int] = []
    for _ in range(math.ceil(config.epochs)):
        rows = list(range(len(lengths)))
        rng.shuffle(rows)
        wide = size * _GROUP
        rows = [
            i
            for k in range(0, len(rows), wide)
            for i in sorted(rows[k : k + wide], key=lambda i: (lengths[i], i))
        ]
        batches = [rows[k : k + size] for k in range(0, len(rows) - len(rows) % size, size)]
        rest = rows[len(rows) - len(rows) % size :]
        rng.shuffle(batches)
        order += [i for batch in [*batches, rest] for i in batch]
    return order[: round(len(lengths) * config.epochs)]


class EncodedRows(Dataset):  # type: ignore[misc]
    """Tokenised rows, in a given order."""

    def __init__(
        self,
        rows: Sequence[PairRow],
        tokenizer: Any,
        max_length: int,
        order: Sequence[int] | None = None,
        soft: SoftLabels | None = None,
    ) -> None:
        self.rows = rows
        self.encoded = _encode(tokenizer, rows, max_length)
        self.order = range(len(rows)) if order is None else order
        self.soft = soft

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> dict[str, Any]:
        at = self.order[index]
        row = self.rows[at]
        item = {name: values[at] for name, values in self.encoded.items()}
        item["labels"] = [getattr(row, head) for head in LABELS]
        item["weight"] = row.weight
        if self.soft is not None:
            item["soft"] = self.soft.get((row.first, row.second))
        return item


def collate(items: Sequence[dict[str, Any]], tokenizer: Any) -> dict[str, Any]:
    """Pad to the longest row of the batch."""
    texts = [{k: v for k, v in item.items() if k not in _EXTRA} for item in items]
    batch = dict(tokenizer.pad(texts, return_tensors="pt"))
    batch["labels"] = torch.tensor([item["labels"] for item in items])
    batch["weight"] = torch.tensor([item["weight"] for item in items], dtype=torch.float32)
    if "soft" in items[0]:
        rows = [np.full(WIDTH, np.nan) if i["soft"] is None else i["soft"] for i in items]
        batch["soft"] = torch.tensor(np.array(rows, np.float32))
    return batch


class _PairTrainer(Trainer):  # type: ignore[misc]
    """The trainer with the loss of several heads."""

    def __init__(self, config: EncoderConfig, weights: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.weights = weights

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **kwargs: Any
    ) -> Any:
        scores = model(**{k: v for k, v in inputs.items() if k not in _EXTRA})
        loss = loss_of(scores, inputs, self.weights, self.config)
        return (loss, {"scores": scores}) if return_outputs else loss


def development_figures(predicted: Any) -> dict[str, float]:
    """Macro-F1 of each head that has labels, and their mean."""
    scores, labels = predicted.predictions, predicted.label_ids
    figures = {}
    for j, head in enumerate(LABELS):
        known = labels[:, j] != MISSING
        if known.any():
            part = scores[known][:, columns(head)]
            found = part[:, 0] > 0 if HEADS[head] == 1 else part.argmax(1)
            gold = labels[known, j]
            figures[f"{head}_f1"] = macro_f1(
                [str(int(g)) for g in gold], [str(int(f)) for f in found]
            )
    return {"macro_f1": float(np.mean(list(figures.values()))), **figures}


def _class_weights(rows: Sequence[PairRow], config: EncoderConfig) -> dict[str, Any]:
    """Weights by which rare labels count more; their mean over the rows is 1."""
    if config.class_weights == "none":
        return {}
    power = {"balanced": 1.0, "root": 0.5}[config.class_weights]
    found = {}
    for head in LABELS:
        counts = Counter(y for row in rows if (y := getattr(row, head)) != MISSING)
        if HEADS[head] == 1 or not counts:
            continue
        raw = [(1 / max(1, counts[k])) ** power for k in range(HEADS[head])]
        mean = sum(raw[k] * n for k, n in counts.items()) / counts.total()
        found[head] = torch.tensor([w / mean for w in raw])
    return found


def _steps(config: EncoderConfig, rows: int) -> int:
    return math.ceil(math.ceil(rows / config.batch_size) / config.accumulate)


def _optimizer(net: PairNet, config: EncoderConfig, rows: int) -> tuple[Any, Any]:
    steps = _steps(config, rows)
    optimizer = torch.optim.AdamW(list(parameter_groups(net, config)))
    schedule = get_linear_schedule_with_warmup(optimizer, round(config.warmup * steps), steps)
    return optimizer, schedule


def _arguments(config: EncoderConfig, checkpoints: Path, rows: int, seed: int) -> TrainingArguments:
    looks = max(1, round(_steps(config, rows) / (config.epochs * config.evaluations)))
    return TrainingArguments(
        output_dir=str(checkpoints),
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        gradient_accumulation_steps=config.accumulate,
        num_train_epochs=1,  # the order of the rows already holds all epochs
        train_sampling_strategy="sequential",
        eval_strategy="steps",
        eval_steps=looks,
        save_strategy="steps",
        save_steps=looks,
        save_total_limit=1,
        logging_steps=max(1, min(50, looks)),
        load_best_model_at_end=True,
        metric_for_best_model=_METRIC,
        greater_is_better=True,
        seed=seed,
        use_cpu=not torch.cuda.is_available(),
        bf16=config.precision == "bf16",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
        disable_tqdm=True,
        report_to="none",
    )


def _last_checkpoint(folder: Path) -> str | None:
    """The newest complete checkpoint; the trainer writes its state last."""
    found = [p for p in folder.glob("checkpoint-*") if (p / "trainer_state.json").is_file()]
    return str(max(found, key=lambda p: int(p.name.split("-")[1]))) if found else None


class _Saying(TrainerCallback):  # type: ignore[misc]
    """Tells losses and development figures as they come."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kw: Any) -> None:
        if logs and "loss" in logs:
            self.say(f"step {state.global_step}/{state.max_steps}: loss {float(logs['loss']):.3f}")

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kw: Any
    ) -> None:
        figures = {k.removeprefix("eval_"): v for k, v in (metrics or {}).items() if "f1" in k}
        told = ", ".join(f"{k} {v:.3f}" for k, v in figures.items())
        self.say(f"step {state.global_step}/{state.max_steps}: {told}")

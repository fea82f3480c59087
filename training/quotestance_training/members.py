"""Several networks from one start, each with an order of the rows of its own, and their mean."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from quotestance.output import replacing
from quotestance_training.config import EncoderConfig
from quotestance_training.encoder_net import load_net
from quotestance_training.fit_encoder import FittedNet, Say, SoftLabels, fit_net
from quotestance_training.pair_rows import PairRow

_LISTENS = 1.0  # seconds between what members say


def fit_members(
    config: EncoderConfig,
    train: Sequence[PairRow],
    dev: Sequence[PairRow],
    *,
    checkpoints: Path,
    seed: int,
    soft: SoftLabels | None = None,
    say: Say = lambda text: None,
) -> FittedNet:
    """Fine-tune ``model.members`` networks and average their weights.

    They begin from the same weights and stay near each other, so the mean of their weights is a
    network too: one that mostly errs less than any of them, at the cost of one.

    Parameters
    ----------
    checkpoints : Path
        A folder; of a training that was killed, finished members are read from it, and those
        that were not go on. It is the caller's to remove.

    See `fit_net` for the others.

    Raises
    ------
    ConfigError
        If the encoder cannot be had.

    References
    ----------
    Wortsman et al., Model soups (ICML 2022, arXiv:2203.05482).
    """
    if config.members == 1:
        return fit_net(config, train, dev, checkpoints=checkpoints, seed=seed, soft=soft, say=say)
    task = _Task(config, train, dev, checkpoints, seed, soft)
    waiting = [k for k in range(config.members) if not task.weights(k).is_file()]
    if config.at_once == 1:
        for member in waiting:
            task.fit(member, say)
    elif waiting:
        _side_by_side(task, waiting, say)
    return task.mean()


@dataclass(frozen=True)
class _Task:
    """What every member needs; it goes to other processes as it is."""

    config: EncoderConfig
    train: Sequence[PairRow]
    dev: Sequence[PairRow]
    checkpoints: Path
    seed: int
    soft: SoftLabels | None

    def weights(self, member: int) -> Path:
        """Where a finished member's weights lie."""
        return self.checkpoints / f"member-{member}.safetensors"

    def fit(self, member: int, say: Say) -> None:
        """Fit a member; the file of its weights is there whole or not at all."""
        under = self.checkpoints / f"member-{member}"
        net = fit_net(
            self.config, self.train, self.dev, checkpoints=under, seed=self.seed, member=member,
            soft=self.soft, say=lambda text: say(f"member {member + 1}: {text}"),
        ).net  # fmt: skip
        with replacing(self.weights(member)) as temporary:
            save_file({name: v.contiguous() for name, v in net.state_dict().items()}, temporary)
        shutil.rmtree(under)

    def mean(self) -> FittedNet:
        """The network whose weights are the members' mean."""
        total: dict[str, Any] = {}
        for member in range(self.config.members):
            for name, weights in load_file(self.weights(member)).items():
                total[name] = total.get(name, 0) + weights.double()
        net, tokenizer = load_net(self.config, seed=self.seed)
        net.load_state_dict({name: sums / self.config.members for name, sums in total.items()})
        return FittedNet(net.eval(), tokenizer)


def _side_by_side(task: _Task, members: Sequence[int], say: Say) -> None:
    """Fit in processes of their own: small matrices leave cores idle that work on one net."""
    context = multiprocessing.get_context("spawn")
    count = min(task.config.at_once, len(members))
    threads = task.config.threads or max(1, torch.get_num_threads() // task.config.at_once)
    task = replace(task, config=task.config.model_copy(update={"threads": threads}))
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(count, mp_context=context, initializer=_end_with_parent) as pool,
    ):
        told = manager.Queue()
        running = {pool.submit(task.fit, member, told.put) for member in members}
        while running:
            done, running = wait(running, timeout=_LISTENS)
            while not told.empty():
                say(told.get())
            for ended in done:
                ended.result()


def _end_with_parent() -> None:
    """Leave no member at work when its parent is killed: it would write beside the next one's."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "started in a process of its own"

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()

"""Networks that are averaged: the mean of what each would be, in one process or several."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from quotestance.errors import ConfigError
from quotestance_training import members as module
from quotestance_training.config import EncoderConfig, TrainConfig
from quotestance_training.fit_encoder import fit_net
from quotestance_training.members import fit_members
from quotestance_training.pair_rows import PairRow

Weights = dict[str, torch.Tensor]
Fit = Callable[..., Weights]
ROWS = [
    PairRow("The pact should be signed.", f"{said} the pact, {k}", "g", bearing=1, stance=label)
    for k in range(8)
    for label, said in enumerate(("We welcome", "We reject", "We discuss"))
]  # fmt: skip


@pytest.fixture
def model(encoder_config: Callable[..., TrainConfig], tmp_path: Path) -> EncoderConfig:
    found = encoder_config(tmp_path / "model", model={"members": 2, "epochs": 2}).model
    assert isinstance(found, EncoderConfig)
    return found


@pytest.fixture
def fit(model: EncoderConfig, tmp_path: Path) -> Fit:
    """The weights of a training; keywords change its settings."""

    def run(**changes: object) -> Weights:
        chosen = model.model_copy(update=changes)
        fitted = fit_members(chosen, ROWS, ROWS[:6], checkpoints=tmp_path / "ck", seed=1)
        return dict(fitted.net.state_dict())

    return run


def _same(a: Weights, b: Weights) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_the_weights_are_the_mean_of_members_that_differ(
    model: EncoderConfig, fit: Fit, tmp_path: Path
) -> None:
    found = fit()
    first, second = (
        fit_net(
            model, ROWS, ROWS[:6], checkpoints=tmp_path / f"alone-{k}", seed=1, member=k
        ).net.state_dict()
        for k in (0, 1)
    )
    assert not _same(first, second), "each sees the rows in an order of its own"
    for name, weights in found.items():
        torch.testing.assert_close(weights, (first[name] + second[name]) / 2)


def test_one_member_is_a_plain_training(model: EncoderConfig, fit: Fit, tmp_path: Path) -> None:
    alone = fit_net(model, ROWS, ROWS[:6], checkpoints=tmp_path / "alone", seed=1)
    assert _same(fit(members=1), dict(alone.net.state_dict()))


def test_side_by_side_they_are_the_same(fit: Fit, tmp_path: Path) -> None:
    one_by_one = fit()
    for file in (tmp_path / "ck").iterdir():
        file.unlink()
    assert _same(fit(at_once=2), one_by_one)


def test_a_finished_member_is_not_fitted_again(
    fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit()
    assert sorted(p.name for p in (tmp_path / "ck").iterdir()) == [
        "member-0.safetensors", "member-1.safetensors",
    ]  # fmt: skip
    (tmp_path / "ck" / "member-1.safetensors").unlink()
    fitted: list[int] = []

    def once(*args: object, member: int, **kwargs: object) -> object:
        fitted.append(member)
        return fit_net(*args, member=member, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "fit_net", once)
    assert _same(fit(), whole)
    assert fitted == [1]


def test_what_fails_in_a_process_of_its_own_is_told(fit: Fit) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        fit(at_once=2, encoder="/nowhere")


_PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from quotestance_training.members import _end_with_parent

def work(place):
    Path(place).write_text(str(os.getpid()))
    time.sleep(300)

if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("spawn"), _end_with_parent) as pool:
        pool.submit(work, sys.argv[1]).result()
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the process in /proc")
def test_no_member_outlives_a_training_that_is_killed(tmp_path: Path) -> None:
    script, place = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(_PARENT)
    with subprocess.Popen([sys.executable, script, place], stderr=subprocess.DEVNULL) as parent:
        assert _within(120, lambda: place.is_file() and place.read_text() != ""), (
            "the member is at work"
        )
        parent.kill()
    member = Path("/proc", place.read_text())
    assert _within(60, lambda: not member.exists())


def _within(seconds: float, happened: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return True
        time.sleep(0.2)
    return False

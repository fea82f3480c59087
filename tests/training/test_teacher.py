"""Soft labels: asked for once, kept without text, used without the teacher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from quotestance.bundle import load_bundle
from quotestance.errors import ConfigError
from quotestance.models.encoder import ALONE, EncoderModel
from quotestance.models.encoder_settings import WIDTH, columns
from quotestance_training import teacher
from quotestance_training.config import EncoderConfig
from quotestance_training.encoder_net import loss_of
from quotestance_training.pair_rows import PairRow
from quotestance_training.teacher import soft_labels
from quotestance_training.trained import Trained

ROWS = [PairRow("We should go.", f"us | « {w} »") for w in ("go", "stay", "wait")]


def config(**changes: object) -> EncoderConfig:
    return EncoderConfig.model_validate({"encoder": "x", **changes})


def test_without_a_teacher_there_are_none() -> None:
    assert soft_labels(config(), ROWS, print) is None


def test_answers_are_the_teachers_and_are_kept(
    encoder_trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept" / "soft.safetensors"
    chosen = config(teacher=encoder_trained.bundle, soft_labels=file)
    said: list[str] = []
    found = soft_labels(chosen, ROWS[:2], said.append)
    model = load_bundle(encoder_trained.bundle).model
    assert isinstance(model, EncoderModel) and found is not None
    pairs = [(r.first, r.second) for r in ROWS]
    wanted = model.scores(pairs)
    for pair, scores in zip(pairs[:2], wanted, strict=False):
        assert found[pair][1:4] == pytest.approx(scores[1:4], abs=1e-5)
        assert np.isnan(np.delete(found[pair], [1, 2, 3])).all(), (
            "it was not trained to answer such pairs so"
        )
    assert said == ["teacher: 2 of 2 pairs"]
    asked: list[int] = []
    real = EncoderModel.scores
    monkeypatch.setattr(
        EncoderModel, "scores", lambda self, p: (asked.append(len(p)), real(self, p))[1]
    )
    again = soft_labels(chosen, ROWS, print)
    assert asked == [1], "only the new pair"
    assert again is not None and set(again) == set(pairs)
    assert b"stay" not in file.read_bytes(), "no text lies in the file"
    gone = config(teacher=tmp_path / "gone", soft_labels=file)
    left = soft_labels(gone, [*ROWS, PairRow("Else", "unknown")], print)
    assert left is not None and set(left) == set(pairs)
    assert left[pairs[2]][1:4] == pytest.approx(wanted[2][1:4], abs=0.01), "half precision"


def test_it_is_heard_on_what_it_was_trained_for(encoder_trained: Trained) -> None:
    rows = [
        PairRow(ALONE, "us | « go »", sentiment=1), PairRow("army", "The « army »", target=2),
        PairRow("We should go.", "us | « go »", bearing=1, stance=0, sentiment=1),
        PairRow("We should eat.", "us | « go »", bearing=0, sentiment=1),
    ]  # fmt: skip
    found = soft_labels(config(teacher=encoder_trained.bundle), rows, print)
    assert found is not None
    heard = {first: np.flatnonzero(~np.isnan(s)).tolist() for (first, _), s in found.items()}
    assert heard == {ALONE: [4, 5, 6], "army": [7, 8, 9], "We should go.": [1, 2, 3]}
    deaf = config(teacher=encoder_trained.bundle, soft_heads=["sentiment", "target"])
    found = soft_labels(deaf, rows, print)
    assert found is not None and {first for first, _ in found} == {ALONE, "army"}
    narrow = deaf.model_copy(update={"heads": ("stance", "sentiment")})
    found = soft_labels(narrow, rows, print)
    assert found is not None and {first for first, _ in found} == {ALONE}, "not learnt, not asked"


def test_chunks_are_written_as_they_come(
    encoder_trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "_CHUNK", 2)
    said: list[str] = []
    file = tmp_path / "soft.safetensors"
    soft_labels(config(teacher=encoder_trained.bundle, soft_labels=file), ROWS, said.append)
    assert said == ["teacher: 2 of 3 pairs", "teacher: 3 of 3 pairs"]


def test_what_cannot_be_had_is_told(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder"):
        soft_labels(config(teacher=tmp_path / "none"), ROWS, print)
    with pytest.raises(ConfigError, match="is no encoder"):
        soft_labels(config(teacher=trained.bundle), ROWS, print)
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    with pytest.raises(ConfigError, match=r"bad\.safetensors cannot be read"):
        soft_labels(config(soft_labels=bad), ROWS, print)


# -- the loss that learns from them


def batch(labels: list[list[int]], soft: np.ndarray | None = None) -> dict[str, torch.Tensor]:
    n = len(labels)
    made = {"labels": torch.tensor(labels), "weight": torch.ones(n)}
    if soft is not None:
        made["soft"] = torch.tensor(soft, dtype=torch.float32)
    return made


def scores_for(stance: int) -> torch.Tensor:
    row = torch.zeros(1, WIDTH)
    row[0, columns("stance").start + stance] = 4.0
    return row


def test_rows_count_for_the_heads_that_they_have_labels_of() -> None:
    only_stance = batch([[-1, 0, -1, -1]])
    right, wrong = (loss_of(scores_for(k), only_stance, {}, config()) for k in (0, 1))
    assert 0 < right < 0.1 < wrong
    nothing = batch([[-1, -1, -1, -1]])
    assert loss_of(scores_for(1), nothing, {}, config()) == 0


def test_weights_of_rows_and_classes() -> None:
    rows = batch([[-1, 0, -1, -1]])
    plain = loss_of(scores_for(1), rows, {}, config())
    rows["weight"] = torch.tensor([0.5])
    assert loss_of(scores_for(1), rows, {}, config()) == pytest.approx(float(plain) / 2)
    rows["weight"] = torch.ones(1)
    double = {"stance": torch.tensor([2.0, 1.0, 1.0])}
    assert loss_of(scores_for(1), rows, double, config()) == pytest.approx(2 * float(plain))


def test_a_teacher_alone_is_followed() -> None:
    told = np.full((1, WIDTH), np.nan, np.float32)
    told[0] = 0
    told[0, columns("stance").start + 2] = 8.0
    rows = batch([[-1, -1, -1, -1]], told)
    near, far = (float(loss_of(scores_for(k), rows, {}, config())) for k in (2, 0))
    assert near < far
    unknown = batch([[-1, 0, -1, -1]], np.full((1, WIDTH), np.nan))
    plain = batch([[-1, 0, -1, -1]])
    assert float(loss_of(scores_for(1), unknown, {}, config())) == pytest.approx(
        float(loss_of(scores_for(1), plain, {}, config()))
    )


def test_the_share_of_the_teacher() -> None:
    told = np.zeros((1, WIDTH), np.float32)
    told[0, columns("stance").start + 2] = 8.0
    rows = batch([[-1, 0, -1, -1]], told)
    alone = float(loss_of(scores_for(0), rows, {}, config(soft_share=0.0)))
    led = float(loss_of(scores_for(0), rows, {}, config(soft_share=1.0)))
    # the other heads' soft losses stay the same where they have no label
    half = float(loss_of(scores_for(0), rows, {}, config(soft_share=0.5)))
    assert alone < half < led
    assert half == pytest.approx((alone + led) / 2, rel=1e-4)

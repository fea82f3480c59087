"""A whole training of a tiny encoder: the bundle, held-out figures, resuming, issues held out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quotestance import Quote, SentimentClassifier, StanceClassifier
from quotestance.actors import Actors
from quotestance.bundle import load_bundle
from quotestance.codebook import Codebook
from quotestance.errors import ConfigError, MissingExtraError
from quotestance.models.encoder import EncoderModel
from quotestance.models.encoder_settings import WIDTH
from quotestance.models.linear import LinearModel
from quotestance_training import train as module
from quotestance_training import train_encoder
from quotestance_training.calibrate import Heard
from quotestance_training.calibrate_encoder import WRITERS, Calibrated, Told, reweigh
from quotestance_training.config import EncoderConfig, TrainConfig
from quotestance_training.corpora import gold_quotes
from quotestance_training.labelled import load_labelled
from quotestance_training.pair_rows import PairRow, quotes_of
from quotestance_training.splits import Round
from quotestance_training.train import train
from quotestance_training.train_data import load_data
from quotestance_training.train_encoder import Workshop, _checkpoints, fit_calibrated
from quotestance_training.trained import Trained

Config = Callable[..., TrainConfig]


def test_the_same_seed_gives_the_same_bundle(
    encoder_trained: Trained, encoder_config: Config, tmp_path: Path
) -> None:
    again = train(encoder_config(tmp_path / "model"))
    assert again.name == encoder_trained.name
    for file in encoder_trained.bundle.iterdir():
        assert (again.bundle / file.name).read_bytes() == file.read_bytes(), file.name
    assert repr(again.rounds) == repr(encoder_trained.rounds)


def test_the_bundle_predicts_articles_quotes_and_targets(encoder_trained: Trained) -> None:
    clf = StanceClassifier.from_pretrained(encoder_trained.bundle)
    assert clf.bundle.name == encoder_trained.name
    assert clf.bundle.name.startswith("encoder@")
    row = clf.predict(
        "“We reject the security agreement because it is a shameful mistake,” said the palace.",
        date="2013-10-12",
    )[0]
    assert row.side == "afghan" and row.model == encoder_trained.name
    assert sum(row.sentiment_scores.values()) == pytest.approx(1, abs=1e-3)
    (row,) = clf.predict_quotes([Quote.of("We support it.", side="us", issue="bsa_agreement")])
    assert row.issue == "bsa_agreement" and row.stance_scores is not None
    toward = SentimentClassifier(clf.bundle).predict([("The palace is a disgrace.", (4, 10))])
    assert set(toward[0]) == {"label", "scores"}


def test_figures_come_with_gates_and_proposals(encoder_trained: Trained) -> None:
    (figures,) = encoder_trained.rounds.values()
    for name in ("stance_macro_f1", "issue_micro_f1", "sentiment_macro_f1", "stance_aurc",
                 "stance_accuracy_at_80", "proposed_recall", "proposed_per_quote"):  # fmt: skip
        assert figures[name] == figures[name] and figures[name] >= 0, name
    assert 0 <= figures["proposed_recall"] <= 1


def test_the_manifest_tells_thresholds_and_settings(encoder_trained: Trained) -> None:
    manifest = load_bundle(encoder_trained.bundle).manifest
    assert manifest["kind"] == "encoder"
    assert manifest["config"]["model"]["kind"] == "encoder"
    assert {"torch", "transformers", "onnxruntime"} <= set(manifest["libraries"])
    assert 0 < manifest["thresholds"]["issue"] < 1
    card = (encoder_trained.bundle / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage: en\n")
    for heading in ("## Held-out figures", "## Data", "## Limits", "## Decisions"):
        assert heading in card


class Killed(Exception):
    """Stands for a signal in mid-training."""


def test_a_killed_training_goes_on_and_ends_the_same(
    encoder_trained: Trained, encoder_config: Config, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from quotestance_training import fit_encoder

    looks: list[int] = []
    real = fit_encoder.development_figures

    def figures(predicted: object) -> dict[str, float]:
        looks.append(1)
        if len(looks) == 3:  # two checkpoints are written by then
            raise Killed
        return real(predicted)

    chosen = encoder_config(tmp_path / "model")
    monkeypatch.setattr(fit_encoder, "development_figures", figures)
    with pytest.raises(Killed):
        train(chosen)
    left = list((tmp_path / "checkpoints").iterdir())
    assert len(left) == 1 and list(left[0].glob("checkpoint-*"))
    monkeypatch.setattr(fit_encoder, "development_figures", real)
    done = train(chosen)
    assert done.name == encoder_trained.name, "the weights are the same to the last bit"
    assert repr(done.rounds) == repr(encoder_trained.rounds)
    assert not left[0].exists(), "checkpoints are removed at the end"


@pytest.mark.parametrize(("threads", "same"), [(1, True), (0, False)])
def test_a_training_goes_on_with_other_members_at_once(
    encoder_config: Config, tmp_path: Path, threads: int, same: bool
) -> None:
    part = Round("seed-1", 1, np.arange(2), np.array([2]))
    one, two, other = (
        _checkpoints(c, c.model, [], part)
        for c in (
            encoder_config(tmp_path / "m", model={"members": 2, "threads": threads, **more})
            for more in ({"at_once": 1}, {"at_once": 2}, {"at_once": 1, "epochs": 2})
        )
        if isinstance(c.model, EncoderConfig)
    )
    assert (one == two) is same
    assert one != other


def test_the_first_stage_learns_from_all_writers_at_last(
    encoder_trained: Trained, config: Config, tmp_path: Path
) -> None:
    alone = train(config(tmp_path / "linear", model={"min_count": 8}, split={"folds": 2}))
    model, linear = (load_bundle(b).model for b in (encoder_trained.bundle, alone.bundle))
    assert isinstance(model, EncoderModel) and isinstance(linear, LinearModel)
    assert model.linear.spec() == linear.spec()
    found, wanted = model.linear.arrays(), linear.arrays()
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def test_the_stages_are_weighed_anew_on_articles(
    encoder_trained: Trained, statements: Path, codebook: Codebook, actors: Actors
) -> None:
    bundle = load_bundle(encoder_trained.bundle)
    documents = load_labelled(statements, codebook)
    quotes = quotes_of(documents, gold_quotes(documents), actors)
    assert isinstance(bundle.model, EncoderModel)
    nobody = Heard(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32),
                   np.zeros(0, np.int64))  # fmt: skip
    fitted = Calibrated(bundle.model, 0.4, 1.0, 1.0, nobody.scores, nobody.y,
                        Told(nobody, nobody))  # fmt: skip
    first = bundle.model.linear
    assert reweigh(fitted, first, []) == fitted
    sure = replace(first, heads={**first.heads, "stance": replace(first.heads["stance"],
                                                                  temperature=1e-3)})  # fmt: skip
    by_first, by_sure = reweigh(fitted, first, quotes), reweigh(fitted, sure, quotes)
    assert by_sure.model.linear is sure and by_sure.issue_threshold == 0.4
    for found in (by_first, by_sure):
        told = found.model.settings
        pooled = {"stance": (1, 0), "stance_constants": (0, 0, 0), "sentiment": (1, 0)}
        assert replace(told, **pooled) == replace(bundle.model.settings, **pooled)
        assert len(found.stance_labels) == len(found.stance_probabilities) == len(quotes)
    weights = [w.model.settings.stance[1] for w in (by_first, by_sure)]
    assert weights[0] > weights[1], "what is too sure of itself counts for less"
    silent = np.zeros((500, 3), np.float32)
    writers = Heard(silent, silent, np.ones(500, np.int64))  # all of them against
    heard = reweigh(replace(fitted, writers=Told(writers, nobody)), first, quotes)
    before, after = (f.model.settings.stance_constants[1] for f in (by_first, heard))
    assert WRITERS < 1 and after > before, "the development writers keep a say"


def test_an_issue_can_be_held_out(encoder_config: Config, tmp_path: Path) -> None:
    said: list[str] = []
    chosen = {"epochs": 1, "heads": ["stance"]}
    done = train(
        encoder_config(tmp_path / "model", model=chosen, split={"by": "each_issue"}), said.append
    )
    assert any("stance_f1" in line for line in said)
    assert not any("bearing_f1" in line or "sentiment_f1" in line for line in said)
    assert list(done.rounds) == ["bsa_agreement", "residual_force", "taliban_talks"]
    for figures in done.rounds.values():
        assert "stance_macro_f1" in figures and "issue_micro_f1" not in figures
    manifest = json.loads((done.bundle / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metrics"]["held_out_writers_mean"]["stance_macro_f1"] == pytest.approx(
        np.mean([f["stance_macro_f1"] for f in done.rounds.values()]), abs=1e-4
    )


def test_leaks_are_looked_for_on_all_heads(
    encoder_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = encoder_config(tmp_path / "model", model={"heads": ["stance"]})
    assert isinstance(chosen.model, EncoderConfig)
    data = replace(
        load_data(chosen.data, seed=1),
        public=[PairRow("Armies are brave.", "The army is brave.", stance=0)],
        public_dev=[PairRow("army", "The « army » is brave.", target=2)],
    )
    said: list[str] = []
    shop = Workshop.open(chosen, chosen.model, data, said.append)

    def stop(*args: object) -> None:
        raise Killed

    monkeypatch.setattr(train_encoder, "_fit", stop)
    with pytest.raises(Killed):
        fit_calibrated(shop, shop.rounds()[0])
    (told,) = [line for line in said if "dropped" in line]
    assert " 1 dropped " in told, "though the development row teaches nothing that is learnt here"


def test_fewer_statements_for_a_learning_curve(encoder_config: Config, tmp_path: Path) -> None:
    told: dict[float, str] = {}
    for share in (1.0, 0.3):
        said: list[str] = []
        chosen = encoder_config(tmp_path / str(share), model={"epochs": 1}, split={"share": share})
        train(chosen, said.append)
        (told[share],) = [line for line in said if " rows, " in line]
    full, less = (int(told[s].split(": ")[1].split(" rows")[0]) for s in (1.0, 0.3))
    assert less < 0.5 * full


def test_fp32_and_int8_agree(
    encoder_config: Config, encoder_trained: Trained, tmp_path: Path
) -> None:
    exact = train(encoder_config(tmp_path / "model", model={"quantize": False}))
    models = [load_bundle(t.bundle).model for t in (exact, encoder_trained)]
    pairs = [("We support it.", f"us | « {w} the agreement »") for w in ("sign", "reject", "weigh")]
    a, b = (m.scores(pairs) for m in models if isinstance(m, EncoderModel))
    assert a.shape == b.shape == (3, WIDTH)
    assert np.abs(a - b).max() < 0.5
    sizes = [(t.bundle / "encoder.onnx").stat().st_size for t in (exact, encoder_trained)]
    assert sizes[1] < sizes[0]
    (told,), (none,) = encoder_trained.rounds.values(), exact.rounds.values()
    assert told["int8_equal_stance"] > 0.8 and told["int8_equal_target"] > 0.8
    assert 0 < told["int8_largest_gap"] < 0.5
    assert "int8_largest_gap" not in none


def test_products_in_bf16_leave_a_network_in_fp32(encoder_config: Config, tmp_path: Path) -> None:
    done = train(encoder_config(tmp_path / "model", model={"precision": "bf16"}))
    (figures,) = done.rounds.values()
    assert figures["int8_largest_gap"] < 0.5
    assert StanceClassifier.from_pretrained(done.bundle).predict_quotes(
        [Quote.of("We support it.", side="us", issue="bsa_agreement")]
    )


def test_a_missing_extra_is_told(
    encoder_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"quotestance\[finetune\]"):
        module.train(encoder_config(tmp_path / "model"))


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ("wheel:no-such-package", "pip install no-such-package"),
        ("wheel:typer", "holds no model.safetensors"),
        ("./nowhere", "no folder './nowhere'"),
    ],
)
def test_an_encoder_that_cannot_be_had(
    encoder_config: Config, tmp_path: Path, encoder: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        train(encoder_config(tmp_path / "model", model={"encoder": encoder}))


def test_other_weights_are_refused(encoder_config: Config, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected 0000"):
        train(encoder_config(tmp_path / "model", model={"sha256": "0" * 64}))
    assert not (tmp_path / "model").exists()


def test_layers_can_be_frozen(encoder_config: Config, tmp_path: Path, tiny_encoder: Path) -> None:
    from quotestance_training.encoder_net import load_net

    def free(count: int) -> int:
        settings = EncoderConfig(encoder=str(tiny_encoder), frozen_layers=count)
        net, _ = load_net(settings, seed=1)
        return sum(p.numel() for p in net.parameters() if p.requires_grad)

    assert free(0) > free(1) > free(2)
    with pytest.raises(ConfigError, match="has 2 layers"):
        free(3)

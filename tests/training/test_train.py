"""A whole training without tracking, and sweeps."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from quotestance.bundle import load_bundle
from quotestance.classifier import StanceClassifier
from quotestance.errors import BundleError, ConfigError
from quotestance_training import linear_rows
from quotestance_training import train as module
from quotestance_training.config import TrainConfig, check_config
from quotestance_training.corpora import digest_of_folder
from quotestance_training.fit_linear import Fitted, Task
from quotestance_training.holdout import spread
from quotestance_training.train import sweep, train
from quotestance_training.trained import Trained

Config = Callable[..., TrainConfig]


def test_the_same_training_gives_the_same_bundle(
    trained: Trained, config: Config, tmp_path: Path
) -> None:
    again = train(config(tmp_path / "model"))
    assert again.name == trained.name
    for file in trained.bundle.iterdir():
        assert (again.bundle / file.name).read_bytes() == file.read_bytes(), file.name
    assert {p.name for p in again.bundle.iterdir()} == {p.name for p in trained.bundle.iterdir()}
    assert again.rounds == trained.rounds


def test_seeds_change_the_figures_and_not_the_bundle(
    trained: Trained, config: Config, tmp_path: Path
) -> None:
    other = train(config(tmp_path / "model", seeds=[4]))
    assert other.name == trained.name
    assert list(other.rounds) == ["seed-4"]
    assert math.isnan(other.sd["stance_macro_f1"]), "one seed has no spread"
    assert other.mean == other.rounds["seed-4"]


def test_settings_change_the_bundle(trained: Trained, config: Config, tmp_path: Path) -> None:
    other = train(config(tmp_path / "model", model={"C_sentiment": 3.0}, seeds=[1]))
    assert other.name != trained.name


def test_the_manifest_says_how_the_bundle_came_about(trained: Trained, statements: Path) -> None:
    manifest = load_bundle(trained.bundle).manifest
    held_out = manifest["metrics"]["held_out_writers_mean"]
    assert held_out["stance_macro_f1"] == round(trained.mean["stance_macro_f1"], 4)
    assert manifest["metrics"]["held_out_writers_sd"]["stance_macro_f1"] == round(
        trained.sd["stance_macro_f1"], 4
    )
    assert {"issue_micro_f1", "sentiment_macro_f1", "stance_ece", "stance_f1/favor"} <= set(
        held_out
    )
    assert manifest["data"] == {"statements": digest_of_folder(statements)}
    assert manifest["config"]["seeds"] == [1, 2]
    assert "public" not in manifest["config"]["data"], "where they lie is one machine's matter"
    assert manifest["config"]["model"]["C_stance"] == 1.0
    assert manifest["thresholds"]["stance"] == 0.36
    assert set(manifest["baselines"]) == {"stance", "sentiment", "side", "stance_by"}
    assert "scikit-learn" in manifest["libraries"]
    text = (trained.bundle / "manifest.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_held_out_figures_are_good_on_plain_snippets(trained: Trained) -> None:
    assert 0.7 < trained.mean["stance_macro_f1"] < 1
    assert trained.sd["stance_macro_f1"] > 0
    assert trained.mean["stance_macro_f1"] > trained.mean["baseline_majority_stance_macro_f1"]
    assert trained.address is None


def test_the_bundle_predicts(trained: Trained) -> None:
    classifier = StanceClassifier.from_pretrained(trained.bundle)
    (row,) = classifier.predict(
        "“We reject the security agreement because it is a shameful mistake,” said the palace.",
        date="2013-10-12",
    )
    assert (row.issue, row.stance, row.sentiment) == ("bsa_agreement", "against", "negative")
    assert (row.side, row.model) == ("afghan", trained.name)


def test_progress_is_told(config: Config, tmp_path: Path) -> None:
    said: list[str] = []
    train(config(tmp_path / "model", seeds=[3]), said.append)
    assert said[0] == "60 quotes of statements by 4 writers"
    assert said[1].startswith("seed-3: stance macro-F1 ")
    assert len(said) == 2


def test_a_folder_with_something_else_in_it_is_not_touched(config: Config, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BundleError, match="is not empty and is no bundle"):
        train(config(tmp_path, seeds=[1]))
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_too_many_held_out_writers(config: Config, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"split\.test_writers=4: there are only 4 writers"):
        train(config(tmp_path / "model", split={"test_writers": 4, "folds": 2}))
    assert not (tmp_path / "model").exists()


def test_labels_that_never_vary_can_be_trained_on(
    statements: Path, config: Config, tmp_path: Path
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for file in statements.iterdir():
        text = file.read_text(encoding="utf-8")
        for word in ("positive", "negative"):
            text = text.replace(f'"sentiment": "{word}"', '"sentiment": "neutral"')
        (flat / file.name).write_text(text, encoding="utf-8")
    chosen = config(tmp_path / "model", seeds=[1])
    data = chosen.data.model_copy(update={"statements": flat})
    result = train(chosen.model_copy(update={"data": data}))
    assert result.mean["sentiment_macro_f1"] == 1
    assert "sentiment_f1/positive" not in result.mean


def test_spread_is_mean_and_sample_deviation() -> None:
    mean, sd = spread([{"f": 0.5, "g": 1.0}, {"f": 0.7}, {"f": 0.9, "g": 1.0}])
    assert mean["f"] == pytest.approx(0.7)
    assert sd["f"] == pytest.approx(0.2)
    assert math.isnan(mean["g"]), "a figure that one seed lacks has no mean"
    assert math.isnan(spread([{"f": 0.5}])[1]["f"])


GRID = {"model.C_stance": [1e-6, 1.0], "model.min_count": [2, 3]}


def test_a_sweep_orders_its_trials(config: Config, tmp_path: Path) -> None:
    said: list[str] = []
    trials = sweep(config(tmp_path / "sweep", seeds=[1], sweep={"grid": GRID}), said.append)
    assert len(trials) == 4
    values = [t.result.mean["stance_macro_f1"] for t in trials]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1], "the settings make a difference"
    assert trials[0].settings["model.C_stance"] == 1.0
    for trial in trials:
        model = load_bundle(trial.result.bundle).manifest["config"]["model"]
        assert {f"model.{k}": model[k] for k in ("C_stance", "min_count")} == trial.settings
    assert len({t.result.bundle for t in trials}) == 4
    assert "model.C_stance=1.0, model.min_count=3" in said


def test_without_a_grid_a_sweep_is_one_training(
    trained: Trained, config: Config, tmp_path: Path
) -> None:
    (trial,) = sweep(config(tmp_path / "model"))
    assert (trial.settings, trial.result.name) == ({}, trained.name)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"model.C_stance": [1.0, -1.0]}, r"sweep trial 1: model\.C_stance: .*greater than 0"),
        (
            {"model.C_stanse": [1.0]},
            r"sweep trial 0: model\.C_stanse: unknown key; accepted: kind, C_issue",
        ),
    ],
)
def test_a_bad_grid_is_refused_before_any_trial_is_run(
    config: Config, tmp_path: Path, grid: dict[str, list[float]], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        sweep(config(tmp_path / "sweep", sweep={"grid": grid}))
    assert not (tmp_path / "sweep").exists()


def test_an_unknown_metric_is_named(config: Config, tmp_path: Path) -> None:
    chosen = config(tmp_path / "s", seeds=[1], sweep={"grid": GRID, "metric": "stance_f1"})
    with pytest.raises(
        ConfigError, match=r"sweep\.metric: no figure 'stance_f1'; .*stance_macro_f1"
    ):
        sweep(chosen)
    assert [p.name for p in (tmp_path / "s").iterdir()] == ["trial-00"], "told at the first trial"


def test_trials_without_the_figure_come_last(
    trained: Trained, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = iter([np.nan, 0.2, 0.6, np.nan])

    def trial(*_: object, **__: object) -> Trained:
        return Trained(trained.bundle, "x", {}, {"stance_macro_f1": next(results)}, {})

    monkeypatch.setattr(module, "train", trial)
    trials = sweep(config(tmp_path / "s", sweep={"grid": GRID}))
    assert [t.result.mean["stance_macro_f1"] for t in trials[:2]] == [0.6, 0.2]


def test_an_issue_held_out_is_learnt_from_no_source(
    settings: Callable[..., dict[str, object]], statements: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen: list[set[str]] = []
    real = linear_rows.fit

    def fit(tasks: list[Task], *args: object, **kwargs: object) -> Fitted:
        stance = next(task for task in tasks if task.head == "stance")
        seen.append({name for row in stance.rows for name in row if name.startswith("issue:")})
        return real(tasks, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(linear_rows, "fit", fit)
    chosen = settings(tmp_path / "model", split={"by": "each_issue", "folds": 2})
    chosen["data"] |= {"sources": [{"name": "labelled", "path": str(statements)}]}  # type: ignore[operator]
    done = train(check_config(chosen, "test"))
    assert list(done.rounds) == ["bsa_agreement", "residual_force", "taliban_talks"]
    *by_round, whole = seen
    for issue, names in zip(done.rounds, by_round, strict=True):
        assert f"issue:{issue}" not in names
        assert names == whole - {f"issue:{issue}"}


def test_a_share_of_the_statements_trains_beside_whole_sources(
    settings: Callable[..., dict[str, object]], statements: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sizes: list[int] = []
    real = linear_rows.fit

    def fit(tasks: list[Task], *args: object, **kwargs: object) -> Fitted:
        sizes.append(len(next(task for task in tasks if task.head == "sentiment").rows))
        return real(tasks, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(linear_rows, "fit", fit)
    for share in (1.0, 0.5):
        chosen = settings(tmp_path / f"model-{share}", split={"folds": 2, "share": share})
        chosen["data"] |= {"sources": [{"name": "labelled", "path": str(statements)}]}  # type: ignore[operator]
        train(check_config(chosen, "test"))
    (*whole_rounds, whole), (*half_rounds, half) = (
        sizes[: len(sizes) // 2],
        sizes[len(sizes) // 2 :],
    )
    further = whole // 2  # the source holds what the statements hold
    assert half == further + round((whole - further) / 2)
    for all_rows, some in zip(whole_rounds, half_rounds, strict=True):
        assert some == further + round((all_rows - further) / 2)

"""Tracking: what MLflow holds after a training, and the model that comes back from it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from quotestance.classifier import StanceClassifier
from quotestance.errors import BundleError, ConfigError
from quotestance.positions import COLUMNS
from quotestance_training import tracking
from quotestance_training.config import TrackingConfig, TrainConfig
from quotestance_training.corpora import digest_of_folder
from quotestance_training.train import sweep, train

TEXT = (
    "“We reject the security agreement because it is a shameful mistake,” said the palace. "
    "A senior US official said he gladly welcomed the Doha talks."
)


@pytest.fixture(scope="module")
def client(tracked: Any) -> Any:
    import mlflow

    mlflow.set_tracking_uri(tracked.uri)
    return mlflow.MlflowClient(tracked.uri)


@pytest.fixture(scope="module")
def runs(client: Any) -> list[Any]:
    experiment = client.get_experiment_by_name("tests")
    return list(client.search_runs([experiment.experiment_id]))


@pytest.fixture(scope="module")
def main_run(runs: list[Any]) -> Any:
    (run,) = [r for r in runs if r.info.run_name == "tracked"]
    return run


def test_the_run_holds_the_resolved_settings(client: Any, main_run: Any, tracked: Any) -> None:
    params = main_run.data.params
    assert params["model.C_stance"] == "1.0", "a default is logged too"
    assert params["seeds"] == "[1, 2]"
    assert params["split.test_writers"] == "1"
    assert main_run.info.status == "FINISHED"
    path = client.download_artifacts(main_run.info.run_id, "config.json")
    assert json.loads(Path(path).read_text()) == tracked.config.model_dump(mode="json")


def test_the_run_holds_means_and_spreads(main_run: Any, tracked: Any) -> None:
    metrics, trained = main_run.data.metrics, tracked.trained
    for name in ("stance_macro_f1", "stance_macro_f1_low", "stance_ece", "stance_f1/favor"):
        assert metrics[name] == pytest.approx(trained.mean[name])
        assert metrics[f"{name}_sd"] == pytest.approx(trained.sd[name])


def test_each_seed_is_a_nested_run(runs: list[Any], main_run: Any, tracked: Any) -> None:
    nested = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == main_run.info.run_id]
    assert {r.info.run_name for r in nested} == {"seed-1", "seed-2"}
    for run in nested:
        seed = int(run.data.params["seed"])
        assert run.data.metrics["stance_macro_f1"] == pytest.approx(
            tracked.trained.rounds[f"seed-{seed}"]["stance_macro_f1"]
        )
        assert run.data.params["held_out"].startswith("['t0")


def test_the_data_is_an_input_with_its_digest(main_run: Any, statements: Path) -> None:
    (given,) = main_run.inputs.dataset_inputs
    assert given.dataset.name == "statements"
    assert given.dataset.digest == digest_of_folder(statements)[:32]
    assert {t.key: t.value for t in given.tags}["mlflow.data.context"] == "training"


def test_plots_are_artifacts(client: Any, main_run: Any) -> None:
    plots = client.list_artifacts(main_run.info.run_id, "plots")
    assert {Path(p.path).name for p in plots} == {
        "reliability.png", "confusion.png", "risk_coverage.png",
    }  # fmt: skip
    assert all(p.file_size > 1000 for p in plots)


def test_the_commit_is_a_tag(main_run: Any, tracked: Any) -> None:
    assert main_run.data.tags.get("git_commit") == tracked.commit
    if (Path(__file__).parents[2] / ".git").exists():
        assert tracked.commit


def test_the_model_is_registered_under_its_alias(client: Any, tracked: Any, main_run: Any) -> None:
    assert tracked.trained.address == "models:/tiny@champion"
    version = client.get_model_version_by_alias("tiny", "champion")
    assert version.run_id == main_run.info.run_id


def test_the_address_gives_the_rows_of_the_folder(client: Any, tracked: Any) -> None:
    there = StanceClassifier.from_pretrained("models:/tiny@champion")
    here = StanceClassifier.from_pretrained(tracked.trained.bundle)
    rows = there.predict(TEXT, date="2013-10-12", id="x")
    assert rows == here.predict(TEXT, date="2013-10-12", id="x")
    assert len(rows) == 2
    assert rows[0].model == tracked.trained.name


@pytest.fixture(scope="module")
def served(client: Any) -> Any:
    import mlflow

    return mlflow.pyfunc.load_model("models:/tiny@champion")


def test_the_logged_model_predicts_a_table(served: Any, tracked: Any) -> None:
    found = served.predict(pd.DataFrame({"text": [TEXT], "id": ["x"], "date": ["2013-10-12"]}))
    assert list(found.columns) == list(COLUMNS)
    here = StanceClassifier.from_pretrained(tracked.trained.bundle)
    for row, position in zip(
        found.to_dict("records"), here.predict(TEXT, date="2013-10-12", id="x"), strict=True
    ):
        wanted = position.to_dict()
        for name in ("article_id", "article_date", "quote_id", "text", "side", "issue", "stance"):
            assert row[name] == wanted[name]
        for name in ("spans", "sentiment_scores", "sentiment_toward"):
            assert json.loads(row[name]) == wanted[name]


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_the_logged_model_takes_articles_without_id_and_date(served: Any, missing: Any) -> None:
    table = pd.DataFrame({"text": [TEXT, TEXT], "date": ["2013-10-12", missing]})
    table["id"] = pd.Series([missing, "known"], dtype=object)
    found = served.predict(table)
    assert found["article_id"].tolist() == ["row-0"] * 2 + ["known"] * 2
    dates = found["article_date"].tolist()
    assert dates[:2] == ["2013-10-12"] * 2
    assert all(d is None or d != d for d in dates[2:])
    only = served.predict(pd.DataFrame({"text": [TEXT]}))
    assert only["article_id"].tolist() == ["row-0"] * 2


def test_the_logged_model_says_what_it_needs(served: Any) -> None:
    signature = served.metadata.signature
    assert [(c.name, c.required) for c in signature.inputs] == [
        ("text", True),
        ("id", False),
        ("date", False),
    ]
    assert [c.name for c in signature.outputs] == list(COLUMNS)
    pinned = tracking.requirements()
    assert any(r.startswith("spacy==") for r in pinned)
    assert any(r.startswith("mlflow==") for r in pinned)
    assert not any(r.startswith(("torch", "datasets")) for r in pinned)
    assert all(r.count("==") == 1 and " " not in r for r in pinned)


@pytest.mark.parametrize("address", ["models:/absent@champion", "models:/tiny@nobody"])
def test_an_address_that_does_not_exist(client: Any, tracked: Any, address: str) -> None:
    with pytest.raises(BundleError, match=f"^{address}: not to be had from ") as caught:
        StanceClassifier.from_pretrained(address)
    assert tracked.uri in str(caught.value)


def test_a_logged_run_without_a_bundle(client: Any, main_run: Any) -> None:
    address = f"runs:/{main_run.info.run_id}/plots"
    with pytest.raises(BundleError, match="the logged model holds no bundle"):
        tracking.download_bundle(address)


def test_a_sweep_nests_its_trials(
    client: Any, tracked: Any, config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    chosen = config(
        tmp_path / "sweep",
        name="swept",
        seeds=[1],
        tracking={"uri": tracked.uri, "experiment": "sweeps", "register_as": "swept"},
        sweep={"grid": {"model.min_count": [2], "split.share": [0.8, 1.0]}},
    )
    trials = sweep(chosen)
    experiment = client.get_experiment_by_name("sweeps")
    runs = client.search_runs([experiment.experiment_id])
    parents = {r.info.run_id: r.data.tags.get("mlflow.parentRunId") for r in runs}
    (top,) = [run for run, parent in parents.items() if parent is None]
    inner = [run for run, parent in parents.items() if parent == top]
    assert len(inner) == 2
    for trial in inner:
        assert [p for p in parents.values() if p == trial] == [trial], "the trial's seed"
    names = ["swept.min_count-2.share-0.8", "swept.min_count-2.share-1.0"]
    for wanted in (["swept"], [top], names, []):
        found = tracking.logged_runs(tracked.uri, ["sweeps"], wanted)
        assert [run.name for run in found] == names, "a sweep is its trials, as they were run"
    told = {t.settings["split.share"]: t.result.mean["stance_macro_f1"] for t in trials}
    assert [r.metrics["stance_macro_f1"] for r in found] == pytest.approx([told[0.8], told[1.0]])
    with pytest.raises(BundleError, match="not to be had"):
        tracking.download_bundle("models:/swept@champion")


def test_a_judge_is_logged_with_its_files(
    client: Any, tracked: Any, quotes_config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    tracking_settings = {"uri": tracked.uri, "experiment": "judges", "register_as": None}
    trained = train(quotes_config(tmp_path / "quotes", name="judge", tracking=tracking_settings))
    experiment = client.get_experiment_by_name("judges")
    runs = client.search_runs([experiment.experiment_id])
    (top,) = [r for r in runs if r.info.run_name == "judge"]
    assert top.info.status == "FINISHED"
    assert top.data.params["model.kind"] == "quotes"
    assert top.data.params["model.min_count"] == "2", "a default is logged too"
    digests = [v for k, v in top.data.params.items() if k.startswith("digests")]
    assert len(digests) == 2
    assert top.data.metrics["quote_f1"] == pytest.approx(trained.mean["quote_f1"])
    assert all(v == v for v in top.data.metrics.values()), "nan is left out"
    folder = Path(client.download_artifacts(top.info.run_id, "quotes"))
    logged = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert logged == {p.name: p.read_bytes() for p in trained.bundle.iterdir()}
    nested = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == top.info.run_id]
    assert {r.info.run_name for r in nested} == {"seed-1", "seed-2"}
    for run in nested:
        figures = trained.rounds[run.info.run_name]
        assert run.data.metrics["quote_f1"] == pytest.approx(figures["quote_f1"])
        assert run.data.params["held_out_writers"].startswith("['k0")


def test_no_run_where_tracking_is_off(tmp_path: Path) -> None:
    off = TrackingConfig(enabled=False, uri=f"sqlite:///{tmp_path}/new/mlflow.db")
    with tracking.run(off, "nothing") as run_id:
        assert run_id is None
    assert not (tmp_path / "new").exists()


def test_settings_are_flattened() -> None:
    assert tracking.flatten({"a": 1, "b": {"c": [2], "d": {"e": None}}}) == {
        "a": 1,
        "b.c": [2],
        "b.d.e": None,
    }


def test_the_commit_of_a_working_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
            cwd=tmp_path, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert tracking.git_commit() is None, "outside git"
    git("init", "-q")
    assert tracking.git_commit() is None, "nothing committed"
    (tmp_path / "file").write_text("one", encoding="utf-8")
    git("add", "file")
    git("commit", "-q", "-m", "first")
    head = git("rev-parse", "HEAD")
    assert tracking.git_commit() == head
    (tmp_path / "file").write_text("two", encoding="utf-8")
    assert tracking.git_commit() == f"{head}-dirty"


def test_runs_are_compared(
    tracked: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from quotestance_training.cli import compare
    from quotestance_training.tracking import logged_runs

    (run,) = logged_runs(tracked.uri, ["tests"], ["tracked"])
    assert set(run.answers) == {"seed-1", "seed-2"}
    assert run.metrics["stance_macro_f1"] == pytest.approx(tracked.trained.mean["stance_macro_f1"])
    compare(["tracked", run.id], tracked.uri, "tests", [], tmp_path / "runs.json")
    out = capsys.readouterr().out
    assert "stance macro-F1 less the first's" in out
    assert "+0.000 [+0.000, +0.000], p = 1.000" in out
    first, second = json.loads((tmp_path / "runs.json").read_text())
    assert first == second and first["run"] == "tracked"
    with pytest.raises(ConfigError, match="no finished run 'nobody'; there are "):
        logged_runs(tracked.uri, [], ["nobody"])
    with pytest.raises(ConfigError, match="no experiment 'else'"):
        logged_runs(tracked.uri, ["else"], [])

"""The commands `train` and `evaluate` as they are typed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from quotestance import cli
from quotestance_training.cli import _print_sweep, _print_training
from quotestance_training.train import Trial
from quotestance_training.trained import Trained

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line; gives exit code, stdout and stderr."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["quotestance", *map(str, words)])
        monkeypatch.setenv("COLUMNS", "160")
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        shown = capsys.readouterr()
        return int(stopped.value.code or 0), shown.out, shown.err

    return call


@pytest.fixture
def file(settings: Callable[..., dict[str, Any]], tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(settings(tmp_path / "model")), encoding="utf-8")
    return path


def cells(out: str, name: str) -> list[str]:
    """The cells of the table row that starts with `name`."""
    rows = [[c.strip() for c in line.strip("│┃ \n").split("│")] for line in out.splitlines()]
    (found,) = [r for r in rows if r[0] == name]
    return found[1:]


def test_train_prints_the_held_out_figures(
    run: Run, file: Path, trained: Trained, tmp_path: Path
) -> None:
    code, out, err = run("train", file)
    assert code == 0
    assert "Held out: mean ± sd over rounds" in out
    mean, sd = trained.mean["issue_micro_f1"], trained.sd["issue_micro_f1"]
    by_seed = [f"{trained.rounds[f'seed-{s}']['issue_micro_f1']:.3f}" for s in (1, 2)]
    assert cells(out, "issue_micro_f1") == [*by_seed, f"{mean:.3f} ± {sd:.3f}"]
    for name in ("stance_ece", "baseline_vader_stance_macro_f1", "stance_f1/against"):
        assert cells(out, name)[-1].startswith(f"{trained.mean[name]:.3f}")
    assert f"bundle {trained.name} in {tmp_path / 'model'}" in out.replace("\n", "")
    assert "60 quotes of statements by 4 writers" in err
    assert "60 quotes" not in out, "progress goes to stderr"
    assert (tmp_path / "model" / "manifest.json").exists()


def test_train_takes_overrides(run: Run, file: Path, tmp_path: Path) -> None:
    code, out, _ = run("train", file, "seed=5", f"output={tmp_path / 'other'}")
    assert code == 0
    assert "seed-5" in out and "seed-1" not in out
    assert "nan" not in out, "one seed has no spread, so none is shown"
    assert (tmp_path / "other" / "manifest.json").exists()


def test_train_sweeps_where_there_is_a_grid(run: Run, file: Path) -> None:
    code, out, _ = run("train", file, "seed=1", "sweep.grid={model.C_stance: [1.0e-6, 1.0]}")
    assert code == 0
    assert "Sweep, best stance_macro_f1 first" in out
    assert out.index("model.C_stance=1.0") < out.index("model.C_stance=1e-06")
    assert "nan" not in out


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.C_stanse=2", "model.C_stanse: unknown key; accepted: kind, C_issue, C_stance"),
        ("data.statements=absent", "absent: no labelled .json or .jsonl files there"),
        ("data.drop_writers=[t9]", "data.drop_writers: no 't9'"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_1(
    run: Run, file: Path, override: str, message: str
) -> None:
    code, out, err = run("train", file, override)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_label_that_the_codebook_lacks_is_exit_code_1(
    run: Run, file: Path, tiny_bundle: Path, statements: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    text = (statements / "t01.jsonl").read_text(encoding="utf-8")
    (bad / "t01.jsonl").write_text(text.replace("residual_force", "tariffs"), encoding="utf-8")
    for words in (["train", file, f"data.statements={bad}"],
                  ["evaluate", tiny_bundle, "--gold", bad]):  # fmt: skip
        code, out, err = run(*words)
        assert (code, out) == (1, "")
        assert (
            f"error: {bad}: t01-001, quote 0: issue 'tariffs' is not in codebook 'bsa2013'" in err
        )
        assert "accepted: bsa_agreement, signing_deadline" in err


def test_figures_that_a_seed_lacks_are_shown_as_missing(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = dict(trained.mean)
    lacking = {k: v for k, v in whole.items() if k != "stance_f1/favor"}
    nan = float("nan")
    mean = {**whole, "stance_f1/favor": nan}
    _print_training(
        Trained(
            trained.bundle,
            "x",
            {"seed-1": whole, "seed-2": lacking},
            mean,
            dict.fromkeys(mean, nan),
        )
    )
    shown = capsys.readouterr().out
    assert cells(shown, "stance_f1/favor") == [f"{whole['stance_f1/favor']:.3f}", "–", "–"]


def test_a_sweep_shows_the_spread_over_seeds(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    _print_sweep([Trial({"model.C_issue": 1.0}, trained)], "stance_ece")
    mean, sd = trained.mean["stance_ece"], trained.sd["stance_ece"]
    assert cells(capsys.readouterr().out, "model.C_issue=1.0") == [f"{mean:.3f} ± {sd:.3f}"]


@pytest.fixture
def labels(statements: Path, tmp_path: Path) -> Path:
    """A few snippets as articles to evaluate on."""
    lines = (statements / "t02.jsonl").read_text(encoding="utf-8").splitlines()
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "few.jsonl").write_text("\n".join(lines[:8]), encoding="utf-8")
    return folder


def test_evaluate_prints_a_table_and_writes_json(
    run: Run, tiny_bundle: Path, trained: Trained, labels: Path, tmp_path: Path
) -> None:
    path = tmp_path / "result.json"
    code, out, _ = run("evaluate", tiny_bundle, "--gold", labels, "-o", path, "--resamples", 100)
    assert code == 0
    title = "".join(out.split())  # it is wrapped where the folder's name is long
    assert f"{trained.name}on{labels}8articles,8goldquotes,8predictedquotes" in title
    record = json.loads(path.read_text(encoding="utf-8"))
    assert (record["model"], record["gold"]) == (trained.name, str(labels))
    assert record["counts"]["articles"] == 8
    for name, score in record["scores"].items():
        assert set(score) == {"value", "low", "high"}
        if score["value"] is None:
            assert cells(out, name)[0] == "–"
        else:
            assert score["low"] <= score["value"] <= score["high"]
            shown = f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"
            assert cells(out, name)[0] == shown
    assert record["scores"]["recall mixed"]["value"] is None, "there is no mixed quote"
    assert set(record["baselines"]) == {"VADER", "majority", "per side"}
    assert set(record["per_class"]["stance macro-F1"]) == {"favor", "against", "neutral"}
    assert "gold quotes: stance F1, favor" in out


def test_evaluate_without_a_model_or_labels(run: Run, tiny_bundle: Path, tmp_path: Path) -> None:
    code, _, err = run("evaluate", tmp_path / "absent", "--gold", tmp_path)
    assert code == 1
    assert "no such model; accepted: default, linear, a folder, or models:/NAME@ALIAS" in err
    code, _, err = run("evaluate", tiny_bundle, "--gold", tmp_path / "absent")
    assert code == 1
    assert "no labelled .json or .jsonl files there" in err


def test_wrong_usage_is_exit_code_2(run: Run, tiny_bundle: Path) -> None:
    assert run("evaluate", tiny_bundle)[0] == 2
    assert run("train")[0] == 2

"""Training the judge by a configuration: the folder, held-out writers, figures, sweeps."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from quotestance.codebook import Codebook
from quotestance.errors import BundleError, ConfigError, InputError
from quotestance.judge import HEADS, RULES_ALONE, Judge, JudgeHead, load_judge
from quotestance.quotes import extract_many
from quotestance_training import train_quotes as module
from quotestance_training.config import TrainConfig
from quotestance_training.corpora import digest_of_folder
from quotestance_training.fit_quotes import Candidate, articles_of, candidates_of, fit
from quotestance_training.labelled import LabelledDocument, load_labelled
from quotestance_training.train import sweep, train
from quotestance_training.train_quotes import score_quotes
from quotestance_training.trained import Trained

Config = Callable[..., TrainConfig]
Labelled = Callable[..., LabelledDocument]
REFUSE = Judge({name: JudgeHead({}, -50.0) for name in HEADS}, {"digest": ""})


@pytest.fixture(scope="module")
def judged(quotes_config: Config, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The tiny training's result, without tracking."""
    return train(quotes_config(tmp_path_factory.mktemp("judged") / "quotes"))


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


# -- the folder


def test_the_same_data_and_seeds_give_the_same_bytes(
    judged: Trained, quotes_config: Config, tmp_path: Path
) -> None:
    again = train(quotes_config(tmp_path / "elsewhere"))
    assert contents(again.bundle) == contents(judged.bundle)
    assert set(contents(again.bundle)) == {"manifest.json", "quotes.json", "quotes.safetensors"}
    assert again.name == judged.name
    assert repr(again.rounds) == repr(judged.rounds), "nan is nan here"


def test_seeds_change_the_figures_and_not_the_judge(
    judged: Trained, quotes_config: Config, tmp_path: Path
) -> None:
    other = train(quotes_config(tmp_path / "quotes", seeds=[5]))
    assert other.name == judged.name
    assert list(other.rounds) == ["seed-5"]
    assert math.isnan(other.sd["quote_f1"]), "one seed has no spread"


@pytest.mark.parametrize("change", [{"C": 5.0}, {"statement_weight": 1.0}, {"min_count": 4}])
def test_settings_change_the_judge(
    judged: Trained, quotes_config: Config, tmp_path: Path, change: dict[str, float]
) -> None:
    model = {"kind": "quotes", **change}
    other = train(quotes_config(tmp_path / "quotes", seeds=[1], model=model))
    assert other.name != judged.name


def test_the_folder_is_a_judge_that_extracts(judged: Trained, labelled: Labelled) -> None:
    judge = load_judge(judged.bundle)
    assert judged.name == judge.name
    assert judge.name.startswith("quotes@")
    document = labelled(
        "A porter said that [i0|the lift had been broken for a year]. “[d1|We carry every box,]” "
        "said Lem Aster. The rain pushed the price of salt past four marks."
    )
    (found,) = extract_many([articles_of(document)], judge=judge)
    assert [list(q.spans) for q in found] == [q.spans for q in document.quotes]


def test_the_manifest_says_how_the_judge_came_about(
    judged: Trained, stories: Path, statements: Path
) -> None:
    manifest = load_judge(judged.bundle).manifest
    assert manifest["data"] == {
        str(stories): digest_of_folder(stories),
        str(statements): digest_of_folder(statements),
    }
    assert manifest["config"]["seeds"] == [1, 2]
    assert manifest["config"]["model"] == {
        "kind": "quotes", "C": 0.3, "statement_weight": 0.2, "min_count": 2,
    }  # fmt: skip
    for seed in (1, 2):
        kept = manifest["metrics"][f"seed-{seed}"]
        assert kept["quote_f1"] == round(judged.rounds[f"seed-{seed}"]["quote_f1"], 4)
    text = (judged.bundle / "manifest.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_a_folder_with_something_else_in_it_is_not_touched(
    quotes_config: Config, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BundleError, match="is not empty and is no bundle"):
        train(quotes_config(tmp_path, seeds=[1]))
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


# -- held-out writers


def test_held_out_writers_are_not_learnt_from(
    quotes_config: Config, statements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[set[str]] = []
    tested: list[set[str]] = []
    score = module.score_quotes

    def watched_fit(candidates: Sequence[Candidate], *given: Any, **more: Any) -> Judge:
        learnt.append({c.writer for c in candidates})
        return fit(candidates, *given, **more)

    def watched_score(judge: Judge, documents: Sequence[LabelledDocument], **more: Any) -> Any:
        tested.append({d.writer or d.id for d in documents})
        return score(judge, documents, **more)

    monkeypatch.setattr(module, "fit", watched_fit)
    monkeypatch.setattr(module, "score_quotes", watched_score)
    # one hand that wrote articles and statements: held out, it is held out of both
    both = tmp_path / "statements"
    shutil.copytree(statements, both)
    file = both / "t01.jsonl"
    file.write_text(file.read_text("utf-8").replace('"writer": "t01"', '"writer": "k01"'), "utf-8")
    seeds = [0, 1, 11]  # they hold out one writer each
    train(quotes_config(tmp_path / "quotes", seeds=seeds, data={"statements": str(both)}))
    everybody = {"k01", "k02", "k03", "t02", "t03", "t04"}
    assert len(learnt) == len(seeds) + 1
    for known, held in zip(learnt, tested, strict=False):
        assert len(held) == 1
        assert known == everybody - held
    assert learnt[-1] == everybody, "the judge that is kept learns from all"
    assert {w for held in tested for w in held} == {"k01", "k02", "k03"}


def test_too_many_held_out_writers(quotes_config: Config, tmp_path: Path) -> None:
    chosen = quotes_config(tmp_path / "quotes", split={"test_writers": 3, "folds": 2})
    with pytest.raises(ConfigError, match=r"split\.test_writers=3: there are only 3 writers"):
        train(chosen)
    assert not (tmp_path / "quotes").exists()


def test_held_out_figures_are_good_on_plain_articles(judged: Trained) -> None:
    for figures in judged.rounds.values():
        assert 0.7 < figures["quote_f1"] <= 1
        assert figures["quote_f1_low"] <= figures["quote_f1"] <= figures["quote_f1_high"]
        assert figures["quote_f1_exact"] <= figures["quote_f1"]
        assert 0 <= figures["quote_ece"] < 0.3
    names = ("quote_f1", "quote_precision", "quote_recall/direct")
    for name in names:
        assert judged.mean[name] == pytest.approx(sum(f[name] for f in judged.rounds.values()) / 2)
    assert judged.mean["quote_f1"] > judged.mean["baseline_rules_f1"]
    assert judged.address is None


def test_progress_is_told(quotes_config: Config, tmp_path: Path) -> None:
    said: list[str] = []
    train(quotes_config(tmp_path / "quotes", seeds=[3, 4]), said.append)
    first, *seeds = said
    assert first.startswith("6 articles, ")
    assert first.endswith(" of them quotes")
    assert [line.split(":")[0] for line in seeds] == ["seed 3", "seed 4"]


# -- what is missing


@pytest.mark.parametrize("swept", [False, True])
def test_without_stories_the_key_is_named(
    quotes_config: Config, tmp_path: Path, swept: bool
) -> None:
    grid = {"sweep": {"grid": {"model.C": [0.1]}, "metric": "quote_f1"}} if swept else {}
    chosen = quotes_config(tmp_path / "quotes", data={"stories": None}, **grid)
    with pytest.raises(ConfigError, match=r"^data\.stories: .*needs a folder of labelled articles"):
        sweep(chosen)
    assert list(tmp_path.iterdir()) == []


def test_a_stories_folder_that_is_not_there(quotes_config: Config, tmp_path: Path) -> None:
    chosen = quotes_config(tmp_path / "quotes", data={"stories": str(tmp_path / "absent")})
    with pytest.raises(InputError, match="absent"):
        train(chosen)
    assert not (tmp_path / "quotes").exists()


def test_labels_are_checked_before_anything_is_fitted(
    quotes_config: Config, stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "fit", lambda *_, **__: pytest.fail("was fitted"))
    moved = tmp_path / "stories"
    shutil.copytree(stories, moved)
    file = moved / "k02.jsonl"
    file.write_text(file.read_text("utf-8").replace("lamp", "lantern"), "utf-8")
    with pytest.raises(InputError, match=r"k02-1, quote \d: spans give"):
        train(quotes_config(tmp_path / "quotes", data={"stories": str(moved)}))


def test_dropped_writers_are_not_learnt_from(
    judged: Trained, quotes_config: Config, statements: Path, tmp_path: Path
) -> None:
    fewer = tmp_path / "statements"
    shutil.copytree(statements, fewer)
    (fewer / "t03.jsonl").unlink()

    def trained(name: str, **data: Any) -> Trained:
        return train(quotes_config(tmp_path / name, seeds=[1], data=data))

    without = trained("a", statements=str(fewer))
    assert without.name != judged.name
    dropped = trained("b", drop_writers=["t03"])
    assert dropped.name == without.name


# -- sweeps


def test_a_sweep_over_the_regularisation(quotes_config: Config, tmp_path: Path) -> None:
    grid = {"model.C": [1e-6, 0.3, 3.0]}
    trials = sweep(
        quotes_config(
            tmp_path / "sweep", seeds=[1], sweep={"grid": grid, "metric": "quote_f1"}
        )
    )  # fmt: skip
    values = [t.result.mean["quote_f1"] for t in trials]
    assert values == sorted(values, reverse=True)
    assert trials[-1].settings == {"model.C": 1e-6}, "nothing is learnt at that"
    assert values[0] > values[-1]
    for trial in trials:
        assert trial.result.bundle.parent == tmp_path / "sweep"
        model = load_judge(trial.result.bundle).manifest["config"]["model"]
        assert {"model.C": model["C"]} == trial.settings
    assert len({t.result.name for t in trials}) == 3


def test_the_linear_models_metric_is_told_to_be_unknown(
    quotes_config: Config, tmp_path: Path
) -> None:
    chosen = quotes_config(tmp_path / "s", seeds=[1], sweep={"grid": {"model.C": [0.3]}})
    with pytest.raises(ConfigError, match=r"no figure 'stance_macro_f1'; accepted: quote_f1,"):
        sweep(chosen)


def test_the_linear_models_settings_are_unknown_to_a_sweep(
    quotes_config: Config, tmp_path: Path
) -> None:
    chosen = quotes_config(tmp_path / "s", sweep={"grid": {"model.C_stance": [0.3]}})
    with pytest.raises(
        ConfigError, match=r"sweep trial 0: model\.C_stance: unknown key; accepted: kind, C, "
    ):
        sweep(chosen)
    assert list(tmp_path.iterdir()) == []


# -- figures

MAYOR = "The mayor said that [i0|the bridge would close]."
TOLLEN = "“[d1|We will walk,]” said Mira Tollen."
WIND = "The wind pushed the price of coal up."


def test_figures_by_hand(labelled: Labelled) -> None:
    # the rules alone find the three gold quotes, one of them with other words, and the coal
    documents = [
        labelled(f"{MAYOR} {WIND}"),
        labelled(f"{TOLLEN} The office wants a [i0|quick repair of the bridge].", id="b"),
    ]
    found = score_quotes(RULES_ALONE, documents, resamples=100)
    assert found["quote_f1"] == found["baseline_rules_f1"] == pytest.approx(2 * 3 / (4 + 3))
    assert found["quote_f1_exact"] == pytest.approx(2 * 2 / (4 + 3))
    assert found["quote_precision"] == pytest.approx(3 / 4)
    assert found["quote_recall/direct"] == found["quote_recall/indirect"] == 1
    assert math.isnan(found["quote_recall/mixed"]), "there is none to find"


def test_a_judge_that_refuses_all(labelled: Labelled) -> None:
    found = score_quotes(REFUSE, [labelled(f"{MAYOR} {WIND} {TOLLEN}")], resamples=100)
    assert found["quote_f1"] == found["quote_recall/direct"] == found["quote_recall/indirect"] == 0
    assert math.isnan(found["quote_precision"]), "nothing was found"
    assert found["baseline_rules_f1"] == pytest.approx(2 * 2 / (3 + 2))
    assert math.isnan(found["quote_f1_low"]), "one article has no spread"


def test_optional_quotes_count_neither_way(labelled: Labelled) -> None:
    text = "The mayor said that [{}0|the bridge would close]. A clerk said [i1|the road was dry]."
    counted, optional, absent = (
        score_quotes(judge, [labelled(text.format(kind))], resamples=100)
        for judge, kind in ((RULES_ALONE, "i"), (RULES_ALONE, "o"), (REFUSE, "o"))
    )
    assert counted["quote_f1"] == optional["quote_f1"] == 1
    assert optional["quote_precision"] == optional["quote_recall/indirect"] == 1
    assert absent["quote_f1"] == 0, "the other quote is still missed"


def test_calibration_is_of_the_candidates(labelled: Labelled) -> None:
    documents = [labelled(f"{MAYOR} {WIND}")]
    # it says 0 to everything: as far off as there are right candidates among all
    candidates = candidates_of(documents, whole=True)
    share = sum(c.right for c in candidates) / len(candidates)
    assert 0 < share < 1
    assert score_quotes(REFUSE, documents, resamples=100)["quote_ece"] == pytest.approx(share)


def test_intervals_are_the_same_twice(stories: Path, codebook: Codebook) -> None:
    documents = load_labelled(stories, codebook)
    whole = score_quotes(RULES_ALONE, documents, resamples=100)
    again = score_quotes(RULES_ALONE, documents, resamples=100)
    assert repr(whole) == repr(again), "the resampling has a seed"
    assert whole["quote_f1_low"] < whole["quote_f1"] < whole["quote_f1_high"]
    backwards = score_quotes(RULES_ALONE, documents[::-1], resamples=100)
    assert backwards["quote_f1"] == pytest.approx(whole["quote_f1"])

"""Held-out scores of one seed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from quotestance.bundle import load_bundle
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.models.encoder import EncoderModel
from quotestance_training import baselines
from quotestance_training.calibrate import expected_calibration_error
from quotestance_training.config import LinearConfig
from quotestance_training.corpora import Corpus, examples
from quotestance_training.fit_linear import Fitted, Task, fit
from quotestance_training.holdout import Held, score_held_out
from quotestance_training.splits import hold_out
from quotestance_training.trained import Trained


@pytest.fixture(scope="module")
def split(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    return hold_out(corpus.data["writer"], count=1, seed=1)


@pytest.fixture(scope="module")
def fitted(tasks: list[Task], split: tuple[np.ndarray, np.ndarray]) -> Fitted:
    # a weak stance head, so that not all figures are 1
    return fit([t.of_quotes(split[0]) for t in tasks], LinearConfig(C_stance=1e-3), n_folds=2)


def score(
    fitted: Fitted, corpus: Corpus, split: tuple[np.ndarray, np.ndarray], codebook: Codebook,
    issues: tuple[str, ...] = (),
) -> Held:  # fmt: skip
    train, test = (corpus.data.select(rows) for rows in split)
    return score_held_out(
        fitted.model, fitted.issue_threshold, train, test, codebook, resamples=100, issues=issues
    )


@pytest.fixture(scope="module")
def held(
    fitted: Fitted, corpus: Corpus, split: tuple[np.ndarray, np.ndarray], codebook: Codebook
) -> Held:
    return score(fitted, corpus, split, codebook)


def test_figures_are_those_of_sklearn(
    held: Held, fitted: Fitted, corpus: Corpus, tasks: list[Task],
    split: tuple[np.ndarray, np.ndarray], codebook: Codebook,
) -> None:  # fmt: skip
    test = corpus.data.select(split[1])
    rows = tasks[0].of_quotes(split[1]).rows
    pairs = baselines.stance_pairs(test)
    gold = [STANCES.index(s) for _, _, s in pairs]
    p = fitted.model.stances([rows[r] for r, _, _ in pairs], [i for _, i, _ in pairs])
    assert np.array_equal(held.stance_probabilities, p)
    assert held.stance_labels.tolist() == gold
    macro = f1_score(gold, p.argmax(axis=1), average="macro", labels=sorted(set(gold)))
    assert held.scores["stance_macro_f1"].value == pytest.approx(macro)
    ece = expected_calibration_error(p, np.array(gold))
    assert held.scores["stance_ece"].value == pytest.approx(ece)
    feelings = [SENTIMENTS[k] for k in fitted.model.sentiments(rows).argmax(axis=1)]
    macro = f1_score(list(test["sentiment"]), feelings, average="macro")
    assert held.scores["sentiment_macro_f1"].value == pytest.approx(macro)
    truth = np.array([[i in json.loads(g) for i in codebook.issue_ids] for g in test["issues"]])
    found = fitted.model.issues(rows) >= fitted.issue_threshold
    micro = f1_score(truth.ravel(), found.ravel())
    assert held.scores["issue_micro_f1"].value == pytest.approx(micro)


def test_per_class_figures_average_to_the_macro_figure(held: Held) -> None:
    for task, names in (("stance", STANCES), ("sentiment", SENTIMENTS)):
        values = [held.per_class[f"{task}_f1/{name}"] for name in names]
        assert np.mean(values) == pytest.approx(held.scores[f"{task}_macro_f1"].value)


def test_baselines_stand_beside_the_model(
    held: Held, corpus: Corpus, split: tuple[np.ndarray, np.ndarray]
) -> None:
    train, test = (corpus.data.select(rows) for rows in split)
    gold = [s for _, _, s in baselines.stance_pairs(test)]
    for name, (stances, _) in baselines.answers(train, test).items():
        macro = f1_score(gold, stances, average="macro", labels=sorted(set(gold)), zero_division=0)
        assert held.scores[f"baseline_{name}_stance_macro_f1"].value == pytest.approx(macro)
        assert f"baseline_{name}_sentiment_macro_f1" in held.scores


def test_figures_are_flat_with_interval_ends(held: Held) -> None:
    figures = held.figures()
    assert len(figures) == 3 * len(held.scores) + len(held.per_class)
    for name, s in held.scores.items():
        assert (figures[name], figures[f"{name}_low"], figures[f"{name}_high"]) == (
            s.value, s.low, s.high,
        )  # fmt: skip
        assert s.low <= s.high
    assert figures["stance_f1/favor"] == held.per_class["stance_f1/favor"]


def test_a_held_out_issue_is_scored_alone(
    fitted: Fitted, corpus: Corpus, split: tuple[np.ndarray, np.ndarray], codebook: Codebook
) -> None:
    held = score(fitted, corpus, split, codebook, issues=("taliban_talks",))
    issues = [json.loads(i) for i in corpus.data.select(split[1])["issues"]]
    gold = [STANCES.index(i["taliban_talks"]) for i in issues if "taliban_talks" in i]
    assert held.stance_labels.tolist() == gold
    assert all(place.endswith(" taliban_talks") for place in held.documents)
    assert "issue_micro_f1" not in held.scores, "its issue is given"
    assert "baseline_tfidf_stance_macro_f1" in held.scores


def test_an_encoder_reads_a_held_out_issue_as_any_proposition(
    encoder_trained: Trained, corpus: Corpus, split: tuple[np.ndarray, np.ndarray],
    codebook: Codebook,
) -> None:  # fmt: skip
    model = load_bundle(encoder_trained.bundle).model
    assert isinstance(model, EncoderModel)
    train, test = (corpus.data.select(rows) for rows in split)
    issue = "taliban_talks"
    held, whole = (
        score_held_out(model, 0.5, train, test, codebook, resamples=100, issues=issues)
        for issues in ((issue,), ())
    )
    pairs = [(r, i) for r, i, _ in baselines.stance_pairs(test)]
    rows = [r for r, i in pairs if i == issue]
    proposition = next(i.proposition for i in codebook.issues if i.id == issue)
    told = [examples(test)[r] for r in rows]
    alone = model.weigh([proposition] * len(rows), told).stance
    assert np.array_equal(held.stance_probabilities, alone)
    among = whole.stance_probabilities[[k for k, (_, i) in enumerate(pairs) if i == issue]]
    assert not np.allclose(among, alone), "else the first stage has its say"


def test_stances_are_written_by_place(held: Held, tmp_path: Path) -> None:
    record = json.loads(held.write(tmp_path / "answers.json").read_text(encoding="utf-8"))
    assert record["document"] == list(held.documents)
    assert len(set(record["document"])) == len(record["gold"]) == len(record["found"])
    right = np.mean(np.array(record["gold"]) == np.array(record["found"]))
    best = held.stance_probabilities.argmax(axis=1) == held.stance_labels
    assert right == pytest.approx(best.mean())


def test_documents_are_resampled_whole(
    fitted: Fitted, corpus: Corpus, split: tuple[np.ndarray, np.ndarray], codebook: Codebook
) -> None:
    # all rows of one document: no interval can be had, the values stay
    apart = score(fitted, corpus, split, codebook)
    test = corpus.data.select(split[1])
    joined = test.remove_columns("doc").add_column("doc", ["one"] * len(test))
    train = corpus.data.select(split[0])
    together = score_held_out(
        fitted.model, fitted.issue_threshold, train, joined, codebook, resamples=100
    )
    for name, s in together.scores.items():
        assert s.value == pytest.approx(apart.scores[name].value)
        assert math.isnan(s.low) and not math.isnan(apart.scores[name].low)
